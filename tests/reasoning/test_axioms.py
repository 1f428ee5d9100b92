"""What each axiom of the ontology infers from a few triples, and what it must not infer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple

from nexuskg.base import namespaces
from nexuskg.base.namespaces import OWL, SKOS, TYPE, nx
from nexuskg.pipeline import views
from nexuskg.rdf import load
from nexuskg.reasoning import closure, rules, steps
from nexuskg.reasoning.axioms import list_members
from nexuskg.validation import owl_consistency

HYBRID = "actor:x a nx:TerroristOrganization , nx:CriminalOrganization ."
TAX = "arrangement:t a nx:TaxationArrangement ; nx:leviedBy actor:x ; nx:leviedOn activity:y ."

# (what is shown, the triples, what follows, what must not)
CASES: list[tuple[str, str, list[str], list[str]]] = [
    (
        "terrorist and criminal is hybrid",
        HYBRID,
        ["actor:x a nx:HybridActor", "actor:x a nx:Organization", "actor:x a nx:Actor"],
        ["actor:x a nx:NexusActor", "actor:x a nx:IllicitActor", "actor:x a nx:NonStateArmedGroup"],
    ),
    (
        "hybrid is terrorist and criminal",
        "actor:x a nx:HybridActor .",
        ["actor:x a nx:TerroristOrganization", "actor:x a nx:CriminalOrganization"],
        [],
    ),
    (
        "a terrorist who does illicit things is no criminal organization",
        "actor:x a nx:TerroristOrganization ; nx:engagesIn activity:y . activity:y a nx:DrugTrafficking .",
        ["actor:x a nx:IllicitActor"],
        ["actor:x a nx:CriminalOrganization", "actor:x a nx:HybridActor", "actor:x a nx:DrugTraffickingOrganization"],
    ),
    (
        "a criminal organization of transnational scope",
        "actor:x a nx:CriminalOrganization ; nx:hasScope scope:transnational .",
        ["actor:x a nx:TransnationalCriminalOrganization"],
        [],
    ),
    (
        "a transnational criminal organization has that scope",
        "actor:x a nx:TransnationalCriminalOrganization .",
        ["actor:x nx:hasScope scope:transnational", "actor:x a nx:CriminalOrganization"],
        ["actor:x a nx:DrugTraffickingOrganization"],
    ),
    (
        "scope or crime alone is not enough",
        "actor:x a nx:Organization ; nx:hasScope scope:transnational . "
        "actor:y a nx:CriminalOrganization ; nx:hasScope scope:national ; nx:operatesIn place:a , place:b .",
        [],
        ["actor:x a nx:TransnationalCriminalOrganization", "actor:y a nx:TransnationalCriminalOrganization"],
    ),
    (
        "a criminal organization that traffics drugs",
        "actor:x a nx:CriminalOrganization ; nx:engagesIn activity:y . activity:y a nx:DrugTrafficking .",
        ["actor:x a nx:DrugTraffickingOrganization", "actor:x a nx:IllicitActor"],
        ["actor:x a nx:TransnationalCriminalOrganization"],
    ),
    (
        "taxing, living on or being linked to drug trafficking is not trafficking",
        "actor:x a nx:CriminalOrganization ; nx:taxes activity:y ; nx:linkedTo actor:z . "
        "activity:y a nx:DrugTrafficking . actor:z a nx:DrugTraffickingOrganization .",
        ["actor:x nx:derivesRevenueFrom activity:y"],
        ["actor:x a nx:DrugTraffickingOrganization", "actor:x nx:engagesIn activity:y", "actor:x a nx:IllicitActor"],
    ),
    (
        "a terrorist organization that taxes a drug activity",
        "actor:x a nx:TerroristOrganization ; nx:taxes activity:y . activity:y a nx:DrugTrafficking .",
        ["actor:x a nx:NarcoTaxingTerroristGroup"],
        ["actor:x nx:engagesIn activity:y", "actor:x a nx:HybridActor", "actor:x a nx:NexusActor"],
    ),
    (
        "only drugs, only terrorists",
        "actor:x a nx:TerroristOrganization ; nx:taxes activity:y . activity:y a nx:IllegalLogging . "
        "actor:z nx:taxes activity:w . activity:w a nx:DrugTrafficking .",
        [],
        ["actor:x a nx:NarcoTaxingTerroristGroup", "actor:z a nx:NarcoTaxingTerroristGroup"],
    ),
    (
        "what is taxed is lived on",
        "actor:x nx:taxes activity:y .",
        ["actor:x nx:derivesRevenueFrom activity:y", "actor:x a nx:Actor", "activity:y a nx:Activity"],
        ["activity:y a nx:IllicitActivity"],
    ),
    (
        "a terrorist levy on something illicit is a nexus",
        TAX + " actor:x a nx:TerroristOrganization . activity:y a nx:DrugTrafficking .",
        [
            "arrangement:t a nx:TransactionalNexus",
            "arrangement:t a nx:NexusRelationship",
            "arrangement:t nx:hasParty actor:x",
            "actor:x nx:partyTo arrangement:t",
            "actor:x a nx:NexusActor",
        ],
        ["arrangement:t a nx:OrganizationalNexus", "actor:x nx:taxes activity:y", "actor:x a nx:IllicitActor"],
    ),
    (
        "a racket without a terrorist is no nexus",
        TAX + " actor:x a nx:CriminalOrganization . activity:y a nx:DrugTrafficking .",
        ["arrangement:t a nx:Relationship", "actor:x nx:partyTo arrangement:t"],
        ["arrangement:t a nx:NexusRelationship", "actor:x a nx:NexusActor"],
    ),
    (
        "a terrorist levy on something lawful is no nexus",
        TAX + " actor:x a nx:TerroristOrganization . activity:y a nx:EconomicActivity .",
        [],
        ["arrangement:t a nx:NexusRelationship", "actor:x a nx:NexusActor"],
    ),
    (
        "the roles of an arrangement do not lead back to who taxes what",
        TAX + " arrangement:t nx:leviedBy actor:z ; nx:leviedOn activity:w .",
        ["actor:z nx:partyTo arrangement:t"],
        ["actor:x nx:taxes activity:y", "actor:x nx:taxes activity:w", "actor:x nx:cooperatesWith actor:z"],
    ),
    (
        "party to a nexus is a nexus actor",
        "actor:x nx:partyTo relationship:r . relationship:r a nx:OrganizationalNexus .",
        ["actor:x a nx:NexusActor", "relationship:r nx:hasParty actor:x"],
        [],
    ),
    (
        "party to any other relationship is not",
        "relationship:r a nx:Relationship ; nx:hasParty actor:x , actor:y .",
        ["actor:x nx:partyTo relationship:r"],
        ["actor:x a nx:NexusActor", "actor:x nx:cooperatesWith actor:y", "actor:x nx:alliedWith actor:y"],
    ),
    (
        "an alliance makes its parties nexus actors, not allies of themselves",
        "relationship:r a nx:Alliance ; nx:hasParty actor:x , actor:y .",
        ["actor:x a nx:NexusActor", "relationship:r a nx:TransactionalNexus"],
        ["actor:x nx:alliedWith actor:x", "actor:x nx:cooperatesWith actor:x"],
    ),
    (
        "who does illicit things is an illicit actor, not a criminal",
        "actor:x nx:engagesIn activity:y . activity:y a nx:Intimidation .",
        ["actor:x a nx:IllicitActor", "activity:y nx:carriedOutBy actor:x"],
        ["actor:x a nx:CriminalOrganization", "actor:x a nx:TerroristOrganization", "actor:x a nx:Organization"],
    ),
    (
        "who works in a supply chain of an illicit economy is an illicit actor",
        "actor:x nx:performsStage stage:s . stage:s nx:stageOf chain:c . chain:c nx:partOf economy:e . "
        "economy:e a nx:IllicitEconomy .",
        ["actor:x nx:inSupplyChain chain:c", "actor:x a nx:IllicitActor", "chain:c nx:hasStage stage:s"],
        ["actor:x a nx:CriminalOrganization", "actor:x nx:engagesIn chain:c"],
    ),
    (
        "who works in another economy is not",
        "actor:x nx:inSupplyChain chain:c ; nx:worksIn economy:e . chain:c nx:partOf economy:f . "
        "economy:e a nx:InformalEconomy . economy:f a nx:FormalEconomy . actor:y nx:taxes activity:z ; "
        "nx:linkedTo actor:x . activity:z a nx:IllicitActivity .",
        [],
        ["actor:x a nx:IllicitActor", "actor:y a nx:IllicitActor", "actor:y nx:inSupplyChain chain:c"],
    ),
    (
        "a zone of a hybrid without effective state control is a black hole",
        HYBRID + " zone:z a nx:ZoneOfInfluence ; nx:influencedBy actor:x ; nx:hasCondition condition:c . "
        "condition:c nx:conditionType condition-type:no-effective-state-control .",
        ["zone:z a nx:BlackHole", "actor:x nx:influences zone:z"],
        [],
    ),
    (
        "limited state presence makes no black hole",
        HYBRID
        + " zone:z a nx:ZoneOfInfluence ; nx:influencedBy actor:x ; nx:hasCondition condition:limited-state-presence . "
        "condition:limited-state-presence nx:conditionType condition-type:limited-state-presence .",
        [],
        ["zone:z a nx:BlackHole"],
    ),
    (
        "a zone of terrorists alone is no black hole",
        "zone:z nx:influencedBy actor:x ; nx:hasCondition condition:c . actor:x a nx:TerroristOrganization . "
        "condition:c nx:conditionType condition-type:no-effective-state-control .",
        ["zone:z a nx:ZoneOfInfluence"],
        ["zone:z a nx:BlackHole"],
    ),
    (
        "a claim that another contradicts is contested, and so is the other",
        "claim:a nx:contradicts claim:b . claim:b a nx:Claim .",
        ["claim:b nx:contradicts claim:a", "claim:a a nx:ContestedClaim", "claim:b a nx:ContestedClaim"],
        ["claim:a nx:contradicts claim:a", "claim:a a nx:CorroboratedClaim"],
    ),
    (
        "a claim that another backs is corroborated, and so is the other",
        "claim:a nx:corroborates claim:b .",
        ["claim:b nx:corroborates claim:a", "claim:a a nx:CorroboratedClaim", "claim:b a nx:CorroboratedClaim"],
        ["claim:a a nx:ContestedClaim"],
    ),
    (
        "places within places",
        "place:a nx:locatedIn place:b . place:b nx:locatedIn place:c .",
        ["place:a nx:locatedIn place:c"],
        ["place:c nx:locatedIn place:a", "place:a nx:locatedIn place:a"],
    ),
    (
        "near, on, glossed and defined by are not within",
        "place:a nx:nearTo place:b ; nx:locatedOn place:c ; nx:glossedWith place:d ; nx:definedBy place:e .",
        [],
        [f"place:a nx:locatedIn place:{name}" for name in "bcde"],
    ),
    (
        "parts of parts, and wholes of wholes",
        "economy:a nx:partOf economy:b . economy:b nx:partOf economy:c . economy:x nx:hasPart economy:y . "
        "economy:y nx:hasPart economy:z .",
        [
            "economy:a nx:partOf economy:c",
            "economy:c nx:hasPart economy:a",
            "economy:x nx:hasPart economy:z",
            "economy:z nx:partOf economy:x",
            "economy:y nx:partOf economy:x",
        ],
        ["economy:c nx:partOf economy:a"],
    ),
    (
        "an example is no part",
        "activity:highways nx:exampleOf activity:projects .",
        [],
        ["activity:highways nx:partOf activity:projects"],
    ),
    (
        "branches of branches",
        "actor:a nx:subGroupOf actor:b . actor:b nx:subGroupOf actor:c .",
        ["actor:a nx:subGroupOf actor:c", "actor:a a nx:Organization"],
        ["actor:c nx:subGroupOf actor:a", "actor:a nx:memberOf actor:b"],
    ),
    (
        "stages in order",
        "stage:a nx:precedes stage:b . stage:b nx:precedes stage:c .",
        ["stage:a nx:precedes stage:c"],
        ["stage:c nx:precedes stage:a"],
    ),
    (
        "allies cooperate, both ways",
        "actor:x nx:alliedWith actor:y .",
        ["actor:y nx:alliedWith actor:x", "actor:x nx:cooperatesWith actor:y", "actor:y nx:cooperatesWith actor:x"],
        ["actor:x nx:alliedWith actor:x", "actor:x nx:cooperatesWith actor:x", "actor:x a nx:NexusActor"],
    ),
    (
        "whoever cooperates is no ally, and the partner of a partner no partner",
        "actor:x nx:cooperatesWith actor:y . actor:y nx:cooperatesWith actor:z .",
        ["actor:y nx:cooperatesWith actor:x"],
        ["actor:x nx:alliedWith actor:y", "actor:x nx:cooperatesWith actor:z"],
    ),
    (
        "rivals of each other",
        "actor:x nx:rivalOf actor:y .",
        ["actor:y nx:rivalOf actor:x"],
        ["actor:x nx:cooperatesWith actor:y", "actor:x nx:linkedTo actor:y"],
    ),
    (
        "a link says nothing more",
        "actor:x nx:linkedTo actor:y ; nx:inSupplyChain chain:c ; nx:operatesIn place:p . "
        "actor:y nx:linkedTo actor:z .",
        ["actor:y nx:linkedTo actor:x"],
        [
            "actor:x nx:linkedTo actor:z",
            "actor:x nx:cooperatesWith actor:y",
            "actor:y nx:inSupplyChain chain:c",
            "actor:y nx:operatesIn place:p",
        ],
    ),
    (
        "members and their organization",
        "actor:x nx:memberOf actor:g . actor:h nx:hasMember actor:y .",
        ["actor:g nx:hasMember actor:x", "actor:y nx:memberOf actor:h", "actor:g a nx:Organization"],
        ["actor:x nx:subGroupOf actor:g", "actor:x a nx:Organization"],
    ),
    (
        "influence, and who has it",
        "actor:x nx:influences zone:z . zone:w nx:influencedBy actor:y .",
        ["zone:z nx:influencedBy actor:x", "actor:y nx:influences zone:w", "zone:z a nx:ZoneOfInfluence"],
        ["zone:z a nx:BlackHole", "actor:x nx:operatesIn zone:z"],
    ),
    (
        "influence over a zone is activity in what the zone lies in, not influence over it",
        "actor:x nx:influences zone:z . zone:z nx:locatedIn place:p .",
        ["actor:x nx:operatesIn place:p"],
        ["actor:x nx:influences place:p", "place:p a nx:ZoneOfInfluence"],
    ),
    (
        "activity in a place is activity in what it lies in, not in its parts",
        "actor:x nx:operatesIn place:p . place:p nx:locatedIn place:q . place:r nx:locatedIn place:p .",
        ["actor:x nx:operatesIn place:q"],
        ["actor:x nx:operatesIn place:r", "actor:x nx:hasNationality place:q"],
    ),
    (
        "concentrated in a place is active in it, not in it alone",
        "actor:x nx:concentratedIn place:p . place:p nx:locatedIn place:q .",
        ["actor:x nx:operatesIn place:p", "actor:x nx:operatesIn place:q"],
        ["actor:x nx:concentratedIn place:q", "actor:x nx:influences place:p"],
    ),
    (
        "an event at a place is at what it lies in",
        "event:e nx:atPlace place:p . place:p nx:locatedIn place:q .",
        ["event:e nx:atPlace place:q"],
        ["event:e nx:locatedIn place:q"],
    ),
    (
        "a route from a place starts in what it lies in",
        "actor:r nx:routeOrigin place:p . place:p nx:locatedIn place:q .",
        ["actor:r nx:routeOrigin place:q", "place:q nx:originOfRoute actor:r", "actor:r a nx:TraffickingRoute"],
        ["actor:r nx:routeDestination place:q"],
    ),
    (
        "a place a route starts from",
        "place:p nx:originOfRoute actor:r .",
        ["actor:r nx:routeOrigin place:p"],
        [],
    ),
    (
        "a stage of a chain, and who performs it",
        "chain:c nx:hasStage stage:s . actor:x nx:performsStage stage:s .",
        ["stage:s nx:stageOf chain:c", "actor:x nx:inSupplyChain chain:c"],
        ["actor:x a nx:IllicitActor", "actor:x nx:performsStage chain:c"],
    ),
    (
        "carried out by",
        "activity:y nx:carriedOutBy actor:x .",
        ["actor:x nx:engagesIn activity:y"],
        ["actor:x a nx:IllicitActor"],
    ),
    (
        "who seizes takes part",
        "event:e nx:seizedBy actor:x .",
        ["event:e nx:hasParticipant actor:x", "event:e a nx:Seizure", "event:e a nx:Event"],
        ["actor:x a nx:LawEnforcementAgency"],
    ),
    (
        "contributing and being a component bear on something, and no more",
        "condition:a nx:contributesTo condition:b . condition:b nx:componentOf factor-set:f . "
        "factor-set:f nx:contributesTo condition:d .",
        ["condition:a nx:bearsOn condition:b", "condition:b nx:bearsOn factor-set:f"],
        [
            "condition:a nx:contributesTo condition:d",
            "condition:b nx:contributesTo factor-set:f",
            "condition:b nx:contributesTo condition:d",
            "condition:a nx:bearsOn factor-set:f",
            "condition:b nx:contributesTo condition:a",
            "condition:b nx:partOf factor-set:f",
        ],
    ),
    (
        "causes and effects of a mechanism are not paired, its condition is no cause",
        "mechanism:m nx:hasCause condition:a , condition:b ; nx:hasEffect condition:c ; "
        "nx:underCondition condition:d .",
        ["mechanism:m a nx:CausalMechanism"],
        [
            "condition:a nx:contributesTo condition:c",
            "condition:d nx:contributesTo condition:c",
            "condition:d nx:bearsOn condition:c",
        ],
    ),
    (
        "a process is a condition that the thing goes through, not a state it is in",
        "place:p nx:undergoes condition:c .",
        ["condition:c a nx:Condition"],
        ["place:p nx:hasCondition condition:c", "place:p a nx:BlackHole", "place:p a nx:ZoneOfInfluence"],
    ),
    (
        "a plan is no event",
        "plan:p a nx:Plan ; nx:plannedDestination place:d ; nx:plannedCargo consignment:c .",
        ["place:d a nx:Place", "consignment:c a nx:Consignment"],
        [
            "plan:p a nx:Event",
            "plan:p nx:atPlace place:d",
            "consignment:c nx:atPlace place:d",
            "plan:p a nx:TraffickingRoute",
        ],
    ),
    (
        "places and economies may supply, export, depend and have a scope",
        "place:p nx:supplies place:q ; nx:exports commodity:c ; nx:dependsOn economy:e . "
        "economy:e nx:hasScope scope:national .",
        ["commodity:c a nx:Commodity", "place:q a nx:Place"],
        ["place:p a nx:Actor", "economy:e a nx:Actor", "place:q a nx:Market"],
    ),
    (
        "a claim with a unit, a date and a polarity stays a claim",
        "claim:c a nx:Claim ; nx:unit unit:ton ; nx:comparator comparator:more-than ; nx:measures quantity:exports ; "
        'nx:edtf "2014" ; nx:causalRelation causal-relation:feeds ; nx:polarity polarity:negative .',
        [],
        ["claim:c a nx:Observation", "claim:c a nx:CausalMechanism", "claim:c a nx:ContestedClaim"],
    ),
    (
        "playing a part is neither engaging in nor belonging",
        "actor:x nx:playsPartIn activity:y . activity:y a nx:DrugTrafficking . actor:x a nx:CriminalOrganization . "
        "participation:p nx:participant actor:x ; nx:participationIn activity:y .",
        ["participation:p a nx:Participation"],
        ["actor:x nx:engagesIn activity:y", "actor:x a nx:DrugTraffickingOrganization", "actor:x a nx:IllicitActor"],
    ),
    (
        "claims agree with each other, and corroboration is agreement",
        "claim:t.a nx:corroborates claim:t.b . claim:t.c nx:agreesWith claim:t.d .",
        ["claim:t.a nx:agreesWith claim:t.b", "claim:t.b nx:agreesWith claim:t.a", "claim:t.d nx:agreesWith claim:t.c"],
        ["claim:t.c nx:corroborates claim:t.d", "claim:t.a nx:contradicts claim:t.b"],
    ),
    (
        "siblings are each other's",
        "actor:a nx:siblingOf actor:b .",
        ["actor:b nx:siblingOf actor:a", "actor:a a nx:Person"],
        ["actor:a nx:memberOf actor:b"],
    ),
    (
        "confined is concentrated, and not the other way round",
        "actor:a nx:confinedTo place:p . actor:b nx:concentratedIn place:p .",
        ["actor:a nx:concentratedIn place:p", "actor:a nx:operatesIn place:p"],
        ["actor:b nx:confinedTo place:p"],
    ),
    (
        "replacing is a succession without a sub-group",
        "place:a nx:replaces place:b . succession:s nx:successor place:a ; nx:predecessor place:b .",
        ["succession:s a nx:Succession"],
        ["place:a nx:subGroupOf place:b", "place:b nx:replaces place:a", "place:a a nx:Actor"],
    ),
]


@cache
def terms(home: Path) -> tuple[Triple, ...]:
    """The terms, read once: their blank nodes are then the same in every store."""
    paths = sorted((home / "ontology/terms").glob("*.ttl"))
    assert len(paths) >= 7
    store = load.load_files(home, paths)
    merged = views.merge(store, [name for name in store.named_graphs() if isinstance(name, NamedNode)])
    return tuple(quad.triple for quad in merged)


Make = Callable[[str], Store]


@pytest.fixture
def closed(home: Path) -> Make:
    """The closure of the terms and a few triples."""
    header = "".join(f"@prefix {p}: <{space}> .\n" for p, space in namespaces.prefixes(home).items())

    def make(text: str) -> Store:
        store = Store()
        views.add_triples(store, terms(home))
        store.load(input=(header + text).encode(), format=RdfFormat.TURTLE)
        closure.close(store)
        return store

    return make


@pytest.fixture
def read(home: Path) -> Callable[[str], Triple]:
    """The triple of three CURIEs."""
    table = namespaces.prefixes(home)

    def node(curie: str) -> NamedNode:
        iri = namespaces.expand(curie, table)
        assert iri is not None, curie
        return NamedNode(iri)

    def triple(text: str) -> Triple:
        subject, predicate, value = text.split()
        return Triple(node(subject), TYPE if predicate == "a" else node(predicate), node(value))

    return triple


@pytest.mark.parametrize(("text", "follows", "does_not"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_follows_and_what_must_not(
    closed: Make, read: Callable[[str], Triple], text: str, follows: list[str], does_not: list[str]
) -> None:
    store = closed(text)
    assert [wanted for wanted in follows if Quad(*read(wanted)) not in store] == []
    assert [unwanted for unwanted in does_not if Quad(*read(unwanted)) in store] == []
    assert closure.contradictions(store) == []


@pytest.mark.slow
def test_every_axiom_beyond_the_hierarchy_has_a_case(closed: Make, read: Callable[[str], Triple]) -> None:
    shown: set[tuple[str, tuple[Triple, ...]]] = set()
    for _, text, follows, _ in CASES:
        store = closed(text)
        heads = steps.by_head(rules.clauses(store))
        for wanted in follows:
            shown |= {(step.rule.name, step.axioms) for step in steps.steps_to(store, read(wanted), heads)}
    store = closed("")
    plain = {"domain", "range", "sub-class"}
    stated = {(c.rule.name, c.axioms) for c in rules.clauses(store) if c.head and c.rule.name not in plain}
    assert stated - shown == set()


# ---- disjointness -------------------------------------------------------------------------------------------------

APART = [
    ("Person", "Organization"),
    ("State", "Community"),
    ("Person", "HybridActor"),
    ("IllicitEconomy", "FormalEconomy"),
    ("StateBody", "NonStateArmedGroup"),
    ("LawEnforcementAgency", "NonStateArmedGroup"),
    ("EnforcementActivity", "IllicitActivity"),
    ("EnforcementActivity", "DrugTrafficking"),
    ("Plan", "Event"),
    ("Plan", "Seizure"),
    ("Country", "State"),
    ("Actor", "Place"),
    ("Economy", "Actor"),
    ("Activity", "Event"),
    ("Claim", "Observation"),
    ("Claim", "CausalMechanism"),
    ("Commodity", "Consignment"),
]
TOGETHER = [
    # Why not: see the skos:editorialNote of each.
    ("TerroristOrganization", "CriminalOrganization"),
    ("InformalEconomy", "IllicitEconomy"),
    ("UnnamedGroup", "Organization"),
    ("Facility", "ZoneOfInfluence"),
    ("EconomicActivity", "IllicitActivity"),
    ("TaxationArrangement", "NexusRelationship"),
    ("ContestedClaim", "CorroboratedClaim"),
    ("NonStateArmedGroup", "CriminalOrganization"),
    ("InformalEconomy", "FormalEconomy"),
]


@pytest.mark.parametrize("pair", APART, ids="/".join)
def test_nothing_is_both(closed: Make, pair: tuple[str, str]) -> None:
    found = closure.contradictions(closed(f"actor:x a nx:{pair[0]} , nx:{pair[1]} ."))
    assert {contradiction.rule.name for contradiction in found} == {"disjoint"}


@pytest.mark.parametrize("pair", TOGETHER, ids="/".join)
def test_something_may_be_both(closed: Make, pair: tuple[str, str]) -> None:
    assert closure.contradictions(closed(f"actor:x a nx:{pair[0]} , nx:{pair[1]} .")) == []


@pytest.mark.parametrize("name", ["TerroristOrganization", "CriminalOrganization", "InformalEconomy"])
def test_what_is_deliberately_not_disjoint_says_why(closed: Make, name: str) -> None:
    notes = closed("").quads_for_pattern(nx(name), NamedNode(SKOS + "editorialNote"), None, DefaultGraph())
    assert any("disjoint" in quad.object.value for quad in notes)


def test_every_two_classes_of_each_disjoint_list_clash(closed: Make) -> None:
    store = closed("")
    heads = list(store.quads_for_pattern(None, NamedNode(OWL + "members"), None, DefaultGraph()))
    pairs = [pair for head in heads for pair in combinations(list_members(store, head.object), 2)]
    assert len(pairs) > 300
    for number, (one, other) in enumerate(pairs):
        node = NamedNode(f"http://example.org/{number}")
        store.extend([Quad(node, TYPE, one), Quad(node, TYPE, other)])
    found = closure.contradictions(store)
    assert len({contradiction.premises[0].subject for contradiction in found}) == len(pairs)


@pytest.mark.slow
def test_two_values_of_a_functional_property_clash(closed: Make) -> None:
    store = closed("")
    functional = list(store.quads_for_pattern(None, TYPE, NamedNode(OWL + "FunctionalProperty"), DefaultGraph()))
    assert {"startOffset", "endOffset", "sha256", "anchorPhrase"} <= {
        str(q.subject)[1:-1].split("#")[1] for q in functional
    }
    for quad in functional:
        text = f"span:s <{str(quad.subject)[1:-1]}> 1 , 2 ."
        assert [c.rule.name for c in closure.contradictions(closed(text))].count("functional") == 1
        assert "functional" not in [c.rule.name for c in closure.contradictions(closed(text.replace(" , 2", "")))]


# ---- the necessary conditions of ontology/dl ----------------------------------------------------------------------

# (class, the property without which nothing can be its member, in Turtle what must not be its value)
NEEDED = [
    ("Alliance", "hasParty", "owl:Nothing"),
    ("BlackHole", "influencedBy", "owl:Nothing"),
    ("BlackHole", "hasCondition", "owl:Nothing"),
    ("Claim", "fromSource", "owl:Nothing"),
    ("ContestedClaim", "contradicts", "owl:Nothing"),
    ("CorroboratedClaim", "corroborates", "owl:Nothing"),
    ("DrugTraffickingOrganization", "engagesIn", "owl:Nothing"),
    ("EvidenceSpan", "spanOf", "owl:Nothing"),
    ("NarcoTaxingTerroristGroup", "taxes", "nx:EnforcementActivity"),
    ("NexusActor", "partyTo", "owl:Nothing"),
]


@pytest.mark.slow
@pytest.mark.parametrize("with_dl", [True, False], ids=["dl", "terms"])
def test_what_a_class_cannot_be_without(home: Path, with_dl: bool) -> None:
    store = Store()
    views.add_triples(store, terms(home))
    if with_dl:
        store.load(input=(home / "ontology/dl/necessary.ttl").read_bytes(), format=RdfFormat.TURTLE)
    header = "".join(f"@prefix {p}: <{space}> .\n" for p, space in namespaces.prefixes(home).items())
    lacking = [
        f"nx:Lacking{i} a owl:Class ; rdfs:subClassOf nx:{kind} , "
        f"[ a owl:Restriction ; owl:onProperty nx:{predicate} ; owl:allValuesFrom {only} ] .\n"
        for i, (kind, predicate, only) in enumerate(NEEDED)
    ]
    # An illicit actor needs one of two things; a claim needs a span only if it says so.
    nothing = "[ a owl:Restriction ; owl:onProperty nx:{} ; owl:allValuesFrom owl:Nothing ]"
    lacking += [
        f"nx:Idle a owl:Class ; rdfs:subClassOf nx:IllicitActor , {nothing.format('engagesIn')} , "
        f"{nothing.format('inSupplyChain')} .\n",
        f"nx:Working a owl:Class ; rdfs:subClassOf nx:IllicitActor , {nothing.format('engagesIn')} .\n",
        f"nx:Spanless a owl:Class ; rdfs:subClassOf nx:Claim , {nothing.format('supportedBy')} , "
        "[ a owl:Restriction ; owl:onProperty nx:evidenceGrade ; owl:hasValue evidence-grade:span ] .\n",
        f"nx:Located a owl:Class ; rdfs:subClassOf nx:Claim , {nothing.format('supportedBy')} .\n",
    ]
    store.load(input=(header + "".join(lacking)).encode(), format=RdfFormat.TURTLE)
    found = {finding.focus.rsplit("#", 1)[-1] for finding in owl_consistency.findings(owl_consistency.logic(store))}
    expected = {f"Lacking{i}" for i in range(len(NEEDED))} | {"Idle", "Spanless"}
    assert found == (expected if with_dl else set())


def test_every_class_of_dl_is_tried(home: Path) -> None:
    store = Store()
    store.load(input=(home / "ontology/dl/necessary.ttl").read_bytes(), format=RdfFormat.TURTLE)
    classes = {q.subject for q in store.quads_for_pattern(None, NamedNode(namespaces.RDFS + "subClassOf"), None)}
    named = {node.value.rsplit("#", 1)[-1] for node in classes if isinstance(node, NamedNode)}
    assert named == {kind for kind, _, _ in NEEDED} | {"IllicitActor"}
