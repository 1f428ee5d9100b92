"""What the graph has of one source, and the analyst's copy of its text, for whoever writes claims from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from nexuskg.authoring.vocabulary import Vocabulary, parse_iri
from nexuskg.base.namespaces import BASE, GRAPH, NX, RDF
from nexuskg.errors import BadDraft, TextMismatch, closest, did_you_mean
from nexuskg.evidence import verify
from nexuskg.evidence.anchors import sha256
from nexuskg.evidence.phrases import SearchableText
from nexuskg.evidence.sources import first_value, nodes_with, number

KEY: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_OFFSETS: Final = re.compile(re.escape(BASE) + r"span/[^.]+\.(\d+)-(\d+)")
_LANGUAGE: Final = "http://purl.org/dc/terms/language"
_HERE: Final = DefaultGraph()


@dataclass(frozen=True, slots=True)
class SourceSegment:
    """A segment as the graph has it, with the reason why it yields no claim (empty where none is given)."""

    iri: str
    kind: str
    start: int
    end: int
    paragraph: str
    reason: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class ClaimedStatement:
    """What a claim says, and where."""

    subject: str
    predicate: str
    end: str
    """Its object or, as N-Triples, its value; an observation's object is left out, being made for it."""
    polarity: str
    evidence: str
    """A span or a locator."""

    def repeats(self, other: ClaimedStatement) -> bool:
        """Whether the two say the same of one place: one locator, or spans of which one lies within the other."""
        if self.parts != other.parts:
            return False
        mine, theirs = (_OFFSETS.fullmatch(one.evidence) for one in (self, other))
        if mine is None or theirs is None:
            return self.evidence == other.evidence
        (start, end), (left, right) = map(int, mine.groups()), map(int, theirs.groups())
        return (start <= left and right <= end) or (left <= start and end <= right)

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """What is said, wherever."""
        return self.subject, self.predicate, self.end, self.polarity


@dataclass(frozen=True)
class SourceContext:
    """A source as the graph has it; `text` is the analyst's copy, None where there is none at hand."""

    vocabulary: Vocabulary
    key: str
    language: str
    text: SearchableText | None
    segments: tuple[SourceSegment, ...]
    spans: frozenset[str]
    statements: Mapping[ClaimedStatement, str]
    """The claims there are of the source: what each says -> its IRI."""
    next_number: int

    @property
    def source(self) -> str:
        """The IRI of the source."""
        return f"{BASE}source/{self.key}"

    @property
    def text_iri(self) -> str:
        """The IRI of its text."""
        return f"{BASE}text/{self.key}"

    def within(self, start: int, end: int) -> list[SourceSegment]:
        """The segments that a stretch of the text touches."""
        return [segment for segment in self.segments if segment.start < end and start < segment.end]


def known_source_key(words: str, vocabulary: Vocabulary) -> str:
    """The key of the source that a key, CURIE or IRI means; raises BadDraft where the graph has no such source."""
    known = source_keys(vocabulary)
    typed = parse_iri(words, vocabulary.data.prefixes) or words.strip()
    key = typed.removeprefix(BASE + "source/")
    if key in known:
        return key
    hint = did_you_mean(closest(key, known))
    raise BadDraft(
        f"There is no source {words!r}.{hint} A new one: nexuskg source new {_proposed_key(key)} --text FILE"
    )


def _proposed_key(key: str) -> str:
    return key if KEY.fullmatch(key) else "KEY"


def source_keys(vocabulary: Vocabulary) -> list[str]:
    """The keys of all sources, sorted."""
    kind = NamedNode(NX + "SourceDocument")
    quads = vocabulary.store.quads_for_pattern(None, NamedNode(RDF + "type"), kind, _HERE)
    return sorted(q.subject.value.rsplit("/", 1)[-1] for q in quads if isinstance(q.subject, NamedNode))


def source_context_of(vocabulary: Vocabulary, source: str, path: Path | None) -> SourceContext:
    """What the graph has of a source, with the copy of its text in a file.

    Raises BadDraft where there is no such source, or it has no text yet; TextMismatch where the file is another text.
    """
    store, key = vocabulary.store, known_source_key(source, vocabulary)
    text_iri = f"{BASE}text/{key}"
    text = None if path is None else SearchableText(_copy(vocabulary, key, path))
    segments = []
    for iri in nodes_with(store, NX + "segmentOf", text_iri):
        start, end = number(store, iri, NX + "startOffset"), number(store, iri, NX + "endOffset")
        kind = (first_value(store, iri, NX + "segmentKind") or "").rsplit("/", 1)[-1]
        paragraph, (reason, language) = first_value(store, iri, NX + "paragraph") or "1", _reason(vocabulary, iri)
        segments.append(SourceSegment(iri, kind, start, end, paragraph, reason, language))
    statements: dict[ClaimedStatement, str] = {}
    numbers = [0]
    for iri in nodes_with(store, NX + "fromSource", f"{BASE}source/{key}"):
        match = re.fullmatch(r"c(\d+)(?:-.*)?", iri.rpartition(".")[2])
        numbers.append(int(match[1]) if match else 0)
        for statement in _statements(vocabulary, iri):
            statements[statement] = iri
    return SourceContext(
        vocabulary,
        key,
        first_value(store, f"{BASE}source/{key}", _LANGUAGE) or "en",
        text,
        tuple(sorted(segments, key=lambda segment: segment.start)),
        frozenset(nodes_with(store, NX + "spanOf", text_iri)),
        statements,
        max(numbers) + 1,
    )


def _reason(vocabulary: Vocabulary, segment: str) -> tuple[str, str]:
    reasons = vocabulary.store.quads_for_pattern(NamedNode(segment), NamedNode(NX + "noClaimReason"), None, _HERE)
    for quad in reasons:
        if isinstance(quad.object, Literal):
            return quad.object.value, quad.object.language or "en"
    return "", "en"


def _statements(vocabulary: Vocabulary, claim: str) -> list[ClaimedStatement]:
    """What a claim says, once for each of its spans or for its locator."""
    parts: dict[str, list[str]] = {}
    for quad in vocabulary.store.quads_for_pattern(NamedNode(claim), None, None, _HERE):
        term = quad.object
        said = term.value if isinstance(term, NamedNode) else str(term)
        parts.setdefault(quad.predicate.value.removeprefix(NX), []).append(said)

    def one(name: str) -> str:
        return min(parts.get(name, [""]))

    evidence_of = parts.get("supportedBy") or [one("locator")]
    end = one("claimValue") or one("claimObject")
    return [ClaimedStatement(one("claimSubject"), one("claimPredicate"), end, one("polarity"), e) for e in evidence_of]


def _copy(vocabulary: Vocabulary, key: str, path: Path) -> str:
    """The copy as the spans of the source count its characters; line ends and the like are put as they were."""
    text_iri = f"{BASE}text/{key}"
    digest = first_value(vocabulary.store, text_iri, NX + "sha256")
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


def file_describing(vocabulary: Vocabulary, iri: str, folder: str, fallback: str) -> str:
    """The file below ontology/ (such as data/sources/x.ttl) in whose graph a node is described, else the fallback."""
    quads = vocabulary.store.quads_for_pattern(NamedNode(iri), None, None, None)
    names = {q.graph_name.value.removeprefix(GRAPH) for q in quads if isinstance(q.graph_name, NamedNode)}
    return min((f"{name}.ttl" for name in names if name.startswith(folder)), default=fallback)


def reason_triple(segment: SourceSegment) -> Triple:
    """The triple that states why a segment yields no claim."""
    reason = Literal(segment.reason, language=segment.language)
    return Triple(NamedNode(segment.iri), NamedNode(NX + "noClaimReason"), reason)
