"""Names, and who uses them: claims, the records elsewhere that a thing is linked to, or nobody but this graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.base.namespaces import DEFAULT_GRAPH, GRAPH, RDFS, RECORD_NAME, SKOS, compact, nx, source_key
from nexuskg.rdf.store import Readable, object_nodes, subject_nodes

NAMING: Final = tuple(NamedNode(SKOS + name) for name in ("prefLabel", "altLabel", "hiddenLabel"))
"""The properties by which a thing bears a name."""

OURS: Final = "nexuskg"
"""Who calls a thing by a name that is this graph's alone, in the answer to a stored question."""

_NAMED_BY: Final = (*NAMING, NamedNode(RDFS + "label"))
_SAME: Final = NamedNode(SKOS + "exactMatch")


@dataclass(frozen=True, slots=True)
class NameUse:
    """One who calls a thing so: a claim with the key of its source, or a record elsewhere with its table of links."""

    user: NamedNode
    where: str
    is_claim: bool

    def in_words(self, prefixes: Mapping[str, str]) -> str:
        """Who that is, in words."""
        name = compact(self.user.value, prefixes)
        return f"{self.where} ({name})" if self.is_claim else f"the record {name} ({self.where})"


def name_uses(store: Readable, thing: NamedNode, text: str) -> list[NameUse]:
    """Who calls the thing by this text, claims first; empty where only this graph does."""
    return sorted(
        {*_claims(store, thing, text), *_records(store, thing, text)}, key=lambda use: (not use.is_claim, use.where)
    )


def outside_names(store: Readable, thing: NamedNode) -> list[str]:
    """What the records elsewhere call a thing, sorted."""
    quads = (q for record in object_nodes(store, thing, _SAME) for q in record_names(store, record))
    return sorted(set(quads))


def names_told(store: Readable, thing: NamedNode, prefixes: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Every name of an entity but the one it goes by, with who uses it, in words."""
    found: dict[str, None] = {}
    for naming in NAMING[1:]:
        quads = store.quads_for_pattern(thing, naming, None, DEFAULT_GRAPH)
        found |= dict.fromkeys(sorted({q.object.value for q in quads if isinstance(q.object, Literal)}))
    labels = {
        q.object.value
        for q in store.quads_for_pattern(thing, NAMING[0], None, DEFAULT_GRAPH)
        if isinstance(q.object, Literal)
    }
    found |= dict.fromkeys(name for name in outside_names(store, thing) if name not in labels)
    return tuple((name, name_told(store, thing, name, prefixes)) for name in found)


def name_told(store: Readable, thing: NamedNode, text: str, prefixes: Mapping[str, str]) -> str:
    """Who calls the thing so, in words.

    >>> from pyoxigraph import Store
    >>> name_told(Store(), NamedNode("urn:a"), "A", {})
    'a name of our own'
    """
    uses = [use.in_words(prefixes) for use in name_uses(store, thing, text)]
    return f"so called by {', '.join(uses)}" if uses else "a name of our own"


def is_naming(triple: Triple) -> bool:
    """Whether a statement gives something a name."""
    return triple.predicate in _NAMED_BY and isinstance(triple.object, Literal)


def _claims(store: Readable, thing: NamedNode, text: str) -> Iterator[NameUse]:
    about = [claim for end in ("claimSubject", "claimObject") for claim in subject_nodes(store, nx(end), thing)]
    for claim in about:
        named = bool(set(object_nodes(store, claim, nx("claimPredicate"))) & set(NAMING))
        quads = store.quads_for_pattern(claim, nx("claimValue" if named else "mentionedAs"), None, DEFAULT_GRAPH)
        if any(isinstance(quad.object, Literal) and quad.object.value == text for quad in quads):
            for source in object_nodes(store, claim, nx("fromSource")):
                yield NameUse(claim, source_key(source.value), True)


def _records(store: Readable, thing: NamedNode, text: str) -> Iterator[NameUse]:
    for record in object_nodes(store, thing, _SAME):
        if text in record_names(store, record):
            for quad in store.quads_for_pattern(record, RECORD_NAME, None, None):
                graph = quad.graph_name
                if isinstance(graph, NamedNode) and graph.value.startswith(GRAPH + "links/"):
                    yield NameUse(record, graph.value.removeprefix(GRAPH), False)


def record_names(store: Readable, record: NamedNode) -> list[str]:
    """What a record elsewhere calls the thing that it is of."""
    quads = store.quads_for_pattern(record, RECORD_NAME, None, DEFAULT_GRAPH)
    return [quad.object.value for quad in quads if isinstance(quad.object, Literal)]
