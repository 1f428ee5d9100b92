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

import pytest
from pyoxigraph import DefaultGraph, RdfFormat, Store, parse

from nexuskg.errors import NexuskgError
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Compiled
from nexuskg.publish import release
from nexuskg.publish.model_diagram import model_picture
from nexuskg.rdf.void import DATASET, VOID

NAMES = {
    "SHA256SUMS",
    "coverage.json",
    "coverage.md",
    "model.mmd",
    "nexuskg.nq",
    "nexuskg.nq.gz",
    "nexuskg.ttl",
    "ontology.ttl",
    "queries.ttl",
    "void.ttl",
}


@pytest.fixture
def data(small: Path) -> Compiled:
    return compiled(home=small)


@pytest.fixture(scope="module")
def real(home: Path) -> Compiled:
    return compiled(home=home)


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_build_has_all_files_and_their_checksums(data: Compiled, tmp_path: Path) -> None:
    sums = release.write_release(data, tmp_path / "new" / "dist")
    files = held(tmp_path / "new" / "dist")
    assert set(files) == NAMES
    assert sums == {name: hashlib.sha256(files[name]).hexdigest() for name in NAMES - {"SHA256SUMS"}}
    lines = files["SHA256SUMS"].decode().splitlines()
    assert lines == [f"{digest}  {name}" for name, digest in sorted(sums.items())]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["dist"]


def test_the_quads_are_all_named_graphs_sorted(data: Compiled, tmp_path: Path) -> None:
    release.write_release(data, tmp_path / "dist")
    text = (tmp_path / "dist" / "nexuskg.nq").read_bytes()
    lines = text.splitlines()
    assert lines == sorted(set(lines))
    assert gzip.decompress((tmp_path / "dist" / "nexuskg.nq.gz").read_bytes()) == text
    again = Store()
    again.load(input=text, format=RdfFormat.N_QUADS)
    assert len(again) == sum(1 for quad in data.store if quad.graph_name != DefaultGraph())
    assert set(again.named_graphs()) == set(data.store.named_graphs())


def test_the_turtle_is_the_default_view(data: Compiled, tmp_path: Path) -> None:
    release.write_release(data, tmp_path / "dist")
    triples = {str(quad.triple) for quad in parse(path=tmp_path / "dist" / "nexuskg.ttl")}
    assert triples == {str(quad.triple) for quad in data.store.quads_for_pattern(None, None, None, DefaultGraph())}


def test_the_same_input_gives_the_same_bytes_in_another_process(small: Path, tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from nexuskg.pipeline import compilation; "
    code += "from nexuskg.publish import release; release.write_release(compilation.compiled(), Path(sys.argv[1]))"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "NEXUSKG_CACHE": str(tmp_path / f"cache{seed}")}
        subprocess.run([sys.executable, "-c", code, str(tmp_path / seed)], check=True, env=environment)
    assert small.is_dir()
    assert held(tmp_path / "1") == held(tmp_path / "2")


def test_a_later_build_takes_the_place_of_an_earlier_one(data: Compiled, tmp_path: Path) -> None:
    out = tmp_path / "dist"
    out.mkdir()
    release.write_release(data, out)
    before = held(out)
    sums = release.write_release(data, out, date(2026, 1, 31))
    after = held(out)
    assert {name for name in NAMES if before[name] != after[name]} == {"void.ttl", "SHA256SUMS"}
    assert b'"2026-01-31"' in after["void.ttl"]
    assert sums["nexuskg.nq"] == hashlib.sha256(before["nexuskg.nq"]).hexdigest()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_of_something_else_is_left_alone(data: Compiled, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(NexuskgError, match=r"thesis\.txt"):
        release.write_release(data, out)
    (out / "SHA256SUMS").write_text(f"{'0' * 64}  thesis.txt\n")
    with pytest.raises(NexuskgError, match="no build made"):
        release.write_release(data, out)
    assert (out / "thesis.txt").read_text() == "years of work"


def test_a_build_with_a_file_of_the_user_s_in_it_is_left_alone(data: Compiled, tmp_path: Path) -> None:
    out = tmp_path / "dist"
    release.write_release(data, out)
    (out / "notes.txt").write_text("mine")
    with pytest.raises(NexuskgError, match=r"notes\.txt"):
        release.write_release(data, out)
    assert (out / "notes.txt").read_text() == "mine"


def test_a_file_in_the_way_is_said_and_left(data: Compiled, tmp_path: Path) -> None:
    out = tmp_path / "dist"
    out.write_text("a file")
    with pytest.raises(NexuskgError, match="no folder"):
        release.write_release(data, out)
    with pytest.raises(NexuskgError, match="cannot be written"):
        release.write_release(data, out / "below")
    assert out.read_text() == "a file"


def test_a_build_that_fails_leaves_what_was_there(
    data: Compiled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_the_counts_of_the_description_are_those_of_the_data(data: Compiled, tmp_path: Path) -> None:
    release.write_release(data, tmp_path / "dist")
    store = Store()
    store.load(path=tmp_path / "dist" / "void.ttl")
    query = f"SELECT ?g ?n WHERE {{ ?g <{VOID}triples> ?n . <{DATASET}> <{VOID}subset> ?g }}"
    counts = {row["g"].value: int(row["n"].value) for row in store.query(query)}  # type: ignore[union-attr]
    for graph in data.store.named_graphs():
        assert counts[graph.value] == sum(1 for _ in data.store.quads_for_pattern(None, None, None, graph))
    parts = f"SELECT (SUM(?n) AS ?sum) WHERE {{ <{DATASET}> <{VOID}propertyPartition>/<{VOID}triples> ?n }}"
    total = next(iter(store.query(parts)))["sum"]  # type: ignore[union-attr,arg-type]
    assert int(total.value) == sum(1 for _ in data.store.quads_for_pattern(None, None, None, DefaultGraph()))


def test_the_real_dataset_is_published_whole(real: Compiled, tmp_path: Path) -> None:
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


def test_the_picture_draws_what_the_ontology_says_and_no_more_than_fits(real: Compiled) -> None:
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
