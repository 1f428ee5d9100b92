"""Words pasted from a source's text -> the span they stand for, with its digests, paragraph and anchor."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring.source_context import SourceContext
from nexuskg.base.namespaces import NX, RDF, XSD
from nexuskg.errors import BadDraft
from nexuskg.evidence.anchors import normalize, shortest_anchor, span_digests
from nexuskg.evidence.phrases import TextRange, nearest, phrase_ranges
from nexuskg.evidence.sources import SourceSpan, span_iri, text_iri

SHOWN = 60
"""The characters around a phrase, and of a passage, that a message shows."""


def find_span(held: SourceContext, phrase: str, occurrence: int | None = None) -> SourceSpan:
    """The span of a phrase in the text at hand; raises BadDraft where it stands nowhere, or at several places.

    Then the message shows the passages most like it, or the places to choose from by the occurrence number (from 1).
    """
    assert held.text is not None
    text = held.text.text
    found = phrase_ranges(phrase, held.text)
    if not found:
        near = nearest(phrase, held.text)
        if not near:
            raise BadDraft(f"{_short(phrase)} is not in the text, nor anything like it.")
        told = "; ".join(f"{_short(n.words)} (paragraph {_paragraph(held, n.place)}, {n.alike} % alike)" for n in near)
        raise BadDraft(f"{_short(phrase)} is not in the text. Did you mean {told}?")
    if occurrence is not None and not 1 <= occurrence <= len(found):
        many = "once" if len(found) == 1 else f"{len(found)} times"
        raise BadDraft(f"{_short(phrase)} has no occurrence {occurrence}; it stands in the text {many}.")
    if len(found) > 1 and occurrence is None:
        shown = "; ".join(
            f"{number}: {_around(text, place)} (paragraph {_paragraph(held, place)})"
            for number, place in enumerate(found[:9], 1)
        )
        more = " …" if len(found) > 9 else ""
        raise BadDraft(f"{_short(phrase)} stands at {len(found)} places; say which by occurrence. {shown}{more}")
    place = found[(occurrence or 1) - 1]
    touched = held.within(place.start, place.end)
    if len({segment.paragraph for segment in touched}) > 1:
        raise BadDraft(f"{_short(phrase)} runs over several paragraphs; a span lies in one. Shorten it.")
    if any(segment.kind == "page-furniture" for segment in touched):
        raise BadDraft(f"{_short(phrase)} is page furniture, which is no part of the source.")
    start, end = place.start, place.end
    anchor = shortest_anchor(text, start, end) or (None, None)
    return SourceSpan(
        span_iri(held.key, start, end), start, end, _paragraph(held, place), *span_digests(text, start, end), *anchor
    )


def span_triples(key: str, span: SourceSpan) -> list[Triple]:
    """What a file of claims says of a span of a source: offsets, digests, paragraph and anchor, none of its words."""
    parts: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", NamedNode(NX + "EvidenceSpan")),
        (NX + "spanOf", NamedNode(text_iri(key))),
        (NX + "startOffset", integer_literal(span.start)),
        (NX + "endOffset", integer_literal(span.end)),
        (NX + "paragraph", Literal(span.paragraph)),
        (NX + "sha256", Literal(span.sha256)),
        (NX + "normalizedSha256", Literal(span.normalized_sha256)),
        (NX + "normalizedLength", integer_literal(span.normalized_length)),
    ]
    if span.anchor is not None:
        parts.append((NX + "anchorPhrase", Literal(span.anchor)))
        if span.occurrence is not None:
            positive = NamedNode(XSD + "positiveInteger")
            parts.append((NX + "anchorOccurrence", Literal(str(span.occurrence), datatype=positive)))
    return [Triple(NamedNode(span.iri), NamedNode(prop), term) for prop, term in parts]


def integer_literal(number: int) -> Literal:
    """The number as the offsets and lengths of the graph are written."""
    return Literal(str(number), datatype=NamedNode(XSD + "nonNegativeInteger"))


def _paragraph(held: SourceContext, place: TextRange) -> str:
    touched = held.within(place.start, place.end)
    return (touched[0].paragraph if touched else "") or "1"


def _short(words: str) -> str:
    said = normalize(words)
    return f"“{said if len(said) <= 2 * SHOWN else said[: 2 * SHOWN - 2].rstrip() + ' …'}”"


def _around(text: str, place: TextRange) -> str:
    before, after = text[max(0, place.start - SHOWN // 2) : place.start], text[place.end : place.end + SHOWN // 2]
    return f"… {normalize(before)} [{normalize(text[place.start : place.end])[:SHOWN]}] {normalize(after)} …"
