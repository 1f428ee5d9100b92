"""The rules, each alone from both sides, and all together against owlrl, which follows the tables of OWL 2 RL."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple

from nexuskg.base.namespaces import NX, OWL, RDF, RDFS, SKOS, TYPE
from nexuskg.pipeline import derivation, views
from nexuskg.reasoning import closure, rules
from nexuskg.reasoning.axioms import UnsupportedAxiom
from nexuskg.reasoning.steps import by_head, steps_to

EX = "http://example.org/"
HEAD = f"""
@prefix : <{EX}> .
@prefix owl: <{OWL}> .
@prefix rdf: <{RDF}> .
@prefix rdfs: <{RDFS}> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:A a owl:Class . :B a owl:Class . :C a owl:Class . :D a owl:Class .
:p a owl:ObjectProperty . :q a owl:ObjectProperty . :r a owl:ObjectProperty . :d a owl:DatatypeProperty .
"""
COMPARED = (OWL + "Thing", OWL + "Nothing")


def store_of(text: str) -> Store:
    store = Store()
    store.load(input=(HEAD + text).encode(), format=RdfFormat.TURTLE)
    return store


def short(triples: Iterable[Triple]) -> set[str]:
    return {
        " ".join(str(part).replace(f"<{EX}", "").replace(f"<{RDF}type>", "a").replace(">", "") for part in triple)
        for triple in triples
    }


def closed(text: str) -> set[str]:
    return short(closure.close(store_of(text)))


def some(on: str, filler: str) -> str:
    return f"[ a owl:Restriction ; owl:onProperty {on} ; owl:someValuesFrom {filler} ]"


def value(on: str, filler: str) -> str:
    return f"[ a owl:Restriction ; owl:onProperty {on} ; owl:hasValue {filler} ]"


def every(on: str, filler: str) -> str:
    return f"[ a owl:Restriction ; owl:onProperty {on} ; owl:allValuesFrom {filler} ]"


def both(*members: str) -> str:
    return f"[ a owl:Class ; owl:intersectionOf ( {' '.join(members)} ) ]"


def no(inner: str) -> str:
    return f"[ a owl:Class ; owl:complementOf {inner} ]"


def either(*members: str) -> str:
    return f"[ a owl:Class ; owl:unionOf ( {' '.join(members)} ) ]"


# (construct, axioms, what gives the inference, the inferences, what is nearly that and gives none)
EACH_ALONE = [
    ("sub-class", ":A rdfs:subClassOf :B .", ":x a :A .", {"x a B"}, ":x a :B ."),
    ("equivalent class", ":A owl:equivalentClass :B .", ":x a :A . :y a :B .", {"x a B", "y a A"}, ":x a :C ."),
    ("sub-property", ":p rdfs:subPropertyOf :q .", ":x :p :y .", {"x q y"}, ":x :q :y ."),
    (
        "equivalent property",
        ":p owl:equivalentProperty :q .",
        ":x :p :y . :y :q :x .",
        {"x q y", "y p x"},
        ":x :r :y .",
    ),
    ("inverse", ":p owl:inverseOf :q .", ":x :p :y . :v :q :w .", {"y q x", "w p v"}, ":x :r :y ."),
    ("symmetric", ":p a owl:SymmetricProperty .", ":x :p :y .", {"y p x"}, ":x :q :y ."),
    ("transitive", ":p a owl:TransitiveProperty .", ":x :p :y . :y :p :z .", {"x p z"}, ":x :p :y . :x :p :z ."),
    ("chain of 2", ":p owl:propertyChainAxiom (:q :r) .", ":x :q :y . :y :r :z .", {"x p z"}, ":x :r :y . :y :q :z ."),
    (
        "chain of 3",
        ":p owl:propertyChainAxiom (:q :r :q) .",
        ":w :q :x . :x :r :y . :y :q :z .",
        {"w p z"},
        ":w :q :x . :x :r :y .",
    ),
    (
        "chain of 5",
        ":p owl:propertyChainAxiom (:q :q :q :q :r) .",
        ":a :q :b . :b :q :c . :c :q :d . :d :q :e . :e :r :f .",
        {"a p f"},
        ":a :q :b . :b :q :c . :c :q :d . :d :r :e .",
    ),
    ("domain", ":p rdfs:domain :A .", ":x :p :y .", {"x a A"}, ":x :q :y ."),
    ("range", ":p rdfs:range :A .", ":x :p :y .", {"y a A"}, ":x :q :y ."),
    ("hasValue, sufficient", f"{value(':p', ':v')} rdfs:subClassOf :A .", ":x :p :v .", {"x a A"}, ":x :p :w ."),
    ("hasValue, necessary", f":A rdfs:subClassOf {value(':p', ':v')} .", ":x a :A .", {"x p v"}, ":x a :B ."),
    (
        "hasValue of a literal",
        f"{value(':d', chr(34) + 'v' + chr(34))} rdfs:subClassOf :A .",
        ':x :d "v" .',
        {"x a A"},
        ':x :d "w" .',
    ),
    (
        "someValuesFrom",
        f"{some(':p', ':B')} rdfs:subClassOf :A .",
        ":x :p :y . :y a :B .",
        {"x a A"},
        ":x :p :y . :x a :B .",
    ),
    (
        "someValuesFrom anything",
        f"{some(':p', 'owl:Thing')} rdfs:subClassOf :A .",
        ":x :p :y .",
        {"x a A"},
        ":x :q :y .",
    ),
    (
        "someValuesFrom, nested",
        f"{some(':p', some(':q', ':B'))} rdfs:subClassOf :A .",
        ":x :p :y . :y :q :z . :z a :B .",
        {"x a A"},
        ":x :p :y . :x :q :z . :z a :B .",
    ),
    (
        "intersection, left",
        f"{both(':A', ':B')} rdfs:subClassOf :C .",
        ":x a :A , :B .",
        {"x a C"},
        ":x a :A . :y a :B .",
    ),
    (
        "intersection, right",
        f":A rdfs:subClassOf {both(':B', ':C')} .",
        ":x a :A .",
        {"x a B", "x a C"},
        ":x a :B , :C .",
    ),
    (
        "intersection, equivalent",
        f":A owl:equivalentClass {both(':B', ':C')} .",
        ":x a :A . :y a :B , :C .",
        {"x a B", "x a C", "y a A"},
        ":x a :B .",
    ),
    (
        "intersection with two restrictions on one property",
        f"{both(some(':p', ':A'), some(':p', ':B'))} rdfs:subClassOf :C .",
        ":x :p :y , :z . :y a :A . :z a :B .",
        {"x a C"},
        ":x :p :y . :y a :A .",
    ),
    (
        "union, left",
        f"{either(':A', ':B')} rdfs:subClassOf :C .",
        ":x a :A . :y a :B .",
        {"x a C", "y a C"},
        ":x a :D .",
    ),
    (
        "union in an intersection",
        f"{both(':D', either(':A', ':B'))} rdfs:subClassOf :C .",
        ":x a :D , :B .",
        {"x a C"},
        ":x a :A , :B .",
    ),
    ("allValuesFrom", f":A rdfs:subClassOf {every(':p', ':B')} .", ":x a :A ; :p :y .", {"y a B"}, ":x a :B ; :p :y ."),
    (
        "allValuesFrom, nested",
        f":A rdfs:subClassOf {every(':p', every(':q', ':B'))} .",
        ":x a :A ; :p :y . :y :q :z .",
        {"z a B"},
        ":x a :A ; :q :y .",
    ),
    (
        "a class expression as domain",
        f":p rdfs:domain {both(':A', ':B')} .",
        ":x :p :y .",
        {"x a A", "x a B"},
        ":x :q :y .",
    ),
]


@pytest.mark.parametrize(
    ("axioms", "given_", "expected", "other"), [case[1:] for case in EACH_ALONE], ids=[c[0] for c in EACH_ALONE]
)
def test_each_construct_infers_what_it_says_and_nothing_else(
    axioms: str, given_: str, expected: set[str], other: str
) -> None:
    assert closed(axioms + given_) == expected
    assert closed(axioms + other) == set()
    assert by_owlrl(axioms + given_) == expected


# (what it is, axioms, the contradiction, what is nearly one)
CONTRADICTIONS = [
    ("disjoint", ":A owl:disjointWith :B .", ":x a :A , :B .", ":x a :A . :y a :B ."),
    ("disjoint", "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) .", ":x a :A , :C .", ":x a :A , :D ."),
    ("disjoint", f":A owl:disjointWith {some(':p', ':B')} .", ":x a :A ; :p :y . :y a :B .", ":x a :A ; :p :y ."),
    ("necessary", f":A rdfs:subClassOf {no(some(':p', ':B'))} .", ":x a :A ; :p :y . :y a :B .", ":x a :A ; :p :y ."),
    ("disjoint properties", ":p owl:propertyDisjointWith :q .", ":x :p :y ; :q :y .", ":x :p :y . :y :q :x ."),
    (
        "disjoint properties",
        "[] a owl:AllDisjointProperties ; owl:members ( :p :q :r ) .",
        ":x :p :y ; :r :y .",
        ":x :p :y ; :r :z .",
    ),
    ("asymmetric", ":p a owl:AsymmetricProperty .", ":x :p :y . :y :p :x .", ":x :p :y . :y :p :z ."),
    ("irreflexive", ":p a owl:IrreflexiveProperty .", ":x :p :x .", ":x :p :y ."),
    ("functional", ":d a owl:FunctionalProperty .", ":x :d 1 , 2 .", ":x :d 1 . :y :d 2 ."),
    ("functional", ":d a owl:FunctionalProperty .", ':x :d 1 , "1" .', ":x :d 1 , 1.0 ."),
    ("functional", ":p a owl:FunctionalProperty .", ":x :p :y , :z .", ":x :p :y . :z :p :w ."),
    ("inverse functional", ":p a owl:InverseFunctionalProperty .", ":x :p :y . :z :p :y .", ":x :p :y , :z ."),
    ("nothing", ":A rdfs:subClassOf owl:Nothing .", ":x a :A .", ":x a :B ."),
]


@pytest.mark.parametrize(("rule", "axioms", "wrong", "right"), CONTRADICTIONS)
def test_each_contradiction_is_found_and_nothing_near_it(rule: str, axioms: str, wrong: str, right: str) -> None:
    store = store_of(axioms + wrong)
    closure.close(store)
    found = closure.contradictions(store)
    assert [contradiction.rule.name for contradiction in found] == [rule]
    assert all(Quad(*premise) in store for premise in found[0].premises)
    assert all(Quad(*axiom) in store for axiom in found[0].axioms)
    store = store_of(axioms + right)
    closure.close(store)
    assert closure.contradictions(store) == []


@pytest.mark.parametrize(
    "axiom",
    [
        ":A owl:hasKey ( :d ) .",
        ":A owl:complementOf :B .",
        ":x owl:sameAs :y .",
        ":p a owl:ReflexiveProperty .",
        ":x owl:differentFrom :y .",
        f":A rdfs:subClassOf {some(':p', ':B')} .",
        f":A rdfs:subClassOf {either(':C', ':B')} .",
        f"{every(':p', ':B')} rdfs:subClassOf :A .",
        ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:maxCardinality 1 ] .",
        ":q owl:propertyChainAxiom ( [ owl:inverseOf :p ] :r ) .",
        "owl:Thing rdfs:subClassOf :A .",
        f":A rdfs:subClassOf {value(':p', '[]')} .",
        "[ owl:intersectionOf _:l ] rdfs:subClassOf :A . _:l rdf:first :B ; rdf:rest _:l .",
        "[ owl:intersectionOf _:l ] rdfs:subClassOf :A . _:l rdf:first :B .",
        ":A owl:unionOf ( :B :C ) .",
    ],
)
def test_an_axiom_outside_the_set_is_refused_by_name(axiom: str) -> None:
    with pytest.raises(UnsupportedAxiom, match=r"do not cover this axiom: .+ ontology/dl"):
        closure.close(store_of(axiom))


def test_the_order_is_the_same_every_time_and_stated_triples_are_not_inferred_again() -> None:
    text = ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :p a owl:TransitiveProperty . " + " ".join(
        f":n{i} :p :n{i + 1} ; a :A ." for i in range(12)
    )
    first = closure.close(store_of(text))
    assert first == closure.close(store_of(text)) == sorted(first, key=rules.order)
    assert len(first) == 12 * 2 + 12 * 11 / 2
    again = store_of(text)
    closure.close(again)
    assert closure.close(again) == []


def test_blank_nodes_and_literals_are_left_alone() -> None:
    store = store_of(':p rdfs:range :A . :p rdfs:domain :A . :q owl:inverseOf :p . [] :p :y . :x :p "literal" .')
    assert short(closure.close(store)) == {"x a A", "y a A"}


def test_a_description_never_becomes_a_type() -> None:
    store = store_of(f"{both(':A', some(':p', either(':B', ':C')))} rdfs:subClassOf :D . :x a :A ; :p :y . :y a :C .")
    assert short(closure.close(store)) == {"x a D"}


def test_justifications_are_every_step_to_a_triple() -> None:
    store = store_of(
        ":A rdfs:subClassOf :B . :p rdfs:domain :B . "
        f"{both(':C', some(':p', ':D'))} rdfs:subClassOf :B . :x a :A , :C ; :p :y . :y a :D ."
    )
    closure.close(store)
    (triple,) = (Triple(NamedNode(EX + "x"), TYPE, NamedNode(EX + "B")),)
    steps = steps_to(store, triple, by_head(rules.clauses(store)))
    assert {(step.rule.name, *sorted(short(step.premises))) for step in steps} == {
        ("sub-class", "x a A"),
        ("domain", "x p y"),
        ("sufficient", "x a C", "x p y", "y a D"),
    }
    assert all(len(step.axioms) == 1 and Quad(*step.axioms[0]) in store for step in steps)
    assert steps_to(store, Triple(NamedNode(EX + "x"), TYPE, NamedNode(EX + "A")), by_head(rules.clauses(store))) == []


def test_every_rule_says_in_one_sentence_what_it_does() -> None:
    for rule in (*rules.RULES, rules.chain(2)):
        assert rule.sentence.endswith(".")
        assert rule.sentence.count(". ") == 0, rule


# ---- against owlrl ------------------------------------------------------------------------------------------------


def by_owlrl(text: str) -> set[str]:
    return short(owlrl_of(store_of(text)))


def owlrl_of(store: Store) -> set[Triple]:
    """What owlrl infers of individuals in declared terms: nothing of what it adds to every input."""
    import owlrl
    import rdflib

    graph = rdflib.Graph()
    graph.parse(data=store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()), format="nt")
    before = set(graph)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    out = Store()
    iris = (
        (s, p, o) for s, p, o in set(graph) - before if isinstance(s, rdflib.URIRef) and not isinstance(o, rdflib.BNode)
    )
    lines = "\n".join(f"{s.n3()} {p.n3()} {o.n3()} ." for s, p, o in iris)
    out.load(input=lines.encode(), format=RdfFormat.N_TRIPLES)
    return individuals(store, (quad.triple for quad in out))


def individuals(store: Store, triples: Iterable[Triple]) -> set[Triple]:
    """Those of the triples that speak of individuals in the declared terms."""
    declared: dict[str, set[object]] = {"class": set(), "property": set()}
    for quad in store.quads_for_pattern(None, TYPE, None, DefaultGraph()):
        if quad.object.value.startswith(OWL):
            declared["class" if quad.object.value == OWL + "Class" else "property"].add(quad.subject)
    terms = declared["class"] | declared["property"]
    return {
        triple
        for triple in triples
        if triple.subject not in terms
        and (
            triple.object in declared["class"] if triple.predicate == TYPE else triple.predicate in declared["property"]
        )
        and triple.object not in {NamedNode(iri) for iri in COMPARED}
    }


CLASS, PROPERTY, THING = (st.sampled_from([f":{name}" for name in names]) for names in ("ABCD", "pqr", "vwxyz"))
LEFT = st.recursive(
    CLASS,
    lambda inner: st.one_of(
        st.builds(both, inner, inner),
        st.builds(either, inner, inner),
        st.builds(some, PROPERTY, inner),
        st.builds(value, PROPERTY, THING),
    ),
    max_leaves=3,
)
RIGHT = st.recursive(
    CLASS,
    lambda inner: st.one_of(
        st.builds(both, inner, inner), st.builds(every, PROPERTY, inner), st.builds(value, PROPERTY, THING)
    ),
    max_leaves=3,
)
AXIOM = st.one_of(
    st.builds("{} rdfs:subClassOf {} .".format, LEFT, RIGHT),
    st.builds("{} owl:equivalentClass {} .".format, CLASS, CLASS),
    st.builds(":{0} owl:equivalentClass {1} .".format, st.sampled_from("ABCD"), st.builds(both, CLASS, CLASS)),
    st.builds("{} owl:equivalentClass {} .".format, CLASS, st.builds(value, PROPERTY, THING)),
    st.builds("{} rdfs:subPropertyOf {} .".format, PROPERTY, PROPERTY),
    st.builds("{} owl:equivalentProperty {} .".format, PROPERTY, PROPERTY),
    st.builds("{} owl:inverseOf {} .".format, PROPERTY, PROPERTY),
    st.builds("{} a owl:{}Property .".format, PROPERTY, st.sampled_from(["Symmetric", "Transitive"])),
    st.builds("{} owl:propertyChainAxiom ( {} {} ) .".format, PROPERTY, PROPERTY, PROPERTY),
    st.builds("{} owl:propertyChainAxiom ( {} {} {} ) .".format, PROPERTY, PROPERTY, PROPERTY, PROPERTY),
    st.builds("{} rdfs:domain {} .".format, PROPERTY, CLASS),
    st.builds("{} rdfs:range {} .".format, PROPERTY, CLASS),
)
APART = st.one_of(
    st.builds("{} owl:disjointWith {} .".format, CLASS, CLASS),
    st.builds("{} rdfs:subClassOf {} .".format, CLASS, st.builds(no, CLASS)),
    st.builds("{} owl:propertyDisjointWith {} .".format, PROPERTY, PROPERTY),
    st.builds("{} a owl:{}Property .".format, PROPERTY, st.sampled_from(["Asymmetric", "Irreflexive"])),
    st.builds("{} rdfs:subClassOf owl:Nothing .".format, CLASS),
)
FACT = st.one_of(st.builds("{} {} {} .".format, THING, PROPERTY, THING), st.builds("{} a {} .".format, THING, CLASS))


@pytest.mark.slow
@settings(max_examples=3 * settings.default.max_examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(AXIOM, min_size=1, max_size=6), st.lists(FACT, min_size=1, max_size=8))
def test_the_closure_is_owlrls(axioms: list[str], facts: list[str]) -> None:
    text = "\n".join([*axioms, *facts])
    assert closed(text) == by_owlrl(text)


@settings(max_examples=2 * settings.default.max_examples, deadline=None)
@given(st.lists(AXIOM, min_size=1, max_size=6), st.lists(FACT, min_size=1, max_size=8))
def test_every_inference_has_a_step_whose_premises_are_there(axioms: list[str], facts: list[str]) -> None:
    store = store_of("\n".join([*axioms, *facts]))
    known = rules.clauses(store)
    heads = by_head(known)
    for triple in closure.close(store, known):
        steps = steps_to(store, triple, heads)
        assert any(triple not in step.premises for step in steps)
        assert all(Quad(*premise) in store for step in steps for premise in step.premises)


@settings(max_examples=3 * settings.default.max_examples, deadline=None)
@given(st.lists(AXIOM, min_size=1, max_size=6), st.lists(FACT, min_size=1, max_size=10), st.integers(0, 10))
def test_going_on_from_what_was_added_gives_the_closure_from_scratch(
    axioms: list[str], facts: list[str], first: int
) -> None:
    store = store_of("\n".join([*axioms, *facts[:first]]))
    known = rules.clauses(store)
    into = NamedNode(EX + "inferred")
    closure.infer(store, into, known)
    before = set(store.quads_for_pattern(None, None, None, DefaultGraph()))
    added = [q for q in store_of("\n".join(facts[first:])) if q not in before and not q.predicate.value.startswith(OWL)]
    store.extend(added)
    closure.infer(store, into, known, [quad.triple for quad in added])
    whole = store_of("\n".join([*axioms, *facts]))
    closure.close(whole, known)
    after = set(store.quads_for_pattern(None, None, None, DefaultGraph()))
    assert {q for q in after if not _blank(q)} == {q for q in whole if not _blank(q)}
    assert {g.value for g in store.named_graphs()} <= {into.value}  # the working graphs are gone
    stated = {q.triple for q in store_of("\n".join([*axioms, *facts]))}
    inferred = {q.triple for q in store.quads_for_pattern(None, None, None, into)}
    assert {q.triple for q in after if not _blank(q)} <= inferred | stated


def _blank(quad: Quad) -> bool:
    return isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)


@pytest.mark.slow
@settings(max_examples=2 * settings.default.max_examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(AXIOM, APART), min_size=1, max_size=6), st.lists(FACT, min_size=1, max_size=8))
def test_a_contradiction_is_found_where_owlrl_finds_one(axioms: list[str], facts: list[str]) -> None:
    import owlrl
    import rdflib

    text = "\n".join([*axioms, *facts])
    store = store_of(text)
    closure.close(store)
    graph = rdflib.Graph()
    graph.parse(data=store_of(text).dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()), format="nt")
    found = owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False)
    found.expand(graph)
    errors = list(graph.objects(None, rdflib.URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")))
    assert bool(closure.contradictions(store)) == bool(errors)


# ---- the real graph -----------------------------------------------------------------------------------------------


def real(home: Path) -> Store:
    """The stated part of the implied view: terms, vocabularies, data and what all positive claims state."""
    from nexuskg.queries import catalogue
    from nexuskg.rdf import load

    derive = {path.stem: catalogue.read_query(path) for path in (home / "queries/derive").glob("*.rq")}
    assert len(derive) >= 20
    store = load.load_files(home)
    store = views.merge(store, views.member_graphs(store, "facts"))
    for implied in (False, True):
        views.add_triples(store, derivation.derive(store, derive, implied))
    return store


def test_the_real_graph_is_closed_without_contradiction(home: Path) -> None:
    store = real(home)
    known = rules.clauses(store)
    inferred = closure.close(store, known)
    assert len(inferred) > 100
    assert closure.contradictions(store, known) == []


@pytest.mark.slow
def test_the_closure_of_the_real_graph_is_owlrls(home: Path) -> None:
    store = Store()
    for quad in real(home):
        # owlrl looks at every triple many times: what no axiom speaks of is left out.
        if not (
            isinstance(quad.object, Literal)
            or quad.predicate.value.startswith(SKOS)
            or quad.predicate.value == NX + "derivedFrom"
        ):
            store.add(quad)
    expected = owlrl_of(store)
    assert len(expected) > 100
    assert individuals(store, closure.close(store)) == expected
