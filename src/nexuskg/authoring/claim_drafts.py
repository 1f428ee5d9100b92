"""Drafts -> claims with their spans, or the reasons why a draft cannot become one. Nothing is written here.

Each draft is held against the text, the vocabulary, the domains and ranges of its predicate, and the claims there are.
What only the whole graph can tell is for the checks on a trial copy (see nexuskg.authoring.trial).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring import spans as spanning
from nexuskg.authoring.drafts import Draft
from nexuskg.authoring.entities import NewEntity, parse_entity
from nexuskg.authoring.qualifiers import Desk, claim_wording, qualifiers
from nexuskg.authoring.source_context import ClaimedStatement, SourceContext, SourceSegment
from nexuskg.authoring.vocabulary import parse_iri
from nexuskg.base.namespaces import BASE, NX, RDF, SKOS, nx
from nexuskg.errors import BadDraft
from nexuskg.search.find import fold_name

REQUIRED: Final = ("subject", "predicate", "object", "says", "phrase")
"""What every claim needs; an object may be a value, a phrase a locator."""
_DESCRIBED: Final = ("id/", "claim/", "source/", "text/")


@dataclass(frozen=True, slots=True)
class AuthoredClaim:
    """A draft that became a claim: what the files gain, and which reasons for having no claim are void now."""

    draft: Draft
    claim: str
    triples: tuple[Triple, ...]
    entities: tuple[NewEntity, ...]
    span: spanning.NewSpan | None
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
            other = fresh.setdefault(entity.iri, entity)
            if other != entity:
                bad.setdefault(id(draft), []).append(
                    f"new entity {held.vocabulary.curie(entity.iri)}: described twice, and differently."
                )
    seen = {statement: held.vocabulary.curie(claim) for statement, claim in held.statements.items()}
    spans, count, out = set(held.spans), held.next_number, list[AuthoredClaim | RefusedDraft]()
    for draft in drafts:
        desk = Desk(held, draft, fresh, refused, [*([draft.problem] if draft.problem else []), *bad.get(id(draft), ())])
        made = _claim(desk, f"c{count:03}", seen, spans)
        out.append(made or RefusedDraft(draft, tuple(desk.problems)))
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


def _claim(desk: Desk, local: str, seen: dict[ClaimedStatement, str], spans: set[str]) -> AuthoredClaim | None:
    held, draft = desk.held, desk.draft
    absent = missing_fields(draft)
    if absent:
        names = {"object": "object (or value)", "phrase": "phrase (or locator)"}
        desk.problems.append(f"missing: {', '.join(names.get(name, name) for name in absent)}.")
    ends = _ends(desk, local)
    wording = claim_wording(desk)
    qualified = qualifiers(desk)
    span = _span(desk)
    locator = draft.one("locator")
    if span is not None and locator:
        desk.problems.append("locator: a claim with a phrase needs none; leave one of the two out.")
    if desk.problems or ends is None:
        return None
    subject, predicate, thing, words = ends
    claim = NamedNode(f"{BASE}claim/{held.key}.{local}")
    evidence = f"{BASE}span/{held.key}.{span.start}-{span.end}" if span else str(Literal(locator, language="en"))
    polarity = next(str(t.value) for p, t in qualified if p == NX + "polarity" and isinstance(t, NamedNode))
    said = str(words) if words is not None else thing.value if thing is not None else ""
    statement = ClaimedStatement(subject.value, predicate.value, said, polarity, evidence)
    other = next((name for known, name in seen.items() if known.repeats(statement)), None)
    if other is not None:
        desk.problems.append(f"duplicate: {other} says the same of the same place.")
        return None
    seen[statement] = f"draft {draft.number}"
    parts: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", nx("Claim")),
        (SKOS + "prefLabel", Literal(wording, language="en")),
        (NX + "claimSubject", subject),
        (NX + "claimPredicate", predicate),
        (NX + "fromSource", NamedNode(held.source)),
        (NX + "evidenceGrade", NamedNode(f"{BASE}vocab/evidence-grade/{'span' if span else 'locator'}")),
        *qualified,
    ]
    if thing is not None:
        parts.append((NX + "claimObject", thing))
    if words is not None:
        parts.append((NX + "claimValue", words))
    triples = []
    if span:
        parts.append((NX + "supportedBy", NamedNode(evidence)))
        if evidence not in spans:
            spans.add(evidence)
            triples += spanning.span_triples(held, span)
    else:
        parts.append((NX + "locator", Literal(locator, language="en")))
    triples += [Triple(claim, NamedNode(prop), term) for prop, term in parts]
    used = {term.value for _, term in parts if isinstance(term, NamedNode)}
    entities = tuple(e for e in desk.fresh.values() if e.iri in used or _described_by(draft, e, held))
    answered = tuple(s for s in held.within(span.start, span.end) if s.reason) if span else ()
    of_graph = {iri for iri in used if iri.startswith(tuple(BASE + start for start in _DESCRIBED))}
    nodes = frozenset({claim.value, evidence, *of_graph, *(entity.iri for entity in entities)} - {held.source})
    return AuthoredClaim(draft, claim.value, tuple(triples), entities, span, answered, nodes)


def _described_by(draft: Draft, entity: NewEntity, held: SourceContext) -> bool:
    name = held.vocabulary.curie(entity.iri)
    return any(words.strip().startswith((f"{name}=", f"{name} ")) for words in draft.fields.get("new-entity", ()))


def _ends(desk: Desk, local: str) -> tuple[NamedNode, NamedNode, NamedNode | None, Literal | None] | None:
    """Subject, predicate, object and value of the claim; None where one of them is missing or wrong."""
    draft, vocabulary = desk.draft, desk.held.vocabulary
    told = len(desk.problems)
    subject = desk.attempt("subject", lambda: desk.node(draft.one("subject"))) if draft.one("subject") else None
    predicate = None
    if draft.one("predicate"):
        predicate = desk.attempt("predicate", lambda: vocabulary.predicate(draft.one("predicate")))
    thing: NamedNode | Literal | None = None
    words = None
    if isinstance(predicate, NamedNode):
        observed = predicate == nx("hasObservation")
        literal = vocabulary.is_literal(predicate.value)
        name = vocabulary.curie(predicate.value)
        if draft.one("object") and literal and not observed:
            desk.problems.append(f"object: {name} takes a value in words or figures; give it as value.")
        elif draft.one("object") and predicate.value == RDF + "type":
            thing = desk.attempt("object", lambda: _class(desk))
        elif draft.one("object"):
            thing = desk.attempt("object", lambda: desk.node(draft.one("object")))
        elif observed:  # called after its claim, as any node is that nobody describes
            thing = NamedNode(f"{BASE}id/observation/{desk.held.key}.{local}")
        elif not draft.one("value") and draft.one("quantity-word"):
            desk.problems.append("missing: object (or value).")
        if draft.one("value") and not literal and not observed:
            desk.problems.append(f"value: {name} takes a thing of the graph; give it as object.")
        elif draft.one("value"):
            value, language = draft.one("value"), desk.held.language
            words = desk.attempt("value", lambda: vocabulary.literal(predicate.value, value, language))
        for end, term in (("domain", subject), ("range", thing)):
            if isinstance(term, NamedNode) and predicate.value != RDF + "type":
                misfit = vocabulary.misfit(predicate.value, end, term.value, desk.kinds(term.value))
                desk.problems += [misfit] if misfit else []
    if len(desk.problems) > told or not isinstance(subject, NamedNode) or not isinstance(predicate, NamedNode):
        return None
    return (
        subject,
        predicate,
        thing if isinstance(thing, NamedNode) else None,
        words if isinstance(words, Literal) else None,
    )


def _class(desk: Desk) -> NamedNode:
    """The class that the object of a claim about a kind means."""
    vocabulary = desk.held.vocabulary
    words = desk.draft.one("object")
    iri = parse_iri(words, vocabulary.data.prefixes) or NX + words.strip()
    if iri in vocabulary.classes:
        return NamedNode(iri)
    found = vocabulary.node(words)
    if found.value not in vocabulary.classes:
        raise BadDraft(f"{vocabulary.curie(found.value)} is no class, and predicate a takes one.")
    return found


def _span(desk: Desk) -> spanning.NewSpan | None:
    """The span of the phrase; None where there is no phrase, or where it leads to no span."""
    phrase, words = desk.draft.one("phrase"), desk.draft.one("occurrence")
    if not phrase:
        return None
    if desk.held.text is None:
        desk.problems.append("phrase: to find it takes the text of the source; give --text FILE, or a locator instead.")
        return None
    if words and not words.isdecimal():
        desk.problems.append(f"occurrence: {words!r} is not a whole number.")
        return None
    try:
        return spanning.find_span(desk.held, phrase, int(words) if words else None)
    except BadDraft as error:
        desk.problems.append(f"phrase: {error}")
        return None
