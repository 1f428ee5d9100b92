"""Claims of one source from a file, as cards: a file of drafts as `claim import` takes it, or Turtle of the graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store

from nexuskg.authoring.claim_drafts import AuthoredClaim, RefusedDraft, author_claims
from nexuskg.authoring.drafts import read_drafts
from nexuskg.authoring.source_context import known_source_key, source_context_of
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base.input_limits import turtle_bytes
from nexuskg.base.namespaces import NX, RDF
from nexuskg.errors import BadMarks, ParseFailure, parser_message
from nexuskg.evidence import sources
from nexuskg.rdf.store import Readable, first_value, nodes_with
from nexuskg.readers.claim_cards import ClaimCard, claim_cards


@dataclass(frozen=True)
class ClaimFile:
    """The claims that one reader made of a source, and why drafts of theirs cannot be read as claims."""

    file: str
    key: str
    digest: str
    """The SHA-256 of the text of the source; empty where it has none."""
    cards: tuple[ClaimCard, ...]
    problems: tuple[str, ...]


def read_claim_file(path: Path, vocabulary: Vocabulary, source: str | None, text: Path | None) -> ClaimFile:
    """The claims in a file: .ttl, or drafts in .yaml, .json or .csv, which need the source and, for phrases, its text.

    Raises BadMarks where there is no claim of one source in it, and as reading drafts, Turtle and texts does.
    """
    if path.suffix.lower() == ".ttl":
        return _from_turtle(path, vocabulary, source)
    if source is None:
        raise BadMarks(f"{path}: drafts do not say of which source they are: give --source KEY, and --text FILE.")
    held = source_context_of(vocabulary, source, text)
    # What the graph claims already, drafts of another reader may say again.
    fresh = replace(held, statements={}, next_number=1)
    results = author_claims(fresh, read_drafts(path))
    good = [one for one in results if isinstance(one, AuthoredClaim)]
    refused = [f"draft {one.draft.place}: {' '.join(one.reasons)}" for one in results if isinstance(one, RefusedDraft)]
    if not good:
        raise BadMarks(f"{path}: no draft in it can be read as a claim: {refused[0]}")
    store = Store()
    store.extend(Quad(*triple) for one in good for triple in one.triples)
    spans = {**held.spans} | {one.span.iri: one.span for one in good if one.span}
    cards = claim_cards(store, [one.claim for one in good], spans, vocabulary.store, vocabulary.data.prefixes)
    numbers = {vocabulary.curie(one.claim): f"draft {one.draft.number}" for one in good}
    named = tuple(replace(card, claim=numbers[card.claim]) for card in cards)
    return ClaimFile(str(path), held.key, sources.text_digest(vocabulary.store, held.key) or "", named, tuple(refused))


def _from_turtle(path: Path, vocabulary: Vocabulary, source: str | None) -> ClaimFile:
    store = Store()
    try:
        store.load(input=turtle_bytes(path), format=RdfFormat.TURTLE)
    except SyntaxError as error:
        raise ParseFailure(path, error.lineno, error.offset, parser_message(error)) from None
    except OSError as error:
        raise ParseFailure(path, None, None, f"cannot be read ({error.strerror})") from None
    claims = nodes_with(store, RDF + "type", NX + "Claim")
    found = {key for claim in claims if (key := first_value(store, claim, NX + "fromSource"))}
    keys = sorted(known_source_key(iri, vocabulary) for iri in found)
    key = known_source_key(source, vocabulary) if source is not None else keys[0] if len(keys) == 1 else ""
    if key not in keys:
        told = f"claims of {', '.join(keys)}" if keys else "no claim"
        wanted = f"none of {key}" if key else "say which source is meant: --source KEY"
        raise BadMarks(f"{path}: there is {told} in it; {wanted}.")
    spans = {span.iri: span for span in sources.source_spans(store, sources.text_iri(key))}
    cards = claim_cards(store, sources.claims_from(store, key), spans, vocabulary.store, vocabulary.data.prefixes)
    return ClaimFile(str(path), key, sources.text_digest(vocabulary.store, key) or "", tuple(cards), ())


def check_same_text(files: Iterable[ClaimFile]) -> None:
    """Raise BadMarks where the claims of two files are of different sources, or their spans of different texts."""
    first, second = files
    if first.key != second.key:
        raise BadMarks(f"{first.file} has claims of {first.key}, {second.file} of {second.key}: not of one text.")
    known = {(s.start, s.end): s.sha256 for card in first.cards for s in card.spans}
    for card in second.cards:
        for span in card.spans:
            if known.get((span.start, span.end), span.sha256) != span.sha256:
                raise BadMarks(
                    f"{first.file} and {second.file}: the characters {span.start}-{span.end} are not the same in both, "
                    f"so they were made of different texts of {first.key}."
                )


def segments_of(store: Readable, key: str) -> list[tuple[int, int]]:
    """The segments of the text of a source, by their offsets; none where it has no text."""
    return [(segment.start, segment.end) for segment in sources.source_segments(store, sources.text_iri(key))]
