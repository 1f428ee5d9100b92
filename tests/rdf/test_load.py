"""Files -> named graphs, all or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode

from nexuskg.base import data_home
from nexuskg.errors import HomeNotFound, ParseFailure
from nexuskg.pipeline.views import compose, member_graphs
from nexuskg.rdf import load


def test_each_file_is_a_named_graph_and_the_way_back_is_known(home: Path) -> None:
    store = load.load_files(home)
    names = {name for name in store.named_graphs() if isinstance(name, NamedNode)}
    files = data_home.turtle_files(home)
    assert len(files) > 150
    assert names == {load.file_graph(path, home) for path in files}
    assert {load.graph_file(name, home) for name in names} == set(files)
    assert not list(store.quads_for_pattern(None, None, None, DefaultGraph()))


def test_malformed_turtle_names_file_line_and_column(small: Path) -> None:
    path = small / "ontology/terms/all.ttl"
    path.write_text(path.read_text() + "\nnx:Broken a owl:Class ;\n  skos:prefLabel ] .\n")
    with pytest.raises(ParseFailure) as failure:
        load.load_files(small)
    assert failure.value.path == str(path)
    assert failure.value.line == len(path.read_text().splitlines())
    assert "not a valid RDF object" in failure.value.problem


def test_a_triple_in_two_files_is_once_in_a_view(small: Path) -> None:
    text = "<urn:a:s> <urn:a:p> <urn:a:o> .\n"
    for name in ("one", "two"):
        (small / f"ontology/terms/{name}.ttl").write_text(text)
    store = load.load_files(small)
    view = compose(store, "facts")
    asked = "SELECT (COUNT(*) AS ?n) WHERE { <urn:a:s> <urn:a:p> ?o }"
    assert [row["n"].value for row in view.query(asked)] == ["1"]  # type: ignore[union-attr]
    assert len({name.value for name in member_graphs(store, "facts")}) == len(member_graphs(store, "facts"))


def test_a_wrong_home_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSKG_HOME", str(tmp_path))
    with pytest.raises(HomeNotFound, match=str(tmp_path)):
        data_home.home()
