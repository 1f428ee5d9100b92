"""The evidence of rows: the claims that each rests on, and where these stand in their sources.

A row with a ?claim rests on that claim. Any other rests on what its instantiated patterns rest on (see
nexuskg.queries.evidence_plan and row_justification): by its strongest minimal justification, apart from which is told
by what it was found and what else justifies it; a count on all that it counts, a negation on absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from nexuskg.answers.answer import Evidence, EvidenceSpan
from nexuskg.answers.question import Question
from nexuskg.answers.row_basis import RowBasis, basis_of_claim
from nexuskg.base.namespaces import VOCAB, compact, source_key
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries.catalogue import bind
from nexuskg.rdf.store import Table, Term, claim_of, select

GRADE: Final = VOCAB + "evidence-grade/"


class RowEvidence(NamedTuple):
    """The evidence of a row, each in the order of places: what it rests on, what it was found by, what else says it.

    `rests_on` says in a word whether that is claims; `follows` is what was inferred for it.
    """

    evidence: tuple[Evidence, ...]
    found_by: tuple[Evidence, ...]
    also: tuple[Evidence, ...]
    rests_on: str
    follows: tuple[Triple, ...]


def evidence_of_rows(data: Compiled, question: Question, table: Table) -> list[RowEvidence]:
    """For each row of the table that answers the question, its evidence; raises QueryFailure where it is not found."""
    bases = bases_of_rows(data, question, table)
    known = evidence_of_claims(data, {claim for each in bases for claim in (*each.claims, *each.found_by, *each.also)})

    def items_of(claims: Iterable[NamedNode]) -> tuple[Evidence, ...]:
        items = sorted((known[claim] for claim in claims if claim in known), key=lambda item: item[0])
        return tuple(item[1] for item in items)

    return [
        RowEvidence(
            items_of(each.claims),
            items_of(each.found_by),
            items_of(each.also),
            _rests_on(bool(each.claims), each.absence),
            each.follows,
        )
        for each in bases
    ]


def bases_of_rows(data: Compiled, question: Question, table: Table) -> list[RowBasis]:
    """For each row of the table that answers the question, its basis; raises QueryFailure where it is not found."""
    if "claim" in table.columns and question.plan.speaks_of("claim"):
        column = table.columns.index("claim")
        return [basis_of_claim(claim) if (claim := claim_of(row[column])) else RowBasis() for row in table.rows]
    from nexuskg.answers.row_justification import RowBases
    from nexuskg.queries import evidence_trace

    bases = RowBases(data)
    traces = evidence_trace.traces(data.store, question.plan, question.values, table)
    return [bases.basis(trace) for trace in traces]


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
