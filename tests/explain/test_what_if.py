"""What falls when something is withdrawn, and what most rests on; the one held against the other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import NamedNode, Triple

from nexuskg.base.namespaces import BASE, graph_iri, nx
from nexuskg.cli.main import program_group
from nexuskg.explain import linchpins, what_if
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.rdf.labels import label
from nexuskg.reasoning import domain_rules, grounds, steps


@pytest.fixture(scope="module")
def data(home: Path) -> Compiled:
    return compilation.compiled("facts", home)


def fallen(data: Compiled, *words: str) -> set[str]:
    return {
        f"{c.kind}: {c.text}"
        for c in what_if.without(data, [what_if.parse_withdrawal(data, words)]).falls
        if c.kind != "row"
    }


def test_without_the_implied_claim_the_hybrid_actor_falls_and_nothing_else(data: Compiled) -> None:
    assert fallen(data, "claim:ellis-2015.c125") == {
        "fact: Sendero Luminoso is a criminal organization",
        "inference: Sendero Luminoso is a hybrid actor",
    }


@pytest.mark.slow
def test_an_axiom_with_a_class_expression_is_named_by_its_terms(data: Compiled) -> None:
    assert fallen(data, "nx:HybridActor", "owl:equivalentClass") == {"inference: Sendero Luminoso is a hybrid actor"}
    found = fallen(data, "nx:taxes", "rdfs:subPropertyOf", "nx:derivesRevenueFrom")
    assert found
    assert all("derives revenue from" in text for text in found)


@pytest.mark.slow
def test_without_the_source_nothing_is_left(data: Compiled) -> None:
    found = what_if.without(data, [what_if.parse_withdrawal(data, ["source:ellis-2015"])])
    facts = what_if.view_triples(data, "fact", True)
    assert sum(change.kind == "fact" for change in found.falls) == len(facts)
    assert any(change.kind == "loop" for change in found.falls)
    left = compilation.compiled(
        replace(data.view, without=frozenset([NamedNode(BASE + "source/ellis-2015")])), data.home
    )
    assert what_if.view_triples(left, "fact", True) == set()


@pytest.mark.slow
def test_a_loop_that_closes_by_a_reading_falls_with_the_reading(data: Compiled) -> None:
    reading = NamedNode(BASE + "vocab/loop-closure/closed-by-reading")
    loops = [q.subject for q in data.store.quads_for_pattern(None, nx("loopClosure"), reading, graph_iri("loops"))]
    assert loops
    for loop in loops:
        implied = [
            q.object
            for q in data.store.quads_for_pattern(loop, nx("derivedFrom"), None, graph_iri("loops"))
            if grounds.modality(data.store, q.object) == "implied"
        ]
        assert implied
        title = label(data.store, loop)
        for claim in implied:
            assert f"loop: {title} (loop closed by reading)" in fallen(data, f"<{claim.value}>")
    assert not any(text.startswith("loop:") for text in fallen(data, "claim:ellis-2015.c125"))


@pytest.mark.slow
def test_the_view_is_that_of_the_question(data: Compiled) -> None:
    implied = compilation.compiled("implied", data.home)
    rows = {
        c.text
        for c in what_if.without(implied, [what_if.parse_withdrawal(implied, ["claim:ellis-2015.c082"])]).falls
        if c.kind == "row"
    }
    assert any(text.startswith("who-taxes-what: Sendero Luminoso | drug trafficking") for text in rows)


def level(data: Compiled) -> set[Triple]:
    every = compilation.compiled(replace(data.view, accept="implied"), data.home)
    return what_if.view_triples(every, "fact", True) | what_if.view_triples(every, "inference", True)


@pytest.mark.slow
def test_what_falls_is_what_compiling_again_does_not_find(data: Compiled) -> None:
    every = compilation.compiled("implied", data.home)
    heads = steps.by_head(domain_rules.all_clauses(every.store, every.queries))
    before = level(data)
    web = linchpins.web_of(every.store, before, heads)
    claims = sorted({claim for found in web.claims.values() for claim in found}, key=str)
    # c028: what it states outright another claim says of the same node.
    for claim in [*claims[::10], NamedNode(BASE + "claim/ellis-2015.c028")]:
        start = {triple for triple, found in web.claims.items() if claim in found}
        ours = linchpins.fall(web, start, claim) & before
        left = compilation.compile_dataset(data.home, replace(data.view, without=frozenset([claim])))
        again = compilation.of_view(left, "implied")
        after = what_if.view_triples(again, "fact", True) | what_if.view_triples(again, "inference", True)
        assert ours == before - after, claim


@pytest.mark.slow
def test_the_ranking_is_what_withdrawing_shows(data: Compiled) -> None:
    found = linchpins.linchpins(data)
    assert [one.total for one in found] == sorted((one.total for one in found), reverse=True)
    assert {one.kind for one in found} == {"claim", "axiom"}
    by_name = {one.name: one for one in found}
    for name in ("claim:ellis-2015.c125", "nx:contributesTo rdfs:subPropertyOf nx:bearsOn", "claim:ellis-2015.c070-1"):
        one, shown = by_name[name], what_if.without(data, [what_if.parse_withdrawal(data, name.split())])
        gone = {(c.kind, c.text) for c in shown.falls} - {(c.kind, c.text) for c in shown.appears}
        counts = {kind: sum(k == kind for k, _ in gone) for kind in ("fact", "inference", "loop")}
        assert (one.facts, one.inferences, one.loops) == (counts["fact"], counts["inference"], counts["loop"]), name


@pytest.mark.slow
def test_without_inference_only_claims_are_linchpins(home: Path) -> None:
    bare = compilation.compiled(views.view(inference=False), home)
    found = linchpins.linchpins(bare)
    assert {one.kind for one in found} == {"claim"}
    assert not any(one.inferences for one in found)


@pytest.mark.slow
def test_the_commands_print_tables_and_json() -> None:
    run = CliRunner().invoke
    table = run(program_group, ["without", "claim:ellis-2015.c125"]).stdout
    assert "Sendero Luminoso is a hybrid actor" in table
    told = json.loads(run(program_group, ["without", "claim:ellis-2015.c125", "--format", "json"]).stdout)
    assert told["withdrawn"] == ["claim:ellis-2015.c125"]
    assert {change["kind"] for change in told["falls"]} == {"fact", "inference", "row"}
    table = run(program_group, ["linchpins", "--limit", "3", "--kind", "claim"]).stdout
    assert len(table.splitlines()) == 5
    assert len(json.loads(run(program_group, ["linchpins", "--limit", "4", "--format", "json"]).stdout)) == 4


def test_what_is_not_there_is_met_with_a_sentence() -> None:
    for words, said in (
        (["without", "claim:ellis-2015.c9999"], "Nothing is called"),
        (["without", "nx:taxes", "nx:taxes"], "has no axiom"),
        (["without", "actor:sendero-luminoso"], "is no claim, span, axiom"),
    ):
        result = CliRunner().invoke(program_group, words)
        assert said in str(result.exception)
