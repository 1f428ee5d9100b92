"""Drafts -> claims with their spans, or the reasons why a draft cannot become one. Nothing is written here.

Each draft is held against the text, the vocabulary, the domains and ranges of its predicate, and the claims there are.
What only the whole graph can tell is for the checks on a trial copy (see nexuskg.authoring.file_changes).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring.drafts import Draft
from nexuskg.authoring.entities import NewEntity, parse_entity
from nexuskg.authoring.qualifiers import Interpretation, claim_wording, qualifiers
from nexuskg.authoring.source_context import ClaimedStatement, SourceContext, claim_identity
from nexuskg.authoring.spans import find_span, span_triples
from nexuskg.authoring.vocabulary import parse_iri
from nexuskg.base.namespaces import BASE, NX, RDF, SKOS, nx
from nexuskg.errors import BadDraft
from nexuskg.evidence.sources import SourceSegment, SourceSpan
from nexuskg.search.find import fold_name

REQUIRED: Final = ("subject", "predicate", "object", "says", "phrase")
"""What every claim needs; an object may be a value, a phrase a locator."""
_DESCRIBED: Final = ("id/", "claim/", "source/", "text/")


class ClaimEnds(NamedTuple):
    """What a claim joins: a subject by a predicate to a node, a value, or both of an observation."""

    subject: NamedNode
    predicate: NamedNode
    node: NamedNode | None
    value: Literal | None


@dataclass(frozen=True, slots=True)
class AuthoredClaim:
    """A draft that became a claim: what the files gain, and which reasons for having no claim are void now."""

    draft: Draft
    claim: str
    triples: tuple[Triple, ...]
    entities: tuple[NewEntity, ...]
    span: SourceSpan | None
    answered: tuple[SourceSegment, ...]
    nodes: frozenset[str]
    """The IRIs that a finding about this claim may name: the claim, its span, its ends and new entities."""


@dataclass(frozen=True, slots=True)
class RefusedDraft:
    """A draft that cannot become a claim, and why."""

    draft: Draft
    reasons: tuple[str, ...]


def author_claims(held: SourceContext, drafts: Iterable[Draft]) -> list[AuthoredClaim | RefusedDraft]:
    """What becomes of each draft, in order; an entity that one draft describes may be named by all of them."""
    drafts = list(drafts)
    fresh: dict[str, NewEntity] = {}
    described: dict[int, set[str]] = {}
    bad: dict[int, list[str]] = {}
    refused: dict[str, str] = {}
    for draft in drafts:
        for words in draft.fields.get("new-entity", ()):
            try:
                entity = parse_entity(words, held.vocabulary)
            except BadDraft as error:
                bad.setdefault(id(draft), []).append(str(error))
                name, _, rest = words.partition("=")
                refused |= {fold_name(n): f"draft {draft.number}" for n in (name, rest.partition(":")[2] or rest)}
                continue
            if entity.known:
                continue
            described.setdefault(id(draft), set()).add(entity.iri)
            other = fresh.setdefault(entity.iri, entity)
            if other != entity:
                bad.setdefault(id(draft), []).append(
                    f"new entity {held.vocabulary.curie(entity.iri)}: described twice, and differently."
                )
    seen = {statement: held.vocabulary.curie(claim) for statement, claim in held.statements.items()}
    spans, count, out = set(held.spans), held.next_number, list[AuthoredClaim | RefusedDraft]()
    for draft in drafts:
        problems = [*([draft.problem] if draft.problem else []), *bad.get(id(draft), ())]
        reading = Interpretation(held, draft, fresh, described.get(id(draft), set()), refused, problems)
        made = _claim(reading, f"c{count:03}", seen, spans)
        out.append(made or RefusedDraft(draft, tuple(reading.problems)))
        count += made is not None
    return out


def missing_fields(draft: Draft) -> list[str]:
    """The required fields that a draft does not have."""
    absent = [name for name in REQUIRED if not draft.one(name)]
    if (draft.one("value") or draft.one("quantity-word")) and "object" in absent:
        absent.remove("object")
    if draft.one("locator") and "phrase" in absent:
        absent.remove("phrase")
    return absent


def _claim(
    reading: Interpretation, local: str, seen: dict[ClaimedStatement, str], spans: set[str]
) -> AuthoredClaim | None:
    held, draft = reading.held, reading.draft
    absent = missing_fields(draft)
    if absent:
        names = {"object": "object (or value)", "phrase": "phrase (or locator)"}
        reading.problems.append(f"missing: {', '.join(names.get(name, name) for name in absent)}.")
    ends = claim_ends(reading, local)
    wording = claim_wording(reading)
    qualified = qualifiers(reading, ends.predicate if ends else None)
    span = claim_span(reading)
    locator = draft.one("locator")
    if span is not None and locator:
        reading.problems.append("locator: a claim with a phrase needs none; leave one of the two out.")
    if reading.problems or ends is None:
        return None
    claim = NamedNode(f"{BASE}claim/{held.key}.{local}")
    evidence = span or str(Literal(locator, language="en"))
    parts: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", nx("Claim")),
        (SKOS + "prefLabel", Literal(wording, language="en")),
        (NX + "claimSubject", ends.subject),
        (NX + "claimPredicate", ends.predicate),
        (NX + "fromSource", NamedNode(held.source)),
        (NX + "evidenceGrade", NamedNode(f"{BASE}vocab/evidence-grade/{'span' if span else 'locator'}")),
        *qualified,
    ]
    if ends.node is not None:
        parts.append((NX + "claimObject", ends.node))
    if ends.value is not None:
        parts.append((NX + "claimValue", ends.value))
    statement = ClaimedStatement(claim_identity(parts), evidence)
    other = next((name for known, name in seen.items() if known.repeats(statement)), None)
    if other is not None:
        reading.problems.append(f"duplicate: {other} says the same of the same place.")
        return None
    seen[statement] = f"draft {draft.number}"
    triples = []
    if span:
        parts.append((NX + "supportedBy", NamedNode(span.iri)))
        if span.iri not in spans:
            spans.add(span.iri)
            triples += span_triples(held.key, span)
    else:
        parts.append((NX + "locator", Literal(locator, language="en")))
    triples += [Triple(claim, NamedNode(prop), term) for prop, term in parts]
    used = {term.value for _, term in parts if isinstance(term, NamedNode)}
    entities = tuple(e for e in reading.fresh.values() if e.iri in used or e.iri in reading.described)
    answered = tuple(s for s in held.within(span.start, span.end) if s.reason) if span else ()
    of_graph = {iri for iri in used if iri.startswith(tuple(BASE + start for start in _DESCRIBED))}
    nodes = {claim.value, *of_graph, *([span.iri] if span else []), *(entity.iri for entity in entities)}
    return AuthoredClaim(draft, claim.value, tuple(triples), entities, span, answered, frozenset(nodes - {held.source}))


def claim_ends(reading: Interpretation, local: str) -> ClaimEnds | None:
    """What the claim joins; None where any of it is missing or wrong."""
    draft, vocabulary = reading.draft, reading.held.vocabulary
    told = len(reading.problems)
    subject = reading.attempt("subject", lambda: reading.node(draft.one("subject"))) if draft.one("subject") else None
    predicate = None
    if draft.one("predicate"):
        predicate = reading.attempt("predicate", lambda: vocabulary.predicate(draft.one("predicate")))
    thing: NamedNode | Literal | None = None
    words = None
    if isinstance(predicate, NamedNode):
        observed = predicate == nx("hasObservation")
        literal = vocabulary.is_literal(predicate.value)
        name = vocabulary.curie(predicate.value)
        if draft.one("object") and literal and not observed:
            reading.problems.append(f"object: {name} takes a value in words or figures; give it as value.")
        elif draft.one("object") and predicate.value == RDF + "type":
            thing = reading.attempt("object", lambda: _class(reading))
        elif draft.one("object"):
            thing = reading.attempt("object", lambda: reading.node(draft.one("object")))
        elif observed:  # called after its claim, as any node is that nobody describes
            thing = NamedNode(f"{BASE}id/observation/{reading.held.key}.{local}")
        elif not draft.one("value") and draft.one("quantity-word"):
            reading.problems.append("missing: object (or value).")
        if draft.one("value") and not literal and not observed:
            reading.problems.append(f"value: {name} takes a thing of the graph; give it as object.")
        elif draft.one("value"):
            value, language = draft.one("value"), reading.held.language
            words = reading.attempt("value", lambda: vocabulary.literal(predicate.value, value, language))
        for end, term in (("domain", subject), ("range", thing)):
            if isinstance(term, NamedNode) and predicate.value != RDF + "type":
                misfit = vocabulary.misfit(predicate.value, end, term.value, reading.kinds(term.value))
                reading.problems += [misfit] if misfit else []
    if len(reading.problems) > told or not isinstance(subject, NamedNode) or not isinstance(predicate, NamedNode):
        return None
    return ClaimEnds(
        subject,
        predicate,
        thing if isinstance(thing, NamedNode) else None,
        words if isinstance(words, Literal) else None,
    )


def _class(reading: Interpretation) -> NamedNode:
    """The class that the object of a claim about a kind means."""
    vocabulary = reading.held.vocabulary
    words = reading.draft.one("object")
    iri = parse_iri(words, vocabulary.data.prefixes) or NX + words.strip()
    if iri in vocabulary.classes:
        return NamedNode(iri)
    found = vocabulary.node(words)
    if found.value not in vocabulary.classes:
        raise BadDraft(f"{vocabulary.curie(found.value)} is no class, and predicate a takes one.")
    return found


def claim_span(reading: Interpretation) -> SourceSpan | None:
    """The span of the phrase; None where there is no phrase, or where it leads to no span."""
    phrase, words = reading.draft.one("phrase"), reading.draft.one("occurrence")
    if not phrase:
        return None
    if reading.held.text is None:
        reading.problems.append(
            "phrase: to find it takes the text of the source; give --text FILE, or a locator instead."
        )
        return None
    if words and not words.isdecimal():
        reading.problems.append(f"occurrence: {words!r} is not a whole number.")
        return None
    try:
        return find_span(reading.held, phrase, int(words) if words else None)
    except BadDraft as error:
        reading.problems.append(f"phrase: {error}")
        return None
