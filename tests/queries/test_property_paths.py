"""Property paths: the ways along one are there exactly where SPARQL finds the path, whatever is taken away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from nexuskg.queries.property_paths import MOST, Path, PathStep, ways_along

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
@given(edges, paths, st.sets(st.integers(0, 7)))
def test_there_is_a_way_where_sparql_has_a_row(
    triples: list[tuple[NamedNode, NamedNode, NamedNode]], path: Path, gone: set[int]
) -> None:
    # Every node occurs in the store: one that does not has no way of no steps to itself there.
    ever = [(node, NamedNode("urn:r"), node) for node in NODES]
    store = made([*triples, *ever])
    left = made([*(triple for number, triple in enumerate(triples) if number not in gone), *ever])
    for start in NODES[:2]:
        for end in NODES[:3]:
            found = ways_along(store, start, path, end)
            asked = f"ASK {{ {start} ({written(path)}) {end} }}"
            assert bool(found) == bool(store.query(asked))
            # With what is left, the path is there just where one of the ways is.
            whole = any(all(Quad(*triple) in left for triple in way) for way in found)
            assert whole == bool(left.query(asked)) or len(found) == MOST


def test_the_shortest_way_comes_first() -> None:
    a, b, c, d, _ = NODES
    store = made([(a, P, b), (b, P, c), (c, P, d), (a, Q, d), (d, P, c)])
    way, *others = ways_along(store, a, PathStep("+", (PathStep("|", (P, Q)),)), d)
    assert [(step.subject, step.predicate) for step in way] == [(a, Q)]
    assert [len(other) for other in others] == [3]
    assert ways_along(store, a, PathStep("*", (P,)), a) == (frozenset(),)
    (loop,) = ways_along(store, c, PathStep("+", (P,)), c)
    assert {step.subject for step in loop} == {c, d}
    assert ways_along(store, d, P, a) == ()


def test_the_number_of_ways_is_bounded() -> None:
    many = [NamedNode(f"urn:m:{number}") for number in range(40)]
    store = made((one, P, other) for one in many for other in many)
    assert 0 < len(ways_along(store, many[0], PathStep("+", (P,)), many[1])) <= MOST


@pytest.mark.parametrize("op", ["*", "?"])
def test_no_step_needs_no_evidence(op: str) -> None:
    assert ways_along(Store(), NODES[0], PathStep(op, (P,)), NODES[0]) == (frozenset(),)  # type: ignore[arg-type]
