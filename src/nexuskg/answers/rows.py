"""The way of a question to its answer: the rows of its table, each with its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from pyoxigraph import NamedNode, Triple

from nexuskg.answers.answer import Answer, Cell, Row
from nexuskg.answers.question import Question, own_question, question_of
from nexuskg.answers.row_evidence import evidence_of_rows
from nexuskg.base.headings import message
from nexuskg.base.namespaces import compact
from nexuskg.errors import QueryFailure
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import View, ViewParts, view
from nexuskg.rdf.labels import term_text
from nexuskg.rdf.store import Table, Term, run_query, select
from nexuskg.search.query_names import unknown_names


def ask(question: str, accept: str | View = "facts", **given: Any) -> Answer:
    """The answer to a stored question in a view; raises UnknownQuery, BadParameter.

    Given by name are the parts of the view (see nexuskg.pipeline.views.view) and the parameters of the question. The
    shortcut of nexuskg.load(...).ask(...), which is for more than one question and for other languages.

    >>> [row.activity.label for row in ask("who-taxes-what", group="Sendero Luminoso")][0]
    'drug trafficking in and from Peru'
    """
    parts = {name: given.pop(name) for name in ViewParts.__annotations__ if name in given}
    return answer_typed(compiled(view(accept, **parts)), question, given)


def answer_typed(
    data: Compiled, name: str, typed: Mapping[str, str | Iterable[str]] | None = None, language: str = "en"
) -> Answer:
    """The answer to the stored question of that name, its parameters as typed; raises UnknownQuery, BadParameter."""
    return answer(data, question_of(data, name, typed), language)


def answer(data: Compiled, question: Question, language: str = "en") -> Answer:
    """The answer to a question; raises BadParameter, QueryFailure."""
    return _with_evidence(data, question, select(data.store, question.text, question.query.name), language)


def answer_text(data: Compiled, text: str, name: str = "query", language: str = "en") -> Answer:
    """The answer to a user's own SELECT or ASK, the graph's prefixes supplied; raises QueryFailure.

    A query whose rows cannot be traced (SELECT *, blank nodes, SERVICE) is answered without evidence, and says why.
    """
    return _own_answer(data, text, name, select(data.store, text, name, data.prefixes), language)


def run_text(data: Compiled, text: str, name: str = "query", language: str = "en") -> Answer | list[Triple]:
    """What a user's own query gives, the prefixes supplied: an answer, or the triples that it constructs."""
    result = run_query(data.store, text, name, data.prefixes)
    return _own_answer(data, text, name, result, language) if isinstance(result, Table) else result


def found_none(wide: Compiled, question: Question, language: str) -> str:
    """That a question read from plain words has no rows, and how many it has where every claim counts.

    Not that the sources do not say so: another question than the one meant may have been read.
    """
    said = message("found none", language)
    more = answer(wide, question).rows
    return f"{said} {message('with a locator', language, rows=len(more))}" if more else said


def _own_answer(data: Compiled, text: str, name: str, table: Table, language: str) -> Answer:
    unknown = tuple(unknown_names(data.store, text, data.prefixes).items())
    try:
        found = _with_evidence(data, own_question(data, text, name), table, language)
    except QueryFailure as error:  # the query itself has been run: this is about its evidence
        names_of = _names(data, language)
        rows = tuple(Row(cells, (), "not traced", table.columns, tuple(map(names_of, cells))) for cells in table.rows)
        found = Answer(name, table.columns, rows, str(error), data.view, language)
    return replace(found, own=True, unknown=unknown)


def _with_evidence(data: Compiled, question: Question, table: Table, language: str) -> Answer:
    evidence, names_of = evidence_of_rows(data, question, table), _names(data, language)
    rows = (
        Row(
            cells,
            found.evidence,
            found.rests_on,
            table.columns,
            tuple(map(names_of, cells)),
            found.follows,
            found.found_by,
            found.also,
        )
        for cells, found in zip(table.rows, evidence, strict=True)
    )
    defaults = tuple(
        (name, tuple(Cell(term, *names_of(term)) for term in terms))
        for name, terms in question.defaults(data.prefixes).items()
    )
    return Answer(question.query.name, table.columns, tuple(rows), "", data.view, language, defaults)


def _names(data: Compiled, language: str) -> Callable[[Term | None], tuple[str, str]]:
    """A function from a term to its label and its CURIE, each node looked up once."""

    @cache
    def of_node(node: NamedNode) -> tuple[str, str]:
        return term_text(node, data.store, data.prefixes, language), compact(node.value, data.prefixes)

    def names_of(term: Term | None) -> tuple[str, str]:
        return of_node(term) if isinstance(term, NamedNode) else (term_text(term, data.store, data.prefixes), "")

    return names_of
