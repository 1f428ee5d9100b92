"""The evidence of rows: the claims that each rests on, and where these stand in their sources.

A row with a ?claim rests on that claim. Any other rests on what its instantiated patterns rest on (see
nexuskg.queries.evidence_plan): a group on the union of its members, a path on a shortest witness, a negation on
absence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from nexuskg.answers.answer import Evidence, EvidenceSpan
from nexuskg.answers.question import Question
from nexuskg.base.namespaces import TYPE, VOCAB, compact, source_key
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries.catalogue import bind
from nexuskg.rdf.store import Table, Term, claim_of, select

if TYPE_CHECKING:
    from nexuskg.queries.evidence_trace import Trace

GRADE: Final = VOCAB + "evidence-grade/"


class RowEvidence(NamedTuple):
    """The evidence of a row, in the order of its places; what it rests on, in a word; what was inferred for it."""

    evidence: tuple[Evidence, ...]
    rests_on: str
    follows: tuple[Triple, ...]


def evidence_of_rows(data: Compiled, question: Question, table: Table) -> list[RowEvidence]:
    """For each row of the table that answers the question, its evidence; raises QueryFailure where it is not found."""
    column = table.columns.index("claim") if "claim" in table.columns else None
    said = [None if column is None else claim_of(row[column]) for row in table.rows]
    if all(said):
        bases = [_Basis(frozenset([one])) for one in said if one]
    else:
        from nexuskg.queries import evidence_trace

        claims_for = _claims_for(data)
        traces = evidence_trace.traces(data.store, question.plan, question.values, table)
        bases = [
            _basis(trace, claims_for) if one is None else _Basis(frozenset([one]))
            for one, trace in zip(said, traces, strict=True)
        ]
    known = evidence_of_claims(data, {claim for each in bases for claim in each.claims})
    found = []
    for each in bases:
        evidence = sorted((known[claim] for claim in each.claims if claim in known), key=lambda item: item[0])
        rests_on = _rests_on(bool(evidence), each.absence)
        found.append(RowEvidence(tuple(item[1] for item in evidence), rests_on, each.follows))
    return found


class _Basis(NamedTuple):
    """What a row rests on, and which of the statements behind it are inferred."""

    claims: frozenset[NamedNode]
    absence: bool = False
    follows: tuple[Triple, ...] = ()


def _basis(trace: Trace, claims_for: Callable[[Triple], tuple[frozenset[NamedNode], bool]]) -> _Basis:
    behind = {triple: claims_for(triple) for triple in trace.triples}
    inferred = (
        triple for triple, (_, follows) in behind.items() if follows and not _goes_without_saying(triple, behind)
    )
    claims = trace.claims.union(*(claims for claims, _ in behind.values()))
    return _Basis(claims, trace.absence, tuple(sorted(inferred, key=str)))


def _goes_without_saying(triple: Triple, behind: Mapping[Triple, tuple[frozenset[NamedNode], bool]]) -> bool:
    """Whether a kind follows from another statement behind the row: by its domain or range, from the same claims."""
    return triple.predicate == TYPE and any(
        other.predicate != TYPE and triple.subject in (other.subject, other.object) and behind[triple][0] <= claims
        for other, (claims, _) in behind.items()
    )


def _claims_for(data: Compiled) -> Callable[[Triple], tuple[frozenset[NamedNode], bool]]:
    """A function from a triple of the default graph to its claims, and whether it is inferred; each followed once."""
    from nexuskg.reasoning import grounds, justifications, steps

    # The axioms are read at most once, and only if something inferred is asked for.
    heads = cache(lambda: steps.by_head(data.clauses))
    store = data.store

    @cache
    def claims_for(triple: Triple) -> tuple[frozenset[NamedNode], bool]:
        if grounds.is_inferred(store, triple):
            return justifications.claims_for(store, triple, heads()), True
        return grounds.stated_by(store, triple), False

    return claims_for


def _rests_on(claims: bool, absence: bool) -> str:
    if claims:
        return "claims and absence" if absence else "claims"
    return "absence" if absence else "curation"


def evidence_of_claims(
    data: Compiled, claims: Iterable[NamedNode]
) -> dict[NamedNode, tuple[tuple[str, int, str], Evidence]]:
    """The evidence of each of the claims that the dataset has, with a key that sorts it by place in its source."""
    wanted = sorted(claims, key=str)
    if not wanted:
        return {}
    lookup = data.of_kind("lookup")["evidence"]
    table = select(data.store, bind(lookup, {"claim": wanted}), "evidence")
    groups: dict[NamedNode, list[dict[str, str]]] = {}
    for row in table.rows:
        cells = {name: _plain(term) for name, term in zip(table.columns, row, strict=True)}
        claim = row[table.columns.index("claim")]
        if isinstance(claim, NamedNode):
            groups.setdefault(claim, []).append(cells)
    found = {}
    for claim, places in groups.items():
        source = source_key(places[0]["source"])
        start = min((int(place["start"]) for place in places if place["start"]), default=-1)
        paragraphs = _sentence(place["paragraph"] or place["locator"] for place in places)
        anchors = _sentence(map(_anchor, places))
        hedges = _sentence(place["hedge"] for place in places)
        grade = places[0]["grade"].removeprefix(GRADE)
        curie = compact(claim.value, data.prefixes)
        told = Evidence(claim, hedges, source, paragraphs, anchors, grade, curie, _spans(places, data.prefixes))
        found[claim] = ((source, start, claim.value), told)
    return found


def _spans(places: Iterable[Mapping[str, str]], prefixes: Mapping[str, str]) -> tuple[EvidenceSpan, ...]:
    spans = {
        EvidenceSpan(
            place["span"],
            compact(place["span"], prefixes),
            int(place["start"] or -1),
            int(place["end"] or -1),
            place["paragraph"],
            place["anchor"],
            place["occurrence"],
        )
        for place in places
        if place["span"]
    }
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, span.iri)))


def _anchor(place: Mapping[str, str]) -> str:
    return place["anchor"] + (f" [{n}]" if (n := place["occurrence"]) else "")


def _plain(term: Term | None) -> str:
    return "" if term is None else term.value if isinstance(term, NamedNode | Literal | BlankNode) else str(term)


def _sentence(values: Iterable[str], separator: str = "; ") -> str:
    return separator.join(value for value in dict.fromkeys(values) if value)
