"""Answers: the rows of a stored question, each with the claims that it rests on.

A row with a ?claim rests on that claim. Any other rests on what its instantiated patterns rest on (see plans): a group
on the union of its members, a path on a shortest witness, a negation on absence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from nexuskg import explain, grounds, parameters, plans, steps, traces
from nexuskg.build import compiled
from nexuskg.catalogue import StoredQuery, Value, bind, find, with_prefixes
from nexuskg.dataset import Compiled
from nexuskg.errors import QueryFailure
from nexuskg.namespaces import BASE, compact
from nexuskg.store import Table, Term, select, text
from nexuskg.views import View, view

SOURCE: Final = BASE + "source/"
GRADE: Final = BASE + "vocab/evidence-grade/"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A claim and where it stands: hedges, source, paragraph (or locator), anchor phrase; empty where it has none.

    `grade` is span or locator: whether the place is fixed to characters of a text, or given in words.
    """

    claim: NamedNode
    hedge: str
    source: str
    paragraph: str
    anchor: str
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An answer row; `rests_on` is claims, absence, claims and absence, or curation (our own names and kinds)."""

    cells: tuple[Term | None, ...]
    evidence: tuple[Evidence, ...]
    rests_on: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a stored question: column names, and rows with their evidence."""

    question: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    untraced: str = ""
    """Why no row has evidence, where none could be traced."""


def ask(
    question: str,
    accept: str | View = "facts",
    *,
    inference: bool = True,
    evidence: str = "span",
    sources: str | Iterable[str] = (),
    as_of: str | None = None,
    min_confidence: int | str | None = None,
    prefer: str | None = None,
    **values: str | Sequence[str],
) -> Answer:
    """The answer to a stored question in a view (see nexuskg.views.view); raises UnknownQuery, BadParameter."""
    wanted = view(
        accept,
        inference=inference,
        evidence=evidence,
        sources=sources,
        as_of=as_of,
        min_confidence=min_confidence,
        prefer=prefer,
    )
    data = compiled(wanted)
    texts = {name: [value] if isinstance(value, str) else list(value) for name, value in values.items()}
    return answer(data, question, values_of(data, question, texts))


def values_of(data: Compiled, question: str, texts: Mapping[str, Iterable[str]]) -> dict[str, list[Value]]:
    """The terms meant by what a user typed for each parameter of the question; raises UnknownQuery, BadParameter."""
    return parameters.values(data, find(data.catalogue, question), texts)


def answer(data: Compiled, question: str, values: Mapping[str, Sequence[Value]] | None = None) -> Answer:
    """The answer to a stored question with these parameter values; raises UnknownQuery, BadParameter, QueryFailure."""
    return answer_query(data, find(data.catalogue, question), values or {})


def answer_text(data: Compiled, text: str, name: str = "query") -> Answer:
    """The answer to a user's own SELECT or ASK, the graph's prefixes supplied; raises QueryFailure.

    A query whose rows cannot be traced (SELECT *, blank nodes, SERVICE) is answered without evidence, and says why.
    """
    table = select(data.store, text, name, data.prefixes)
    query = StoredQuery(name, "", "", (), (), with_prefixes(text, data.prefixes), "question")
    try:
        return _with_evidence(data, query, {}, table)
    except QueryFailure as error:  # the query itself has been run: this is about its evidence
        return Answer(name, table.columns, tuple(Row(cells, (), "not traced") for cells in table.rows), str(error))


def answer_query(data: Compiled, query: StoredQuery, values: Mapping[str, Sequence[Value]]) -> Answer:
    """The answer to a query with these parameter values; raises BadParameter, QueryFailure."""
    return _with_evidence(data, query, values, select(data.store, bind(query, values), query.name))


def _with_evidence(data: Compiled, query: StoredQuery, values: Mapping[str, Sequence[Value]], table: Table) -> Answer:
    column = table.columns.index("claim") if "claim" in table.columns else None
    said = [None if column is None else traces.claim_of(row[column]) for row in table.rows]
    if all(said):
        traced = [(frozenset[NamedNode](), False)] * len(said)
    else:
        claims_for = _claims_for(data)
        trails = traces.traces(data.store, plans.plan(query), values, table)
        traced = [(trail.claims.union(*map(claims_for, trail.triples)), trail.absence) for trail in trails]
    resting = [(frozenset([one]), False) if one else other for one, other in zip(said, traced, strict=True)]
    known = evidence_of(data, {claim for claims, _ in resting for claim in claims})
    rows = []
    for cells, (claims, absence) in zip(table.rows, resting, strict=True):
        found = sorted((known[claim] for claim in claims if claim in known), key=lambda item: item[0])
        rows.append(Row(cells, tuple(item[1] for item in found), _rests_on(bool(found), absence)))
    return Answer(query.name, table.columns, tuple(rows))


def _claims_for(data: Compiled) -> Callable[[Triple], frozenset[NamedNode]]:
    """A function from a triple of the default graph to its claims, each triple followed once."""
    # The axioms are read at most once, and only if something inferred is asked for.
    heads = cache(lambda: steps.by_head(data.clauses))
    store = data.store

    @cache
    def claims_for(triple: Triple) -> frozenset[NamedNode]:
        if grounds.is_inferred(store, triple):
            return explain.claims_for(store, triple, heads())
        return grounds.stated_by(store, triple)

    return claims_for


def _rests_on(claims: bool, absence: bool) -> str:
    if claims:
        return "claims and absence" if absence else "claims"
    return "absence" if absence else "curation"


def evidence_of(data: Compiled, claims: Iterable[NamedNode]) -> dict[NamedNode, tuple[tuple[str, int, str], Evidence]]:
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
        source = places[0]["source"].removeprefix(SOURCE)
        start = min((int(place["start"]) for place in places if place["start"]), default=-1)
        paragraphs = _joined(place["paragraph"] or place["locator"] for place in places)
        anchors = _joined(place["anchor"] + (f" [{n}]" if (n := place["occurrence"]) else "") for place in places)
        hedges = _joined(place["hedge"] for place in places)
        grade = places[0]["grade"].removeprefix(GRADE)
        found[claim] = ((source, start, claim.value), Evidence(claim, hedges, source, paragraphs, anchors, grade))
    return found


def _plain(term: Term | None) -> str:
    return "" if term is None else term.value if isinstance(term, NamedNode | Literal | BlankNode) else str(term)


def _joined(values: Iterable[str], separator: str = "; ") -> str:
    return separator.join(value for value in dict.fromkeys(values) if value)


# --- as text ---------------------------------------------------------------------------------------------------------


def shown(data: Compiled, found: Answer, limit: int | None = None) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Column names and rows of text: labels for nodes, literals as said, then the evidence.

    The grade is shown where claims that are known by a locator only may be among it. With a limit, claims are not
    named, and at most that many paragraphs and anchors of a row are written out.
    """
    of_claims = "claim" in found.columns
    columns = [name for name in found.columns if name != "claim" or limit is None]
    extra = [name for name in ("hedge", "source", "paragraph", "anchor") if name not in found.columns]
    if data.view.evidence == "locator" and "grade" not in found.columns:
        extra.append("grade")
    if any(row.rests_on != "claims" for row in found.rows):
        extra.append("rests on")
    rows = []
    for row in found.rows:
        cells = [
            compact(term.value, data.prefixes)
            if name == "claim" and isinstance(term, NamedNode)
            else text(term, data.store, data.prefixes)
            for name, term in zip(found.columns, row.cells, strict=True)
            if name in columns
        ]
        rows.append((*cells, *(_extra(row, name, limit) for name in extra)))
    if not of_claims and "hedge" in extra and not any(row[len(columns)] for row in rows):
        rows = [(*row[: len(columns)], *row[len(columns) + 1 :]) for row in rows]
        extra.remove("hedge")
    return (*columns, *extra), rows


def _extra(row: Row, name: str, limit: int | None) -> str:
    if name == "rests on":
        return row.rests_on
    # Claims often share a paragraph or an anchor: each is written once.
    said = (value for item in row.evidence for value in str(getattr(item, name)).split("; "))
    values = list(dict.fromkeys(value for value in said if value))
    if limit is not None and len(values) > limit:
        values = [*values[:limit], f"+{len(values) - limit}"]
    return "; ".join(values)


def as_json(data: Compiled, found: Answer) -> dict[str, object]:
    """The answer as plain values for JSON: a cell with its text and, for a node, its IRI; a row with its evidence."""
    rows = []
    for row in found.rows:
        cells: dict[str, object] = {}
        for name, term in zip(found.columns, row.cells, strict=True):
            cell = {"text": text(term, data.store, data.prefixes)}
            if isinstance(term, NamedNode):
                cell["iri"] = term.value
            cells[name] = cell if term is not None else None
        evidence = [
            {
                "claim": compact(item.claim.value, data.prefixes),
                "hedge": item.hedge,
                "source": item.source,
                "paragraph": item.paragraph,
                "anchor": item.anchor,
                "grade": item.grade,
            }
            for item in row.evidence
        ]
        rows.append({"cells": cells, "rests_on": row.rests_on, "evidence": evidence})
    return {"question": found.question, "view": str(data.view), "columns": list(found.columns), "rows": rows}
