"""What a claim can state: each predicate with what it joins, and a claim that states it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from nexuskg.authoring.predicates import predicates_of_claims
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base.namespaces import DEFAULT_GRAPH, expand, nx
from nexuskg.cli.main import run
from nexuskg.errors import BadParameter, UnknownTerm
from nexuskg.pipeline import compilation, views
from nexuskg.rdf.store import property_values
from nexuskg.search.describe import describe


@pytest.fixture(scope="module")
def vocabulary(home: Path) -> Vocabulary:
    return Vocabulary(compilation.compiled(views.WHOLE, home))


def test_whatever_a_claim_states_is_listed_with_a_claim_that_states_it(vocabulary: Vocabulary) -> None:
    found = {each.curie: each for each in predicates_of_claims(vocabulary)}
    stated = vocabulary.store.quads_for_pattern(None, nx("claimPredicate"), None, DEFAULT_GRAPH)
    assert {vocabulary.curie(quad.object.value) for quad in stated} <= set(found)  # type: ignore[union-attr]
    for each in found.values():
        assert bool(each.claims) == bool(each.example) == bool(each.says)
        if each.example:
            claim = expand(each.example, vocabulary.data.prefixes)
            (predicate,) = property_values(vocabulary.store, _node(claim), nx("claimPredicate").value)
            assert vocabulary.curie(predicate.value) == each.curie  # type: ignore[union-attr]


def _node(iri: str | None) -> NamedNode:
    assert iri is not None
    return NamedNode(iri)


def test_a_class_keeps_what_can_be_said_of_its_members(vocabulary: Vocabulary) -> None:
    every = {each.curie: each for each in predicates_of_claims(vocabulary)}
    group = {each.curie for each in predicates_of_claims(vocabulary, "Organization")}
    assert {"nx:ledBy", "nx:operatesIn", "nx:taxes", "rdf:type"} <= group < set(every)
    assert "nx:seizedBy" not in group
    assert every["nx:ledBy"].domain == ("nx:Organization",)
    with pytest.raises(BadParameter, match="is no class"):
        predicates_of_claims(vocabulary, "place:peru")
    with pytest.raises(UnknownTerm, match="nx:Organization"):
        predicates_of_claims(vocabulary, "nx:Organisation")


def test_predicates_are_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predicates", "--for", "nx:Organization"]) == 0
    head, _, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["predicate", "label", "domain", "range", "claims", "example", "says"]
    assert any(line.startswith("nx:taxes ") and "claim:" in line for line in lines)


def test_show_names_the_properties_of_a_claim_and_of_its_class(vocabulary: Vocabulary) -> None:
    data = vocabulary.data
    one = describe(data.store, data.catalogue, "claim:ellis-2015.c082", prefixes=data.prefixes)
    assert "hedge (nx:hedge)" in dict(one.details)
    of_class = dict(describe(data.store, data.catalogue, "nx:Claim", prefixes=data.prefixes).details)
    assert {"nx:hedge", "nx:footnoteNear", "nx:claimSubject", "nx:claimedBy"} <= set(of_class)
    for name in (name.split("(")[1].rstrip(")") for name, _ in one.details if "(" in name):
        assert name in of_class
