"""Loops of causes: closed ones, ones that close only by a reading of ours, and open ones with the link they lack.

An edge leads from what bears on something to that something (`nx:bearsOn`). A condition under which a mechanism works
(`nx:underCondition`) is no cause, so that no edge leads from it. SPARQL cannot list cycles of any length, so they are
listed here and stored as nodes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode, Store, Triple

from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH, RDFS, SKOS, TYPE, XSD, nx
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import object_nodes
from nexuskg.reasoning import grounds

if TYPE_CHECKING:
    import networkx

LONGEST: Final = 12
"""Most steps of a loop that is looked for: the number of cycles can grow exponentially with their length."""
SLUG: Final = 60
"""Most characters of a loop's local name before its digest."""

_SIGNS: Final = {1: "positive", -1: "negative", 0: "undetermined"}
_VALUES: Final = {NamedNode(f"{BASE}vocab/sign/{name}"): value for value, name in _SIGNS.items()}


@dataclass(frozen=True, slots=True)
class Edge:
    """What leads from one state to the next: the claims it rests on, whether one of the facts alone does, its sign."""

    claims: frozenset[NamedNode] = frozenset()
    fact: bool = False
    signs: frozenset[int] = frozenset()

    def __or__(self, other: Edge) -> Edge:
        return Edge(self.claims | other.claims, self.fact or other.fact, self.signs | other.signs)

    @property
    def sign(self) -> int:
        """1 where the first raises the second (as named), -1 where it lowers it, 0 where it is unsaid or both."""
        return next(iter(self.signs)) if len(self.signs) == 1 else 0


def loops(store: Store) -> list[Triple]:
    """The triples of every nx:CausalLoop in the closed default graph of the implied view, in a fixed order.

    Closed: every step rests on a fact. Closed by reading: a step rests on implied claims only. Open: a path leads from
    one state of a variable to another and nothing leads back. Loops of up to LONGEST steps are found.
    """
    import networkx

    edges = _edges(store)
    web: networkx.DiGraph[NamedNode] = networkx.DiGraph()
    web.add_edges_from(sorted(edges, key=lambda edge: (edge[0].value, edge[1].value)))
    out: list[Triple] = []
    for cycle in sorted(map(_rotation, networkx.simple_cycles(web, length_bound=LONGEST)), key=_names):
        steps = [*pairwise(cycle), (cycle[-1], cycle[0])]
        closure = "closed" if all(edges[step].fact for step in steps) else "closed-by-reading"
        out += _loop_triples(store, steps, edges, closure, prod(edges[step].sign for step in steps))
    for path in _open_paths(store, web):
        steps = list(pairwise(path))
        out += _loop_triples(
            store, steps, edges, "open", 0
        )  # of the missing link nobody says anything, so not its sign
    return out


# ---- edges --------------------------------------------------------------------------------------------------------


def _edges(store: Store) -> dict[tuple[NamedNode, NamedNode], Edge]:
    edges: dict[tuple[NamedNode, NamedNode], Edge] = {}

    def add(start: object, end: object, edge: Edge) -> None:
        if isinstance(start, NamedNode) and isinstance(end, NamedNode):
            edges[start, end] = edges.get((start, end), Edge()) | edge

    for predicate in _with_sub_properties(store, nx("bearsOn")):
        for stated in store.quads_for_pattern(None, predicate, None, DEFAULT_GRAPH):
            claims = grounds.claims_stating(store, stated.triple)
            whole = {1} if predicate == nx("componentOf") else _signs(store, claims)
            # What bears on something only because it contributes to it, or is part of it, adds nothing of its own.
            if claims or predicate != nx("bearsOn"):
                fact = not claims or any(grounds.is_factual(store, claim) for claim in claims)
                add(stated.subject, stated.object, Edge(claims, fact, frozenset(whole)))
            else:
                add(stated.subject, stated.object, Edge())
    return edges


def _with_sub_properties(store: Store, top: NamedNode) -> list[NamedNode]:
    found, waiting = {top}, [top]
    while waiting:
        quads = store.quads_for_pattern(None, NamedNode(RDFS + "subPropertyOf"), waiting.pop(), DEFAULT_GRAPH)
        new = {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)} - found
        found |= new
        waiting += new
    return sorted(found, key=lambda term: term.value)


def _signs(store: Store, claims: Iterable[NamedNode]) -> set[int]:
    """The signs of the causal relations that the claims name; 0 for a claim that names none."""
    out = set()
    for claim in claims:
        relations = object_nodes(store, claim, nx("causalRelation"))
        out |= {
            _VALUES.get(sign, 0) for relation in relations for sign in object_nodes(store, relation, nx("sign"))
        } or {0}
    return out


# ---- loops --------------------------------------------------------------------------------------------------------


def _rotation(cycle: Sequence[NamedNode]) -> list[NamedNode]:
    """The cycle from that node on from which its local names come first."""
    return min(([*cycle[at:], *cycle[:at]] for at in range(len(cycle))), key=_names)


def _names(nodes: Iterable[NamedNode]) -> list[tuple[str, str]]:
    return [(node.value.rsplit("/", 1)[-1], node.value) for node in nodes]


def _open_paths(store: Store, web: networkx.DiGraph[NamedNode]) -> list[list[NamedNode]]:
    """The shortest path between each two states of one variable where one leads to the other and nothing leads back."""
    import networkx

    variables = {node: frozenset(object_nodes(store, node, nx("changeOf"))) for node in web}
    ahead = {node: networkx.descendants(web, node) for node in web if variables[node]}
    paths = []
    for start, reached in ahead.items():
        for end in (node for node in reached if variables[start] & variables[node] and start not in ahead[node]):
            path = min(networkx.all_shortest_paths(web, start, end), key=_names)
            between = path[1:-1]
            if len(path) <= LONGEST and not any(variables[start] & variables[node] for node in between):
                paths.append(path)
    return sorted(paths, key=_names)


def _loop_triples(
    store: Store, steps: Sequence[tuple[NamedNode, NamedNode]], edges: Any, closure: str, sign: int
) -> list[Triple]:
    nodes = [start for start, _ in steps]
    end = steps[-1][1]
    shown = [*nodes, end]
    key = nodes if end == nodes[0] else shown
    slug = "-".join(name for name, _ in _names(key))
    slug = slug if len(slug) <= SLUG else slug[: SLUG + 1].rpartition("-")[0]
    digest = hashlib.sha256(" ".join(node.value for node in key).encode()).hexdigest()[:8]
    loop = NamedNode(f"{BASE}id/loop/{slug}-{digest}")
    labels = [label_or_name(store, node.value) for node in shown]
    title = " → ".join(labels) + (" (no link back is stated)" if closure == "open" else "")
    out = [
        *_name_triples(loop, "CausalLoop", title),
        Triple(loop, nx("loopClosure"), NamedNode(f"{BASE}vocab/loop-closure/{closure}")),
        Triple(loop, nx("loopSign"), NamedNode(f"{BASE}vocab/sign/{_SIGNS[sign]}")),
    ]
    if closure == "open":
        out += [Triple(loop, nx("missingLinkFrom"), end), Triple(loop, nx("missingLinkTo"), nodes[0])]
    claims = {claim for step in steps for claim in edges[step].claims}
    out += [Triple(loop, nx("derivedFrom"), claim) for claim in sorted(claims, key=str)]
    for position, (start, to) in enumerate(steps, 1):
        step = NamedNode(f"{loop.value}.{position}")
        number = Literal(str(position), datatype=NamedNode(XSD + "positiveInteger"))
        out += [
            Triple(loop, nx("hasStep"), step),
            *_name_triples(step, "LoopStep", f"{label_or_name(store, start.value)} → {label_or_name(store, to.value)}"),
            Triple(step, nx("position"), number),
            Triple(step, nx("stepFrom"), start),
            Triple(step, nx("stepTo"), to),
            *(Triple(step, nx("derivedFrom"), claim) for claim in sorted(edges[start, to].claims, key=str)),
        ]
    return out


def _name_triples(node: NamedNode, kind: str, label: str) -> list[Triple]:
    text = Literal(label, language="en")
    names = [Triple(node, NamedNode(space), text) for space in (SKOS + "prefLabel", RDFS + "label")]
    return [Triple(node, TYPE, nx(kind)), *names]
