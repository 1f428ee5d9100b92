"""Answers: the rows of a stored question, each with the claims that it rests on.

A row with a ?claim rests on that claim. Any other rests on what its instantiated patterns rest on (see plans): a group
on the union of its members, a path on a shortest witness, a negation on absence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from nexuskg.answers import parameters
from nexuskg.answers.answer import Answer, Evidence, EvidenceSpan, Row
from nexuskg.base.namespaces import BASE, compact
from nexuskg.errors import QueryFailure
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import View, view
from nexuskg.queries import evidence_plan, evidence_trace
from nexuskg.queries.catalogue import StoredQuery, Value, bind, find_query, with_prefixes
from nexuskg.rdf.store import Table, Term, run_query, select, term_text
from nexuskg.reasoning import grounds, justifications, steps
from nexuskg.reasoning.axioms import TYPE

SOURCE: Final = BASE + "source/"
GRADE: Final = BASE + "vocab/evidence-grade/"


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
    """The answer to a stored question in a view (see nexuskg.pipeline.views.view); raises UnknownQuery, BadParameter.

    The shortcut of nexuskg.load(...).ask(...), which is for more than one question and for other languages.

    >>> [row.activity.label for row in ask("who-taxes-what", group="Sendero Luminoso")][0]
    'drug trafficking in and from Peru'
    """
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
    return answer_typed(data, question, values)


def answer_typed(
    data: Compiled, question: str, typed: Mapping[str, str | Sequence[str]], language: str = "en"
) -> Answer:
    """The answer to a stored question, its parameters as typed; raises UnknownQuery, BadParameter."""
    texts = {name: [value] if isinstance(value, str) else list(value) for name, value in typed.items()}
    return answer(data, question, values_of(data, question, texts), language)


def values_of(data: Compiled, question: str, texts: Mapping[str, Iterable[str]]) -> dict[str, list[Value]]:
    """The terms meant by what a user typed for each parameter of the question; raises UnknownQuery, BadParameter."""
    return parameters.parameter_values(data, find_query(data.catalogue, question), texts)


def answer(
    data: Compiled, question: str, values: Mapping[str, Sequence[Value]] | None = None, language: str = "en"
) -> Answer:
    """The answer to a stored question with these parameter values; raises UnknownQuery, BadParameter, QueryFailure."""
    return answer_query(data, find_query(data.catalogue, question), values or {}, language)


def answer_text(data: Compiled, text: str, name: str = "query", language: str = "en") -> Answer:
    """The answer to a user's own SELECT or ASK, the graph's prefixes supplied; raises QueryFailure.

    A query whose rows cannot be traced (SELECT *, blank nodes, SERVICE) is answered without evidence, and says why.
    """
    return _answer(data, text, name, language, select(data.store, text, name, data.prefixes))


def run_text(data: Compiled, text: str, name: str = "query", language: str = "en") -> Answer | list[Triple]:
    """What a user's own query gives, the prefixes supplied: an answer, or the triples that it constructs."""
    result = run_query(data.store, text, name, data.prefixes)
    return _answer(data, text, name, language, result) if isinstance(result, Table) else result


def bound_query(data: Compiled, question: str, values: Mapping[str, Sequence[Value]] | None = None) -> str:
    """The SPARQL that answers a stored question with these values, its prefixes declared; raises BadParameter."""
    return with_prefixes(bind(find_query(data.catalogue, question), values or {}), data.prefixes)


def _answer(data: Compiled, text: str, name: str, language: str, table: Table) -> Answer:
    query = StoredQuery(name, "", "", (), (), with_prefixes(text, data.prefixes), "question")
    try:
        return _with_evidence(data, query, {}, table, language)
    except QueryFailure as error:  # the query itself has been run: this is about its evidence
        names_of = _names(data, language)
        rows = tuple(Row(cells, (), "not traced", table.columns, tuple(map(names_of, cells))) for cells in table.rows)
        return Answer(name, table.columns, rows, str(error), data.view, language)


def answer_query(
    data: Compiled, query: StoredQuery, values: Mapping[str, Sequence[Value]], language: str = "en"
) -> Answer:
    """The answer to a query with these parameter values; raises BadParameter, QueryFailure."""
    return _with_evidence(data, query, values, select(data.store, bind(query, values), query.name), language)


def _with_evidence(
    data: Compiled, query: StoredQuery, values: Mapping[str, Sequence[Value]], table: Table, language: str
) -> Answer:
    column = table.columns.index("claim") if "claim" in table.columns else None
    said = [None if column is None else evidence_trace.claim_of(row[column]) for row in table.rows]
    if all(said):
        resting = [_Basis(frozenset([one])) for one in said if one]
    else:
        claims_for = _claims_for(data)
        trails = evidence_trace.traces(data.store, evidence_plan.plan(query), values, table)
        resting = [
            _basis(trail, claims_for) if one is None else _Basis(frozenset([one]))
            for one, trail in zip(said, trails, strict=True)
        ]
    known = evidence_of(data, {claim for each in resting for claim in each.claims})
    names_of = _names(data, language)
    rows = []
    for cells, each in zip(table.rows, resting, strict=True):
        found = sorted((known[claim] for claim in each.claims if claim in known), key=lambda item: item[0])
        evidence, names = tuple(item[1] for item in found), tuple(map(names_of, cells))
        rows.append(Row(cells, evidence, _rests_on(bool(found), each.absence), table.columns, names, each.follows))
    return Answer(query.name, table.columns, tuple(rows), "", data.view, language)


class _Basis(NamedTuple):
    """What a row rests on, and which of the statements behind it are inferred."""

    claims: frozenset[NamedNode]
    absence: bool = False
    follows: tuple[Triple, ...] = ()


def _basis(trail: evidence_trace.Trace, claims_for: Callable[[Triple], tuple[frozenset[NamedNode], bool]]) -> _Basis:
    behind = {triple: claims_for(triple) for triple in trail.triples}
    inferred = (
        triple for triple, (_, follows) in behind.items() if follows and not _goes_without_saying(triple, behind)
    )
    claims = trail.claims.union(*(claims for claims, _ in behind.values()))
    return _Basis(claims, trail.absence, tuple(sorted(inferred, key=str)))


def _goes_without_saying(triple: Triple, behind: Mapping[Triple, tuple[frozenset[NamedNode], bool]]) -> bool:
    """Whether a kind follows from another statement behind the row: by its domain or range, from the same claims."""
    return triple.predicate == TYPE and any(
        other.predicate != TYPE and triple.subject in (other.subject, other.object) and behind[triple][0] <= claims
        for other, (claims, _) in behind.items()
    )


def _names(data: Compiled, language: str) -> Callable[[Term | None], tuple[str, str]]:
    """A function from a term to its label and its CURIE, each node looked up once."""

    @cache
    def of_node(node: NamedNode) -> tuple[str, str]:
        return term_text(node, data.store, data.prefixes, language), compact(node.value, data.prefixes)

    def names_of(term: Term | None) -> tuple[str, str]:
        return of_node(term) if isinstance(term, NamedNode) else (term_text(term, data.store, data.prefixes), "")

    return names_of


def _claims_for(data: Compiled) -> Callable[[Triple], tuple[frozenset[NamedNode], bool]]:
    """A function from a triple of the default graph to its claims, and whether it is inferred; each followed once."""
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
