"""Property paths: a witness exists exactly where SPARQL finds the path, and it is a way along it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from nexuskg.queries.property_paths import Path, PathStep, witness

NODES = [NamedNode(f"urn:n:{i}") for i in range(5)]
P, Q = NamedNode("urn:p"), NamedNode("urn:q")

paths = st.recursive(
    st.sampled_from(
        [P, Q, PathStep("!", (P,)), PathStep("!", (PathStep("^", (Q,)),)), PathStep("!", (P, PathStep("^", (Q,))))]
    ),
    lambda inner: st.one_of(
        st.builds(lambda a, b: PathStep("/", (a, b)), inner, inner),
        st.builds(lambda a, b: PathStep("|", (a, b)), inner, inner),
        st.builds(lambda op, a: PathStep(op, (a,)), st.sampled_from(["^", "*", "+", "?"]), inner),
    ),
    max_leaves=4,
)
edges = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from([P, Q]), st.sampled_from(NODES)), max_size=8)


def made(triples: Iterable[Iterable[Any]]) -> Store:
    store = Store()
    store.extend(Quad(*triple) for triple in triples)
    return store


def written(path: Path) -> str:
    if isinstance(path, NamedNode):
        return str(path)
    if path.op == "!":
        parts = (str(part) if isinstance(part, NamedNode) else f"^{part.parts[0]}" for part in path.parts)
        return f"!({'|'.join(parts)})"
    if path.op in "/|":
        return f"({path.op.join(written(part) for part in path.parts)})"
    inner = written(path.parts[0])
    return f"(^{inner})" if path.op == "^" else f"({inner}){path.op}"


@settings(max_examples=150, deadline=None)
@given(edges, paths)
def test_a_witness_where_sparql_has_a_row(triples: list[tuple[NamedNode, NamedNode, NamedNode]], path: Path) -> None:
    # Every node occurs in the store: one that does not has no way of no steps to itself there.
    store = made([*triples, *((node, NamedNode("urn:r"), node) for node in NODES)])
    for start in NODES[:2]:
        for end in NODES[:3]:
            found = witness(store, start, path, end)
            assert (found is not None) == bool(store.query(f"ASK {{ {start} ({written(path)}) {end} }}"))
            if found:
                # The witness alone is enough to go the way.
                alone = made(found)
                assert witness(alone, start, path, end) == found


def test_the_shortest_way_is_shown() -> None:
    a, b, c, d, _ = NODES
    store = made([(a, P, b), (b, P, c), (c, P, d), (a, Q, d), (d, P, c)])
    way = witness(store, a, PathStep("+", (PathStep("|", (P, Q)),)), d)
    assert [(step.subject, step.predicate) for step in way or ()] == [(a, Q)]
    assert witness(store, a, PathStep("*", (P,)), a) == ()
    loop = witness(store, c, PathStep("+", (P,)), c)
    assert [step.subject for step in loop or ()] == [c, d]
    assert witness(store, d, P, a) is None


@pytest.mark.parametrize("op", ["*", "?"])
def test_no_step_needs_no_evidence(op: str) -> None:
    assert witness(Store(), NODES[0], PathStep(op, (P,)), NODES[0]) == ()  # type: ignore[arg-type]
