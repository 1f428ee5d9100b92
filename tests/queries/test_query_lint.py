"""The lint of stored questions: what it finds in small ones. (The real ones are held to it in test_questions.)"""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from nexuskg.pipeline import compilation
from nexuskg.queries import query_lint
from nexuskg.queries.catalogue import Parameter, StoredQuery
from nexuskg.queries.tokens import tokenize
from nexuskg.rdf.store import Table
from nexuskg.validation import checks

TABLE = {"nx": "https://w3id.org/nexuskg/ontology#", "skos": "http://www.w3.org/2004/02/skos/core#"}
NX = "PREFIX nx: <https://w3id.org/nexuskg/ontology#>\n"


def found(text: str, *parameters: str, tags: tuple[str, ...] = ()) -> list[str]:
    params = tuple(Parameter(name, "", "any") for name in parameters)
    return query_lint.query_problems(StoredQuery("sample", "", "", tags, params, text, "question"), TABLE)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SELECT * WHERE { ?s ?p ?o } ORDER BY ?s", "selects *"),
        ("SELECT DISTINCT * WHERE { ?s ?p ?o } ORDER BY ?s", "selects *"),
        (NX + "SELECT ?s WHERE { SERVICE nx:a { ?s ?p ?o } } ORDER BY ?s", "asks another endpoint"),
        ("SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s", "reads a named graph (GRAPH)"),
        (NX + "SELECT ?s FROM nx:g WHERE { ?s ?p ?o } ORDER BY ?s", "reads a named graph (FROM)"),
        ("SELECT ?s WHERE { ?s ?p ?o }", "has no ORDER BY"),
        ("SELECT ?s WHERE { ?s ?p ?o } ORDER BY ?o", "ordered by ?o"),
        ("SELECT ?s (SAMPLE(?o) AS ?x) WHERE { ?s ?p ?o } GROUP BY ?s ORDER BY ?s", "no order (SAMPLE)"),
        ("SELECT ?s WHERE { ?s ?p ?o FILTER(YEAR(?o) = 2014) } ORDER BY ?s", "calls YEAR"),
        (NX + "SELECT ?s WHERE { ?s ?p ?o FILTER(nx:distance(?o) > 2) } ORDER BY ?s", "function of one engine"),
        ("SELECT ?s WHERE { ?s ?p ?o { ?s ?q 1 } UNION { ?s ?q 2 } } ORDER BY ?s", "before a UNION"),
        (
            "SELECT ?s WHERE { ?a ?b ?s OPTIONAL { ?s ?p ?o { ?s ?q 1 } UNION { ?s ?q 2 } } } ORDER BY ?s",
            "before a UNION",
        ),
        (NX + "SELECT ?s WHERE { ?s ?p ?o } ORDER BY ?s", "does not use it"),
        ("PREFIX nx: <https://example.org/>\nSELECT ?s WHERE { ?s nx:p ?o } ORDER BY ?s", "otherwise than the table"),
        ("SELECT ?s WHERE { ?s nx:p ?o } ORDER BY ?s", "uses the prefix nx: and does not declare it"),
        ("SELECT ?s WHERE { ?s <https://example.org/p> ?o } ORDER BY ?s", "writes an IRI out"),
        (
            "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
            + NX
            + "SELECT ?s WHERE { ?s nx:p skos:a } ORDER BY ?s",
            "out of order",
        ),
    ],
)
def test_a_question_that_breaks_a_rule_is_found(text: str, problem: str) -> None:
    assert any(problem in said for said in found(text)), found(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SELECT ?s WHERE { VALUES ?s { UNDEF } OPTIONAL { ?s ?p ?o } } ORDER BY ?s", "no required pattern"),
        ("SELECT ?s WHERE { ?s ?p ?o . VALUES ?s { UNDEF } ?s ?p ?o } ORDER BY ?s", "not first in WHERE"),
        ("SELECT ?s WHERE { ?s ?p ?o } ORDER BY ?s VALUES ?s { UNDEF }", "after the closing brace"),
        ("SELECT ?s WHERE { VALUES ?t { UNDEF } ?s ?p ?o } ORDER BY ?s", "differ"),
    ],
)
def test_a_parameter_out_of_place_is_found(text: str, problem: str) -> None:
    assert any(problem in said for said in found(text, "s")), found(text, "s")


@pytest.mark.parametrize(
    "text",
    [
        NX + "SELECT ?s WHERE { VALUES ?s { UNDEF } { ?s nx:p 1 } UNION { ?s nx:p 2 } } ORDER BY ?s",
        NX + "SELECT ?s WHERE { VALUES ?s { UNDEF } ?s nx:p ?o . OPTIONAL { { ?s nx:q 1 } UNION { ?s nx:q 2 } } } "
        "ORDER BY ?s",
        NX + "SELECT ?s (COUNT(?o) AS ?n) WHERE { VALUES ?s { UNDEF } ?s nx:p ?o FILTER NOT EXISTS { ?s nx:q ?o } } "
        "GROUP BY ?s ORDER BY ?n ?s",
    ],
)
def test_a_careful_question_has_no_problem(text: str) -> None:
    assert found(text, "s") == []


def test_a_question_about_provenance_may_read_named_graphs() -> None:
    assert found("SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s", tags=("provenance",)) == []


def test_rows_that_the_order_does_not_tell_apart_are_named() -> None:
    query = StoredQuery("sample", "", "", (), (), "SELECT ?s ?o WHERE { ?s ?p ?o } ORDER BY ?s", "question")
    node, rows = NamedNode("urn:a"), [Literal("1"), Literal("2")]
    assert "rows 1 and 2" in query_lint.order_problem(query, Table(("s", "o"), tuple((node, one) for one in rows)))
    assert query_lint.order_problem(query, Table(("s", "o"), ((node, rows[0]),))) == ""


def test_columns_and_order_keys_are_read() -> None:
    inner = "{ SELECT ?d WHERE { ?d ?e ?f } ORDER BY ?d }"
    text = f"SELECT DISTINCT ?a (COUNT(?b) AS ?n) ?c WHERE {{ {inner} }} ORDER BY DESC(?n) ?a"
    assert query_lint.columns(tokenize(text)) == ["a", "n", "c"]
    assert query_lint.order_keys(tokenize(text)) == ["n", "a"]


def test_the_check_names_a_careless_question(small: Path) -> None:
    path = small / "queries/questions/which-actors.rq"
    path.write_text(
        "#+ summary: Which actors?\nPREFIX nx: <https://w3id.org/nexuskg/ontology#>\n"
        "SELECT ?actor ?what WHERE { ?actor a nx:Actor ; ?how ?what } ORDER BY ?actor\n"
    )
    findings = [
        item for item in checks.question_findings(compilation.compiled(home=small)) if item.focus == "which-actors"
    ]
    assert [(item.rule, item.severity) for item in findings] == [("careless-question", "warning")]
    assert "does not tell the rows" in findings[0].message
