"""The evidence of a query does not depend on how it is laid out: on comments, line ends and blanks."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from nexuskg.answers import rows
from nexuskg.answers.answer import Answer
from nexuskg.answers.question import Question
from nexuskg.errors import QueryFailure
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries.catalogue import read_query
from nexuskg.queries.tokens import Token, tokenize

GAPS = (' # VALUES ?group { it\'s "so" }\n', "#}\r\n", "\n", "\t  ")


def gaps(text: str) -> list[int]:
    """Where something may stand between two words; a tag or a datatype belongs to the text before it."""
    words: list[Token] = tokenize(text)
    return [word.start for before, word in pairwise(words) if not _is_joined(before, word)]


def _is_joined(before: Token, word: Token) -> bool:
    # The engine wants the bracket of COALESCE right behind it.
    return word.kind == "lang" or "^^" in (word.text, before.text) or before.key == "COALESCE"


def spread(text: str, gap: str, places: list[int]) -> str:
    pieces, end = [], 0
    for place in places:
        pieces += [text[end:place], gap]
        end = place
    return "".join([*pieces, text[end:]])


def evidence(found: Answer) -> list[tuple[object, ...]]:
    assert not found.untraced, found.untraced
    return [(row.cells, row.evidence, row.also, row.found_by, row.rests_on, row.follows) for row in found.rows]


@pytest.fixture(scope="module")
def data() -> Compiled:
    return compilation.compiled("facts")


@pytest.mark.parametrize("gap", [GAPS[0], *(pytest.param(gap, marks=pytest.mark.slow) for gap in GAPS[1:])])
def test_every_stored_question_can_be_laid_out_anew(gap: str, data: Compiled) -> None:
    for name, query in data.catalogue.items():
        places = gaps(query.text)
        assert len(places) > 10
        told = evidence(rows.answer_text(data, query.text, name))
        assert evidence(rows.answer_text(data, spread(query.text, gap, places), name)) == told, name
        # Also a single one, wherever it stands: what is put together from pieces could miss it.
        one = random.Random(name).choice(places)
        assert evidence(rows.answer_text(data, spread(query.text, gap, [one]), name)) == told, (name, one)


@pytest.mark.parametrize("gap", GAPS[:2])
def test_parameters_are_found_between_comments(gap: str, data: Compiled, home: Path, tmp_path: Path) -> None:
    query = data.catalogue["who-taxes-what"]
    lines = (home / "queries/questions/who-taxes-what.rq").read_text().splitlines(keepends=True)
    header = "".join(line for line in lines if line.startswith("#+"))
    file = tmp_path / "who-taxes-what.rq"
    file.write_text(header + spread(query.text, gap, gaps(query.text)), newline="")
    other = read_query(file)
    assert [parameter.default for parameter in other.params] == [parameter.default for parameter in query.params]
    values = {"group": [None]}
    asked = rows.answer(data, Question(other, values))
    assert evidence(asked) == evidence(rows.answer(data, Question(query, values)))


TERMS = st.sampled_from(["?a", "?b", "?c", "actor:reds", "actor:blues", "activity:growing", "'a # b'", "<urn:x#y>"])
TIES = st.sampled_from(["nx:taxes", "nx:derivesRevenueFrom", "a", "(nx:taxes|^nx:taxes)+", "skos:prefLabel"])
TRIPLES = st.builds("{} {} {} .".format, st.sampled_from(["?a", "?b", "actor:reds"]), TIES, TERMS)
PARTS = st.recursive(
    TRIPLES,
    lambda inner: st.one_of(
        st.builds("{} {}".format, inner, inner),
        st.builds("{{ {} }} UNION {{ {} }}".format, inner, inner),
        st.builds("{} OPTIONAL {{ {} }}".format, inner, inner),
        st.builds("{} FILTER(EXISTS {{ {} }} || ?a != 3)".format, inner, inner),
        st.builds("{} FILTER NOT EXISTS {{ {} }}".format, inner, inner),
        st.builds("{} MINUS {{ {} }}".format, inner, inner),
        st.builds("{} BIND(STR(?a) AS ?s{})".format, inner, st.integers(0, 999)),
        st.builds("{} {{ SELECT ?a (COUNT(?b) AS ?n) WHERE {{ {} }} GROUP BY ?a }}".format, inner, TRIPLES),
    ),
    max_leaves=4,
)
HEADS = st.sampled_from(
    ["ASK {{ {} }}", "SELECT ?a ?b WHERE {{ {} }}", "SELECT ?a (COUNT(?c) AS ?m) {{ {} }} GROUP BY ?a"]
)


@pytest.mark.slow
def test_any_query_can_be_laid_out_anew(small_data: Compiled) -> None:
    @settings(max_examples=500, deadline=None)
    @given(HEADS, PARTS, st.sampled_from(GAPS))
    def hold(head: str, body: str, gap: str) -> None:
        text = head.format(body)
        try:
            first = rows.answer_text(small_data, text)
        except QueryFailure:  # it binds one name twice, which no layout mends
            reject()
        other = rows.answer_text(small_data, spread(text, gap, gaps(text)))
        assert (first.untraced == "") == (other.untraced == "")
        if not first.untraced:
            assert evidence(other) == evidence(first)

    hold()
