"""The texts that the graph has claims from, and the spans in them, as its default graph has them."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode

from nexuskg.base.namespaces import NX
from nexuskg.errors import TextMismatch
from nexuskg.rdf.store import Readable


@dataclass(frozen=True)
class SourceSpan:
    """A span as the graph has it; offsets in code points of the text used."""

    iri: str
    start: int
    end: int
    paragraph: str
    sha256: str
    normalized_sha256: str
    normalized_length: int
    anchor: str | None
    occurrence: int | None


@dataclass(frozen=True)
class SourceText:
    """A text that spans lie in: its document, digest and length."""

    iri: str
    source: str
    sha256: str
    length: int


def first_value(store: Readable, subject: str, prop: str) -> str | None:
    """The first value of a property of a node, as text; None where it has none."""
    quads = store.quads_for_pattern(NamedNode(subject), NamedNode(prop), None, DefaultGraph())
    return min((q.object.value for q in quads if isinstance(q.object, (Literal, NamedNode))), default=None)


def nodes_with(store: Readable, prop: str, target: str) -> list[str]:
    """The nodes that have a node as the value of a property, sorted."""
    quads = store.quads_for_pattern(None, NamedNode(prop), NamedNode(target), DefaultGraph())
    return sorted(q.subject.value for q in quads if isinstance(q.subject, NamedNode))


def number(store: Readable, subject: str, prop: str) -> int:
    """The first value of a property as a whole number; -1 where there is none, which no offset is."""
    found = first_value(store, subject, prop)
    return int(found) if found is not None and found.isdecimal() else -1


def source_texts(store: Readable) -> list[SourceText]:
    """Every source text of the graph (its default graph), by IRI."""
    quads = store.quads_for_pattern(None, NamedNode(NX + "textOf"), None, DefaultGraph())
    pairs = sorted(
        (quad.subject.value, quad.object.value)
        for quad in quads
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
    )
    return [
        SourceText(iri, source, first_value(store, iri, NX + "sha256") or "", number(store, iri, NX + "textLength"))
        for iri, source in pairs
    ]


def source_spans(store: Readable, text: str) -> list[SourceSpan]:
    """The spans of a source text (its IRI), in the order of the text."""
    found = []
    for iri in nodes_with(store, NX + "spanOf", text):
        occurrence = number(store, iri, NX + "anchorOccurrence")
        found.append(
            SourceSpan(
                iri,
                number(store, iri, NX + "startOffset"),
                number(store, iri, NX + "endOffset"),
                first_value(store, iri, NX + "paragraph") or "",
                first_value(store, iri, NX + "sha256") or "",
                first_value(store, iri, NX + "normalizedSha256") or "",
                number(store, iri, NX + "normalizedLength"),
                first_value(store, iri, NX + "anchorPhrase"),
                occurrence if occurrence > 0 else None,
            )
        )
    return sorted(found, key=lambda s: (s.start, s.end, s.iri))


def source_key(text: SourceText) -> str:
    """The key of a text's source, as files, claims and spans are named after it ("ellis-2015")."""
    return text.source.rsplit("/", 1)[-1]


def source_text(store: Readable, source: str | None, digest: str = "") -> SourceText:
    """The source text meant by a source's key, CURIE or IRI; by None, the one with this digest, or the only one.

    Raises TextMismatch, naming the sources there are, where that is none or not one.
    """
    known = source_texts(store)
    if source is None:
        chosen = [t for t in known if t.sha256 == digest] or known
    else:
        key = source.removeprefix("source:")
        chosen = [t for t in known if key in {t.source, t.iri, source_key(t)}]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(map(source_key, known)) or "none"
    what = f"no text of a source {source!r}" if source is not None and not chosen else "more than one source has a text"
    if not known:
        what = "no source has a text"
    raise TextMismatch(f"{what} in this graph; name one of the sources there are: {names}")
