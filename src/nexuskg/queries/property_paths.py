"""SPARQL property paths: as data, and the ways along one between two nodes of a store."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias
from typing import Literal as Choice

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from nexuskg.base.namespaces import DEFAULT_GRAPH
from nexuskg.rdf.store import Readable

Path: TypeAlias = "NamedNode | PathStep"
Node: TypeAlias = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class PathStep:
    """A path made of paths: sequence, alternative, inverse, closure, option, or none of a set of predicates."""

    op: Choice["/", "|", "^", "*", "+", "?", "!"]
    parts: tuple[Path, ...]


_Edge: TypeAlias = "tuple[NamedNode | frozenset[NamedNode] | None, bool, int]"
"""What an automaton reads (a predicate, any but these, or nothing), whether against the arrow, and where it goes."""

MOST: Final = 16
"""Most ways along a path that are sought."""
_TRIES: Final = 4000
"""Most steps that are tried in looking for all ways: their number can grow exponentially."""

_Place: TypeAlias = tuple[Node, int]


def ways_along(store: Readable, start: Node, path: Path, end: Node) -> tuple[frozenset[Triple], ...]:
    """The triples of each way along the path that visits nothing twice, the shortest first; at most MOST.

    >>> from pyoxigraph import Store
    >>> store = Store()
    >>> store.update("INSERT DATA { <urn:a> <urn:p> <urn:b>, <urn:c> . <urn:b> <urn:p> <urn:c> }")
    >>> a, c, p = (NamedNode(f"urn:{name}") for name in "acp")
    >>> [len(way) for way in ways_along(store, a, PathStep("+", (p,)), c)]
    [1, 2]
    >>> ways_along(store, c, PathStep("+", (p,)), a), ways_along(store, a, PathStep("*", (p,)), a)
    ((), (frozenset(),))
    """
    edges: list[list[_Edge]] = [[], []]
    _build(path, 0, 1, edges, False)
    found: dict[frozenset[Triple], None] = {}
    waiting: deque[tuple[_Place, frozenset[_Place], frozenset[Triple]]] = deque(
        [((start, 0), frozenset(), frozenset())]
    )
    tries = _TRIES
    while waiting and tries and len(found) < MOST:
        here, seen, triples = waiting.popleft()
        node, state = here
        if node == end and state == 1:
            if not any(other <= triples for other in found):
                found[triples] = None
            continue
        for reads, inverse, target in edges[state]:
            for following, triple in _moves(store, node, reads, inverse):
                tries = max(tries - 1, 0)
                place = (following, target)
                if place not in seen and place != here:
                    # A move that reads nothing is free and goes first: so the ways come in the order of their length.
                    add = waiting.appendleft if triple is None else waiting.append
                    add((place, seen | {here}, triples if triple is None else triples | {triple}))
    return tuple(found)


def _moves(
    store: Readable, node: Node, reads: NamedNode | frozenset[NamedNode] | None, inverse: bool
) -> Iterator[tuple[Node, Triple | None]]:
    if reads is None:
        yield node, None
        return
    wanted = reads if isinstance(reads, NamedNode) else None
    if inverse:
        quads = store.quads_for_pattern(None, wanted, node, DEFAULT_GRAPH)
    elif isinstance(node, NamedNode | BlankNode):
        quads = store.quads_for_pattern(node, wanted, None, DEFAULT_GRAPH)
    else:
        return
    found = [Triple(quad.subject, quad.predicate, quad.object) for quad in quads]
    for triple in sorted(found, key=str):  # the same ways in the same order every time
        if wanted is None and isinstance(reads, frozenset) and triple.predicate in reads:
            continue
        yield (triple.subject if inverse else triple.object), triple


def _build(path: Path, start: int, end: int, edges: list[list[_Edge]], inverse: bool) -> None:
    """Let the automaton lead from start to end along the path (against it, if inverse).

    >>> edges, p = [[], []], NamedNode("urn:p")
    >>> _build(PathStep("|", (p, PathStep("^", (p,)))), 0, 1, edges, False)
    >>> edges == [[(p, False, 1), (p, True, 1)], []]
    True
    """
    if isinstance(path, NamedNode):
        edges[start].append((path, inverse, end))
    elif path.op == "^":
        _build(path.parts[0], start, end, edges, not inverse)
    elif path.op == "!":
        backward = frozenset(part.parts[0] for part in path.parts if isinstance(part, PathStep))
        forward = frozenset(part for part in path.parts if isinstance(part, NamedNode))
        if forward or not backward:
            edges[start].append((forward, inverse, end))
        if backward:
            edges[start].append((backward, not inverse, end))  # type: ignore[arg-type]
    elif path.op == "|":
        for part in path.parts:
            _build(part, start, end, edges, inverse)
    elif path.op == "/":
        parts = path.parts[::-1] if inverse else path.parts
        for part in parts[:-1]:
            middle = _state(edges)
            _build(part, start, middle, edges, inverse)
            start = middle
        _build(parts[-1], start, end, edges, inverse)
    else:
        before, after = _state(edges), _state(edges)
        edges[start].append((None, False, before))
        edges[after].append((None, False, end))
        _build(path.parts[0], before, after, edges, inverse)
        if path.op in "*+":
            edges[after].append((None, False, before))
        if path.op in "*?":
            edges[before].append((None, False, after))


def _state(edges: list[list[_Edge]]) -> int:
    edges.append([])
    return len(edges) - 1
