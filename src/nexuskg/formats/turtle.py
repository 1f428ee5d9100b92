"""Answers as Turtle: the part of the graph that the rows rest on, and nothing that the graph does not say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Quad, Triple

from nexuskg.base.namespaces import DEFAULT_GRAPH, SKOS, TYPE, nx
from nexuskg.base.safe_text import escape_controls
from nexuskg.rdf import turtle
from nexuskg.rdf.labels import LABELS
from nexuskg.rdf.store import holds, object_nodes

if TYPE_CHECKING:
    from nexuskg.answers.answer import Answer
    from nexuskg.pipeline.dataset import Compiled

_NAMES: Final = (*LABELS, NamedNode(SKOS + "altLabel"), TYPE)


def has_statements(found: Answer) -> bool:
    """Whether any row rests on a claim or has a node; an answer without rows has nothing that could be without."""
    return not found.rows or any(row.evidence or any(cell.iri for cell in row) for row in found.rows)


def answer_triples(data: Compiled, found: Answer) -> set[Triple]:
    """The claims that the rows rest on with their spans, sources and facts; inferences; the labels of all nodes."""
    store = data.store
    claims = {item.claim for row in found.rows for item in row.evidence}
    spans = {NamedNode(span.iri) for row in found.rows for item in row.evidence for span in item.spans}
    texts = {text for span in spans for text in object_nodes(store, span, nx("spanOf"))}
    sources = {source for claim in claims for source in object_nodes(store, claim, nx("fromSource"))}
    chosen: set[Triple] = set()
    for node in claims | spans | texts | sources:
        chosen |= {quad.triple for quad in store.quads_for_pattern(node, None, None, DEFAULT_GRAPH)}
    for claim in claims:
        values = [
            quad.object
            for end in (nx("claimObject"), nx("claimValue"))
            for quad in store.quads_for_pattern(claim, end, None, DEFAULT_GRAPH)
        ]
        facts = (
            Triple(subject, predicate, value)
            for subject in object_nodes(store, claim, nx("claimSubject"))
            for predicate in object_nodes(store, claim, nx("claimPredicate"))
            for value in values
        )
        chosen |= {fact for fact in facts if holds(store, fact)}
    chosen |= {triple for row in found.rows for triple in row.follows}
    nodes = {term for triple in chosen for term in (triple.subject, triple.object) if isinstance(term, NamedNode)}
    nodes |= {term for row in found.rows for term in row.cells if isinstance(term, NamedNode)}
    for node in nodes:
        for name in _NAMES:
            chosen |= {quad.triple for quad in store.quads_for_pattern(node, name, None, DEFAULT_GRAPH)}
    return chosen


def turtle_text(data: Compiled, found: Answer) -> str:
    """What the rows rest on as Turtle, subjects sorted.

    >>> from nexuskg import load
    >>> graph = load()
    >>> "nx:supportedBy span:ellis-2015.1895-1956" in turtle_text(graph.data, graph.ask("who-taxes-what"))
    True
    """
    return triples_as_turtle(data, answer_triples(data, found))


def triples_as_turtle(data: Compiled, chosen: Iterable[Triple]) -> str:
    """The triples as Turtle, subjects sorted, blank nodes named canonically."""
    quads = turtle.canonical_dataset(Quad(one.subject, one.predicate, one.object) for one in chosen)
    return escape_controls(turtle.plain_turtle((quad.triple for quad in quads), data.prefixes).decode())
