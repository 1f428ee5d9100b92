"""Drafts held against text, vocabulary and, on a trial copy, every check; and what the files gain by the good.

The graph is compiled and checked once for all drafts. Findings are put down to the drafts whose nodes they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring import file_changes, spans
from nexuskg.authoring.claim_drafts import AuthoredClaim, RefusedDraft, author_claims
from nexuskg.authoring.curation_record import (
    CORRECTED,
    CURATION_FILE,
    GENERATED,
    INVALIDATED,
    Origin,
    curation_act,
)
from nexuskg.authoring.drafts import QUALIFIERS, Draft
from nexuskg.authoring.file_changes import FileChange, Trial
from nexuskg.authoring.source_context import SourceContext, reason_triple, record_file
from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH, NX, graph_iri, nx
from nexuskg.errors import BadDraft, Finding
from nexuskg.evidence.sources import SourceSpan
from nexuskg.rdf.store import first_value, object_nodes

ROUNDS: Final = 6
"""How often what the checks refuse is left out and the rest tried again."""

_ENDS: Final = (nx("claimSubject"), nx("claimObject"))
_GRADE: Final = f"{BASE}vocab/evidence-grade/"


@dataclass(frozen=True)
class Review:
    """What becomes of drafts: the good ones, those refused, and what speaks against all of them together."""

    good: tuple[AuthoredClaim, ...]
    refused: tuple[RefusedDraft, ...]
    against_all: tuple[str, ...]
    trial: Trial | None
    """What the files would become with the good ones; None where there is none or something speaks against all."""

    @property
    def clean(self) -> bool:
        """Whether every draft is good."""
        return not self.refused and not self.against_all and bool(self.good)


def review_drafts(held: SourceContext, drafts: Sequence[Draft], origin: Origin, accept_good: bool = False) -> Review:
    """What becomes of the drafts; with `accept_good` the good ones are tried again without those that fail a check.

    Raises BadDraft where the source is withdrawn.
    """
    withdrawn = held.vocabulary.store.quads_for_pattern(NamedNode(held.source), INVALIDATED, None, DEFAULT_GRAPH)
    if next(withdrawn, None) is not None:
        raise BadDraft(f"The source {held.key} is withdrawn, so no claim is taken from it.")
    left, refused = list(drafts), list[RefusedDraft]()
    for _ in range(ROUNDS if accept_good else 1):
        results = author_claims(held, left)
        refused += [result for result in results if isinstance(result, RefusedDraft)]
        good = tuple(result for result in results if isinstance(result, AuthoredClaim))
        if not good:
            return Review((), _in_order(refused), (), None)
        trial = file_changes.trial(held.vocabulary.data.home, changes(held, good, origin))
        if not trial.violations:
            return Review(good, _in_order(refused), (), trial)
        blamed, general = _reasons_by_claim(held, good, trial)
        refused += [RefusedDraft(one.draft, tuple(blamed[one.claim])) for one in good if one.claim in blamed]
        good = tuple(one for one in good if one.claim not in blamed)
        left = [one.draft for one in good]
        if not accept_good or not blamed or not left:
            return Review(good, _in_order(refused), tuple(general), None)
    return Review(good, _in_order(refused), ("after so many rounds the checks still refuse some drafts.",), None)


def _in_order(refused: Iterable[RefusedDraft]) -> tuple[RefusedDraft, ...]:
    return tuple(sorted(refused, key=lambda one: one.draft.number))


def _reasons_by_claim(
    held: SourceContext, good: Sequence[AuthoredClaim], trial: Trial
) -> tuple[dict[str, list[str]], list[str]]:
    """The reasons against each claim, and those that name none."""
    by_claim: dict[str, list[str]] = {}
    general: list[str] = []
    # The ids of the trial may yet go to other drafts, so that here a draft is called by its number.
    numbers = {held.vocabulary.curie(one.claim): f"draft {one.draft.number}" for one in good}
    for finding in trial.violations:
        message = re.sub(r"claim:[\w.-]*\w", lambda match: numbers.get(match[0], match[0]), finding.message)
        message = f"{_in_words_of_drafts(message)} [{finding.rule}]"
        meant = _claims_of_finding(held, good, trial, finding)
        for one in meant:
            by_claim.setdefault(one.claim, []).append(message)
        if not meant:
            general.append(message)
    return by_claim, general


def _in_words_of_drafts(message: str) -> str:
    """The message with properties by the fields of drafts that they come from: hedge, and time (nx:timeAsStated)."""
    names = {about.prop: name for name, about in QUALIFIERS.items()}

    def field_name(match: re.Match[str]) -> str:
        name = names.get(match[0])
        return match[0] if name is None else name if match[0].endswith(f":{name}") else f"{name} ({match[0]})"

    return re.sub(r"(?<![\w:])(?:nx|skos):[A-Za-z]+\b(?!:)", field_name, message)


def _claims_of_finding(
    held: SourceContext, good: Sequence[AuthoredClaim], trial: Trial, finding: Finding
) -> list[AuthoredClaim]:
    """The claims that a finding is put down to: those it names, else those on what it is about."""
    curie, store = held.vocabulary.curie, trial.compiled.store
    named = {*re.findall(r"[a-z-]+:[\w.-]*\w|https?://[^\s<>()]*[^\s<>().,;]", finding.message)}
    named |= {finding.focus, curie(finding.focus)}
    # A node that the build makes of a claim is as good as the claim.
    named |= {node.value for node in object_nodes(store, _node(finding.focus), nx("derivedFrom"))}
    sure = [one for one in good if one.claim in named or curie(one.claim) in named]
    if sure:
        return sure
    # It may be about an older claim that one of these speaks against.
    ends = {node.value for end in _ENDS for node in object_nodes(store, _node(finding.focus), end)}
    if ends:
        return [one for one in good if ends <= one.nodes]
    near = [one for one in good if finding.focus in one.nodes]
    # Of several claims on the thing that the finding is about, those are meant that have its other end, too.
    return [one for one in near if any(curie(iri) in named for iri in one.nodes - {finding.focus})] or near


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError:  # a finding about something that has no IRI
        return nx("Claim")


def changes(held: SourceContext, good: Iterable[AuthoredClaim], origin: Origin) -> list[FileChange]:
    """The changes of the files that the claims make: entities, void reasons, claims and spans, and whose act it is."""
    data, good = held.vocabulary.data, list(good)
    act = curation_act(held.vocabulary.store, held.key, origin)
    add: dict[str, set[Triple]] = {held.claims_file: set(act.triples), CURATION_FILE: set(act.curator)}
    remove: dict[str, set[Triple]] = {}
    for one in good:
        add[held.claims_file].update((*one.triples, Triple(NamedNode(one.claim), GENERATED, act.node)))
        for entity in one.entities:
            add.setdefault(entity.file, set()).update(entity.triples)
        for segment in one.answered:
            file = record_file(held.vocabulary, held.key, segment.iri)
            remove.setdefault(file, set()).add(reason_triple(segment))
    add = {file: triples for file, triples in add.items() if triples}
    return [
        file_changes.change(data.home, data.prefixes, file, add.get(file, ()), remove.get(file, ()))
        for file in sorted({*add, *remove})
    ]


def ground(
    held: SourceContext, claim: str, phrase: str, occurrence: int | None, origin: Origin
) -> tuple[SourceSpan, Trial]:
    """The span of a phrase, and a trial of the graph in which the claim rests on it and no longer on a locator.

    Raises BadDraft where the claim has a span already, or the phrase leads to none.
    """
    data, store = held.vocabulary.data, held.vocabulary.store
    name = held.vocabulary.curie(claim)
    if first_value(store, claim, NX + "supportedBy") is not None:
        raise BadDraft(f"{name} rests on a span already.")
    span = spans.find_span(held, phrase, occurrence)
    statements = [s for s, iri in held.statements.items() if iri == claim]
    for other, iri in held.statements.items():
        if iri != claim and any(other.repeats(replace(mine, evidence=span)) for mine in statements):
            raise BadDraft(f"{held.vocabulary.curie(iri)} says the same of the same place: one of the two is too many.")
    subject = NamedNode(claim)
    there = store.quads_for_pattern(subject, None, None, graph_iri(held.claims_file.removesuffix(".ttl")))
    # The shapes want either a span or a locator.
    gone = {quad.triple for quad in there if quad.predicate.value in (NX + "locator", NX + "evidenceGrade")}
    before = [one.object.value for one in gone if isinstance(one.object, Literal)]
    act = curation_act(store, held.key, origin, [f"{name} nx:locator: {words}" for words in before])
    new = {
        Triple(subject, CORRECTED, act.node),
        *act.triples,
        Triple(subject, NamedNode(NX + "supportedBy"), NamedNode(span.iri)),
        Triple(subject, NamedNode(NX + "evidenceGrade"), NamedNode(_GRADE + "span")),
        *(spans.span_triples(held.key, span) if span.iri not in held.spans else ()),
    }
    made = [file_changes.change(data.home, data.prefixes, held.claims_file, new, gone)]
    if act.curator:
        made.append(file_changes.change(data.home, data.prefixes, CURATION_FILE, act.curator))
    answered = {reason_triple(segment) for segment in held.within(span.start, span.end) if segment.reason}
    if answered:
        made.append(file_changes.change(data.home, data.prefixes, held.text_file, (), answered))
    return span, file_changes.trial(data.home, made)
