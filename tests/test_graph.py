"""The graph in Python: loaded once, asked often; answers as values, tables and frames."""

from __future__ import annotations

import copy
import pickle
import sys
import types
from decimal import Decimal
from pathlib import Path

import pytest

import nexuskg
from nexuskg.answers.question import question_of
from nexuskg.errors import BadParameter, NexuskgError, QueryFailure, UnknownQuery, UnknownTerm
from nexuskg.graph import Graph, load
from nexuskg.queries import catalogue
from nexuskg.rdf import store


@pytest.fixture(scope="module")
def graph(home: Path) -> Graph:
    return load(evidence="locator", home=home)


def test_the_shortcut_and_the_graph_answer_alike(home: Path) -> None:
    assert nexuskg.ask("who-taxes-what") == nexuskg.load().ask("who-taxes-what")
    assert nexuskg.ask("who-taxes-what") != nexuskg.load(language="es").ask("who-taxes-what")


def test_a_parameter_may_be_called_as_an_option_of_load_is(home: Path) -> None:
    for answer in (
        nexuskg.ask("concepts-of-a-vocabulary", language="es"),
        nexuskg.load().ask("concepts-of-a-vocabulary", language="es"),
    ):
        assert "apropiación de métodos" in {row.label.value for row in answer}


def test_rows_are_typed_and_carry_evidence(graph: Graph) -> None:
    answer = graph.ask("who-taxes-what", activity="drug trafficking", group="Sendero Luminoso")
    assert len(answer) == len(answer.rows) == 3
    row = next(row for row in answer if row.evidence[0].source == "ellis-2015")
    assert row.group == row["group"] == row[0]
    assert (row.group.label, row.group.curie) == ("Sendero Luminoso", "actor:sendero-luminoso")
    assert row.group.value == row.group.iri == "https://w3id.org/nexuskg/id/actor/sendero-luminoso"
    assert row.cells[0] == row.group.term
    item, other, place = row.evidence  # what taxes, what else is taxed by the same taxing, and where that is
    assert (other.curie, place.curie) == ("claim:ellis-2015.c083", "claim:ellis-2015.c084")
    assert [(span.start, span.end, span.curie) for span in item.spans] == [
        (1895, 1956, "span:ellis-2015.1895-1956"),
        (2108, 2143, "span:ellis-2015.2108-2143"),
    ]
    assert item.curie == "claim:ellis-2015.c082"
    assert len(row) == len(list(row)) == 4
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = row.nothing_like_it
    with pytest.raises(KeyError, match="there are group, activity"):
        _ = row["nothing"]


def test_literals_are_values_of_python(graph: Graph) -> None:
    text = 'SELECT ("7.60"^^xsd:decimal AS ?d) (3 AS ?i) (true AS ?b) ("x" AS ?s) ("z"^^xsd:integer AS ?bad) ?none {}'
    (row,) = graph.sparql(text)
    assert [cell.value for cell in row] == [Decimal("7.60"), 3, True, "x", "z", None]
    assert [type(cell.value) for cell in row][:4] == [Decimal, int, bool, str]


def test_answers_are_values(graph: Graph) -> None:
    answer = graph.ask("timeline")
    assert copy.deepcopy(answer) == answer
    assert pickle.loads(pickle.dumps(answer)) == answer
    assert answer == graph.ask("timeline")


def test_dictionaries_and_html_have_the_evidence(small: Path) -> None:
    answer = load().ask("who-taxes-what")
    assert answer.to_dicts() == [
        {
            "group": "The Reds",
            "activity": "growing",
            "claim": "The Reds tax growing.",
            "claims": ["claim:t.c1"],
            "spans": ["span:t.0-9"],
            "rests_on": "claims",
            "also": [],
            "found_by": [],
        }
    ]
    html = answer._repr_html_()
    assert '<td title="https://w3id.org/nexuskg/id/actor/reds">The Reds</td>' in html
    assert "<code>claim:t.c1</code> 1, they tax" in html
    assert "href" not in html
    assert "src" not in html
    assert str(answer).splitlines()[2].split()[:3] == ["The", "Reds", "growing"]


def test_html_escapes_what_labels_hold(small: Path) -> None:
    path = small / "ontology/data/claims/t.ttl"
    path.write_text(path.read_text().replace('"The Reds"@en', "\"<script>alert('x')</script>\"@en"))
    html = load().ask("who-taxes-what")._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    untraced = load().sparql("SELECT * { ?a nx:taxes ?b }")
    assert "SELECT *" in untraced._repr_html_()


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_frame_library_that_is_absent_is_named(name: str, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(NexuskgError, match=f"pip install {name}"):
        getattr(load().ask("who-taxes-what"), f"to_{name}")()


@pytest.mark.parametrize(("name", "columns"), [("pandas", "columns"), ("polars", "schema")])
def test_frames_get_rows_and_columns(
    name: str, columns: str, graph: Graph, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType(name)
    seen: list[tuple[object, dict[str, object]]] = []
    monkeypatch.setattr(module, "DataFrame", lambda rows, **options: seen.append((rows, options)), raising=False)
    monkeypatch.setitem(sys.modules, name, module)
    getattr(load().sparql('SELECT ("7.6"^^xsd:decimal AS ?n) {}'), f"to_{name}")()
    ((rows_given, options),) = seen
    assert options[columns] == ["n", "claims", "spans", "rests_on", "also", "found_by"]
    assert rows_given[0]["n"] == 7.6  # type: ignore[index]
    assert type(rows_given[0]["n"]) is float  # type: ignore[index]


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_real_frame(name: str, graph: Graph) -> None:
    pytest.importorskip(name)
    for question in ("who-taxes-what", "timeline", "how-much", "what-do-sources-disagree-on"):
        answer = graph.ask(question)
        frame = getattr(answer, f"to_{name}")()
        assert len(frame) == len(answer)
        assert list(frame.columns)[: len(answer.columns)] == list(answer.columns)
    empty = graph.sparql("SELECT ?a { ?a nx:taxes nx:nothing }")
    assert list(getattr(empty, f"to_{name}")().columns) == ["a", "claims", "spans", "rests_on", "also", "found_by"]


def test_errors_are_those_of_the_package(graph: Graph) -> None:
    with pytest.raises(UnknownQuery):
        graph.ask("who-taxes-wat")
    with pytest.raises(BadParameter):
        graph.ask("who-taxes-what", nobody="x")
    with pytest.raises(UnknownTerm):
        graph.show("nobody at all")
    with pytest.raises(QueryFailure, match="line 1"):
        graph.sparql("SELECT")
    with pytest.raises(QueryFailure, match="SELECT or ASK"):
        graph.sparql("CONSTRUCT WHERE { ?a nx:taxes ?b }")
    with pytest.raises(BadParameter, match="en, es, pt"):
        load(language="fr")


def test_the_sparql_of_a_question_gives_its_rows_and_stands_on_its_own(graph: Graph) -> None:
    data = graph.data
    for name in data.catalogue:
        text = question_of(data, name).sparql(data.prefixes)
        table = store.select(data.store, text)  # without prefixes from outside
        assert table == store.select(data.store, catalogue.bind(data.catalogue[name], {})), name
    asked = graph.sparql_of("who-taxes-what", activity="drug trafficking")
    assert store.select(data.store, asked).rows == tuple(
        row.cells for row in graph.ask("who-taxes-what", activity="drug trafficking")
    )


@pytest.mark.slow
def test_a_view_is_loaded_as_asked_for(home: Path) -> None:
    assert load(sources="ellis-2015", as_of="2015").data.view.as_of == "2015"
    assert repr(load("implied")) == "<Graph: implied, en>"


@pytest.mark.parametrize("name", nexuskg.__all__)
def test_every_public_name_is_where_the_package_says(name: str) -> None:
    assert getattr(nexuskg, name) is not None
