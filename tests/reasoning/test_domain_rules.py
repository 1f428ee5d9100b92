"""Domain rules: what they conclude, how that is explained, and what a fixpoint cannot take."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store, Triple

from nexuskg.base.namespaces import NX, OWL, RDFS, graph_iri, nx
from nexuskg.errors import QueryFailure
from nexuskg.queries import catalogue
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.reasoning import closure, domain_rules, justifications, rules, steps

HEAD = "".join(
    f"@prefix {prefix}: <{space}> . " for prefix, space in (("", "urn:"), ("nx", NX), ("owl", OWL), ("rdfs", RDFS))
)


def rule(text: str, name: str = "r") -> StoredQuery:
    return StoredQuery(name, "So it is.", "", (domain_rules.TAG,), (), f"PREFIX : <urn:> {text}", "derive")


def store_of(text: str) -> Store:
    store = Store()
    store.load(input=(HEAD + text).encode(), format=RdfFormat.TURTLE)
    return store


def closed(store: Store, *queries: StoredQuery) -> set[str]:
    known = domain_rules.all_clauses(store, {("derive", query.name): query for query in queries})
    return {
        " ".join(str(part).removeprefix("<urn:").removesuffix(">") for part in triple)
        for triple in closure.close(store, known)
    }


LIKED = rule("CONSTRUCT { ?y :likedBy ?x } WHERE { ?x :likes ?y FILTER(?x != ?y) }", "liked")


def test_a_rule_concludes_what_it_says_and_nothing_near_it() -> None:
    assert closed(store_of(":a :likes :b . :c :likes :c ."), LIKED) == {"b likedBy a"}


def test_rules_and_axioms_feed_each_other() -> None:
    store = store_of(":likedBy owl:inverseOf :fanOf . :praises rdfs:subPropertyOf :likes . :a :praises :b .")
    other = rule("CONSTRUCT { ?x :knows ?y } WHERE { ?x :fanOf ?y }", "knows")
    assert closed(store, LIKED, other) == {"a likes b", "b likedBy a", "a fanOf b", "a knows b"}


def test_a_rule_may_mint_and_conclude_several_triples_at_once() -> None:
    mint = rule(
        'CONSTRUCT { ?node :of ?x ; :to ?y } WHERE { ?x :pays ?y BIND(IRI(CONCAT(STR(?x), "-pays")) AS ?node) }', "mint"
    )
    store = store_of(":a :pays :b .")
    assert closed(store, mint) == {"a-pays of a", "a-pays to b"}
    triple = Triple(NamedNode("urn:a-pays"), NamedNode("urn:of"), NamedNode("urn:a"))
    (step,) = steps.steps_to(store, triple, steps.by_head(domain_rules.all_clauses(store, {("derive", "mint"): mint})))
    assert step.premises == (Triple(NamedNode("urn:a"), NamedNode("urn:pays"), NamedNode("urn:b")),)


def test_what_a_rule_concludes_is_explained_by_the_rule() -> None:
    store = store_of(":a :likes :b .")
    known = domain_rules.all_clauses(store, {("derive", "liked"): LIKED})
    closure.infer(store, graph_iri("inferred"), known)
    triple = Triple(NamedNode("urn:b"), NamedNode("urn:likedBy"), NamedNode("urn:a"))
    found = justifications.derivation(store, triple, steps.by_head(known))
    assert found.step is not None
    assert found.step.rule.sentence == "So it is."
    assert found.support() == {"liked", Triple(NamedNode("urn:a"), NamedNode("urn:likes"), NamedNode("urn:b"))}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CONSTRUCT { ?x :q ?y } WHERE { ?x :p ?y FILTER NOT EXISTS { ?y :p ?x } }", "NOT"),
        ("CONSTRUCT { ?x :q ?y } WHERE { ?x :p ?y MINUS { ?y :p ?x } }", "MINUS"),
        ("CONSTRUCT { ?x :q ?y } WHERE { ?x :p ?y OPTIONAL { ?y :p ?z } }", "OPTIONAL"),
        ("CONSTRUCT { ?x :q ?y } WHERE { { ?x :p ?y } }", "group"),
        ("CONSTRUCT { ?x :q ?y } WHERE { ?x :p+ ?y }", "path"),
        ("CONSTRUCT { } WHERE { ?x :p ?y }", "nothing"),
        ("CONSTRUCT WHERE { ?x :p ?y }", "not one CONSTRUCT"),
        ("SELECT ?x WHERE { ?x :p ?y }", "CONSTRUCT"),
        ("CONSTRUCT { ?x :q ?y } WHERE { ?x :p ?y FILTER(", "expected"),
        ('CONSTRUCT { ?n :p ?x } WHERE { ?x :p ?y BIND(IRI(CONCAT(STR(?x), "-n")) AS ?n) }', "never end"),
        ('CONSTRUCT { ?n ?q ?x } WHERE { ?x :p ?y ; :as ?q BIND(IRI(CONCAT(STR(?x), "-n")) AS ?n) }', "never end"),
    ],
)
def test_what_a_fixpoint_cannot_take_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(QueryFailure, match=r"queries/derive/r\.rq|r: ") as caught:
        closed(store_of(":a :p :b ."), rule(text))
    assert said in str(caught.value)


def test_a_minting_rule_that_comes_back_to_itself_through_others_is_refused() -> None:
    mint = rule('CONSTRUCT { ?n :q ?x } WHERE { ?x :p ?y BIND(IRI(CONCAT(STR(?x), "-n")) AS ?n) }', "mint")
    closed(store_of(":a :p :b ."), mint)
    back = rule("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y }", "back")
    with pytest.raises(QueryFailure, match=r"mint\.rq: the rule makes new IRIs"):
        closed(store_of(":a :p :b ."), mint, back)
    with pytest.raises(QueryFailure, match=r"mint\.rq: the rule makes new IRIs"):
        closed(store_of(":q owl:inverseOf :p ."), mint)


def test_the_parties_to_an_alliance_cooperate_with_each_other(home: Path) -> None:
    query = catalogue.read_query(home / "queries/derive/allies-cooperate.rq")
    store = store_of(":pact a nx:Alliance ; nx:hasParty :a , :b . :feud a nx:Rivalry ; nx:hasParty :a , :c .")
    closure.close(store, rules.clauses(store, domain_rules.clauses_of(query)))
    pairs = store.quads_for_pattern(None, nx("cooperatesWith"), None, DefaultGraph())
    assert {(q.subject.value, q.object.value) for q in pairs} == {("urn:a", "urn:b"), ("urn:b", "urn:a")}


def test_every_rule_of_the_project_is_run_with_the_axioms(home: Path) -> None:
    queries = catalogue.read_catalogue(home)
    tagged = {name for (kind, name), query in queries.items() if kind == "derive" and domain_rules.TAG in query.tags}
    assert tagged
    assert tagged <= {clause.rule.name for clause in domain_rules.all_clauses(Store(), queries)}
