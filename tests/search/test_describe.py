"""Descriptions of terms, entities, concepts, claims and questions, and axioms in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from nexuskg.base import namespaces
from nexuskg.base.namespaces import BASE
from nexuskg.errors import UnknownTerm
from nexuskg.pipeline import compilation, views
from nexuskg.queries.catalogue import Parameter, StoredQuery
from nexuskg.rdf import load
from nexuskg.reasoning.axiom_sentences import sentences
from nexuskg.search.describe import describe
from nexuskg.search.description import description_text

TABLE = {
    "nx": BASE + "ontology#",
    "actor": BASE + "id/actor/",
    "activity": BASE + "id/activity/",
    "claim": BASE + "claim/",
    "modality": BASE + "vocab/modality/",
    "shape": BASE + "shape/",
    "source": BASE + "source/",
    "span": BASE + "span/",
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
TERMS = """
nx:Actor a owl:Class ; skos:prefLabel "actor"@en ; owl:disjointWith nx:Activity .
nx:Activity a owl:Class ; skos:prefLabel "activity"@en .
nx:Group a owl:Class ; skos:prefLabel "group"@en ; rdfs:subClassOf nx:Actor .
nx:Collector a owl:Class ; rdfs:subClassOf nx:Group ;
  skos:prefLabel "collector"@en , "coletor"@pt , "recaudador"@es ;
  skos:definition "A group that taxes some activity."@en , "Un grupo."@es ;
  skos:example "Negative example: the state."@en , "A gang."@en ; skos:scopeNote "By rule."@en .
[] a owl:Class ; rdfs:subClassOf nx:Collector ; owl:intersectionOf ( nx:Group
  [ a owl:Restriction ; owl:onProperty nx:taxes ; owl:someValuesFrom nx:Activity ] ) .
nx:Both a owl:Class ; skos:prefLabel "both"@en ; owl:equivalentClass [ owl:intersectionOf ( nx:Group nx:Collector ) ] .
nx:Big a owl:Class ; skos:prefLabel "big one"@en ; owl:equivalentClass [ owl:intersectionOf ( nx:Group
  [ owl:onProperty nx:size ; owl:hasValue modality:asserted ] ) ] ; rdfs:subClassOf
  [ owl:onProperty nx:knows ; owl:minQualifiedCardinality 2 ; owl:onClass nx:Actor ] ,
  [ owl:onProperty nx:knows ; owl:allValuesFrom [ owl:unionOf ( nx:Group nx:Both ) ] ] .
[] a owl:AllDisjointClasses ; owl:members ( nx:Both nx:Big nx:Activity ) .
nx:taxes a owl:ObjectProperty ; skos:prefLabel "taxes"@en ; rdfs:domain nx:Actor ; rdfs:range nx:Activity ;
  rdfs:subPropertyOf nx:uses ; owl:inverseOf nx:taxedBy ; nx:nodeClass nx:Both ; nx:subjectRole nx:knows ;
  nx:objectRole nx:uses .
nx:taxedBy a owl:ObjectProperty ; skos:prefLabel "is taxed by"@en .
nx:uses a owl:ObjectProperty , owl:TransitiveProperty ; skos:prefLabel "uses"@en ;
  owl:propertyChainAxiom ( nx:knows nx:uses ) .
nx:knows a owl:ObjectProperty , owl:SymmetricProperty ; skos:prefLabel "knows"@en .
nx:size a owl:DatatypeProperty , owl:FunctionalProperty ; skos:prefLabel "size"@en ; rdfs:range xsd:integer .
nx:modality a owl:ObjectProperty ; skos:prefLabel "has the modality"@en .
modality:asserted a skos:Concept ; skos:prefLabel "asserted"@en ; skos:notation "A"^^nx:code ;
  skos:broader modality:said ; skos:exactMatch <https://example.org/asserted> .
modality:said a skos:Concept ; skos:prefLabel "said"@en .
actor:reds a nx:Group ; skos:prefLabel "The Reds"@en , "Los Rojos"@es ; skos:altLabel "Reds"@en ;
  skos:hiddenLabel "The Rads"@en ; nx:taxes activity:growing .
activity:growing a nx:Activity ; skos:prefLabel "growing"@en .
claim:t.c1 a nx:Claim ; skos:prefLabel "The Reds tax growing."@en ; nx:fromSource source:t ; nx:hedge "mainly"@en ;
  nx:claimSubject actor:reds ; nx:claimPredicate nx:taxes ; nx:claimObject activity:growing ;
  nx:modality modality:asserted ; nx:supportedBy span:t.5-9 ; skos:editorialNote "Read as said."@en .
claim:t.c2 a nx:Claim ; skos:prefLabel "The Reds are old."@en ; nx:fromSource source:t ; nx:locator "note 3" ;
  nx:claimSubject actor:reds ; nx:claimPredicate nx:size ; nx:claimValue 7 ; nx:modality modality:asserted .
span:t.5-9 nx:startOffset 5 ; nx:paragraph "1" ; nx:anchorPhrase "they tax" .
"""
SHAPES = """
shape:Actor-taxes a sh:PropertyShape ; sh:path nx:taxes ; sh:or ( [ sh:class nx:Activity ] ) .
"""
QUESTION = StoredQuery(
    "who-taxes-what",
    "Who taxes what?",
    "Each pair.",
    ("economy",),
    (Parameter("activity", "the activity taxed", "any"),),
    "PREFIX nx: <https://w3id.org/nexuskg/ontology#>\nSELECT ?g ?a WHERE { ?g nx:taxes ?a . ?g a nx:Group }\n",
    "question",
)
CATALOGUE = {QUESTION.name: QUESTION}


@pytest.fixture(scope="module")
def store() -> Store:
    out = Store()
    heads = "".join(f"@prefix {name}: <{space}> .\n" for name, space in TABLE.items())
    out.load(input=(heads + TERMS).encode(), format=RdfFormat.TURTLE)
    out.load(input=(heads + SHAPES).encode(), format=RdfFormat.TURTLE, to_graph=namespaces.graph_iri("shapes/actors"))
    return out


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("Actor", ["Nothing that is an actor is ever: activity."]),
        ("Group", ["Every group is an actor."]),
        (
            "Collector",
            ["Every collector is a group.", "Whatever is a group that “taxes” some activity is a collector."],
        ),
        (
            "Both",
            [
                "A both is the same as a group that is also a collector.",
                "Nothing that is a both is ever: activity, big one.",
            ],
        ),
        (
            "taxes",
            [
                "Whatever “taxes” something is an actor.",
                "Whatever something “taxes” is an activity.",
                "Where x “taxes” y, x “uses” y.",
                "Where x “taxes” y, y “is taxed by” x, and the other way round.",
                "A claim with “taxes” also makes a both that “knows” its subject and “uses” its object.",
            ],
        ),
        (
            "uses",
            ["Where x “knows” y and y “uses” z, x “uses” z.", "Where x “uses” y and y “uses” z, x “uses” z."],
        ),
        ("knows", ["Where x “knows” y, y “knows” x."]),
        ("size", ["The value of “size” is an integer.", "Nothing has more than one value of “size”."]),
    ],
)
def test_axioms_in_plain_sentences(store: Store, term: str, expected: list[str]) -> None:
    assert sentences(store, TABLE["nx"] + term) == expected


def test_restrictions_in_plain_sentences(store: Store) -> None:
    assert set(sentences(store, TABLE["nx"] + "Big")) == {
        "Every big one is anything that “knows” at least 2 actor.",
        "Every big one is anything that “knows” nothing but group or a both.",
        "A big one is the same as a group that “size” asserted.",
        "Nothing that is a big one is ever: activity, both.",
    }


def test_a_class_with_labels_texts_axioms_and_users(store: Store) -> None:
    found = describe(store, CATALOGUE, "nx:Collector", prefixes=TABLE)
    assert (found.kind, found.label) == ("class", "collector")
    assert found.labels == (("label, en", "collector"), ("label, es", "recaudador"), ("label, pt", "coletor"))
    assert found.texts == (
        ("definition", "A group that taxes some activity."),
        ("example", "A gang."),
        ("example", "Negative example: the state."),
        ("note", "By rule."),
    )
    assert dict(found.used_by) == {"axioms of": ("nx:Both",)}


def test_a_property_with_its_pairs_claims_and_users(store: Store) -> None:
    found = describe(store, CATALOGUE, "taxes", prefixes=TABLE)
    assert found.facts == ("The Reds — growing",)
    assert [said.claim for said in found.claims] == ["claim:t.c1"]
    users = dict(found.used_by)
    assert users["questions"] == ("who-taxes-what",)
    assert users["shapes"] == ("shape:Actor-taxes",)
    assert users["axioms of"] == ("nx:Collector",)


def test_a_use_inside_a_list_of_a_shape_is_the_shape_s(store: Store) -> None:
    assert dict(describe(store, CATALOGUE, "nx:Activity", prefixes=TABLE).used_by)["shapes"] == ("shape:Actor-taxes",)


def test_an_entity_with_facts_and_what_sources_say_in_the_order_of_the_text(store: Store) -> None:
    found = describe(store, CATALOGUE, "the rads", prefixes=TABLE)
    assert (found.curie, found.kind) == ("actor:reds", "entity: group")
    assert ("alias, en", "Reds") in found.labels
    assert found.facts == ("The Reds — taxes — growing",)
    assert [(said.claim, said.place, "; ".join(said.anchors)) for said in found.claims] == [
        ("claim:t.c2", "note 3 [locator only]", ""),
        ("claim:t.c1", "paragraph 1", "they tax"),
    ]


def test_a_concept_with_links_and_the_number_of_its_claims(store: Store) -> None:
    found = describe(store, CATALOGUE, "asserted", prefixes=TABLE)
    assert found.kind == "concept"
    assert found.links == (
        ("skos:broader", "said (modality:said)"),
        ("notation, code", "A"),
        ("skos:exactMatch", "https://example.org/asserted"),
    )
    assert dict(found.used_by)["claims"] == ("2 by “has the modality”",)


def test_a_claim_with_what_it_says_and_where(store: Store) -> None:
    found = describe(store, CATALOGUE, "claim:t.c1", prefixes=TABLE)
    says = "The Reds (actor:reds) — taxes (nx:taxes) — growing (activity:growing)"
    assert found.kind == "claim"
    assert dict(found.details)["says"] == says
    assert dict(found.details)["has the modality (nx:modality)"] == "asserted (modality:asserted)"
    assert found.texts == (("editorial note", "Read as said."),)
    assert 't, paragraph 1, "they tax"' in description_text(found)


def test_a_question_with_parameters_and_terms(store: Store) -> None:
    found = describe(store, CATALOGUE, "who-taxes-what", prefixes=TABLE)
    assert found.kind == "question"
    assert ("parameter activity (any), default any", "the activity taxed") in found.details
    assert ("terms", "nx:Group, nx:taxes") in found.details
    assert description_text(found).endswith(QUESTION.text)


def test_an_unknown_name_is_met_with_close_terms_and_questions(store: Store) -> None:
    with pytest.raises(UnknownTerm) as caught:
        describe(store, CATALOGUE, "who-taxs-what", prefixes=TABLE)
    assert "who-taxes-what" in caught.value.close_matches


def test_the_text_is_cut_at_the_limit_and_says_so(store: Store) -> None:
    found = describe(store, CATALOGUE, "The Reds", prefixes=TABLE)
    assert "… and 1 more" in description_text(found, 1)
    assert "more" not in description_text(found, 0)
    assert all(len(line) <= 100 for line in description_text(found).splitlines())


def test_everything_in_the_real_graph_can_be_described(home: Path) -> None:
    loaded = load.load_files(home)
    real, table = views.compose(loaded, "facts"), namespaces.prefixes(home)
    labelled = {
        q.subject.value for q in real.quads_for_pattern(None, namespaces.NamedNode(TABLE["skos"] + "prefLabel"), None)
    }
    for iri in sorted(labelled):
        found = describe(real, {}, f"<{iri}>", prefixes=table)
        assert found.label
        assert found.curie in description_text(found)
        assert "“?”" not in "".join(found.axioms)


def test_what_an_actor_is_called_stands_apart_from_what_its_record_says(home: Path) -> None:
    data = compilation.compiled(home=home)
    found = describe(data.store, {}, "actor:sendero-luminoso", prefixes=data.prefixes)
    recorded, _, claimed = found.kind.partition("; by claims: ")
    assert recorded == "entity: actor, organization"
    assert "terrorist organization" in claimed.split(", ")
    assert describe(data.store, {}, "place:peru", prefixes=data.prefixes).kind == "entity: country, place"
