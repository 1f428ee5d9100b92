"""The benchmark's generator: the same bytes again, of the size asked for, sound by our own rules; and a tiny run."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, Triple, parse

import generate
import run
from nexuskg.base.namespaces import graph_iri, nx
from nexuskg.pipeline import derivation, views
from nexuskg.queries import catalogue
from nexuskg.rdf import load
from nexuskg.rdf.store import select
from nexuskg.reasoning import closure, domain_rules
from nexuskg.validation import shacl

HOME = Path(__file__).parents[2]
QUERIES = catalogue.read_catalogue(HOME)
DERIVE = {name: query for (kind, name), query in QUERIES.items() if kind == "derive"}
NEEDS_IMPLIED = ("claim-without-fact", "fact-without-claim")


def text(triples: int, seed: int = 1, **options: float | bool) -> str:
    return "".join(generate.lines(generate.sources(triples, seed), **options))


def compiled(violations: float = 0.0) -> Store:
    """The real files and 10k generated triples, with facts and what follows, the default graph being all of it."""
    store = load.load_files(HOME)
    quads = text(10_000, quads=True, violations=violations)
    store.load(input=quads.encode(), format=RdfFormat.N_QUADS)
    scratch = views.merge(store, views.member_graphs(store, "facts"))
    for name, implied in (("facts", False), ("implied", True)):
        made = [triple for triple in derivation.derive(scratch, DERIVE, implied) if Quad(*triple) not in scratch]
        views.add_triples(store, made, graph_iri(name))
        if not implied:
            views.add_triples(scratch, made)
    views.add_triples(scratch, derivation.comparables(scratch, DERIVE))
    views.add_triples(store, closure.close(scratch, domain_rules.all_clauses(scratch, QUERIES)), graph_iri("inferred"))
    return views.compose(store, "facts")


@pytest.fixture(scope="module")
def store() -> Store:
    return compiled()


def stated(store: Store) -> list[Triple]:
    inferred = {quad.triple for quad in store.quads_for_pattern(None, None, None, graph_iri("inferred"))}
    data = store.quads_for_pattern(None, None, None, DefaultGraph())
    return [quad.triple for quad in data if quad.triple not in inferred]


def rules(store: Store) -> list[Triple]:
    return [quad.triple for quad in parse(shacl.shapes(store), RdfFormat.N_TRIPLES)]


def test_the_same_size_and_seed_give_the_same_bytes() -> None:
    assert text(10_000) == text(10_000)
    assert text(10_000) != text(10_000, seed=2)


@pytest.mark.parametrize("triples", [10_000, 50_000])
def test_the_size_is_about_the_one_asked_for(triples: int) -> None:
    lines = text(triples).splitlines()
    assert len(set(lines)) == len(lines)
    assert abs(len(lines) - triples) < 3_000


def test_a_further_source_is_what_a_larger_size_would_hold() -> None:
    few, more = (list(generate.sources(size)) for size in (10_000, 20_000))
    assert generate.source(len(few)).blocks() == more[len(few)].blocks()
    assert generate.source(len(few)).numbered == 200


@pytest.mark.slow
def test_no_shape_is_broken(store: Store) -> None:
    found = shacl.results(stated(store), rules(store))
    assert [result for result in found if "report-" in result.focus] == []


def test_nothing_contradicts(store: Store) -> None:
    assert closure.contradictions(store) == []


FAULTS = [name for (kind, name), query in QUERIES.items() if kind == "check" and query.severity != "info"]


def test_there_are_checks() -> None:
    assert len(FAULTS) >= 20


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in NEEDS_IMPLIED])
def test_no_check_finds_anything_in_generated_sources(name: str, store: Store) -> None:
    found = [str(row[0]) for row in select(store, QUERIES["check", name].text, name).rows]
    assert [entity for entity in found if "report-" in entity] == []


def test_every_kind_of_claim_is_there(store: Store) -> None:
    for scheme, least in (("modality", 7), ("polarity", 2), ("kind", 4), ("voice", 4)):
        query = f"SELECT DISTINCT ?o {{ ?c {nx('fromSource')} ?s ; {nx(scheme)} ?o }}"
        assert len(select(store, query).rows) >= least, scheme
    for predicate in ("hedge", "corroborates", "contradicts", "claimedBy", "describesNode", "lowerBound", "openList"):
        assert next(store.quads_for_pattern(None, nx(predicate), None, DefaultGraph()), None) is not None, predicate


def test_what_one_source_corroborates_is_the_same_statement(store: Store) -> None:
    pairs = select(
        store,
        f"SELECT ?s ?t {{ ?a {nx('corroborates')} ?b . ?a {nx('claimSubject')} ?s . ?b {nx('claimSubject')} ?t . "
        f"?a {nx('claimObject')} ?o . ?b {nx('claimObject')} ?o . ?a {nx('fromSource')} ?x "
        "FILTER(STRSTARTS(STR(?x), 'https://w3id.org/nexuskg/source/report-')) }",
    ).rows
    assert pairs
    assert all(one == other for one, other in pairs)


def test_figures_that_contradict_are_of_one_thing(store: Store) -> None:
    pairs = select(
        store,
        f"SELECT ?p ?q {{ ?a {nx('contradicts')} ?b . ?a {nx('claimSubject')} ?s ; {nx('measures')} ?p . "
        f"?b {nx('claimSubject')} ?s ; {nx('measures')} ?q . ?a {nx('fromSource')} ?x . ?b {nx('fromSource')} ?y "
        "FILTER(STRSTARTS(STR(?x), 'https://w3id.org/nexuskg/source/report-') && ?x != ?y) }",
    ).rows
    assert pairs
    assert all(one == other for one, other in pairs)


@pytest.mark.slow
def test_what_is_planted_is_found(store: Store) -> None:
    broken = compiled(violations=0.05)
    found = shacl.results(stated(broken), rules(broken))
    assert {result.shape.rpartition("/")[2] for result in found} >= {
        "Claim-voice",
        "Claim-kind",
        "Claim-hedge",
        "Claim-modality",
    }
    others = {result.focus for result in found if "report-" not in result.focus}
    assert others == {result.focus for result in shacl.results(stated(store), rules(store))}


@pytest.mark.slow
def test_a_tiny_run_writes_table_targets_and_plot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["run.py", "--sizes", "4k", "--runs", "1", "--tasks", "load,derive,closure,validate,questions,add"]
    monkeypatch.setattr(sys, "argv", [*words, "--no-peers", "--no-small", "-o", str(tmp_path)])
    run.main()
    report = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert "not measured at these sizes" in report
    assert (tmp_path / "bench.svg").read_text(encoding="utf-8").startswith("<svg")
    with (tmp_path / "bench.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    done = {row["task"] for row in rows if row["wall_s"] and row["runs"]}
    assert done == {"load", "derive", "closure", "validate", "questions", "add"}
    assert [float(row["wall_s"]) for row in rows if row["task"] == "add: differ"] == [0]
