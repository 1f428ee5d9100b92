"""A source as its second reader goes through it: place by place, sentences or locators, with the claims made there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

from nexuskg.authoring.source_context import known_source_key, source_context_of
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base.namespaces import compact, source_iri
from nexuskg.evidence import sources
from nexuskg.evidence.anchors import normalize
from nexuskg.evidence.records import bibliographic_record
from nexuskg.evidence.sources import SourceSpan
from nexuskg.readers.claim_cards import ClaimCard, claim_cards


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """A sentence of the text, or a locator, with the claims that begin there."""

    name: str
    """The CURIE of its segment, or that of the source with the locator: what marks call it."""
    heading: str
    start: int
    end: int
    """Offsets in the text; both -1 for a locator."""
    words: str
    """The sentence, where the text was given."""
    reason: str
    """Why it yields no claim, where that is recorded."""
    cards: tuple[ClaimCard, ...]
    elsewhere: tuple[str, ...]
    """The claims that rest on it too, but are at an earlier place."""

    def pieces(self, card: ClaimCard) -> list[tuple[str, bool]]:
        """The sentence cut where spans of the claim begin and end, each piece with whether a span holds it."""
        inside = [(max(s.start, self.start), min(s.end, self.end)) for s in card.spans]
        cuts = sorted({self.start, self.end, *(cut for pair in inside if pair[0] < pair[1] for cut in pair)})
        held = [(left, right, any(a <= left and right <= b for a, b in inside)) for left, right in pairwise(cuts)]
        found = list[tuple[str, bool]]()
        for marked, group in groupby(held, key=lambda piece: piece[2]):
            words = [self.words[left - self.start : right - self.start] for left, right, _ in group]
            found.append(("".join(words), marked))
        return found

    def holds_part_of(self, card: ClaimCard) -> bool:
        """Whether a span of the claim reaches into the sentence."""
        return any(span.start < self.end and self.start < span.end for span in card.spans)


@dataclass(frozen=True, slots=True)
class SourceSheet:
    """All that a second reader of a source has before them."""

    key: str
    title: str
    digest: str
    """The SHA-256 of its text; empty where the source is known by locators only."""
    given: bool
    """Whether the text itself is at hand."""
    places: tuple[SheetPlace, ...]

    @property
    def cards(self) -> tuple[ClaimCard, ...]:
        """All claims of the source, in the order of the places."""
        return tuple(card for place in self.places for card in place.cards)


def source_sheet(vocabulary: Vocabulary, source: str, path: Path | None = None) -> SourceSheet:
    """The sheet of a source (its key, CURIE or IRI), with the sentences where `path` is the file of its text.

    Raises BadDraft where there is no such source or, with a path, no text of it; TextMismatch where the file is another
    text than that the spans count in.
    """
    store, table = vocabulary.store, vocabulary.data.prefixes
    key = known_source_key(source, vocabulary)
    digest = sources.text_digest(store, key) or ""
    text = source_context_of(vocabulary, key, path).text if path is not None else None
    spans = {span.iri: span for span in sources.source_spans(store, sources.text_iri(key))}
    cards = claim_cards(store, sources.claims_from(store, key), spans, store, table)
    words = "" if text is None else text.text
    places = [*_sentences(vocabulary, key, cards, words), *_locators(key, cards)]
    title = bibliographic_record(store, key).title
    return SourceSheet(key, title, digest, text is not None, tuple(places))


def _sentences(vocabulary: Vocabulary, key: str, cards: list[ClaimCard], text: str) -> list[SheetPlace]:
    found, taken = list[SheetPlace](), set[str]()
    for segment in sources.source_segments(vocabulary.store, sources.text_iri(key)):
        here = [card for card in cards if _touches(card.spans, segment.start, segment.end)]
        own = tuple(card for card in here if card.claim not in taken)
        taken |= {card.claim for card in own}
        heading = f"{segment.kind.replace('-', ' ')}, paragraph {segment.paragraph}, {segment.start}-{segment.end}"
        words = text[segment.start : segment.end]
        name = compact(segment.iri, vocabulary.data.prefixes)
        others = tuple(card.claim for card in here if card not in own)
        found.append(SheetPlace(name, heading, segment.start, segment.end, words, segment.reason, own, others))
    return found


def _touches(spans: tuple[SourceSpan, ...], start: int, end: int) -> bool:
    return any(span.start < end and start < span.end for span in spans)


def _locators(key: str, cards: list[ClaimCard]) -> list[SheetPlace]:
    def locator(card: ClaimCard) -> str:
        return normalize(card.place)

    loose = sorted((card for card in cards if not card.spans), key=locator)
    source = compact(source_iri(key), {"source": source_iri("")})
    return [
        SheetPlace(f"{source}: {place}", place, -1, -1, "", "", tuple(group), ())
        for place, group in groupby(loose, key=locator)
    ]
