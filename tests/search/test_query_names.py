"""Names in a query of somebody's own: what is nowhere in the graph is named, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexuskg import load
from nexuskg.cli.main import run
from nexuskg.graph import Graph
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.search.query_names import unknown_names


@pytest.fixture(scope="module")
def graph(home: Path) -> Graph:
    return load(home=home, evidence="locator")


def names(graph: Graph, text: str) -> dict[str, tuple[str, ...]]:
    return unknown_names(graph.data.store, text, graph.data.prefixes)


def test_every_name_in_every_stored_question_is_somewhere_or_is_told(graph: Graph) -> None:
    nowhere = {name for query in graph.data.catalogue.values() for name in names(graph, query.text)}
    # nobody has such a name, such a member or such a tie yet
    assert nowhere <= {"foaf:name", "schema:name", "skos:narrowMatch", "skos:relatedMatch", "nx:seizedBy"}


@pytest.mark.parametrize(
    ("text", "name", "close"),
    [
        ("SELECT ?x { ?x nx:taxs ?y }", "nx:taxs", "nx:taxes"),
        ("SELECT ?x { ?x a nx:UnnamedGrup }", "nx:UnnamedGrup", "nx:UnnamedGroup"),
        (
            "SELECT ?x { condition:violence-and-pressures nx:bearsOn ?x }",
            "condition:violence-and-pressures",
            "factor-set:violence-and-pressures",
        ),
        ("ASK { <https://w3id.org/nexuskg/id/actor/sendero-luminosa> ?p ?o }", "sendero", "actor:sendero-luminoso"),
        ("SELECT ?x { VALUES ?x { place:perou } ?x ?p ?o }", "place:perou", "place:peru"),
        ("SELECT ?x { ?x nx:taxes/nx:inZoneOf ?y }", "nx:inZoneOf", ""),
        ("PREFIX my: <https://w3id.org/nexuskg/ontology#> SELECT ?x { ?x my:taxs ?y }", "my:taxs", "nx:taxes"),
        ("SELECT ?x { GRAPH ?g { ?x nx:taxs ?y } }", "nx:taxs", "nx:taxes"),
    ],
)
def test_what_is_nowhere_is_named_with_the_closest(text: str, name: str, close: str, graph: Graph) -> None:
    ((found, nearest),) = names(graph, text).items()
    assert name in found
    assert not close or close in nearest


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x { ?x nx:taxes ?y }",
        'SELECT (xsd:decimal("2") AS ?n) { ?x a nx:Actor FILTER(xsd:string(?x) != "a"^^xsd:string) }',
        "CONSTRUCT { ?x nx:mine ?y } WHERE { ?x nx:taxes ?y }",
        "SELECT ?x { ?x nx:taxes+/^nx:taxes ?y } # nx:nowhere",
        'SELECT ?x { ?x skos:prefLabel "nx:nowhere"@en }',
        "PREFIX my: <https://example.org/never#> SELECT ?x { ?x a nx:Actor }",
        "SELECT ?x FROM <https://w3id.org/nexuskg/graph/facts> { ?x nx:taxes ?y }",
    ],
)
def test_what_is_there_or_is_not_asked_for_is_not_named(text: str, graph: Graph) -> None:
    assert names(graph, text) == {}


def test_python_and_the_command_line_tell(
    graph: Graph, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "SELECT ?x { ?x nx:taxs ?y }"
    found = graph.sparql(text)
    assert found.unknown == (("nx:taxs", ("nx:taxes",)),)
    assert "nx:taxs is nowhere" in str(found)
    (tmp_path / "own.rq").write_text(text)
    assert run(["sparql", str(tmp_path / "own.rq")]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "The closest: nx:taxes." in err
    assert "nothing in the graph answers" not in err
    (tmp_path / "own.rq").write_text("SELECT ?x { place:peru nx:taxes ?x }")
    assert run(["sparql", str(tmp_path / "own.rq")]) == 0
    assert "nothing in the graph answers this" in capsys.readouterr().err
    assert graph.sparql("SELECT ?x { place:peru nx:taxes ?x }").unknown == ()


def test_an_iri_that_is_nowhere_is_no_parameter(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "who-taxes-what", "group=<https://w3id.org/nexuskg/id/actor/sendero-luminosa>"]) == 2
    assert "Did you mean actor:sendero-luminoso" in capsys.readouterr().err


def test_a_column_of_claims_stays_in_the_table_of_ones_own_query(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in ("SELECT ?claim ?m { ?claim nx:modality ?m }", "SELECT ?claim ?s { ?claim nx:claimSubject ?s }"):
        (tmp_path / "own.rq").write_text(text)
        assert run(["sparql", str(tmp_path / "own.rq")]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].split()[0] == "claim"
        assert lines[2].startswith("claim:ellis-2015.")


@pytest.mark.slow
def test_rows_of_a_stored_question_can_be_told_apart(graph: Graph) -> None:
    for name, query in graph.data.catalogue.items():
        opened = {each.name: "any" for each in query.params[:1] if not each.required}
        found = graph.ask(name, **opened)
        head, *lines = str(found).splitlines()
        assert "claim" not in found.columns or len(set(lines)) == len(lines) or "claim" in head.split(), name


def test_a_stored_query_may_name_what_no_data_has_yet(graph: Graph) -> None:
    query = StoredQuery("q", "", "", (), (), "ASK { ?a nx:taxs ?b }", "question")
    assert list(names(graph, query.text)) == ["nx:taxs"]
