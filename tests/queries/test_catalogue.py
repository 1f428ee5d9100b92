"""Stored queries: reading, binding, and what a user may type for a parameter."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store

from nexuskg.errors import BadParameter, QueryFailure, UnknownQuery, UnknownTerm
from nexuskg.queries import catalogue
from nexuskg.queries.catalogue import Parameter, StoredQuery, bind, parse_value

TEXT = "SELECT ?x WHERE { VALUES ?x { UNDEF } ?x ?p ?o }"
QUERY = StoredQuery("q", "", "", (), (Parameter("x", "", "any"),), TEXT, "question")


def test_every_stored_query_is_read(home: Path) -> None:
    queries = catalogue.read_catalogue(home)
    assert len(queries) > 90
    assert {"facts", "nodes", "observations", "labels", "annotations"} <= {
        name for kind, name in queries if kind == "derive"
    }
    for query in queries.values():
        assert query.summary
        assert "#+" not in query.text
        Store().query(query.text)  # it parses


def test_prefixes_of_queries_are_those_of_the_table(home: Path) -> None:
    import re

    from nexuskg.base.namespaces import prefixes

    table = prefixes(home)
    queries = catalogue.read_catalogue(home).values()
    assert len(queries) > 90
    for query in queries:
        for prefix, namespace in re.findall(r"PREFIX\s+([\w-]+):\s*<([^>]*)>", query.text):
            assert table.get(prefix) == namespace, (query.name, prefix)


@given(st.text(max_size=30))
def test_no_text_leaves_its_place(words: str) -> None:
    store = Store()
    text = bind(
        StoredQuery("q", "", "", (), QUERY.params, TEXT.replace("?x ?p ?o", ""), "question"), {"x": [Literal(words)]}
    )
    assert [row["x"] for row in store.query(text)] == [Literal(words)]  # type: ignore[union-attr]


def test_several_values_and_any() -> None:
    assert "{ <urn:a> <urn:b> }" in bind(QUERY, {"x": [NamedNode("urn:a"), NamedNode("urn:b")]})
    assert "{ UNDEF }" in bind(QUERY, {"x": [None]})
    assert bind(
        bound := StoredQuery(**{**_fields(QUERY), "text": bind(QUERY, {"x": [Literal('a } "')]})}), {"x": [None]}
    )
    assert bind(bound, {"x": [None]}) == bind(QUERY, {"x": [None]})


def _fields(query: StoredQuery) -> dict[str, object]:
    return {name: getattr(query, name) for name in StoredQuery.__slots__}


def test_an_unknown_parameter_is_met_with_the_known_ones() -> None:
    with pytest.raises(BadParameter, match="its parameters are x"):
        bind(QUERY, {"y": [None]})


def test_an_unknown_question_is_met_with_the_closest() -> None:
    with pytest.raises(UnknownQuery) as failure:
        catalogue.find_query({"who-taxes-what": QUERY, "loops": QUERY}, "who-tax-what")
    assert failure.value.close_matches[0] == "who-taxes-what"


@pytest.mark.parametrize(
    ("raw", "kind", "term"),
    [
        ("any", "any", None),
        ("7.6", "number", Literal("7.6", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))),
        ("x } y", "text", Literal("x } y")),
        ("somebody", "any", NamedNode("urn:found")),
    ],
)
def test_values(raw: str, kind: str, term: object) -> None:
    assert parse_value(raw, Parameter("x", "", kind), lambda words, parameter: NamedNode("urn:found")) == term


def test_bad_values() -> None:
    def nobody(words: str, parameter: Parameter) -> NamedNode:
        raise UnknownTerm(words, ["The Reds"])

    with pytest.raises(BadParameter, match="Did you mean The Reds"):
        parse_value("redds", Parameter("x", "", "any"), nobody)
    with pytest.raises(BadParameter, match="not a number"):
        parse_value("many", Parameter("x", "", "integer"), nobody)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT ?x WHERE { ?x ?p ?o }", "summary"),
        ("#+ summary: [\nASK { ?x ?p ?o }", "not YAML"),
        ("#+ summary: \x01\nASK { ?x ?p ?o }", "not YAML"),
        ("#+ summary: s\n#+ date: 2015-02-30\nASK { ?x ?p ?o }", "not YAML"),
        ("#+ summary: s\n#+ tags: one\nASK { ?x ?p ?o }", "tags are a list"),
        ("#+ summary: s\n#+ params: [y]\nASK { ?x ?p ?o }", "params are names"),
        ("#+ summary: s\n#+ params: {5: any}\nASK { ?x ?p ?o }", "params are names"),
        ("\ufeff#+ summary: s\nASK { ?x ?p ?o }", "byte-order mark"),
        ("#+ summary: s\n#+ params: {y: any}\nASK { ?x ?p ?o }", r"no VALUES \?y"),
    ],
)
def test_bad_headers(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "q.rq"
    path.write_text(text)
    with pytest.raises(QueryFailure, match=message):
        catalogue.read_query(path)
