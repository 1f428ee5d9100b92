"""Options as those of `claim new`, for a claim there is -> what it is to say -> its revision, tried out on a copy.

What is not given stays as it is; a field that is given as empty text goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring import spans
from nexuskg.authoring.claim_drafts import claim_ends, claim_span
from nexuskg.authoring.curation_record import Origin
from nexuskg.authoring.drafts import QUALIFIERS, Draft, draft
from nexuskg.authoring.entities import NewEntity, parse_entity
from nexuskg.authoring.file_changes import Trial
from nexuskg.authoring.qualifiers import Interpretation, claim_wording, qualifier_property, qualifier_term
from nexuskg.authoring.source_context import (
    IDENTITY,
    ClaimedStatement,
    SourceContext,
    claim_identity,
    reason_triple,
    record_file,
)
from nexuskg.base.headings import LANGUAGES
from nexuskg.base.namespaces import CLAIM, NX, SKOS, VOCAB
from nexuskg.corrections.claim_record import LIFE, Said, revise, said_of
from nexuskg.corrections.record_edit import edit_trial
from nexuskg.errors import BadDraft
from nexuskg.evidence.sources import SourceSpan

ENDS: Final = ("subject", "predicate", "object", "value")
_LABEL: Final = SKOS + "prefLabel"
_GRADE: Final = f"{VOCAB}evidence-grade/"
_PLACE: Final = tuple(NX + name for name in ("supportedBy", "locator", "evidenceGrade"))
_UNWORDED: Final = ("edtf", "modality", "claimedBy", "voice")
"""What a wording does not tell: a citation does."""
_REQUIRED: Final = ("modality", "polarity", "kind", "voice")
_NO_OPTIONS: Final = "Say what is to be corrected, by the options of claim new: --hedge, --object, --says …"


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction tried out: the claim, the one that it became (the same where only its record changed)."""

    claim: str
    became: str
    former: tuple[str, ...]
    trial: Trial = field(repr=False)


@dataclass(slots=True)
class _Wanted:
    """What a claim is to say, while it is being made out."""

    reading: Interpretation
    said: set[tuple[str, Any]]
    beside: list[Triple] = field(default_factory=list)

    def put(self, props: Sequence[str], *pairs: tuple[str, Any]) -> None:
        """Let it say these instead of what it says by those properties."""
        self.said = {pair for pair in self.said if pair[0] not in props} | set(pairs)


def correct_claim(held: SourceContext, claim: str, given: Mapping[str, Sequence[str]], origin: Origin) -> Correction:
    """What becomes of a claim for which fields are given: texts by name, an empty one to take the field away.

    Raises BadDraft with all that is wrong in it, and where the claim is withdrawn or says just that.
    """
    data = held.vocabulary.data
    before = said_of(data.store, claim, data.prefixes)
    if not given:
        raise BadDraft(_NO_OPTIONS)
    emptied = {name for name, texts in given.items() if not any(text.strip() for text in texts)}
    proposal = draft({name: list(texts) for name, texts in given.items() if name not in emptied | {"says"}})
    reading = _reading(held, proposal)
    wanted = _Wanted(reading, {pair for pair in before if pair[0] not in LIFE})
    _take_away(wanted, emptied)
    _new_ends(wanted, before, claim)
    for name in QUALIFIERS:
        _new_qualifier(wanted, name)
    _new_labels(wanted, before, given.get("says", ()) if "says" not in emptied else ())
    span = _new_place(wanted)
    _no_duplicate(wanted, claim)
    if reading.problems:
        raise BadDraft(f"{held.vocabulary.curie(claim)} cannot be corrected so: " + " ".join(reading.problems))
    made = revise(data.store, claim, wanted.said, origin, data.prefixes, wanted.beside)
    for entity in reading.fresh.values():
        made.edit.put(entity.file, entity.triples)
    for segment in held.within(span.start, span.end) if span else ():
        if segment.reason:
            made.edit.take(record_file(held.vocabulary, held.key, segment.iri), [reason_triple(segment)])
    return Correction(claim, made.claim, made.former, edit_trial(data, made.edit))


def _reading(held: SourceContext, proposal: Draft) -> Interpretation:
    fresh: dict[str, NewEntity] = {}
    for words in proposal.fields.get("new-entity", ()):
        entity = parse_entity(words, held.vocabulary)
        fresh |= {} if entity.known else {entity.iri: entity}
    problems = [proposal.problem] if proposal.problem else []
    return Interpretation(held, proposal, fresh, set(fresh), {}, problems)


def _take_away(wanted: _Wanted, emptied: set[str]) -> None:
    for name in sorted(emptied):
        if name in ("value", "object"):
            wanted.put([NX + f"claim{name.capitalize()}"])
        elif name in QUALIFIERS and name not in _REQUIRED:
            wanted.put([qualifier_property(QUALIFIERS[name])])
        else:
            wanted.reading.problems.append(f"{name}: it cannot be left out; give what it is to be.")


def _new_ends(wanted: _Wanted, before: Said, claim: str) -> None:
    """Subject, predicate and object or value: what is given, beside what there is."""
    reading = wanted.reading
    given = [name for name in ENDS if reading.draft.one(name)]
    if not given:
        return
    fields = dict(reading.draft.fields)
    kept = {prop.removeprefix(NX + "claim").lower(): _as_typed(term) for prop, term in before if prop.startswith(NX)}
    for name in ENDS:
        other = {"object": "value", "value": "object"}.get(name, "")
        if name in fields or name not in kept or (other in given and not _is_observed(before)):
            continue
        fields[name] = (kept[name],)
    whole = replace(reading, draft=replace(reading.draft, fields=fields))
    ends = claim_ends(whole, claim.removeprefix(CLAIM).partition(".")[2])
    if ends is None:
        return
    wanted.put(
        [NX + f"claim{name.capitalize()}" for name in ENDS],
        (NX + "claimSubject", ends.subject),
        (NX + "claimPredicate", ends.predicate),
        *([(NX + "claimObject", ends.node)] if ends.node is not None else []),
        *([(NX + "claimValue", ends.value)] if ends.value is not None else []),
    )


def _as_typed(term: object) -> str:
    """A term as somebody would type it."""
    if isinstance(term, NamedNode):
        return f"<{term.value}>"
    assert isinstance(term, Literal)
    return f"{term.value}@{term.language}" if term.language else term.value


def _is_observed(said: Said) -> bool:
    return (NX + "claimPredicate", NamedNode(NX + "hasObservation")) in said


def _new_qualifier(wanted: _Wanted, name: str) -> None:
    reading, about = wanted.reading, QUALIFIERS[name]
    words = reading.draft.fields.get(name, ())
    terms = [reading.attempt(name, partial(qualifier_term, reading, name, about, one)) for one in words]
    if terms:
        prop = qualifier_property(about)
        wanted.put([prop], *((prop, term) for term in terms if term is not None))


def _new_labels(wanted: _Wanted, before: Said, says: Sequence[str]) -> None:
    """The wording in each language for which one is given: English, unless @es or @pt is at its end."""
    reading = wanted.reading
    given = set()
    for words in says:
        text, at, language = words.strip().rpartition("@")
        if not at or language not in LANGUAGES:
            text, language = words, "en"
        given.add(language)
        wanted.said = {p for p in wanted.said if p[0] != _LABEL or getattr(p[1], "language", "") != language}
        wanted.said.add((_LABEL, Literal(claim_wording(reading, text), language=language)))
    kept = sorted({term.language for prop, term in before if prop == _LABEL} - given)
    was, now = (dict(zip(IDENTITY, claim_identity(said), strict=True)) for said in (before, wanted.said))
    worded = [name for name in IDENTITY if name not in _UNWORDED and was[name] != now[name]]
    english = {pair for pair in before ^ wanted.said if pair[0] == _LABEL and pair[1].language == "en"}
    if kept and (worded or english):
        told = " and ".join('--says "…"' if one == "en" else f'--says "…@{one}"' for one in kept)
        reading.problems.append(f"says: what it says is to change, so its wording is, too; give {told}.")


def _new_place(wanted: _Wanted) -> SourceSpan | None:
    """The span of the phrase that is given; None where there is none, or a locator."""
    reading = wanted.reading
    span, locator = claim_span(reading), reading.draft.one("locator")
    if span is not None and locator:
        reading.problems.append("locator: a claim with a phrase needs none; leave one of the two out.")
    elif span is not None:
        wanted.put(_PLACE, (NX + "supportedBy", NamedNode(span.iri)), (NX + "evidenceGrade", _grade("span")))
        if span.iri not in reading.held.spans:
            wanted.beside += spans.span_triples(reading.held.key, span)
    elif locator:
        wanted.put(_PLACE, (NX + "locator", Literal(locator, language="en")), (NX + "evidenceGrade", _grade("locator")))
    return span


def _grade(name: str) -> NamedNode:
    return NamedNode(_GRADE + name)


def _no_duplicate(wanted: _Wanted, claim: str) -> None:
    held = wanted.reading.held
    known = {**held.spans}
    places = [term for prop, term in wanted.said if prop in _PLACE[:2]]
    parts = claim_identity(wanted.said)
    for place in places:
        name = place.value if isinstance(place, NamedNode) else str(place)
        mine = ClaimedStatement(parts, known.get(name, name))
        for other, iri in held.statements.items():
            if iri != claim and mine.repeats(other):
                wanted.reading.problems.append(
                    f"duplicate: {held.vocabulary.curie(iri)} says the same of the same place; withdraw one of the two."
                )
