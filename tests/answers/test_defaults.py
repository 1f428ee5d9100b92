"""Whoever names one thing asks about that thing: no default that nobody sees narrows an answer, in any question.

Asked are all stored questions, each parameter alone, with values that the graph has for it.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from nexuskg.answers import rows, table
from nexuskg.answers.parameters import can_take
from nexuskg.answers.question import Question, question_of
from nexuskg.base.namespaces import DEFAULT_GRAPH, SKOS, nx
from nexuskg.cli.main import run
from nexuskg.errors import BadParameter
from nexuskg.formats import registry
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries import catalogue, query_lint
from nexuskg.queries.catalogue import NODES, Parameter, StoredQuery
from nexuskg.queries.tokens import tokenize
from nexuskg.rdf.store import Table, Term, property_values, select

TYPED = {"date": "2013", "integer": "2", "language": "pt"}
"""A value for each parameter whose values are no nodes."""


@cache
def whole() -> Compiled:
    return compilation.compiled(views.WHOLE)


def questions() -> dict[str, StoredQuery]:
    return dict(whole().catalogue)


ALONE = [(name, each.name) for name, query in sorted(questions().items()) for each in query.params]


def parameter_of(name: str, parameter: str) -> Parameter:
    return catalogue.parameter(questions()[name], parameter)


@cache
def nodes() -> tuple[str, ...]:
    """What can be named: whatever has a label."""
    quads = whole().store.quads_for_pattern(None, NamedNode(SKOS + "prefLabel"), None, DEFAULT_GRAPH)
    return tuple(sorted({quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}))


def opened(name: str) -> Table:
    """The rows of a question all of whose parameters are open."""
    query = questions()[name]
    return select(whole().store, catalogue.bind(query, {each.name: [None] for each in query.params}), name)


@cache
def candidates(name: str, parameter: str, every: bool = False) -> tuple[str, ...]:
    """Values of a parameter as one would type them: some (or all) that stand in rows, and others that it can take."""
    wanted, data = parameter_of(name, parameter), whole()
    if wanted.type not in NODES:
        texts = {cell.value for row in opened(name).rows for cell in row if isinstance(cell, Literal)}
        return (TYPED[wanted.type],) if wanted.type in TYPED else ("principally", "2", *sorted(texts)[:6])
    shown = {cell.value for row in opened(name).rows for cell in row if isinstance(cell, NamedNode)}
    own = [token.text for token in tokenize(wanted.default) if token.kind == "pname"]
    taken = [iri for iri in sorted(shown & set(nodes())) if can_take(data, wanted, iri)]
    if every:
        several = (*taken, *(iri for iri in nodes() if can_take(data, wanted, iri)))
    else:
        others = [iri for iri in nodes()[:: max(1, len(nodes()) // 60)] if can_take(data, wanted, iri)]
        several = (*taken[:: max(1, len(taken) // 8)], *others[:3])
    return (*own[:1], *(f"<{iri}>" for iri in dict.fromkeys(several)))


def rows_of(name: str, **typed: str) -> tuple[tuple[Term | None, ...], ...]:
    question = question_of(whole(), name, typed)
    return select(whole().store, question.text, name).rows


@pytest.mark.parametrize(("name", "parameter"), ALONE)
def test_one_parameter_alone_is_as_if_the_examples_were_open(name: str, parameter: str) -> None:
    examples = {each.name: "any" for each in questions()[name].params if each.default_is == "example"}
    for value in candidates(name, parameter):
        alone = rows_of(name, **{parameter: value})
        assert alone == rows_of(name, **{**examples, parameter: value}), value


@pytest.mark.slow
@pytest.mark.parametrize(("name", "parameter"), ALONE)
def test_a_parameter_that_is_named_alone_can_have_rows(name: str, parameter: str) -> None:
    assert any(rows_of(name, **{parameter: value}) for value in candidates(name, parameter, every=True))


@pytest.mark.parametrize(("name", "parameter"), ALONE)
def test_only_what_the_question_is_about_narrows_what_is_asked(name: str, parameter: str) -> None:
    value = candidates(name, parameter)[0]
    question = question_of(whole(), name, {parameter: value})
    told = question.defaults(whole().prefixes)
    assert {parameter_of(name, each).default_is for each in told} <= {"scope"}
    assert set(told) == {each.name for each in questions()[name].params if each.default_is == "scope"} - {parameter}


def test_what_is_asked_without_a_parameter_is_the_example() -> None:
    for name, query in questions().items():
        told = Question(query).defaults(whole().prefixes)
        assert set(told) == {each.name for each in query.params if each.default != "UNDEF"}, name


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("direct-causes", {"cause": "condition:expansion-of-illicit-activities"}),
        ("causal-chain", {"start": "condition:slowing-growth-china"}),
        ("is-linked-to", {"actor": "First Capital Command"}),
        ("how-much", {"thing": "Colombia"}),
        ("what-does-a-group-do-in-the-illicit-economy", {"group": "Sendero Luminoso"}),
    ],
)
def test_what_an_analyst_asked_is_answered(name: str, typed: dict[str, str]) -> None:
    assert rows_of(name, **typed)


@pytest.mark.parametrize("typed", [{"actor": "any"}, {"other": ""}, {"actor": "any", "other": "any"}])
def test_a_question_has_to_be_about_something(typed: dict[str, str]) -> None:
    with pytest.raises(BadParameter, match="cannot be left open"):
        rows_of("is-linked-to", **typed)


def test_a_wider_scope_is_that_of_the_example() -> None:
    examples = {each.name: each.default for each in questions()["is-linked-to"].params if each.name != "most"}
    assert rows_of("is-linked-to", most="") == rows_of("is-linked-to", most="any", **examples)
    assert rows_of("concepts-of-a-vocabulary", language="any")


# --- the answer says what it takes for granted


def test_an_answer_names_its_defaults(home: Path) -> None:
    found = rows.answer_typed(compilation.compiled("facts", home), "direct-causes")
    ((name, (cell,)),) = found.defaults
    assert (name, cell.curie) == ("effect", "condition:delayed-investment")
    said = table.defaults_text(found)
    assert said == f"With effect = {cell.label} (default)."
    assert str(found).endswith(said)
    assert said in found._repr_html_()
    asked = rows.answer_typed(compilation.compiled("facts", home), "direct-causes", {"effect": cell.curie})
    assert (asked.defaults, asked.rows) == ((), found.rows)


@pytest.mark.parametrize("form", ["md", "cite", "ttl"])
def test_a_text_tells_the_defaults(form: str, home: Path) -> None:
    data = compilation.compiled("facts", home)
    found = rows.answer_typed(data, "direct-causes")
    assert table.defaults_text(found) in registry.format_answer(data, found, form)
    asked = rows.answer_typed(data, "direct-causes", {"effect": "any"})
    assert "(default)" not in registry.format_answer(data, asked, form)


def test_programs_read_the_defaults(home: Path) -> None:
    data = compilation.compiled("facts", home)
    found = rows.answer_typed(data, "who-operates-where")
    for form in ("json", "geojson"):
        (narrowed,) = json.loads(registry.format_answer(data, found, form))["defaults"].items()
        assert (narrowed[0], len(narrowed[1])) == ("tie", 3)
    head = next(csv.reader(registry.format_answer(data, found, "csv").splitlines()))
    assert head[0] == "actor"


def test_the_command_line_tells_the_defaults(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "is-linked-to"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "With actor = Sendero Luminoso (default); other = Sinaloa Cartel (default); most = 1 (default)." in err
    assert run(["ask", "direct-causes"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("With effect = ")


def test_a_default_says_what_it_is() -> None:
    for name, query in questions().items():
        assert not query_lint.query_problems(query, whole().prefixes), name
    text = "SELECT ?s WHERE { VALUES ?s { 1 } ?s ?p ?o } ORDER BY ?s"
    for default, default_is, problem in (("1", "", "does not say"), ("UNDEF", "example", "has no default")):
        wanted = Parameter("s", "", "any", default=default, default_is=default_is)
        said = query_lint.query_problems(StoredQuery("q", "", "", (), (wanted,), text, "question"), {})
        assert [each for each in said if problem in each]


# --- a row is there once

ASKED_FOR = {
    "causal-chain": {"jointly"},
    "direct-causes": {"relation", "context", "mechanism"},
    "how-much": {"time", "asStated", "comparator", "unit", "measured"},
    "how-much-was-seized": {"date", "site", "siteType"},
    "what-does-a-source-add": {"otherSays"},
    "where-is-a-group-concentrated": {"definedBy"},
    "who-leads-a-group": {"outcome", "event", "date"},
    "who-seized-the-drugs": {"force"},
    "who-was-designated": {"as", "by", "date"},
}
"""What a question asks for in its title, so that each value of it may be a row of its own."""


def attributes(query: StoredQuery) -> set[str]:
    """The columns that only an OPTIONAL binds: what is said of the row beside what it is about."""
    tokens = tokenize(query.text)
    depth, optional, inside, outside = 0, list[int](), set[str](), set[str]()
    for at, token in enumerate(tokens):
        if token.text == "{":
            depth += 1
            if tokens[at - 1].key == "OPTIONAL":
                optional.append(depth)
        elif token.text == "}":
            if optional and optional[-1] == depth:
                optional.pop()
            depth -= 1
        elif token.kind == "var" and depth:
            (inside if optional else outside).add(token.text[1:])
    return (inside - outside) & set(query_lint.columns(tokens))


@pytest.mark.parametrize("name", sorted(set(questions()) - {"timeline"}))
def test_no_row_is_multiplied_by_what_was_not_asked_for(name: str) -> None:
    beside = attributes(questions()[name]) - ASKED_FOR.get(name, set())
    found = opened(name)
    for attribute in beside:
        at = found.columns.index(attribute)
        kept = [tuple(str(cell) for i, cell in enumerate(row) if i != at) for row in found.rows]
        assert len(set(kept)) == len(kept), attribute


def claims_by_figure(data: Compiled) -> dict[tuple[str, ...], set[str]]:
    """The claims that give a figure, by what it is of, what it measures, when, and how much it is."""
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for quad in data.store.quads_for_pattern(None, nx("measures"), None, DEFAULT_GRAPH):
        claim = quad.subject
        assert isinstance(claim, NamedNode)
        key = ["claimSubject", "measures", "claimValue", "unit", "comparator", "edtf", "valueAsStated"]
        values = [property_values(data.store, claim, nx(name).value) for name in key]
        said = {str(value) for value in property_values(data.store, claim, nx("modality").value)}
        if values[0] and values[2] and not any("presupposed" in each for each in said):
            found[tuple(str(next(iter(each), "")) for each in values)].add(claim.value)
    return found


def test_a_figure_stands_once_with_all_its_claims() -> None:
    data = whole()
    expected = claims_by_figure(data)
    assert any(len(claims) > 1 for claims in expected.values())
    found = rows.answer_typed(data, "how-much", {"quantity": "any"})
    keys = [tuple(str(cell) for cell in row.cells[:7]) for row in found.rows]
    assert len(set(keys)) == len(keys)
    grounds = [{item.claim.value for item in row.evidence} for row in found.rows]
    for claims in expected.values():
        assert sum(claims <= each for each in grounds) >= 1, claims
        assert sum(bool(claims & each) for each in grounds) == 1, claims


def test_two_figures_clash_once_with_all_their_claims() -> None:
    data = whole()
    found = rows.answer_typed(data, "what-do-sources-disagree-on")

    def year(row: rows.Row, column: str) -> str:
        node = row[column].term
        assert isinstance(node, NamedNode)
        return "".join(str(value)[1:5] for value in property_values(data.store, node, nx("edtf").value))

    pairs = []
    for row in found.rows:
        if row.unit.term:
            sides = [(row.value.label, year(row, "one")), (row.otherValue.label, year(row, "other"))]
            pairs.append((row.thing.curie, row.about.curie, *sorted(sides)))
    assert len(pairs) > 5
    assert len(set(pairs)) == len(pairs)
    clash = next(row for row in found.rows if {row.value.label, row.otherValue.label} == {"50500", "60400"})
    assert len(clash.evidence) == 2  # one claim a side is enough
    assert len({item.source for item in (*clash.evidence, *clash.also)}) >= 4
