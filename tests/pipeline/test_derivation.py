"""Derivation: what claims state, and what they must not."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Literal, NamedNode, Store, Triple

from nexuskg.base.namespaces import BASE, RDF, RDFS, XSD, nx
from nexuskg.pipeline import derivation, views
from nexuskg.queries import catalogue
from nexuskg.rdf import load


def derived(home: Path, implied: bool = False) -> list[Triple]:
    return derivation.derive(loaded(home), queries(home), implied)


def loaded(home: Path) -> Store:
    store = load.load_files(home)
    return views.merge(store, views.member_graphs(store, "facts"))


def queries(home: Path) -> dict[str, catalogue.StoredQuery]:
    return {name: query for (kind, name), query in catalogue.read_catalogue(home).items() if kind == "derive"}


def entity(name: str) -> NamedNode:
    return NamedNode(f"{BASE}id/{name}")


def test_a_claim_states_its_fact_and_its_node(small: Path) -> None:
    facts = derived(small)
    reds, growing, node = entity("actor/reds"), entity("activity/growing"), entity("arrangement/t.c1")
    assert Triple(reds, nx("taxes"), growing) in facts
    assert {(t.predicate, t.object) for t in facts if t.subject == node} == {
        (NamedNode(RDF + "type"), nx("TaxationArrangement")),
        (nx("leviedBy"), reds),
        (nx("leviedOn"), growing),
        (nx("derivedFrom"), NamedNode(BASE + "claim/t.c1")),
    }


def test_denied_implied_and_judged_things_are_no_facts(small: Path) -> None:
    facts = derived(small)
    assert not [t for t in facts if t.subject == entity("actor/blues")]
    assert not [t for t in facts if t.predicate == nx("ratedAs")]
    assert not [t for t in facts if entity("activity/selling") in (t.subject, t.object)]
    implied = derived(small, implied=True)
    assert Triple(entity("actor/reds"), nx("taxes"), entity("activity/selling")) in implied
    assert not set(facts) & set(implied)


def test_a_bound_stays_a_bound_and_a_date_gets_its_ends(small: Path) -> None:
    node = entity("observation/members")
    found = {(t.predicate.value.rpartition("#")[2], t.object.value) for t in derived(small) if t.subject == node}  # type: ignore[union-attr]
    assert {
        ("lowerBound", "200"),
        ("comparator", BASE + "vocab/comparator/more-than"),
        ("edtf", "2014-09"),
        ("earliest", "2014-09-01T00:00:00"),
        ("latest", "2014-09-30T23:59:59"),
        ("derivedFrom", BASE + "claim/t.c5"),
    } == found


def test_a_bad_date_yields_no_bounds() -> None:
    thing = NamedNode("urn:x")
    assert derivation.date_bounds([Triple(thing, nx("edtf"), Literal("late 2014"))]) == []
    open_ended = derivation.date_bounds([Triple(thing, nx("edtf"), Literal("../2014"))])
    end = Literal("2014-12-31T23:59:59", datatype=NamedNode(XSD + "dateTime"))
    assert open_ended == [Triple(thing, nx("latest"), end)]


def test_labels_and_annotations(small: Path) -> None:
    store = loaded(small)
    views.add_triples(store, derivation.derive(store, queries(small)))
    labels = {(t.subject.value, t.object.value) for t in derivation.labels(store, queries(small))}  # type: ignore[union-attr]
    assert (entity("actor/reds").value, "Los Rojos") in labels
    assert (entity("arrangement/t.c1").value, "The Reds tax growing.") in labels
    assert all(t.predicate.value == RDFS + "label" for t in derivation.labels(store, queries(small)))
    quotes = [t for t in derivation.web_annotations(store, queries(small)) if t.predicate.value.endswith("#exact")]
    assert [(t.subject.value, t.object.value) for t in quotes] == [  # type: ignore[union-attr]
        (BASE + "span/t.0-9/quote", "they tax"),
        (BASE + "span/t.10-19/quote", "and sell"),
    ]


def test_every_eligible_claim_of_the_real_data_has_its_fact(home: Path) -> None:
    store = loaded(home)
    facts = set(derivation.derive(store, queries(home)))
    asked = """PREFIX nx: <https://w3id.org/nexuskg/ontology#> PREFIX vocab: <https://w3id.org/nexuskg/vocab/>
    SELECT ?s ?p ?o ?kind ?polarity ?modality WHERE {
      ?claim nx:claimSubject ?s ; nx:claimPredicate ?p ; nx:kind ?kind ; nx:polarity ?polarity ; nx:modality ?modality .
      OPTIONAL { ?claim nx:claimObject ?node } OPTIONAL { ?claim nx:claimValue ?value }
      BIND(COALESCE(?node, ?value) AS ?o) }"""
    stated = {"asserted", "reported", "estimated", "presupposed"}
    expected, others = set(), set()
    for row in store.query(asked):  # type: ignore[union-attr]
        kind, polarity, modality = (row[name].value.rpartition("/")[2] for name in ("kind", "polarity", "modality"))
        eligible = kind != "evaluation" and polarity == "positive" and modality in stated
        (expected if eligible else others).add(Triple(row["s"], row["p"], row["o"]))
    assert expected <= facts
    assert not (others - expected) & facts
