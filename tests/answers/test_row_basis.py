"""The evidence of a row is the evidence of that row: held against graphs from which claims are withdrawn.

Claims are withdrawn at random and the graph is compiled again without them. A row must be there just where one of the
justifications that we say it has is whole: so without what it rests on it goes, every claim named is needed in some
way, and one that is not named can go.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest
from pyoxigraph import BlankNode, NamedNode

from nexuskg.answers.question import Question
from nexuskg.answers.row_basis import RowBasis
from nexuskg.answers.row_evidence import bases_of_rows
from nexuskg.base import data_home
from nexuskg.base.namespaces import DEFAULT_GRAPH, TYPE, nx
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import View, view
from nexuskg.rdf.store import Table, Term, select

HOME = data_home.home()
VIEWS = {"facts": view("facts"), "all": view("implied", evidence="locator"), "whole": view("facts", evidence="locator")}
WEIGHED = frozenset({"confidence", "credibility"})
"""Columns whose values are weighed from all that other claims say for and against: any of these may change them."""


class Asked(NamedTuple):
    """A question as asked, its rows, and the basis of each."""

    question: Question
    table: Table
    bases: list[RowBasis]


def asked(data: Compiled, question: Question) -> Asked:
    table = select(data.store, question.text, question.query.name)
    return Asked(question, table, bases_of_rows(data, question, table))


def questions(data: Compiled) -> Iterator[Asked]:
    """Every stored question as it stands, with each parameter open, and with one value of each that a column shows."""
    for query in data.catalogue.values():
        first = asked(data, Question(query))
        yield first
        for parameter in query.params:
            # Which property joins two things, left open, asks for every triple, also for what is weighed or worked out.
            if not parameter.required and (query.name, parameter.name) != ("outside-identifiers", "match"):
                opened = asked(data, Question(query, {parameter.name: [None]}))
                yield opened
                if parameter.name in opened.table.columns:
                    column = opened.table.columns.index(parameter.name)
                    values = [row[column] for row in opened.table.rows if isinstance(row[column], NamedNode)]
                    yield from (asked(data, Question(query, {parameter.name: [one]})) for one in values[:1])


def compiled(at: View) -> Compiled:
    return compilation.of_view(compilation.compile_dataset(HOME, at), at)


def claims_of(data: Compiled) -> list[NamedNode]:
    found = data.store.quads_for_pattern(None, TYPE, nx("Claim"), DEFAULT_GRAPH)
    return sorted({quad.subject for quad in found if isinstance(quad.subject, NamedNode)}, key=str)


def hold(at: View, seeds: range, everything: bool) -> None:
    data = compiled(at)
    every = list(questions(data)) if everything else [asked(data, Question(query)) for query in data.catalogue.values()]
    assert sum(len(one.table.rows) for one in every) > 200
    claims = claims_of(data)
    for seed in seeds:
        chance = random.Random(seed)
        share = chance.choice([0.02, 0.1, 0.3, 0.6, 0.9])
        gone = frozenset(claim for claim in claims if chance.random() < share)
        left = compiled(replace(at, without=gone))
        kept = frozenset(claims) - gone
        there: dict[str, set[tuple[Term | None, ...]]] = {}
        for question, table, bases in every:
            if question.text not in there:
                there[question.text] = set(select(left.store, question.text, question.query.name).rows)
            if WEIGHED & set(table.columns):
                continue
            for row, basis in zip(table.rows, bases, strict=True):
                about = (seed, question.query.name, question.values, [str(cell) for cell in row], basis.claims)
                if basis.absence:  # what is said against it may have gone, too: then it stays for another reason
                    continue
                if any(isinstance(cell, BlankNode) for cell in row):  # each build names it anew
                    continue
                assert (row in there[question.text]) == basis.holds_with(kept), about


def test_a_row_is_there_just_where_what_it_rests_on_is() -> None:
    hold(VIEWS["facts"], range(2), everything=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", VIEWS)
def test_a_row_is_there_just_where_what_it_rests_on_is_in_every_view(name: str) -> None:
    hold(VIEWS[name], range(2, 10), everything=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", VIEWS)
def test_what_a_row_names_is_enough_and_needed(name: str) -> None:
    """The claims of a row are one of its justifications; with all others it goes, and none stands in two places."""
    for _, _, bases in questions(compiled(VIEWS[name])):
        for basis in bases:
            if basis.needs:
                assert basis.holds_with(basis.claims | basis.found_by)
                named = basis.claims | basis.found_by | basis.also
                assert not (basis.claims & basis.found_by) | (basis.claims & basis.also) | (basis.also & basis.found_by)
                every = {claim for ways in basis.needs for way in ways for premise in way for claim in premise}
                assert named == every
                assert not every or not basis.holds_with(frozenset())
