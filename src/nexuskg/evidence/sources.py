"""Sources as the graph has them: their keys, their texts with segments and spans, and the claims on those.

All of it is read off the default graph. What a record says of a source is in nexuskg.evidence.records.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH, NX, RDF, nx, source_iri, source_key
from nexuskg.errors import TextMismatch
from nexuskg.rdf.store import Readable, first_number, first_value, nodes_with


def source_keys(store: Readable) -> list[str]:
    """The keys of all sources, sorted."""
    return [source_key(iri) for iri in nodes_with(store, RDF + "type", NX + "SourceDocument")]


def claims_from(store: Readable, key: str) -> list[str]:
    """The IRIs of the claims of a source, sorted."""
    return nodes_with(store, NX + "fromSource", source_iri(key))


# ---- the text, its segments and spans -------------------------------------------------------------------------------


@dataclass(frozen=True)
class SourceText:
    """A text that spans lie in: its document, digest and length."""

    iri: str
    source: str
    sha256: str
    length: int

    @property
    def key(self) -> str:
        """The key of its source."""
        return source_key(self.source)


@dataclass(frozen=True, slots=True)
class SourceSegment:
    """A segment of a text, with the reason why it yields no claim (empty where none is given)."""

    iri: str
    kind: str
    """A concept of the scheme segment-kind, by its slug."""
    start: int
    end: int
    paragraph: str
    reason: str
    language: str = "en"
    """That of the reason."""


@dataclass(frozen=True)
class SourceSpan:
    """A span of a text, in the graph or to be; offsets in code points of the text used."""

    iri: str
    start: int
    end: int
    paragraph: str
    sha256: str
    normalized_sha256: str
    normalized_length: int
    anchor: str | None
    occurrence: int | None


def text_iri(key: str) -> str:
    """The IRI of the text of a source."""
    return f"{BASE}text/{key}"


def text_digest(store: Readable, key: str) -> str | None:
    """The SHA-256 of the text of a source; None where the source is known without a text."""
    return first_value(store, text_iri(key), NX + "sha256")


def segment_iri(key: str, start: int, end: int) -> str:
    """The IRI of a segment of the text of a source, by its offsets."""
    return f"{BASE}segment/{key}.{start}-{end}"


def span_iri(key: str, start: int, end: int) -> str:
    """The IRI of a span in the text of a source, by its offsets."""
    return f"{BASE}span/{key}.{start}-{end}"


def source_texts(store: Readable) -> list[SourceText]:
    """Every source text of the graph, by IRI."""
    quads = store.quads_for_pattern(None, nx("textOf"), None, DEFAULT_GRAPH)
    pairs = sorted(
        (quad.subject.value, quad.object.value)
        for quad in quads
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
    )
    return [
        SourceText(
            iri, source, first_value(store, iri, NX + "sha256") or "", first_number(store, iri, NX + "textLength")
        )
        for iri, source in pairs
    ]


def source_text(store: Readable, source: str | None, digest: str = "") -> SourceText:
    """The source text meant by a source's key, CURIE or IRI; by None, the one with this digest, or the only one.

    Raises TextMismatch, naming the sources there are, where that is none or not one.
    """
    known = source_texts(store)
    if source is None:
        chosen = [t for t in known if t.sha256 == digest] or known
    else:
        chosen = [t for t in known if source.removeprefix("source:") in {t.source, t.iri, t.key}]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(text.key for text in known) or "none"
    what = f"no text of a source {source!r}" if source is not None and not chosen else "more than one source has a text"
    if not known:
        what = "no source has a text"
    raise TextMismatch(f"{what} in this graph; name one of the sources there are: {names}")


def source_segments(store: Readable, text: str) -> list[SourceSegment]:
    """The segments of a source text (its IRI), in the order of the text."""
    found = []
    for iri in nodes_with(store, NX + "segmentOf", text):
        start, end = first_number(store, iri, NX + "startOffset"), first_number(store, iri, NX + "endOffset")
        kind = (first_value(store, iri, NX + "segmentKind") or "").rsplit("/", 1)[-1]
        quads = store.quads_for_pattern(NamedNode(iri), nx("noClaimReason"), None, DEFAULT_GRAPH)
        reasons = [(q.object.value, q.object.language or "en") for q in quads if isinstance(q.object, Literal)]
        paragraph = first_value(store, iri, NX + "paragraph") or ""
        found.append(SourceSegment(iri, kind, start, end, paragraph, *min(reasons, default=("", "en"))))
    return sorted(found, key=lambda s: (s.start, s.end, s.iri))


def source_spans(store: Readable, text: str) -> list[SourceSpan]:
    """The spans of a source text (its IRI), in the order of the text."""
    found = []
    for iri in nodes_with(store, NX + "spanOf", text):
        occurrence = first_number(store, iri, NX + "anchorOccurrence")
        found.append(
            SourceSpan(
                iri,
                first_number(store, iri, NX + "startOffset"),
                first_number(store, iri, NX + "endOffset"),
                first_value(store, iri, NX + "paragraph") or "",
                first_value(store, iri, NX + "sha256") or "",
                first_value(store, iri, NX + "normalizedSha256") or "",
                first_number(store, iri, NX + "normalizedLength"),
                first_value(store, iri, NX + "anchorPhrase"),
                occurrence if occurrence > 0 else None,
            )
        )
    return sorted(found, key=lambda s: (s.start, s.end, s.iri))


def span_claims(store: Readable, spans: list[SourceSpan]) -> list[tuple[SourceSpan, str]]:
    """Every claim that rests on one of the spans, beside it, in the order of the spans."""
    return [(span, claim) for span in spans for claim in nodes_with(store, NX + "supportedBy", span.iri)]
