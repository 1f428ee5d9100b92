"""What a term is called: the label of a node in a language, and what stands for it where it has none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from nexuskg.base.namespaces import DEFAULT_GRAPH, RDFS, SKOS, compact
from nexuskg.rdf.store import Readable, Term

LABELS: Final = (NamedNode(SKOS + "prefLabel"), NamedNode(RDFS + "label"))
"""What labels a node: its own label, else the one that the build gave it."""


def label(store: Readable, node: NamedNode, language: str = "en") -> str | None:
    """The node's label: in that language, else without one, else the first by language; None where it has none."""
    for predicate in LABELS:
        labels = [
            (quad.object.language != language, quad.object.language or "", quad.object.value)
            for quad in store.quads_for_pattern(node, predicate, None, DEFAULT_GRAPH)
            if isinstance(quad.object, Literal)
        ]
        if labels:
            return min(labels)[2]
    return None


def label_or_name(store: Readable, iri: str, language: str = "en") -> str:
    """The label of a node in that language, else in the first there is; its local name where it has none."""
    return label(store, NamedNode(iri), language) or re.split(r"[/#]", iri)[-1]


def term_text(term: Term | None, store: Readable, prefixes: Mapping[str, str], language: str = "en") -> str:
    """The term as a person reads it: a literal as it was said, a node by its label, else by its CURIE."""
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return label(store, term, language) or compact(term.value, prefixes)
    return term.value if isinstance(term, Literal | BlankNode) else str(term)
