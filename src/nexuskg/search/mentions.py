"""Which entities a sentence names, by the graph's own labels in any language, the longest name first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from nexuskg.base.namespaces import DEFAULT_GRAPH, ENTITY, SKOS
from nexuskg.rdf.store import Readable
from nexuskg.search.find import fold_name

_LABELS: Final = ("prefLabel", "altLabel", "hiddenLabel")


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity that a text names: its IRI and the name, folded, by which it was recognized."""

    iri: str
    name: str


def mentions_in(store: Readable, text: str) -> list[Mention]:
    """The entities that a text names, the longest name first; of names within one another only the longest counts.

    Names are looked for word by word, without regard to case and accents. Things of one name are all there.
    """
    words = f" {fold_name(text)} "
    found: dict[str, set[str]] = {}
    for label in _LABELS:
        for quad in store.quads_for_pattern(None, NamedNode(SKOS + label), None, DEFAULT_GRAPH):
            if not (isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal)):
                continue
            if not quad.subject.value.startswith(ENTITY):
                continue
            name = fold_name(quad.object.value)
            if len(name) > 1 and f" {name} " in words:
                found.setdefault(name, set()).add(quad.subject.value)
    out: dict[str, Mention] = {}
    for name in sorted(found, key=lambda name: (-len(name), name)):
        if f" {name} " not in words:  # it stood within a longer name only
            continue
        words = words.replace(f" {name} ", " | ")
        for iri in sorted(found[name]):
            out.setdefault(iri, Mention(iri, name))
    return list(out.values())
