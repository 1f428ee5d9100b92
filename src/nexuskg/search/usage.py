"""Usage: which questions, shapes, axioms and claims name a term, entity or concept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode

from nexuskg.base.namespaces import CLAIM, DEFAULT_GRAPH, GRAPH, NX, RDFS, compact
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable, property_values

CLAIM_ENDS: Final = ("claimSubject", "claimPredicate", "claimObject", "describesNode", "claimedBy")
"""The properties by which a claim is about something."""


def users_of(
    store: Readable, node: NamedNode, catalogue: Mapping[str, StoredQuery], table: Mapping[str, str], language: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of what uses a node, for each kind of user: questions, shapes, axioms of terms, claims by property."""
    curie = compact(node.value, table)
    named = re.compile(rf"(?<![\w.-]){re.escape(curie)}(?![\w-])|<{re.escape(node.value)}>")
    yield "questions", tuple(sorted(name for name, query in catalogue.items() if named.search(query.text)))
    shapes: set[str] = set()
    for quad in store.quads_for_pattern(None, None, node, None):
        graph = quad.graph_name
        if isinstance(graph, NamedNode) and graph.value.startswith(GRAPH + "shapes/"):
            shape = owner(store, _subject(quad.subject), graph)
            shapes.update([compact(shape.value, table)] if shape else [])
    yield "shapes", tuple(sorted(shapes))
    axioms: set[str] = set()
    for quad in store.quads_for_pattern(None, None, node, DEFAULT_GRAPH):
        user = owner(store, _subject(quad.subject), DEFAULT_GRAPH)
        if user and user != node and user.value.startswith(NX):
            axioms.add(compact(user.value, table))
    yield "axioms of", tuple(sorted(axioms))
    roles = Counter(
        quad.predicate.value
        for quad in store.quads_for_pattern(None, None, node, DEFAULT_GRAPH)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(CLAIM)
    )
    counts = [
        f"{n} by “{label_or_name(store, role, language)}”"
        for role, n in sorted(roles.items())
        if role[len(NX) :] not in CLAIM_ENDS
    ]
    yield "claims", tuple(counts)


def owner(
    store: Readable, node: NamedNode | BlankNode, graph: NamedNode | DefaultGraph, depth: int = 20
) -> NamedNode | None:
    """The named node in whose axiom, shape or list a node without a name stands; a named node is its own owner."""
    while isinstance(node, BlankNode):
        incoming = [q.subject for q in store.quads_for_pattern(None, None, node, graph)]
        # a general axiom: the class it puts things in
        outgoing = property_values(store, node, RDFS + "subClassOf", graph)
        above = [n for n in (*incoming, *outgoing) if isinstance(n, NamedNode | BlankNode)]
        if not above or depth <= 0:
            return None
        node, depth = min(above, key=lambda n: (isinstance(n, BlankNode), str(n))), depth - 1
    return node


def _subject(subject: object) -> NamedNode | BlankNode:
    return subject if isinstance(subject, NamedNode | BlankNode) else BlankNode()
