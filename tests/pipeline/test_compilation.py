"""The build and its cache: hit, damaged, not writable, shared, pruned."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode

from nexuskg.base.namespaces import BASE, GRAPH, nx
from nexuskg.errors import ParseFailure, QueryFailure
from nexuskg.pipeline import cache, compilation
from nexuskg.pipeline.dataset import Compiled, Dataset
from nexuskg.pipeline.views import FACTS, View

REDS, SELLING = NamedNode(BASE + "id/actor/reds"), NamedNode(BASE + "id/activity/selling")


def entry(home: Path) -> Path:
    return cache.cache_dir() / cache.digest(home)


def taxes_selling(data: Compiled) -> bool:
    return bool(list(data.store.quads_for_pattern(REDS, nx("taxes"), SELLING, DefaultGraph())))


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The homes that were compiled, in order."""
    done: list[Path] = []
    real = compilation.compile_dataset

    def counted(home: Path, view: View) -> Dataset:
        done.append(home)
        return real(home, view)

    monkeypatch.setattr(compilation, "compile_dataset", counted)
    return done


def test_views_differ_by_what_is_implied(small: Path) -> None:
    assert not taxes_selling(compilation.compiled("facts"))
    assert taxes_selling(compilation.compiled("implied"))


def test_no_triple_twice_and_each_graph_by_its_file(small: Path) -> None:
    dataset = compilation.compile_dataset(small)
    names = {name.value.removeprefix(GRAPH) for name in dataset.store.named_graphs() if isinstance(name, NamedNode)}
    assert {"terms/all", "data/claims/t", "facts", "inferred", "implied", "labels", "annotations"} <= names
    facts, implied = (
        {
            (q.subject, q.predicate, q.object)
            for q in dataset.store.quads_for_pattern(None, None, None, NamedNode(GRAPH + name))
        }
        for name in ("facts", "implied")
    )
    assert facts
    assert implied
    assert not facts & implied


def test_the_second_time_comes_from_the_cache_and_is_the_same(small: Path, builds: list[Path]) -> None:
    first, second = compilation.compiled(), compilation.compiled()
    assert len(builds) == 1
    assert sorted(map(str, first.store)) == sorted(map(str, second.store))
    assert first.queries == second.queries
    assert dict(first.prefixes) == dict(second.prefixes)


@pytest.mark.parametrize("file", ["ontology/terms/all.ttl", "queries/questions/who-taxes-what.rq"])
def test_a_change_is_compiled_anew(file: str, small: Path, builds: list[Path]) -> None:
    compilation.compiled()
    path = small / file
    path.write_text(path.read_text() + "\n# changed\n")
    compilation.compiled()
    assert len(builds) == 2


def damaged(folder: Path) -> list[tuple[str, bytes]]:
    manifest = json.loads((folder / "manifest.json").read_text())
    fewer = json.loads(json.dumps(manifest))
    fewer["files"]["facts.nt"]["triples"] -= 1
    facts = (folder / "facts.nt").read_bytes()
    return [
        ("facts.nt", facts[: len(facts) // 2]),
        ("facts.nt", b""),
        ("catalogue.json", b"{}"),
        ("manifest.json", b"{"),
        ("manifest.json", b'{"files": {}}'),
        ("manifest.json", json.dumps(fewer).encode()),
        ("dataset.nq", b"nonsense"),
    ]


@pytest.mark.parametrize("case", range(7))
def test_a_damaged_entry_is_rebuilt(case: int, small: Path, builds: list[Path]) -> None:
    whole = len(compilation.compiled().store)
    name, data = damaged(entry(small))[case]
    (entry(small) / name).write_bytes(data)
    assert len(compilation.compiled().store) == whole
    assert len(compilation.compiled().store) == whole
    assert len(builds) == 2


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that this user cannot write")
def test_a_read_only_folder_keeps_it_in_memory(small: Path, writable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writable.chmod(0o500)
    monkeypatch.setenv("NEXUSKG_CACHE", str(writable / "cache"))
    assert len(compilation.compiled().store)
    assert not list(writable.iterdir())


def test_a_cache_that_cannot_be_a_folder_keeps_it_in_memory(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NEXUSKG_CACHE", str(tmp_path / "file"))
    assert len(compilation.compiled().store)
    assert (tmp_path / "file").read_text() == "in the way"


def _size(home: Path) -> int:
    return len(compilation.compiled(home=home).store)


@pytest.mark.slow
def test_processes_at_the_same_time_get_the_same(small: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        sizes = pool.map(_size, [small] * 4)
    assert len(set(sizes)) == 1
    assert [path.name for path in cache.cache_dir().iterdir()] == [entry(small).name]


def test_old_entries_are_pruned_and_foreign_files_left_alone(small: Path) -> None:
    folder = cache.cache_dir()
    for number in range(12):
        old = folder / f"{number:032x}"
        old.mkdir(parents=True)
        (old / "manifest.json").write_text("{}")
        os.utime(old, (number, number))
    (folder / "notes").mkdir()
    (folder / ".cache.new-deadbeef").mkdir()  # a killed process has left it
    os.utime(folder / ".cache.new-deadbeef", (1, 1))
    compilation.compiled()
    left = {path.name for path in folder.iterdir()}
    kept = {f"{number:032x}" for number in range(12 - cache.KEPT_ENTRIES + 1, 12)}
    assert left == {entry(small).name, "notes", *kept}


def test_a_malformed_file_leaves_no_entry(small: Path) -> None:
    (small / "ontology/terms/bad.ttl").write_text("nx:x a ] .")
    with pytest.raises(ParseFailure, match=r"bad\.ttl:1"):
        compilation.compiled()
    assert not cache.cache_dir().exists()


def test_a_file_that_cannot_be_read_is_named(small: Path) -> None:
    (small / "ontology/terms/gone.ttl").symlink_to(small / "nowhere.ttl")
    with pytest.raises(ParseFailure, match=r"gone\.ttl: cannot be read"):
        compilation.compiled()


def test_a_user_without_a_home_has_a_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSKG_CACHE", "~nobody-of-this-name/cache")
    assert cache.cache_dir().name == "cache"


def test_a_missing_lookup_is_named(small: Path) -> None:
    (small / "queries/lookups/evidence.rq").unlink()
    with pytest.raises(QueryFailure, match="lookups"):
        compilation.compiled()


def test_a_missing_derivation_is_named(small: Path) -> None:
    (small / "queries/derive/nodes.rq").unlink()
    with pytest.raises(QueryFailure, match="nodes"):
        compilation.compiled()


# ---- going on from an earlier dataset -----------------------------------------------------------------------------

NEW_CLAIM = """
claim:t.c7 a nx:Claim ; skos:prefLabel "The Blues tax selling."@en ; nx:fromSource source:t ;
  nx:supportedBy span:t.0-9 ; nx:kind kind:state-of-affairs ; nx:polarity polarity:positive ;
  nx:modality modality:asserted ; nx:claimSubject actor:blues ; nx:claimPredicate nx:taxes ;
  nx:claimObject activity:selling .
"""


def content(data: Compiled) -> tuple[set[str], int]:
    return {str(quad) for quad in data.store}, len(data.store)


def test_added_claims_are_derived_alone_and_the_result_is_that_from_scratch(small: Path, builds: list[Path]) -> None:
    compilation.compiled()
    path = small / "ontology/data/claims/t.ttl"
    before = path.read_text(encoding="utf-8")
    path.write_text(before + NEW_CLAIM, encoding="utf-8")
    gone_on = {view: content(compilation.compiled(view)) for view in ("facts", "implied")}
    assert builds == [small]  # the first time only
    again = compilation.compile_dataset(small, FACTS)
    assert gone_on == {view: content(compilation.of_view(again, view)) for view in ("facts", "implied")}
    assert "actor/blues> <https://w3id.org/nexuskg/ontology#derivesRevenueFrom>" in " ".join(gone_on["facts"][0])

    builds.clear()
    path.write_text(before.replace("mainly", "partly") + NEW_CLAIM, encoding="utf-8")
    changed = content(compilation.compiled())
    assert builds == [small]  # a change is no addition
    assert changed == content(compilation.of_view(compilation.compile_dataset(small, FACTS), "facts"))


def test_what_is_taken_away_is_compiled_from_scratch(small: Path, builds: list[Path]) -> None:
    path = small / "ontology/data/claims/t.ttl"
    before = path.read_text(encoding="utf-8")
    path.write_text(before + NEW_CLAIM, encoding="utf-8")
    compilation.compiled()
    path.write_text(before, encoding="utf-8")
    found = content(compilation.compiled())
    assert builds == [small, small]
    assert found == content(compilation.of_view(compilation.compile_dataset(small, FACTS), "facts"))


def test_other_axioms_are_compiled_from_scratch(small: Path, builds: list[Path]) -> None:
    compilation.compiled()
    path = small / "ontology/terms/all.ttl"
    path.write_text(path.read_text(encoding="utf-8") + "nx:taxes rdfs:domain nx:Actor .", encoding="utf-8")
    (small / "ontology/data/claims/u.ttl").write_text("<urn:x> <urn:p> <urn:y> .", encoding="utf-8")
    compilation.compiled()
    assert builds == [small, small]


def test_a_contradiction_that_an_addition_brings_is_told(small: Path, builds: list[Path]) -> None:
    path = small / "ontology/terms/all.ttl"
    text = "nx:taxes a owl:IrreflexiveProperty . nx:pays owl:propertyDisjointWith nx:taxes ."
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    assert compilation.compiled().contradictions == ()
    path = small / "ontology/data/claims/t.ttl"
    claim = NEW_CLAIM.replace("claimObject activity:selling", "claimObject actor:blues")
    path.write_text(path.read_text(encoding="utf-8") + claim, encoding="utf-8")
    (clash,) = compilation.compiled().contradictions
    assert builds == [small]
    assert "claim:t.c7" in clash.message
