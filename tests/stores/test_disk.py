"""A store on disk: what is pushed into a folder is read there as it is at home."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store

import nexuskg
from nexuskg.answers import rows
from nexuskg.base import data_home
from nexuskg.cli.main import run
from nexuskg.errors import BadParameter, EndpointError
from nexuskg.explain import render, why, why_not
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import FACTS, View
from nexuskg.search import describe
from nexuskg.search.description import description_text
from nexuskg.search.find import find_things
from nexuskg.stores import disk, layout, push

IMPLIED = views.view("implied")
REAL: dict[str, View] = {"facts": FACTS, "implied": IMPLIED, "without inference": views.view(inference=False)}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two datasets of the real files."""
    folder = tmp_path_factory.mktemp("disk") / "store"
    for view in (FACTS, views.view(inference=False)):
        with disk.open_target(folder) as target:
            assert push.push(compilation.compiled(view, data_home.home()), target).wrong == ()
    return folder


@pytest.fixture(scope="module", params=REAL)
def both(request: pytest.FixtureRequest, filled: Path) -> tuple[Compiled, Compiled]:
    """A view at home and in the folder."""
    view = REAL[request.param]
    return compilation.compiled(view, data_home.home()), disk.open_dataset(filled, view, data_home.home())


@pytest.mark.slow
def test_every_question_is_answered_with_the_same_evidence(both: tuple[Compiled, Compiled]) -> None:
    here, there = both
    for name in here.catalogue:
        assert rows.answer_typed(there, name) == rows.answer_typed(here, name), name


@pytest.mark.slow
def test_what_is_explained_described_and_found_is_the_same(both: tuple[Compiled, Compiled]) -> None:
    words = ("actor:sendero-luminoso", "a", "nx:HybridActor")
    told = []
    for data in both:
        triple = why.parse_triple(data, *words)
        missing = why_not.explain_absence(data, triple)
        told.append(
            [
                why_not.absence_text(missing),
                render.explanation_text(why.explain_statement(data, triple)) if missing.present else "",
                description_text(describe.describe(data.store, data.catalogue, "HybridActor", prefixes=data.prefixes)),
                find_things(data.store, "sendero luninoso"),
            ]
        )
    assert told[0] == told[1]


@pytest.mark.slow
def test_a_query_of_ones_own_sees_the_graphs_by_their_names_at_home(both: tuple[Compiled, Compiled]) -> None:
    text = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?c a nx:Claim } FILTER(?g != <urn:x>) } ORDER BY ?g"
    here, there = (rows.answer_text(data, text) for data in both)
    assert here.rows == there.rows
    named = "ASK { GRAPH <https://w3id.org/nexuskg/graph/terms/actors> { nx:Actor a ?kind } }"
    assert [rows.answer_text(data, named).rows[0].cells[0] for data in both] == [here.rows and _true()] * 2


def _true() -> object:
    from pyoxigraph import Literal

    return Literal(True)


@pytest.mark.slow
def test_quads_are_read_back_under_their_names(both: tuple[Compiled, Compiled]) -> None:
    here, there = (data.store for data in both)
    assert set(there.named_graphs()) == set(here.named_graphs())
    assert len(there) == len(here) == sum(1 for _ in there)

    def plain(store: object) -> set[str]:
        found = store.quads_for_pattern(None, None, None, None)  # type: ignore[attr-defined]
        return {re.sub(r"_:\S+", "_", str(quad)) for quad in found}

    assert plain(there) == plain(here)
    quad = next(here.quads_for_pattern(None, None, None, DefaultGraph()))
    assert quad in there
    assert Quad(NamedNode("urn:no"), NamedNode("urn:no"), NamedNode("urn:no")) not in there


@pytest.mark.slow
def test_python_reads_it(filled: Path) -> None:
    assert len(nexuskg.load(folder=filled).ask("who-taxes-what")) == 2
    with pytest.raises(BadParameter, match="not from both"):
        nexuskg.load(folder=filled, endpoint="http://localhost/")


# --- pushing


def test_the_file_for_loaders_makes_the_same_store(small: Path, tmp_path: Path) -> None:
    assert run(["push", "--file", str(tmp_path / "all.nq")]) == 0
    assert run(["push", "--store", str(tmp_path / "pushed")]) == 0
    loaded = Store(str(tmp_path / "loaded"))
    loaded.load(path=str(tmp_path / "all.nq"), format=RdfFormat.N_QUADS)
    loaded.flush()
    assert set(loaded) == set(Store.read_only(str(tmp_path / "pushed")))
    del loaded
    assert run(["ask", "who-taxes-what", "--store", str(tmp_path / "loaded")]) == 0


def test_a_push_is_told_and_what_is_right_is_left_alone(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "store")
    assert run(["push", "--store", folder, "--dry-run"]) == 0
    assert "would be loaded" in capsys.readouterr().out
    assert not Path(folder).exists()
    assert run(["push", "--store", folder]) == 0
    first = capsys.readouterr().out
    assert re.fullmatch(r"(\d+) graphs loaded \(\d+ triples\), 0 right already, 0 dropped\.\n", first)
    assert run(["push", "--store", folder]) == 0
    assert capsys.readouterr().out.startswith("0 graphs loaded (0 triples), ")
    assert run(["push", "--store", folder, "--all"]) == 0
    assert capsys.readouterr().out == first


def test_a_node_without_a_name_has_the_same_iri_every_time(small: Path) -> None:
    (small / "ontology/terms/more.ttl").write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix nx: <https://w3id.org/nexuskg/ontology#> .\n"
        "nx:Taxer a owl:Class ; owl:equivalentClass [ a owl:Restriction ; owl:onProperty nx:taxes ;\n"
        "  owl:hasValue <urn:everything> ] .\n"
    )
    made = [
        list(layout.stored_graphs(compilation.of_view(compilation.compile_dataset(small), FACTS))) for _ in range(2)
    ]
    assert made[0] == made[1]
    nodes = [line for graph in made[0] for line in graph.lines() if layout.SKOLEM.encode() in line]
    assert nodes
    assert not any(b"_:" in line for graph in made[0] for line in graph.lines())
    with_cache = list(layout.stored_graphs(compilation.compiled(FACTS, small)))
    assert with_cache == list(layout.stored_graphs(compilation.compiled(FACTS, small))) == made[0]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["push"], "say where to"),
        (["push", "--store", "a", "--file", "b"], "say where to"),
        (["push", "--store", "a", "--update", "http://localhost/"], "go with --endpoint"),
        (["push", "--store", "taken"], "something else at this place"),
        (["push", "--file", "nowhere/x.nq"], "cannot be written"),
        (["ask", "who-taxes-what", "--store", "nowhere"], "there is no store in this folder"),
        (["ask", "who-taxes-what", "--store", "a", "--endpoint", "http://localhost/"], "either --endpoint or --store"),
        (["ask", "who-taxes-what", "--endpoint", "localhost"], "is no address"),
        (["build", "-o", "x", "--store", "a"], "from the files"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    args: list[str],
    said: str,
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    assert run(args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err


def test_a_folder_without_the_view_says_how_to_put_it_there(filled: Path) -> None:
    with pytest.raises(EndpointError, match="no inference") as error:
        disk.open_dataset(filled, views.view(as_of="2015"))
    assert str(error.value).endswith(f"nexuskg push --store {filled} --as-of 2015")
