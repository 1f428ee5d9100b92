"""From statements back to claims: what is stated, what follows, and that nothing supports itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple

from nexuskg.base import namespaces
from nexuskg.base.namespaces import RDFS, SKOS, graph_iri, nx
from nexuskg.pipeline import compilation, views
from nexuskg.reasoning import closure, grounds, justifications, rules, steps

Make = Callable[..., Store]

# A, tax: claimed. The node: made from c1. Identity: label, rigid type, index of ours.
STATED = """
actor:reds a nx:Organization ; skos:prefLabel "The Reds"@en ; nx:taxes activity:growing .
claim:t.c1 a nx:Claim ; skos:prefLabel "The Reds tax growing."@en ; nx:supportedBy span:t.0-9 ; nx:hedge "mainly"@en ;
  nx:claimSubject actor:reds ; nx:claimPredicate nx:taxes ; nx:claimObject activity:growing ;
  nx:kind kind:state-of-affairs ; nx:polarity polarity:positive ; nx:modality modality:asserted ;
  nx:describesNode arrangement:a .
span:t.0-9 a nx:EvidenceSpan ; nx:startOffset 0 ; nx:anchorPhrase "they tax" .
condition:c nx:changeOf variable:v .
arrangement:a a nx:TaxationArrangement ; nx:leviedBy actor:reds ; nx:leviedOn activity:growing , activity:selling ;
  skos:prefLabel "a tax"@en ; nx:derivedFrom claim:t.c1 , claim:t.c2 .
nx:taxes nx:nodeClass nx:TaxationArrangement .
claim:t.c2 a nx:Claim ; nx:claimSubject actor:reds ; nx:claimPredicate nx:taxes ; nx:claimObject activity:selling ;
  nx:kind kind:state-of-affairs ; nx:polarity polarity:positive ; nx:modality modality:estimated .
actor:reds nx:taxes activity:selling .
"""


@pytest.fixture
def make(home: Path) -> Make:
    prefixes = "".join(f"@prefix {p}: <{space}> .\n" for p, space in namespaces.prefixes(home).items())

    def store_of(text: str, implied: str = "", view: str = "implied") -> Store:
        """A store as the build composes it: the default graph is closed, and the computed graphs are there by name."""
        store = Store()
        store.load(input=(prefixes + text).encode(), format=RdfFormat.TURTLE)
        store.extend(Quad(t.subject, t.predicate, t.object, graph_iri("inferred")) for t in closure.close(store))
        if implied:
            store.load(input=(prefixes + implied).encode(), format=RdfFormat.TURTLE, to_graph=graph_iri("implied"))
            if view == "implied":
                store.load(input=(prefixes + implied).encode(), format=RdfFormat.TURTLE)
                more = closure.close(store)
                store.extend(Quad(t.subject, t.predicate, t.object, graph_iri("inferred-implied")) for t in more)
        return store

    store_of.prefixes = prefixes  # type: ignore[attr-defined]
    return store_of


@pytest.fixture
def triple(home: Path) -> Callable[[str], Triple]:
    table = namespaces.prefixes(home)

    def node(curie: str) -> NamedNode:
        return NamedNode(namespaces.expand(curie, table) or curie)

    def parse(text: str) -> Triple:
        subject, predicate, value = text.split(" ", 2)
        predicate = "rdf:type" if predicate == "a" else predicate
        end = Literal(value.strip('"')) if value.startswith('"') else node(value)
        return Triple(node(subject), node(predicate), end)

    return parse


def heads_of(store: Store) -> steps.Heads:
    return steps.by_head(rules.clauses(store))


def claims_for(store: Store, triple: Triple) -> frozenset[NamedNode]:
    return justifications.claims_for(store, triple, heads_of(store))


def derived(store: Store, triple: Triple) -> justifications.Derivation:
    return justifications.derivation(store, triple, heads_of(store))


def names(claims: frozenset[NamedNode]) -> set[str]:
    return {claim.value.rsplit(".", 1)[-1] for claim in claims}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("actor:reds nx:taxes activity:growing", {"c1"}),
        ("actor:reds nx:taxes activity:selling", {"c2"}),
        ("arrangement:a nx:leviedOn activity:selling", {"c2"}),
        ("arrangement:a nx:leviedBy actor:reds", {"c1", "c2"}),
        ("arrangement:a a nx:TaxationArrangement", {"c1", "c2"}),
        ("arrangement:a nx:derivedFrom claim:t.c1", {"c1"}),
        ("claim:t.c1 nx:modality modality:asserted", {"c1"}),
        ("claim:t.c1 a nx:Claim", {"c1"}),
        ('span:t.0-9 nx:anchorPhrase "they tax"', {"c1"}),
        ("actor:reds a nx:Organization", set()),
        ("condition:c nx:changeOf variable:v", set()),
        ("nx:taxes nx:nodeClass nx:TaxationArrangement", set()),
    ],
)
def test_what_a_stated_triple_rests_on(
    make: Make, triple: Callable[[str], Triple], text: str, expected: set[str]
) -> None:
    store = make(STATED)
    assert Quad(*triple(text)) in store
    assert names(claims_for(store, triple(text))) == expected


def test_labels_rest_on_curation(make: Make, triple: Callable[[str], Triple]) -> None:
    store = make(STATED)
    for quad in store.quads_for_pattern(None, NamedNode(SKOS + "prefLabel"), None, DefaultGraph()):
        if "/claim/" not in str(quad.subject):
            assert claims_for(store, quad.triple) == frozenset()


OTHER = """
claim:t.c3 a nx:Claim ; nx:claimSubject actor:reds ; nx:claimPredicate nx:taxes ; nx:claimObject activity:growing ;
  nx:kind {kind} ; nx:polarity {polarity} ; nx:modality {modality} .
"""


@pytest.mark.parametrize(
    ("kind", "polarity", "modality", "counts"),
    [
        ("kind:state-of-affairs", "polarity:positive", "modality:reported", True),
        ("kind:causal", "polarity:positive", "modality:presupposed", True),
        ("kind:state-of-affairs", "polarity:negative", "modality:asserted", False),
        ("kind:evaluation", "polarity:positive", "modality:asserted", False),
        ("kind:state-of-affairs", "polarity:positive", "modality:possible", False),
        ("kind:state-of-affairs", "polarity:positive", "modality:denied", False),
    ],
)
def test_only_claims_that_yield_the_fact_support_it(
    make: Make, triple: Callable[[str], Triple], kind: str, polarity: str, modality: str, counts: bool
) -> None:
    store = make(STATED + OTHER.format(kind=kind, polarity=polarity, modality=modality))
    found = claims_for(store, triple("actor:reds nx:taxes activity:growing"))
    assert names(found) == ({"c1", "c3"} if counts else {"c1"})


def test_an_implied_claim_supports_in_the_implied_view_only(make: Make, triple: Callable[[str], Triple]) -> None:
    text = STATED + OTHER.format(kind="kind:causal", polarity="polarity:positive", modality="modality:implied")
    implied = "actor:reds nx:engagesIn activity:growing ."
    fact = triple("actor:reds nx:taxes activity:growing")
    assert names(claims_for(make(text, implied, "facts"), fact)) == {"c1"}
    assert names(claims_for(make(text, implied, "implied"), fact)) == {"c1", "c3"}


def test_values_are_stated_by_claims_without_an_object(make: Make, triple: Callable[[str], Triple]) -> None:
    text = """
    claim:t.c1 nx:claimSubject actor:reds ; nx:claimPredicate skos:altLabel ; nx:claimValue "Rojos" ;
      nx:modality modality:asserted .
    claim:t.c2 nx:claimSubject actor:reds ; nx:claimPredicate nx:hasObservation ; nx:claimObject observation:o ;
      nx:claimValue "200"^^xsd:decimal ; nx:unit unit:head ; nx:edtf "2014" ; nx:modality modality:asserted .
    claim:t.c3 nx:claimSubject actor:reds ; nx:claimPredicate nx:hasObservation ; nx:claimObject observation:o ;
      nx:unit unit:ton ; nx:modality modality:asserted .
    actor:reds skos:altLabel "Rojos" ; nx:hasObservation observation:o .
    observation:o a nx:Observation ; nx:lowerBound "200"^^xsd:decimal ; nx:unit unit:head , unit:ton ;
      nx:edtf "2014" ; nx:earliest "2014-01-01T00:00:00"^^xsd:dateTime ; nx:derivedFrom claim:t.c2 , claim:t.c3 .
    """
    store = make(text)
    assert names(claims_for(store, triple('actor:reds skos:altLabel "Rojos"'))) == {"c1"}
    assert names(claims_for(store, triple("actor:reds nx:hasObservation observation:o"))) == {"c2", "c3"}
    for predicate, expected in (("lowerBound", {"c2"}), ("earliest", {"c2"})):
        (quad,) = store.quads_for_pattern(None, nx(predicate), None, DefaultGraph())
        assert names(claims_for(store, quad.triple)) == expected
    assert names(claims_for(store, triple("observation:o nx:unit unit:ton"))) == {"c3"}


AXIOMS = """
nx:taxes a owl:ObjectProperty ; rdfs:subPropertyOf nx:derivesRevenueFrom ; rdfs:domain nx:Actor .
nx:locatedIn a owl:ObjectProperty , owl:TransitiveProperty .
nx:linkedTo a owl:ObjectProperty , owl:SymmetricProperty .
"""


def test_an_inference_rests_on_the_claims_of_its_premises(make: Make, triple: Callable[[str], Triple]) -> None:
    store = make(AXIOMS + STATED)
    assert names(claims_for(store, triple("actor:reds nx:derivesRevenueFrom activity:selling"))) == {"c2"}
    found = derived(store, triple("actor:reds nx:derivesRevenueFrom activity:selling"))
    assert found.step is not None
    assert found.step.rule.name == "sub-property"
    assert found.step.axioms == (triple("nx:taxes rdfs:subPropertyOf nx:derivesRevenueFrom"),)
    assert [leaf.triple for leaf in found.leaves()] == [triple("actor:reds nx:taxes activity:selling")]


def located(*pairs: str) -> str:
    return " ".join(
        f"claim:t.{pair} nx:claimSubject place:{pair[0]} ; nx:claimPredicate nx:locatedIn ; "
        f"nx:claimObject place:{pair[1]} ; nx:modality modality:asserted . "
        f"place:{pair[0]} nx:locatedIn place:{pair[1]} ."
        for pair in pairs
    )


def test_the_shortest_derivation_is_taken(make: Make, triple: Callable[[str], Triple]) -> None:
    store = make(AXIOMS + located("ab", "bc", "cd", "de", "ac", "ce"))
    found = derived(store, triple("place:a nx:locatedIn place:e"))
    assert names(claims_for(store, found.triple)) == {"ac", "ce"}
    assert [premise.step for premise in found.premises] == [None, None]


def test_nothing_supports_itself(make: Make, triple: Callable[[str], Triple]) -> None:
    store = make(AXIOMS + located("ab", "ba", "bc"))

    def check(at: justifications.Derivation, above: tuple[Triple, ...]) -> None:
        assert at.triple not in above
        assert at.step is not None or at.claims
        for premise in at.premises:
            check(premise, (*above, at.triple))

    for text in ("place:a nx:locatedIn place:a", "place:a nx:locatedIn place:c", "place:b nx:locatedIn place:b"):
        check(derived(store, triple(text)), ())
    text = "actor:x nx:linkedTo actor:y . claim:t.c1 nx:claimSubject actor:x ; nx:claimPredicate nx:linkedTo ; "
    store = make(AXIOMS + text + "nx:claimObject actor:y ; nx:modality modality:asserted .")
    assert names(claims_for(store, triple("actor:y nx:linkedTo actor:x"))) == {"c1"}


def test_an_inference_from_an_implied_fact_names_the_implied_claim(make: Make, triple: Callable[[str], Triple]) -> None:
    text = """
    nx:HybridActor owl:equivalentClass
      [ a owl:Class ; owl:intersectionOf ( nx:TerroristOrganization nx:CriminalOrganization ) ] .
    claim:t.c1 nx:claimSubject actor:x ; nx:claimPredicate rdf:type ; nx:claimObject nx:TerroristOrganization ;
      nx:modality modality:asserted .
    claim:t.c2 nx:claimSubject actor:x ; nx:claimPredicate rdf:type ; nx:claimObject nx:CriminalOrganization ;
      nx:modality modality:implied .
    actor:x a nx:TerroristOrganization .
    """
    store = make(text, "actor:x a nx:CriminalOrganization .")
    assert names(claims_for(store, triple("actor:x a nx:HybridActor"))) == {"c1", "c2"}


def test_the_modalities_of_facts_are_those_of_the_derivation(home: Path) -> None:
    query = (home / "queries/derive/facts.rq").read_text(encoding="utf-8")
    line = next(line for line in query.splitlines() if "VALUES ?modality" in line)
    assert {f"modality:{term.value.removeprefix(grounds.MODALITY)}" for term in grounds.FACTUAL} == {
        word for word in line.split() if word.startswith("modality:")
    }


# ---- the real graph -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("view", ["facts", "implied"])
def test_every_fact_and_inference_of_the_real_graph_is_explained(home: Path, view: str) -> None:
    store = compilation.of_view(compilation.compile_dataset(home), view).store
    known = heads_of(store)
    computed = ("facts", "inferred", "implied", "inferred-implied")[: 4 if view == "implied" else 2]
    for name in computed:
        quads = [
            q for q in store.quads_for_pattern(None, None, None, graph_iri(name)) if q.predicate.value != RDFS + "label"
        ]
        assert quads
        for quad in quads:
            found = justifications.derivation(store, quad.triple, known)
            assert (found.step is not None) == name.startswith("inferred")
            assert not any(grounds.is_inferred(store, leaf.triple) for leaf in found.leaves())
            claims = justifications.claims_for(store, quad.triple, known)
            if not name.startswith("inferred"):
                assert claims, quad.triple
            if name.endswith("implied"):
                assert any(Quad(claim, nx("modality"), grounds.IMPLIED) in store for claim in claims), quad.triple


# ---- justifications -----------------------------------------------------------------------------------------------


def closed_alone(schema: list[Quad], without: Triple | None, facts: list[Triple]) -> Store:
    """A store with the schema less one axiom, and these facts alone, closed."""
    store = Store()
    store.extend(quad for quad in schema if quad.triple != without)
    store.extend(Quad(fact.subject, fact.predicate, fact.object) for fact in facts)
    closure.close(store)
    return store


def schema_of(store: Store) -> list[Quad]:
    terms = [g for g in store.named_graphs() if g.value.startswith(graph_iri("terms/").value)]
    return list(views.merge(store, terms))


@pytest.mark.slow
def test_a_justification_gives_every_inference_of_the_real_graph_and_no_part_of_it_does(home: Path) -> None:
    store = compilation.of_view(compilation.compile_dataset(home), "implied").store
    heads, schema = heads_of(store), schema_of(store)
    inferred = [
        quad.triple
        for name in ("inferred", "inferred-implied")
        for quad in store.quads_for_pattern(None, None, None, graph_iri(name))
    ]
    assert len(inferred) > 100
    for triple in inferred:
        support = justifications.derivation(store, triple, heads).support()
        facts = [item for item in support if isinstance(item, Triple) and not is_axiom(item, schema)]
        axioms = [item for item in support if isinstance(item, Triple) and is_axiom(item, schema)]
        assert len(facts) + len(axioms) == len(support)
        assert facts
        assert axioms
        for fact in facts:
            assert Quad(*triple) not in closed_alone(only(schema, axioms), None, [f for f in facts if f != fact]), (
                triple,
                fact,
            )
        for axiom in axioms:
            assert Quad(*triple) not in closed_alone(only(schema, axioms), axiom, facts), (triple, axiom)
        assert Quad(*triple) in closed_alone(only(schema, axioms), None, facts)


def is_axiom(triple: Triple, schema: list[Quad]) -> bool:
    return any(quad.triple == triple for quad in schema)


def only(schema: list[Quad], axioms: list[Triple]) -> list[Quad]:
    """Of the schema these axioms alone, with the class expressions and lists that they speak of."""
    wanted, out = set(axioms), []
    nodes = {end for axiom in axioms for end in (axiom.subject, axiom.object) if isinstance(end, BlankNode)}
    while True:
        more = [q for q in schema if q.triple in wanted or q.subject in nodes]
        found = {q.object for q in more if isinstance(q.object, BlankNode)} | nodes
        if found == nodes:
            out = more
            break
        nodes = found
    return out


def test_every_minimal_justification_is_found_the_strongest_first(make: Make, triple: Callable[[str], Triple]) -> None:
    text = AXIOMS + located("ab", "bc", "ac", "cd", "bd")
    text += "".join(f"claim:t.{pair} nx:confidenceScore {score} . " for pair, score in SCORES.items())
    store = make(text)
    found, complete = justifications.justifications(store, triple("place:a nx:locatedIn place:d"), heads_of(store))
    assert complete
    leaves = [
        sorted({str(leaf.triple.subject)[-2] + str(leaf.triple.object)[-2] for leaf in one.leaves()}) for one in found
    ]
    assert leaves == [["ac", "cd"], ["ab", "bd"], ["ab", "bc", "cd"]]
    assert [one.confidence for one in found] == [80, 60, 60]
    best = justifications.derivation(store, triple("place:a nx:locatedIn place:d"), heads_of(store))
    assert best == found[0]


SCORES = {"ab": 60, "bc": 90, "ac": 80, "cd": 90, "bd": 90}


def test_the_strongest_derivation_is_taken_though_it_is_longer(make: Make, triple: Callable[[str], Triple]) -> None:
    text = AXIOMS + located("ab", "bc", "cd", "bd")
    scores = {"ab": 90, "bc": 90, "cd": 90, "bd": 20}
    text += "".join(f"claim:t.{pair} nx:confidenceScore {score} . " for pair, score in scores.items())
    store = make(text)
    found = justifications.derivation(store, triple("place:a nx:locatedIn place:d"), heads_of(store))
    assert names(frozenset(c for leaf in found.leaves() for c in leaf.claims)) == {"ab", "bc", "cd"}
    assert found.confidence == 90


def test_the_modality_of_an_inference_is_that_of_its_weakest_premise(
    make: Make, triple: Callable[[str], Triple]
) -> None:
    text = AXIOMS + located("ab", "bc") + "claim:t.d1 nx:claimSubject place:c ; nx:claimPredicate nx:locatedIn ; "
    text += "nx:claimObject place:d ; nx:modality modality:estimated . place:c nx:locatedIn place:d ."
    store = make(text)
    assert derived(store, triple("place:a nx:locatedIn place:c")).modality == "asserted"
    assert derived(store, triple("place:a nx:locatedIn place:d")).modality == "estimated"


def test_a_great_many_justifications_are_cut_off_and_still_minimal(make: Make, triple: Callable[[str], Triple]) -> None:
    # Two ways at each of seven steps: 128 ways in all.
    ways = [(i, way) for i in range(7) for way in "uv"]
    pairs = [pair for i, way in ways for pair in ((f"n{i}", f"{way}{i}"), (f"{way}{i}", f"n{i + 1}"))]
    store = make(AXIOMS + " ".join(f"place:{one} nx:locatedIn place:{two} ." for one, two in pairs))
    found, complete = justifications.justifications(store, triple("place:n0 nx:locatedIn place:n7"), heads_of(store))
    assert not complete
    assert found
    assert {len({leaf.triple for leaf in one.leaves()}) for one in found} == {14}
