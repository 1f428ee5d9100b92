"""Parameters of stored questions: what each type takes, how things are named, and that no value is read as query."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from nexuskg.answers import parameters, rows
from nexuskg.answers.question import question_of
from nexuskg.base.namespaces import BASE, compact
from nexuskg.errors import BadParameter
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries.catalogue import NODES, OPEN, PATTERNS, TYPES, Parameter, bind, parse_value
from nexuskg.server.api import openapi


@pytest.fixture(scope="module")
def data(home: Path) -> Compiled:
    return compilation.compiled(views.WHOLE, home)


def meant(data: Compiled, question: str, **typed: str) -> list[str]:
    """What the values typed for the parameters of a question are: CURIEs, words, or any."""
    found = parameters.parameter_values(
        data, data.catalogue[question], {name: [value] for name, value in typed.items()}
    )
    return ["any" if term is None else compact(term.value, data.prefixes) for terms in found.values() for term in terms]


@pytest.mark.parametrize(
    ("question", "name", "typed", "found"),
    [
        ("who-leads-a-group", "group", "Sendero Luminoso", "actor:sendero-luminoso"),
        ("who-leads-a-group", "group", "Shining Path", "actor:sendero-luminoso"),
        ("who-leads-a-group", "group", "Sendero Luninoso", "actor:sendero-luminoso"),
        ("who-leads-a-group", "group", "actor:sendero-luminoso", "actor:sendero-luminoso"),
        ("who-leads-a-group", "group", f"<{BASE}id/actor/sendero-luminoso>", "actor:sendero-luminoso"),
        ("who-operates-where", "place", "perú", "place:peru"),
        ("who-operates-where", "tie", "nx:confinedTo", "nx:confinedTo"),
        ("who-taxes-what", "activity", "narcotráfico", "activity:drug-trafficking"),
        ("who-taxes-what", "activity", "Minería ilegal", "activity:illegal-mining"),
        ("feedback-loops", "closure", "open", "loop-closure:open"),
        ("qualified-statements", "modality", "estimado", "modality:estimated"),
        ("how-much", "quantity", "cocaine exports", "quantity:cocaine-exports"),
        ("concepts-of-a-vocabulary", "scheme", "modality", "scheme:modality"),
        ("concepts-of-a-vocabulary", "language", "pt", "pt"),
        ("what-does-a-source-add", "source", "ellis-2015", "source:ellis-2015"),
        ("timeline", "since", "2013-08", "2013-08"),
        ("is-linked-to", "most", "2", "2"),
        ("who-taxes-what", "activity", "any", "any"),
    ],
)
def test_a_value_is_what_was_meant(question: str, name: str, typed: str, found: str, data: Compiled) -> None:
    assert meant(data, question, **{name: typed}) == [found]


@pytest.mark.parametrize(
    ("question", "name", "typed", "said"),
    [
        ("who-operates-where", "place", "cocaine", "cocaine is a commodity; place takes a place"),
        ("who-operates-where", "actor", "Peru", "takes an actor"),
        ("how-much", "quantity", "modality:asserted", "takes a concept of the vocabulary quantity"),
        ("timeline", "kind", "actor:sendero-luminoso", "takes a class or property"),
        ("timeline", "since", "2013-13", "since"),
        ("timeline", "since", "last year", "since"),
        ("timeline", "since", "2014~", "write a year, month or day"),
        ("timeline", "until", "2013/2014", "write a year, month or day"),
        ("timeline", "until", "2013-02-29", "write a year, month or day"),
        ("is-linked-to", "most", "\u0663", "not a number"),
        ("is-linked-to", "most", "9" * 16, "not a number"),
        ("is-linked-to", "most", "two", "not a number"),
        ("is-linked-to", "actor", "any", "cannot be left open"),
        ("concepts-of-a-vocabulary", "language", "Spanish!", "language"),
        ("who-leads-a-group", "group", "nobody of that name", "nothing is called"),
    ],
)
def test_a_value_of_another_kind_is_refused(question: str, name: str, typed: str, said: str, data: Compiled) -> None:
    with pytest.raises(BadParameter, match=said):
        meant(data, question, **{name: typed})


def test_an_ambiguous_name_is_met_with_the_candidates(data: Compiled) -> None:
    with pytest.raises(BadParameter, match=r"kind of thing; write the one you mean: actor:.*and \d+ more"):
        meant(data, "who-leads-a-group", group="organization")


def test_types_are_those_of_the_catalogue(data: Compiled) -> None:
    used = {parameter.type for query in data.catalogue.values() for parameter in query.params}
    assert used <= set(TYPES)
    assert {"entity", "place", "concept", "date", "integer", "language", "term", "text"} <= used
    for query in data.catalogue.values():
        for parameter in query.params:
            assert parameter.type in NODES or not parameter.of


def test_every_default_fits_its_parameter(data: Compiled) -> None:
    for name, query in data.catalogue.items():
        for parameter in query.params:
            if parameter.default != "UNDEF" and parameter.type in NODES:
                for typed in parameter.default.split():
                    assert meant(data, name, **{parameter.name: typed}) == [typed]


@cache
def _whole() -> Compiled:
    return compilation.compiled(views.WHOLE)


@given(st.text(max_size=40))
def test_nothing_typed_becomes_query_text(typed: str) -> None:
    data = _whole()
    query = data.catalogue["which-markets-are-supplied"]
    try:
        values = parameters.parameter_values(data, query, {"word": [typed]})
    except BadParameter:
        return
    text = bind(query, values)
    (term,) = values["word"]
    assert term is None or isinstance(term, Literal)
    assert text == bind(query, {"word": [None]}).replace("?word { UNDEF }", f"?word {{ {term or 'UNDEF'} }}")


@given(st.data(), st.sampled_from(sorted(PATTERNS)), st.booleans())
def test_the_description_of_the_api_says_what_is_taken(drawn: st.DataObject, kind: str, required: bool) -> None:
    wanted = Parameter("x", "", kind, required=required)
    schema = openapi.schema_of(wanted)
    like = st.text(st.sampled_from("0123456789+-.anyUNDEFX~/ \u0663"), max_size=12)
    typed = drawn.draw(st.from_regex(schema["pattern"]) | st.sampled_from([*OPEN, ""]) | like)
    described = bool(re.search(schema["pattern"], typed)) and typed not in schema.get("not", {"enum": ()})["enum"]
    try:
        value = parse_value(typed, wanted, lambda words, _: NamedNode(words))
    except BadParameter:
        assert not described
    else:
        assert described or typed != typed.strip()
        assert value is None or isinstance(value, Literal)


def test_the_answer_is_of_the_values(data: Compiled) -> None:
    question = question_of(data, "who-taxes-what", {"activity": ["narcotráfico"]})
    assert question.values == {"activity": [NamedNode(BASE + "id/activity/drug-trafficking")]}
    assert {str(row.cells[1]) for row in rows.answer(data, question).rows} == {f"<{BASE}id/activity/drug-trafficking>"}
