"""What is withdrawn counts in no view, and is still there beside them: whatever is withdrawn, in whatever order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad

from nexuskg.base.namespaces import BASE, CLAIM, DEFAULT_GRAPH, TYPE, WITHDRAWN, nx
from nexuskg.pipeline import cache, compilation, views
from nexuskg.pipeline.dataset import of_view
from nexuskg.pipeline.views import View

CLAIMS = [f"{CLAIM}t.c{number}" for number in range(1, 6)]
STATUS = "https://w3id.org/nexuskg/vocab/claim-status/"


def withdraw(home: Path, withdrawn: dict[str, str]) -> None:
    """Let a file say of these claims that they have these statuses."""
    lines = [f"<{claim}> <{nx('status').value}> <{STATUS}{status}> ." for claim, status in withdrawn.items()]
    (home / "ontology/data/status.ttl").write_text("\n".join(lines) + "\n")


def default_graph(home: Path, view: View) -> set[tuple[Any, Any, Any]]:
    store = of_view(compilation.compile_dataset(home, view), view).store
    return {(q.subject, q.predicate, q.object) for q in store.quads_for_pattern(None, None, None, DEFAULT_GRAPH)}


@pytest.mark.parametrize("accept", ["facts", "implied"])
@given(chosen=st.dictionaries(st.sampled_from(CLAIMS), st.sampled_from(["rejected", "superseded"])))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_withdrawn_claim_counts_in_no_view(small: Path, accept: str, chosen: dict[str, str]) -> None:
    """The view is that of the files without the claims, less the entities that only they used."""
    view = views.view(accept, evidence="locator")
    withdraw(small, {})
    without = default_graph(small, views.view(accept, evidence="locator", without=map(NamedNode, chosen)))
    withdraw(small, chosen)
    found = default_graph(small, view)
    assert not {s for s, _, o in found if {str(s).strip("<>"), str(o).strip("<>")} & set(chosen)}
    assert found <= without
    lost = {s for s, _, _ in without - found}
    assert all(str(node).startswith(f"<{BASE}id/") for node in lost)
    assert not {o for _, _, o in found} & lost, "an entity is used that is not described"


@given(chosen=st.sets(st.sampled_from(CLAIMS), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_withdrawn_is_kept_beside_every_view(small: Path, chosen: set[str]) -> None:
    withdraw(small, {})
    before = {quad for quad in compilation.compile_dataset(small).store if quad.graph_name != DEFAULT_GRAPH}
    withdraw(small, dict.fromkeys(chosen, "rejected"))
    for view in (views.FACTS, views.WHOLE, View(as_of="2001"), View(inference=False)):
        kept = {
            q for q in compilation.compile_dataset(small, view).store if str(q.graph_name)[1:].startswith(WITHDRAWN)
        }
        assert {str(quad.subject).strip("<>") for quad in kept if quad.predicate == TYPE} >= chosen
        said = {(q.subject, q.predicate, q.object) for q in kept}
        claims = [q for q in before if str(q.subject).strip("<>") in chosen and "/data/" in str(q.graph_name)]
        assert said >= {(q.subject, q.predicate, q.object) for q in claims}


def test_an_entity_comes_back_when_a_claim_uses_it_again(small: Path) -> None:
    withdraw(small, {CLAIMS[1]: "rejected"})
    selling = NamedNode(BASE + "id/activity/selling")
    assert not {s for s, _, _ in default_graph(small, views.WHOLE) if s == selling}
    withdraw(small, {CLAIMS[1]: "accepted"})
    assert {s for s, _, _ in default_graph(small, views.WHOLE) if s == selling}


def test_the_cache_goes_on_only_where_nothing_was_withdrawn(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim that comes into the files as withdrawn already adds to no view, and yet the dataset is another."""
    compilation.compiled("facts", small)
    withdraw(small, dict.fromkeys(CLAIMS[:2], "superseded"))
    found = compilation.compiled("facts", small)
    scratch = compilation.compile_dataset(small)

    def aside(quads: Any) -> set[Quad]:
        return {quad for quad in quads if str(quad.graph_name)[1:].startswith(WITHDRAWN)}

    assert aside(found.store) == aside(scratch.store) != set()
    entry = cache.read_entry(cache.folder_of(small, views.FACTS), small, views.FACTS)
    assert entry is not None
    assert aside(entry.store) == aside(found.store)
