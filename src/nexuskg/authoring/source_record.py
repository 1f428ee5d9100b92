"""The record, the digest of the text and its segments, as what the files of ontology/data/sources gain.

A record says where it has its data from; what the source itself says is for claims. Of the text there is never more
than its digest, its length and the offsets of its segments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring import bibliographic_record
from nexuskg.authoring.curation_record import CURATION_FILE, GENERATED, Origin, curation_act
from nexuskg.authoring.drafts import unwritable
from nexuskg.authoring.source_context import KEY, SourceContext, reason_triple, record_file
from nexuskg.authoring.spans import integer_literal
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base.namespaces import BASE, DCTERMS, NX, RDF, SKOS, source_iri
from nexuskg.errors import BadDraft
from nexuskg.evidence.anchors import sha256
from nexuskg.evidence.phrases import SearchableText, phrase_ranges
from nexuskg.evidence.segments import text_segments
from nexuskg.evidence.sources import SourceSegment, segment_iri, source_keys, span_claims, text_digest, text_iri

FURNITURE_REASON: Final = "Page furniture around the text."


@dataclass(frozen=True, slots=True)
class PreparedSource:
    """What the files of a source gain: triples by file below ontology/."""

    key: str
    add: Mapping[str, Sequence[Triple]]


def prepare_source(
    vocabulary: Vocabulary,
    key: str,
    fields: Mapping[str, str],
    text: SearchableText | None,
    body: Body,
    origin: Origin,
) -> PreparedSource:
    """What a new source, or the text of one that is known without, adds to the files.

    Raises BadDraft, with all that is missing or wrong in one message, and where the record has another text already.
    """
    known = is_known(vocabulary, key)
    source = source_iri(key)
    home = record_file(vocabulary, key, source)
    problems: list[str] = []
    triples: list[Triple] = []
    if not known:
        triples += bibliographic_record.record_triples(vocabulary, source, fields, problems)
    elif text is None:
        raise BadDraft(f"The source {key} is in the graph already. To add its text: --text FILE")
    elif given := [name for name in fields if fields[name] and name not in bibliographic_record.CONCEPTS]:
        problems.append(
            f"the record of {key} is there already, so {', '.join(f'--{name}' for name in given)} would be a second "
            f"one; correct it in ontology/{home}."
        )
    if text is not None:
        triples += _text(vocabulary, key, text, body, problems)
    stated, claims = bibliographic_record.concept_triples(vocabulary, key, fields, text is not None, problems)
    if problems:
        raise BadDraft(f"The source {key} cannot be recorded: " + " ".join(problems))
    add: dict[str, Sequence[Triple]] = {home: [*triples, *stated]}
    if claims:
        act = curation_act(vocabulary.store, key, origin)
        entered = {Triple(claim.subject, GENERATED, act.node) for claim in claims}
        add[f"data/claims/{key}.ttl"] = [*claims, *act.triples, *entered]
        add |= {CURATION_FILE: act.curator} if act.curator else {}
    return PreparedSource(key, add)


def is_known(vocabulary: Vocabulary, key: str) -> bool:
    """Whether the graph has a source of this key; raises BadDraft where no source can have it."""
    if not KEY.fullmatch(key):
        raise BadDraft(f"{key!r} is no key: use lower-case letters, digits and single hyphens, such as ellis-2015.")
    return key in source_keys(vocabulary.store)


@dataclass(frozen=True, slots=True)
class Body:
    """The words with which the body of a text begins and ends; empty where all of it is body."""

    first: str = ""
    last: str = ""


def _text(vocabulary: Vocabulary, key: str, text: SearchableText, body: Body, problems: list[str]) -> list[Triple]:
    iri, digest = text_iri(key), sha256(text.text)
    old = text_digest(vocabulary.store, key)
    if old is not None and old != digest:
        problems.append(
            f"it has another text already, of SHA-256 {old[:12]}… (this file: {digest[:12]}…), in which its spans "
            "count; a second edition of a text is a source with a key of its own."
        )
        return []
    if not text.text.strip():
        problems.append("the text is empty.")
        return []
    offsets = _body(text, body, problems)
    about = "The text is not part of this project. Anyone with a copy can check every span with the verify command."
    parts: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", NamedNode(NX + "SourceText")),
        (NX + "textOf", NamedNode(source_iri(key))),
        (NX + "sha256", Literal(digest)),
        (NX + "textLength", integer_literal(len(text.text))),
        (SKOS + "prefLabel", Literal(f"Text of {key} as used for the claims", language="en")),
        (SKOS + "scopeNote", Literal(about, language="en")),
        (DCTERMS + "provenance", Literal("Offsets count Unicode code points of the UTF-8 text.", language="en")),
    ]
    triples = [Triple(NamedNode(iri), NamedNode(prop), term) for prop, term in parts]
    for part in text_segments(text.text, offsets):
        reason = FURNITURE_REASON if part.kind == "page-furniture" else ""
        name = segment_iri(key, part.start, part.end)
        triples += _segment(SourceSegment(name, part.kind, part.start, part.end, part.paragraph, reason), iri)
    return triples


def _segment(segment: SourceSegment, text: str) -> list[Triple]:
    node = NamedNode(segment.iri)
    parts: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", NamedNode(NX + "TextSegment")),
        (NX + "segmentOf", NamedNode(text)),
        (NX + "segmentKind", NamedNode(f"{BASE}vocab/segment-kind/{segment.kind}")),
        (NX + "startOffset", integer_literal(segment.start)),
        (NX + "endOffset", integer_literal(segment.end)),
        (NX + "paragraph", Literal(segment.paragraph)),
    ]
    triples = [Triple(node, NamedNode(prop), term) for prop, term in parts]
    return [*triples, reason_triple(segment)] if segment.reason else triples


def _body(text: SearchableText, body: Body, problems: list[str]) -> tuple[int, int] | None:
    if not body.first and not body.last:
        return None
    ends = [0, len(text.text)]
    for i, (option, words) in enumerate((("--body-from", body.first), ("--body-to", body.last))):
        found = phrase_ranges(words, text) if words else []
        if words and len(found) != 1:
            many = "not in the text" if not found else f"at {len(found)} places in the text"
            problems.append(f"{option}: {words!r} stands {many}; give words that stand there once.")
        elif found:
            ends[i] = found[0].start if i == 0 else found[0].end
    if ends[0] >= ends[1]:
        problems.append("--body-from: the body begins after its end.")
        return None
    return ends[0], ends[1]


def segments_excused(
    held: SourceContext, numbers: Sequence[int], reason: str
) -> list[tuple[SourceSegment, SourceSegment]]:
    """The segments of these numbers (from 1, in the order of the text) as they are, and with the reason for no claim.

    Raises BadDraft where there is no such segment, or one that yields claims.
    """
    words = " ".join(reason.split())
    if not words or unwritable(words):
        raise BadDraft("Give the reason why the segment yields no claim, in your own words.")
    if not held.segments:
        raise BadDraft(f"The source {held.key} has no text yet. First: nexuskg source new {held.key} --text FILE")
    out = []
    for number in dict.fromkeys(numbers):
        if not 1 <= number <= len(held.segments):
            raise BadDraft(f"{held.key} has no segment {number}: they are numbered 1 to {len(held.segments)}.")
        segment = held.segments[number - 1]
        claims = claims_of(held, segment)
        if claims:
            names = ", ".join(map(held.vocabulary.curie, claims))
            raise BadDraft(f"Segment {number} of {held.key} yields claims ({names}), so there is no reason to give.")
        out.append((segment, replace(segment, reason=words, language="en")))
    return out


def claims_of(held: SourceContext, segment: SourceSegment) -> list[str]:
    """The claims whose spans touch a segment, sorted."""
    touching = [span for span in held.spans.values() if span.start < segment.end and segment.start < span.end]
    return sorted({claim for _, claim in span_claims(held.vocabulary.store, touching)})
