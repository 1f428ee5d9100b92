"""Adding claims to a closed dataset gives, graph by graph, what compiling all of it from scratch gives."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, Store

from nexuskg.base.namespaces import GRAPH, TYPE, nx
from nexuskg.pipeline import compilation, increment, restrict, views
from nexuskg.rdf import load


def by_graph(store: Store) -> dict[str, set[str]]:
    """The triples of each named graph; of a blank node only that there is one."""
    out: dict[str, set[str]] = {}
    for quad in store:
        name = getattr(quad.graph_name, "value", "")
        if name and "_:" not in str(quad.triple):
            out.setdefault(name.removeprefix(GRAPH), set()).add(str(quad.triple))
    return out


def split(whole: Store, chosen: set[NamedNode]) -> tuple[Store, list[Quad]]:
    """The files' quads without those of the chosen claims and of what only they use, and those."""
    kept = {q.subject for q in whole.quads_for_pattern(None, TYPE, nx("Claim"))} - chosen
    spans = {q.object for claim in chosen for q in whole.quads_for_pattern(claim, nx("supportedBy"), None)}
    spans -= {q.object for claim in kept for q in whole.quads_for_pattern(claim, nx("supportedBy"), None)}
    comparisons = {q.subject for claim in chosen for q in whole.quads_for_pattern(None, nx("compares"), claim, None)}
    gone = chosen | spans | comparisons
    added = [quad for quad in whole if quad.subject in gone]
    rest = Store()
    rest.extend(quad for quad in whole if quad.subject not in gone)
    return rest, added


def compiled_from(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> compilation.Dataset:
    monkeypatch.setattr(load, "load_files", lambda _: store)
    return compilation.compile_dataset(home, views.WHOLE)


@pytest.fixture(scope="module")
def whole(home: Path) -> Store:
    """What counts of the files: what was withdrawn is beside it before anything is added, as in `compilation`."""
    store = load.load_files(home)
    restrict.take_out_withdrawn(store)
    return store


@pytest.fixture(scope="module")
def expected(home: Path) -> dict[str, set[str]]:
    found = by_graph(compilation.compile_dataset(home, views.WHOLE).store)
    return {name: triples for name, triples in found.items() if not name.startswith("withdrawn/")}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 12))])
def test_adding_claims_gives_what_compiling_all_gives(
    home: Path, whole: Store, expected: dict[str, set[str]], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    every = sorted({q.subject for q in whole.quads_for_pattern(None, TYPE, nx("Claim"))}, key=str)
    rest, added = split(whole, set(chance.sample(every, chance.choice((1, 5, 20, 100)))))
    dataset = compiled_from(rest, home, monkeypatch)
    store = views.compose(dataset.store, "implied")
    assert increment.is_addition(store, added)
    increment.extend(store, dataset.queries, added)
    found = by_graph(store)
    differs = {name: found.get(name, set()) ^ triples for name, triples in expected.items()}
    assert {name: triples for name, triples in differs.items() if triples} == {}
    assert by_default(store) == by_default(views.compose(store, "implied"))


def by_default(store: Store) -> set[str]:
    return {
        str(quad.triple) for quad in store if not hasattr(quad.graph_name, "value") and "_:" not in str(quad.triple)
    }


def test_what_changes_something_described_is_no_addition(whole: Store) -> None:
    claim = NamedNode("https://w3id.org/nexuskg/claim/ellis-2015.c082")
    where = NamedNode(GRAPH + "data/claims/ellis-2015")
    new = NamedNode("https://w3id.org/nexuskg/claim/ellis-2015.c999")
    assert increment.is_addition(whole, [Quad(new, TYPE, nx("Claim"), where)])
    assert not increment.is_addition(whole, [Quad(claim, TYPE, nx("Claim"), where)])
    assert not increment.is_addition(whole, [Quad(new, TYPE, nx("Claim"), NamedNode(GRAPH + "terms/evidence"))])
