"""Citing rows: the sentence of a row says the row, and what only helped to find it stands behind."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from nexuskg.answers import rows
from nexuskg.answers.answer import Answer, Row
from nexuskg.base.headings import LANGUAGES
from nexuskg.base.namespaces import ENTITY, SKOS, TYPE, nx
from nexuskg.formats import cite
from nexuskg.formats.claim_frames import WORDS
from nexuskg.formats.row_statement import row_statement
from nexuskg.pipeline.dataset import Compiled
from support.answers import real_data, stored_answer

CHECKOUT = Path(__file__).parents[2]
GRADES = ("span", "locator")
DEAR = [GRADES[0], pytest.param(GRADES[1], marks=pytest.mark.slow)]
HERE = DefaultGraph()
NAMES = tuple(NamedNode(SKOS + name) for name in ("prefLabel", "altLabel"))
UNNAMED: dict[tuple[str, str], str] = {
    ("insight-crime-2015.c004-3", "activity/security-for-traffickers"): "protection",
    ("el-deber-2015.c008-4", "actor/sendero-luminoso"): "the Maoist remnants",
}
"""Claims whose wording calls a cell of their row by another word than its names, by claim and cell, and which."""


def _answers(grade: str) -> dict[str, Answer]:
    return {name: stored_answer(name, grade) for name in sorted(real_data(grade).of_kind("question"))}


@cache
def _sentences_of(name: str, grade: str) -> list[str]:
    return _sentences(real_data(grade), stored_answer(name, grade))


def _sentences(data: Compiled, found: Answer) -> list[str]:
    told = cite.cite_text(data, found).partition("\n\n[^1]: ")[0]
    return told.split("\n\n") if told else []


def _stems(text: str) -> set[str]:
    """The first letters of the words of a text, which tell a word in whatever number, and Peruvian from no Peru."""
    return {word.casefold()[:4] for word in re.findall(r"[^\W\d_]{3,}", text)}


def _names(data: Compiled, node: NamedNode) -> list[str]:
    quads = [quad for name in NAMES for quad in data.store.quads_for_pattern(node, name, None, HERE)]
    return [quad.object.value for quad in quads if isinstance(quad.object, Literal)]


def _unnamed(data: Compiled, row: Row, sentence: str) -> list[str]:
    """The things in the cells of a row of which the sentence has no name, nor a word of one."""
    things = [cell for cell in row.cells if isinstance(cell, NamedNode) and cell.value.startswith(ENTITY)]
    return [
        node.value
        for node in things
        if (names := _names(data, node)) and not any(_stems(name) & _stems(sentence) for name in names)
    ]


@pytest.mark.parametrize("grade", DEAR)
def test_every_sentence_names_the_things_of_its_row(grade: str) -> None:
    data, missed = real_data(grade), []
    for name, found in _answers(grade).items():
        for row, sentence in zip(found, _sentences_of(name, grade), strict=True):
            claims = {item.claim.value.rpartition("/")[2] for item in row.evidence}
            missed += [
                f"{name}: {thing}: {sentence}"
                for thing in _unnamed(data, row, sentence)
                if not any((claim, thing.removeprefix(ENTITY)) in UNNAMED for claim in claims)
            ]
    assert not missed, "\n".join(missed)


@pytest.mark.parametrize("grade", DEAR)
def test_what_follows_in_a_sentence_is_of_the_cells_of_its_row(grade: str) -> None:
    told = 0
    for name, found in _answers(grade).items():
        labels = [[cell.label.removesuffix(".") for cell in row if cell.label] for row in found]
        for mine, sentence in zip(labels, _sentences_of(name, grade), strict=True):
            if sentence.startswith("It follows"):
                told += 1
                inferred = sentence.partition(", from: ")[0]
                assert sum(label in inferred for label in mine) >= (1 if " is a" in inferred else 2), sentence
    assert told >= 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("grade", DEAR)
def test_where_a_claim_says_the_row_its_sentence_begins_with_a_source(grade: str, language: str) -> None:
    """A row whose two ends one claim joins is told by that claim, not by geography and not by its cells."""
    data = real_data(grade)
    found = rows.answer_typed(data, "who-operates-where", language=language)
    words = WORDS[language]
    for row, sentence in zip(found, _sentences(data, found), strict=True):
        said = {item.claim for item in row.evidence}
        ends = {row["actor"].term, row["location"].term}
        link = row["tie"].term
        direct = {
            claim
            for claim in said
            if ends == {_value(data, claim, "claimSubject"), _value(data, claim, "claimObject")}
            and _value(data, claim, "claimPredicate") == link
        }
        starts = tuple(words[name] for name in ("follows", "weak", *(name for name in words if "weak-" in name)))
        if direct:
            assert not sentence.startswith(starts), sentence
            assert not sentence.startswith(("Actor", "Ator")), sentence
        elif sentence.startswith(starts):
            assert words["found"] not in sentence.partition(words["from"])[0]


def _value(data: Compiled, claim: NamedNode, name: str) -> object:
    return next((quad.object for quad in data.store.quads_for_pattern(claim, nx(name), None, HERE)), None)


def test_each_claim_of_a_row_has_one_place_in_its_sentence() -> None:
    for grade in GRADES:
        data = real_data(grade)
        for found in _answers(grade).values():
            for row in found:
                said = row_statement(data.store, row, row.evidence)
                parts = [*said.own, *said.premises, *said.rest]
                assert sorted(map(str, parts)) == sorted(map(str, row.evidence))
                assert bool(said.premises) <= bool(said.follows)


def test_what_found_a_row_stands_behind_it() -> None:
    data = real_data("locator")
    found = rows.answer_typed(data, "who-operates-where")
    row = next(row for row in found if not row.follows and len(row.evidence) == 1)
    other = next(each.evidence[0] for each in found if each.evidence and each.evidence[0] not in row.evidence)
    more = Row(row.cells, row.evidence, row.rests_on, row.columns, row.names, row.follows, (other,))
    citer = cite.Citer(data)
    plain = citer.sentence(row, found.columns)
    told = citer.sentence(more, found.columns)
    assert told.startswith(plain.removesuffix("."))
    assert "; found by: " in told.removeprefix(plain.removesuffix("."))


def test_a_follow_of_other_things_is_no_sentence_for_the_row() -> None:
    data = real_data("locator")
    found = rows.answer_typed(data, "who-operates-where")
    row = next(row for row in found if not row.follows and len(row.evidence) == 1)
    aside = Triple(NamedNode(ENTITY + "place/peru"), nx("locatedIn"), NamedNode(ENTITY + "place/south-america"))
    of_it = Triple(row.cells[0], nx("linkedTo"), row.cells[2])  # type: ignore[arg-type]
    kind = Triple(row.cells[0], TYPE, nx("IllicitActor"))  # type: ignore[arg-type]
    for follows, told in (((aside,), False), ((aside, kind), True), ((of_it,), False)):
        more = Row(row.cells, row.evidence, row.rests_on, row.columns, row.names, follows)
        sentence = cite.Citer(data).sentence(more, found.columns)
        assert ("It follows" in sentence) == told, sentence
        assert "South America" not in sentence.partition(", from: ")[0]
