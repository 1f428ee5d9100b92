"""What whoever writes claims of one source has before them: what the graph has of it, and their copy of its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring.vocabulary import Vocabulary, is_described, parse_iri
from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH, GRAPH, NX, source_iri, source_key
from nexuskg.errors import BadDraft, TextMismatch, closest, did_you_mean
from nexuskg.evidence import records, sources, verify
from nexuskg.evidence.anchors import sha256
from nexuskg.evidence.phrases import SearchableText
from nexuskg.evidence.sources import SourceSegment, SourceSpan
from nexuskg.rdf.store import first_value
from nexuskg.search.record_history import withdrawn_record

KEY: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


IDENTITY: Final = (
    *("claimSubject", "claimPredicate", "causalRelation", "claimObject", "claimValue"),
    *("quantityWord", "measures", "unit", "comparator"),
    *("polarity", "edtf", "modality", "claimedBy", "voice"),
)
"""What a claim is known by, beside its source and place: what it says, of which time, how, and who speaks.

The verb of a causal claim and the measure of a figure belong to what it says.
"""


@dataclass(frozen=True, slots=True)
class ClaimedStatement:
    """What a claim says (see `claim_identity`), and where."""

    parts: tuple[str, ...]
    evidence: SourceSpan | str
    """A span, or a locator as N-Triples."""

    def repeats(self, other: ClaimedStatement) -> bool:
        """Whether the two say the same of one place: one locator, or spans of which one lies within the other."""
        if self.parts != other.parts:
            return False
        mine, theirs = self.evidence, other.evidence
        if isinstance(mine, str) or isinstance(theirs, str):
            return mine == theirs
        within = mine.start <= theirs.start and theirs.end <= mine.end
        return within or (theirs.start <= mine.start and mine.end <= theirs.end)


def claim_identity(said: Iterable[tuple[str, NamedNode | Literal]]) -> tuple[str, ...]:
    """What a claim is known by, of its properties (IRIs) and values: a text for each of IDENTITY, empty where absent.

    An observation that a claim has to itself is left out, being made for it.
    """
    found: dict[str, list[str]] = {}
    for prop, term in said:
        found.setdefault(prop.removeprefix(NX), []).append(term.value if isinstance(term, NamedNode) else str(term))
    if found.get("claimPredicate") == [NX + "hasObservation"]:
        found.pop("claimObject", None)
    return tuple(" ".join(sorted(found.get(name, ()))) for name in IDENTITY)


@dataclass(frozen=True)
class SourceContext:
    """A source as the graph has it; `text` is the analyst's copy, None where there is none at hand."""

    vocabulary: Vocabulary
    key: str
    language: str
    text: SearchableText | None
    segments: tuple[SourceSegment, ...]
    spans: Mapping[str, SourceSpan]
    """The spans there are of the text, by IRI."""
    statements: Mapping[ClaimedStatement, str]
    """The claims there are of the source: what each says -> its IRI."""
    next_number: int

    @property
    def source(self) -> str:
        """The IRI of the source."""
        return source_iri(self.key)

    @property
    def claims_file(self) -> str:
        """The file of its claims, below ontology/."""
        return f"data/claims/{self.key}.ttl"

    @property
    def text_file(self) -> str:
        """The file that its text and the segments of that are described in, below ontology/."""
        return record_file(self.vocabulary, self.key, sources.text_iri(self.key))

    def within(self, start: int, end: int) -> list[SourceSegment]:
        """The segments that a stretch of the text touches."""
        return [segment for segment in self.segments if segment.start < end and start < segment.end]


def known_source_key(words: str, vocabulary: Vocabulary) -> str:
    """The key of the source that a key, CURIE or IRI means; raises BadDraft where the graph has no such source."""
    known = sources.source_keys(vocabulary.store)
    key = source_key(parse_iri(words, vocabulary.data.prefixes) or words.strip())
    if key in known:
        return key
    new = key if KEY.fullmatch(key) else "KEY"
    hint = did_you_mean(closest(key, known))
    raise BadDraft(f"There is no source {words!r}.{hint} A new one: nexuskg source new {new} --text FILE")


def source_context_of(vocabulary: Vocabulary, source: str, path: Path | None) -> SourceContext:
    """What the graph has of a source, with the copy of its text in a file.

    Raises BadDraft where there is no such source, or it has no text yet; TextMismatch where the file is another text.
    """
    store, key = vocabulary.store, known_source_key(source, vocabulary)
    text = None if path is None else SearchableText(_copy(vocabulary, key, path))
    text_iri = sources.text_iri(key)
    spans = {span.iri: span for span in sources.source_spans(store, text_iri)}
    claims = sources.claims_from(store, key)
    return SourceContext(
        vocabulary,
        key,
        records.field_value(store, key, "language") or "en",
        text,
        tuple(sources.source_segments(store, text_iri)),
        spans,
        {statement: claim for claim in claims for statement in _statements(vocabulary, claim, spans)},
        next_number(claims, "c"),
    )


def claim_context(vocabulary: Vocabulary, name: str, path: Path | None) -> tuple[SourceContext, str]:
    """The context of the source of a claim, and the IRI of the claim, which an IRI, CURIE or its end means.

    Raises BadDraft where there is no such claim, and as `source_context_of` does.
    """
    store = vocabulary.store
    claim = parse_iri(name, vocabulary.data.prefixes) or f"{BASE}claim/{name}"
    source = first_value(store, claim, NX + "fromSource") if is_described(store, claim) else None
    if source is None and (record := withdrawn_record(store, claim)) is not None:
        raise BadDraft(f"{vocabulary.curie(claim)} {record.words(vocabulary.data.prefixes)}; it counts no longer.")
    if source is None:
        raise BadDraft(f"There is no claim {name!r}. The claims of a source: nexuskg list, nexuskg show source:KEY")
    return source_context_of(vocabulary, source, path), claim


def next_number(claims: Iterable[str], letter: str) -> int:
    """The number after the highest that the names of claims have behind the letter: 3 after x.c002."""
    matches = (re.fullmatch(rf"{letter}(\d+)(?:-.*)?", claim.rpartition(".")[2]) for claim in claims)
    return max((int(match[1]) for match in matches if match), default=0) + 1


def _statements(vocabulary: Vocabulary, claim: str, spans: Mapping[str, SourceSpan]) -> list[ClaimedStatement]:
    """What a claim says, once for each of its spans or for its locator."""
    quads = vocabulary.store.quads_for_pattern(NamedNode(claim), None, None, DEFAULT_GRAPH)
    said = [(q.predicate.value, q.object) for q in quads if isinstance(q.object, NamedNode | Literal)]
    places = [term.value for prop, term in said if prop == NX + "supportedBy"]
    places = places or [str(term) for prop, term in said if prop == NX + "locator"] or [""]
    parts = claim_identity(said)
    return [ClaimedStatement(parts, spans.get(place, place)) for place in places]


def _copy(vocabulary: Vocabulary, key: str, path: Path) -> str:
    """The copy as the spans of the source count its characters; line ends and the like are put as they were."""
    digest = sources.text_digest(vocabulary.store, key)
    if digest is None:
        raise BadDraft(
            f"The source {key} is known without a text, so no span of it can be named. First: "
            f"nexuskg source new {key} --text {path}"
        )
    for reading, _ in verify.readings_of(verify.read_copy(path)):
        if sha256(reading) == digest:
            return reading
    raise TextMismatch(
        f"{path} is not the text of {key} that its spans count in (SHA-256 {digest[:12]}…), so offsets would be wrong. "
        f"Use the file that the source was made from; how yours differs: nexuskg verify --source {key} --text {path}"
    )


def record_file(vocabulary: Vocabulary, key: str, node: str) -> str:
    """The file of records below ontology/ that describes a node, else the one called after the key of its source."""
    quads = vocabulary.store.quads_for_pattern(NamedNode(node), None, None, None)
    names = {q.graph_name.value.removeprefix(GRAPH) for q in quads if isinstance(q.graph_name, NamedNode)}
    folder = "data/sources/"
    return min((f"{name}.ttl" for name in names if name.startswith(folder)), default=f"{folder}{key}.ttl")


def reason_triple(segment: SourceSegment) -> Triple:
    """The triple that states why a segment yields no claim."""
    reason = Literal(segment.reason, language=segment.language)
    return Triple(NamedNode(segment.iri), NamedNode(NX + "noClaimReason"), reason)
