"""The distribution files: complete, the same each time, and never in the way of anything else."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, RdfFormat, Store, parse

from nexuskg.base.namespaces import NX, TYPE, nx
from nexuskg.cli.main import run
from nexuskg.errors import NexuskgError
from nexuskg.pipeline import views
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Local
from nexuskg.pipeline.views import WHOLE, View
from nexuskg.publish import release
from nexuskg.publish.model_diagram import model_picture
from nexuskg.rdf.void import DATASET, TITLE
from nexuskg.stores import layout
from nexuskg.stores.published_parts import part_iri

NAMES = {
    "SHA256SUMS",
    "coverage.json",
    "coverage.md",
    "model.mmd",
    "nexuskg-implied.ttl",
    "nexuskg-locator-implied.ttl",
    "nexuskg-locator.ttl",
    "nexuskg.nq",
    "nexuskg.nq.gz",
    "nexuskg.ttl",
    "ontology.ttl",
    "queries.ttl",
    "void.ttl",
}


EXCERPT = NAMES - {"nexuskg-locator.ttl", "nexuskg-locator-implied.ttl"}


@pytest.fixture
def data(small: Path) -> Local:
    return compiled(home=small)


@pytest.fixture
def wider(small: Path) -> Local:
    return compiled(WHOLE, small)


@pytest.fixture(scope="module")
def real(home: Path) -> Local:
    return compiled(home=home)


@pytest.fixture(scope="module")
def real_wider(home: Path) -> Local:
    return compiled(WHOLE, home)


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_build_has_all_files_and_their_checksums(data: Local, wider: Local, tmp_path: Path) -> None:
    sums = release.write_release(data, tmp_path / "new" / "dist", wider=wider)
    files = held(tmp_path / "new" / "dist")
    assert set(files) == NAMES
    assert sums == {name: hashlib.sha256(files[name]).hexdigest() for name in NAMES - {"SHA256SUMS"}}
    lines = files["SHA256SUMS"].decode().splitlines()
    assert lines == [f"{digest}  {name}" for name, digest in sorted(sums.items())]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["dist"]


def test_the_quads_are_all_named_graphs_sorted(data: Local, tmp_path: Path) -> None:
    release.write_release(data, tmp_path / "dist")
    text = (tmp_path / "dist" / "nexuskg.nq").read_bytes()
    lines = text.splitlines()
    assert lines == sorted(set(lines))
    assert gzip.decompress((tmp_path / "dist" / "nexuskg.nq.gz").read_bytes()) == text
    again = Store()
    again.load(input=text, format=RdfFormat.N_QUADS)
    assert len(again) == sum(1 for quad in data.store if quad.graph_name != DefaultGraph())
    assert set(again.named_graphs()) == set(data.store.named_graphs())


def test_the_turtle_is_the_default_view(data: Local, tmp_path: Path) -> None:
    release.write_release(data, tmp_path / "dist")
    triples = {str(quad.triple) for quad in parse(path=tmp_path / "dist" / "nexuskg.ttl")}
    assert triples == {str(quad.triple) for quad in data.store.quads_for_pattern(None, None, None, DefaultGraph())}


def test_the_same_input_gives_the_same_bytes_in_another_process(small: Path, tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from nexuskg.pipeline import compilation; "
    code += "from nexuskg.publish import release; from nexuskg.pipeline.views import WHOLE; "
    code += "data, wider = compilation.compiled(), compilation.compiled(WHOLE); "
    code += "release.write_release(data, Path(sys.argv[1]), wider=wider)"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "NEXUSKG_CACHE": str(tmp_path / f"cache{seed}")}
        subprocess.run([sys.executable, "-c", code, str(tmp_path / seed)], check=True, env=environment)
    assert small.is_dir()
    assert held(tmp_path / "1") == held(tmp_path / "2")


def test_a_later_build_takes_the_place_of_an_earlier_one(data: Local, tmp_path: Path) -> None:
    out = tmp_path / "dist"
    out.mkdir()
    release.write_release(data, out)
    before = held(out)
    sums = release.write_release(data, out, date(2026, 1, 31))
    after = held(out)
    assert {name for name in EXCERPT if before[name] != after[name]} == {"void.ttl", "SHA256SUMS"}
    assert b'"2026-01-31"' in after["void.ttl"]
    assert sums["nexuskg.nq"] == hashlib.sha256(before["nexuskg.nq"]).hexdigest()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_of_something_else_is_left_alone(data: Local, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(NexuskgError, match=r"thesis\.txt"):
        release.write_release(data, out)
    (out / "SHA256SUMS").write_text(f"{'0' * 64}  thesis.txt\n")
    with pytest.raises(NexuskgError, match="no build made"):
        release.write_release(data, out)
    assert (out / "thesis.txt").read_text() == "years of work"


def test_a_build_with_a_file_of_the_user_s_in_it_is_left_alone(data: Local, tmp_path: Path) -> None:
    out = tmp_path / "dist"
    release.write_release(data, out)
    (out / "notes.txt").write_text("mine")
    with pytest.raises(NexuskgError, match=r"notes\.txt"):
        release.write_release(data, out)
    assert (out / "notes.txt").read_text() == "mine"


def test_a_file_in_the_way_is_said_and_left(data: Local, tmp_path: Path) -> None:
    out = tmp_path / "dist"
    out.write_text("a file")
    with pytest.raises(NexuskgError, match="no folder"):
        release.write_release(data, out)
    with pytest.raises(NexuskgError, match="cannot be written"):
        release.write_release(data, out / "below")
    assert out.read_text() == "a file"


def test_a_build_that_fails_leaves_what_was_there(data: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "dist"
    release.write_release(data, out)
    before = held(out)

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(self), len(data))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(NexuskgError, match="No space left on device"):
            release.write_release(data, out)
    assert held(out) == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def described(folder: Path) -> Store:
    """The description of a build."""
    store = Store()
    store.load(path=folder / "void.ttl")
    return store


def values(store: Store, pattern: str) -> list[tuple[str, ...]]:
    """The values of ?a, or of ?a and ?b, sorted."""
    told = "PREFIX void: <http://rdfs.org/ns/void#> PREFIX dcterms: <http://purl.org/dc/terms/> "
    found: Any = store.query(f"{told} PREFIX nx: <{NX}> SELECT * WHERE {{ {pattern} }}")
    return sorted(tuple(term.value for term in row if term is not None) for row in found)


def test_the_counts_of_the_description_are_those_of_the_data(data: Local, wider: Local, tmp_path: Path) -> None:
    release.write_release(data, tmp_path / "dist", wider=wider)
    store, quads = described(tmp_path / "dist"), Store()
    quads.load(path=tmp_path / "dist" / "nexuskg.nq")
    counts = dict(values(store, "?a void:triples ?b"))
    assert int(counts[DATASET]) == len(quads)
    for graph in quads.named_graphs():
        assert int(counts[graph.value]) == sum(1 for _ in quads.quads_for_pattern(None, None, None, graph))
    below = dict.fromkeys(b for (b,) in values(store, f"<{DATASET}> void:subset/void:subset ?a"))
    assert {graph.value for graph in quads.named_graphs()} <= set(below)
    files = values(store, "?a void:dataDump ?b")
    assert len(files) == 4
    for view, file in files:
        triples = list(parse(path=tmp_path / "dist" / file.rpartition("/")[2]))
        assert int(counts[view]) == len(triples)
    for part in ("evidence-span", "evidence-locator"):
        of = f"<{DATASET}/{part}> void:propertyPartition ?p . ?p void:property ?a ; void:triples ?b"
        sizes = values(store, f"{{ SELECT ?a ?b {{ {of} }} }}")
        view = next(v for v, f in files if f.endswith("-locator.ttl" if "locator" in part else "nexuskg.ttl"))
        assert sum(int(size) for _, size in sizes) == int(counts[view])


@pytest.mark.slow
def test_a_release_has_both_grades_under_one_title_and_says_how_many_claims_each_has(
    real: Local, real_wider: Local, tmp_path: Path
) -> None:
    release.write_release(real, tmp_path / "dist", wider=real_wider)
    store = described(tmp_path / "dist")
    wanted = "?p void:classPartition ?c . ?c void:class nx:Claim ; void:entities ?b BIND(?p AS ?a) FILTER(?p != ?c)"
    counts = {row[0]: int(row[1]) for row in values(store, f"{{ SELECT ?a ?b {{ {wanted} }} }}")}
    of = {part: counts[f"{DATASET}/{part}"] for part in ("evidence-span", "evidence-locator")}
    for part, one in (("evidence-span", real), ("evidence-locator", real_wider)):
        assert of[part] == sum(1 for _ in one.store.quads_for_pattern(None, TYPE, nx("Claim"), DefaultGraph()))
    assert of["evidence-span"] < of["evidence-locator"]
    assert [title for (title,) in values(store, f"<{DATASET}> dcterms:title ?a")] == [TITLE]
    assert values(store, f"<{DATASET}> dcterms:hasVersion ?a")
    assert values(store, f"<{DATASET}> dcterms:conformsTo ?a")
    quads = Store()
    quads.load(path=tmp_path / "dist" / "nexuskg.nq")
    for one in (
        real,
        real_wider,
    ):  # each grade can be taken out of the one file by the graphs that the description names
        graphs = {g for (g,) in values(store, f"<{part_iri(one.view)}> void:subset ?a")}
        names = [graph for graph in quads.named_graphs() if graph.value in graphs]
        triples = {str(q.triple) for graph in names for q in quads.quads_for_pattern(None, None, None, graph)}
        default = {str(q.triple) for q in one.store.quads_for_pattern(None, None, None, DefaultGraph())}
        assert {each for each in default if "_:" not in each} <= triples


@pytest.mark.parametrize("view", [views.view(sources="t"), WHOLE, views.view(inference=False)], ids=str)
def test_an_excerpt_never_goes_by_the_name_of_the_dataset_or_of_its_graphs(
    view: View, small: Path, data: Local, tmp_path: Path
) -> None:
    release.write_release(compiled(view, small), tmp_path / "dist")
    assert set(held(tmp_path / "dist")) == EXCERPT
    store, quads = described(tmp_path / "dist"), Store()
    quads.load(path=tmp_path / "dist" / "nexuskg.nq")
    me = part_iri(view)
    assert values(store, f"<{DATASET}> dcterms:title ?a") == values(store, f"<{DATASET}> void:triples ?a") == []
    ((title,),) = values(store, f"<{me}> dcterms:title ?a")
    assert title != TITLE
    assert layout.restriction(view).split()[0] in title
    assert values(store, f"<{me}> dcterms:isPartOf ?a") == [(DATASET,)]
    assert not set(quads.named_graphs()) & set(data.store.named_graphs())


@pytest.mark.slow
def test_the_command_publishes_all_or_an_excerpt(small: Path, tmp_path: Path) -> None:
    for options, title in (
        ([], TITLE),
        (["--evidence", "span"], "claims that are fixed to a span"),
        (["--evidence", "locator"], "all claims"),
        (["--source", "t"], "source t"),
    ):
        assert run(["build", "-o", str(tmp_path / "dist"), *options]) == 0
        whole = dict(values(described(tmp_path / "dist"), "?a dcterms:title ?b")).get(DATASET)
        assert (whole == TITLE) == (not options)
        assert title in (tmp_path / "dist" / "void.ttl").read_text(encoding="utf-8")
    assert run(["build", "-o", str(tmp_path / "dist"), "--accept", "implied"]) == 2


def test_the_real_dataset_is_published_whole(real: Local, tmp_path: Path) -> None:
    release.write_release(real, tmp_path / "dist")
    report = json.loads((tmp_path / "dist" / "coverage.json").read_bytes())
    assert [item["gaps"] for item in report] == [[]] * len(report)
    page = (tmp_path / "dist" / "coverage.md").read_text(encoding="utf-8")
    assert "# Coverage of ellis-2015" in page
    void = (tmp_path / "dist" / "void.ttl").read_text(encoding="utf-8")
    assert "creativecommons.org/licenses/by/4.0" in void
    ontology = Store()
    ontology.load(path=tmp_path / "dist" / "ontology.ttl")
    kinds = "SELECT ?o WHERE { ?o a <http://www.w3.org/2002/07/owl#Ontology> }"
    assert [row["o"].value for row in ontology.query(kinds)] == ["https://w3id.org/nexuskg/ontology"]  # type: ignore
    assert not list(ontology.query("SELECT ?o { ?o <http://www.w3.org/2002/07/owl#imports> ?i }"))  # type: ignore


def test_the_picture_draws_what_the_ontology_says_and_no_more_than_fits(real: Local) -> None:
    picture = model_picture(real.store)
    nodes = set(re.findall(r'^  (\w+)\["', picture, re.MULTILINE))
    arrows = re.findall(r'^  (\w+) (?:-->\|"[^"|]+"\||-\.->) (\w+)$', picture, re.MULTILINE)
    assert picture.startswith("flowchart LR\n")
    assert {"Actor", "Claim", "EvidenceSpan", "CausalMechanism", "Place"} <= nodes
    assert len(nodes) <= 22
    assert {end for arrow in arrows for end in arrow} == nodes
    assert 'Claim -->|"supportedBy"| EvidenceSpan' in picture
    assert re.search(r'Actor -->\|"[^"]*taxes[^"]*"\| Activity', picture)
    assert len(set(re.findall(r'^  \w+\["', model_picture(real.store, nodes=5), re.MULTILINE))) == 5
