"""Loops: which are found, in which order, closed how, with which sign, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Store, Triple

from nexuskg.base import namespaces
from nexuskg.base.namespaces import BASE, SKOS, TYPE, nx
from nexuskg.pipeline import derivation, views
from nexuskg.queries import catalogue
from nexuskg.rdf import load
from nexuskg.reasoning import causal_loops, closure

TERMS = """
nx:contributesTo rdfs:subPropertyOf nx:bearsOn .
nx:componentOf rdfs:subPropertyOf nx:bearsOn .
causal-relation:raises nx:sign sign:positive .
causal-relation:lowers nx:sign sign:negative .
causal-relation:touches nx:sign sign:undetermined .
"""


def claim(
    name: str, subject: str, obj: str, relation: str = "raises", modality: str = "asserted", p: str = "contributesTo"
) -> str:
    """A claim and its fact, as the build derives it."""
    return (
        f"claim:t.{name} a nx:Claim ; nx:claimSubject condition:{subject} ; nx:claimPredicate nx:{p} ; "
        f"nx:claimObject condition:{obj} ; nx:causalRelation causal-relation:{relation} ; nx:kind kind:causal ; "
        f"nx:polarity polarity:positive ; nx:modality modality:{modality} . "
        f"condition:{subject} nx:{p} condition:{obj} ."
    )


@pytest.fixture
def found(home: Path) -> type:
    prefixes = "".join(f"@prefix {p}: <{space}> .\n" for p, space in namespaces.prefixes(home).items())

    class Found:
        """The loops of a text, each as (closure, sign, members), and as triples."""

        def __init__(self, text: str) -> None:
            store = Store()
            store.load(input=(prefixes + TERMS + text).encode(), format=RdfFormat.TURTLE)
            closure.close(store)
            self.triples = causal_loops.loops(store)
            self.loops = summary(self.triples)

    return Found


def local(term: object) -> str:
    assert isinstance(term, NamedNode)
    return term.value.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def values(triples: Iterable[Triple], subject: object, name: str) -> list[object]:
    return [triple.object for triple in triples if triple.subject == subject and triple.predicate == nx(name)]


def summary(triples: list[Triple]) -> list[tuple[str, str, list[str]]]:
    """Closure, sign, and the members in the order of the steps (of an open one with the last)."""
    out = []
    for loop in [t.subject for t in triples if t.predicate == TYPE and t.object == nx("CausalLoop")]:
        steps = values(triples, loop, "hasStep")
        assert [values(triples, step, "position")[0].value for step in steps] == [str(i + 1) for i in range(len(steps))]  # type: ignore[attr-defined]
        members = [local(values(triples, step, "stepFrom")[0]) for step in steps]
        last = values(triples, steps[-1], "stepTo")[0]
        (closure,), (sign,) = values(triples, loop, "loopClosure"), values(triples, loop, "loopSign")
        if local(closure) == "open":
            members.append(local(last))
            assert values(triples, loop, "missingLinkFrom") == [last]
            assert values(triples, loop, "missingLinkTo") == values(triples, steps[0], "stepFrom")
        else:
            assert last == values(triples, steps[0], "stepFrom")[0]
            assert not values(triples, loop, "missingLinkFrom")
        out.append((local(closure), local(sign), members))
    return out


def test_a_loop_of_facts_is_closed_and_starts_with_its_first_name(found: type) -> None:
    text = claim("c1", "m", "z") + claim("c2", "z", "b") + claim("c3", "b", "m")
    assert found(text).loops == [("closed", "positive", ["b", "m", "z"])]


def test_a_state_that_feeds_itself_is_a_loop_of_one_step(found: type) -> None:
    assert found(claim("c1", "a", "a")).loops == [("closed", "positive", ["a"])]


def test_a_chain_is_no_loop(found: type) -> None:
    assert found(claim("c1", "a", "b") + claim("c2", "b", "c")).loops == []


@pytest.mark.parametrize(
    ("relations", "sign"),
    [
        (("raises", "raises"), "positive"),
        (("raises", "lowers"), "negative"),
        (("lowers", "lowers"), "positive"),
        (("lowers", "touches"), "undetermined"),
    ],
)
def test_the_sign_is_the_product(found: type, relations: tuple[str, str], sign: str) -> None:
    text = claim("c1", "a", "b", relations[0]) + claim("c2", "b", "a", relations[1])
    assert found(text).loops == [("closed", sign, ["a", "b"])]


def test_claims_that_differ_in_sign_leave_it_undetermined(found: type) -> None:
    text = claim("c1", "a", "b") + claim("c2", "a", "b", "lowers") + claim("c3", "b", "a")
    assert found(text).loops == [("closed", "undetermined", ["a", "b"])]


def test_a_part_counts_as_raising_the_whole(found: type) -> None:
    text = claim("c1", "a", "b", "lowers") + claim("c2", "b", "a", "touches", p="componentOf")
    assert found(text).loops == [("closed", "negative", ["a", "b"])]


def test_a_loop_that_needs_an_implied_claim_is_a_reading(found: type) -> None:
    text = claim("c1", "a", "b") + claim("c2", "b", "a", modality="implied")
    assert found(text).loops == [("closed-by-reading", "positive", ["a", "b"])]
    text += claim("c3", "b", "a")
    assert found(text).loops == [("closed", "positive", ["a", "b"])]


def test_overlapping_loops_are_all_found(found: type) -> None:
    text = claim("c1", "a", "b") + claim("c2", "b", "a") + claim("c3", "b", "c") + claim("c4", "c", "a")
    assert [members for _, _, members in found(text).loops] == [["a", "b"], ["a", "b", "c"]]


OPEN = """
condition:a nx:changeOf variable:v ; nx:changeDirection change:increase .
condition:c nx:changeOf variable:v ; nx:changeDirection change:{} .
"""


@pytest.mark.parametrize("direction", ["increase", "decrease"])
def test_a_path_to_another_state_of_the_variable_is_open_and_has_no_sign(found: type, direction: str) -> None:
    text = claim("c1", "a", "b") + claim("c2", "b", "c") + OPEN.format(direction)
    assert found(text).loops == [("open", "undetermined", ["a", "b", "c"])]


def test_it_is_open_no_longer_when_something_leads_back(found: type) -> None:
    text = (
        claim("c1", "a", "b")
        + claim("c2", "b", "c")
        + claim("c3", "c", "a", modality="implied")
        + OPEN.format("increase")
    )
    assert found(text).loops == [("closed-by-reading", "positive", ["a", "b", "c"])]


def test_states_of_different_variables_make_no_open_loop(found: type) -> None:
    text = claim("c1", "a", "b") + "condition:a nx:changeOf variable:v . condition:b nx:changeOf variable:w ."
    assert found(text).loops == []


def test_the_condition_of_a_mechanism_is_no_cause_of_its_effect(found: type) -> None:
    text = (
        claim("c1", "x", "b", "lowers")
        + "mechanism:m nx:hasEffect condition:b ; nx:derivedFrom claim:t.c1 ; nx:underCondition condition:a ."
        + "claim:t.c2 nx:claimSubject mechanism:m ; nx:claimPredicate nx:underCondition ; nx:claimObject condition:a ; "
        "nx:kind kind:causal ; nx:polarity polarity:positive ; nx:modality modality:asserted ."
    )
    open_path = text + claim("c3", "b", "c") + OPEN.format("increase")
    closed_path = text + claim("c4", "b", "a")
    assert found(open_path).loops == []
    assert found(closed_path).loops == []
    assert found(closed_path + claim("c5", "a", "b")).loops == [("closed", "positive", ["a", "b"])]


def test_each_loop_and_step_names_its_claims_and_has_a_label(found: type) -> None:
    triples = found(claim("c1", "a", "b") + claim("c2", "b", "a")).triples
    loop, *steps = sorted({t.subject for t in triples}, key=lambda node: node.value)
    assert values(triples, loop, "derivedFrom") == [NamedNode(BASE + "claim/t.c1"), NamedNode(BASE + "claim/t.c2")]
    assert [values(triples, step, "derivedFrom") for step in steps] == [
        [NamedNode(BASE + "claim/t.c1")],
        [NamedNode(BASE + "claim/t.c2")],
    ]
    labels = {t.object for t in triples if t.predicate.value == SKOS + "prefLabel"}
    assert labels == {Literal(text, language="en") for text in ("a → b → a", "a → b", "b → a")}


def test_names_do_not_depend_on_order_and_differ_where_members_do(found: type) -> None:
    one = [claim("c1", "a", "b"), claim("c2", "b", "a"), claim("c3", "b", "c"), claim("c4", "c", "b")]
    first, second = found("".join(one)).triples, found("".join(reversed(one))).triples
    assert first == second
    names = [local(t.subject) for t in first if t.object == nx("CausalLoop")]
    assert len(set(names)) == 2
    assert all(name.startswith(("a-b-", "b-c-")) for name in names)


def test_long_names_are_cut_at_a_word(found: type) -> None:
    names = ["a-state-of-affairs", "b-state-of-affairs", "c-state-of-affairs", "d-state-of-affairs"]
    text = "".join(claim(f"c{i}", name, names[(i + 1) % 4]) for i, name in enumerate(names))
    (loop,) = {t.subject for t in found(text).triples if t.object == nx("CausalLoop")}
    slug, _, digest = local(loop).rpartition("-")
    assert slug == "a-state-of-affairs-b-state-of-affairs-c-state-of-affairs-d"
    assert len(digest) == 8


def test_loops_beyond_the_bound_are_not_looked_for(found: type) -> None:
    def ring(length: int) -> str:
        return "".join(claim(f"c{i}", f"s{i}", f"s{(i + 1) % length}") for i in range(length))

    assert len(found(ring(causal_loops.LONGEST)).loops) == 1
    assert found(ring(causal_loops.LONGEST + 1)).loops == []


def test_the_loops_of_the_article(home: Path) -> None:
    derive = {path.stem: catalogue.read_query(path) for path in (home / "queries/derive").glob("*.rq")}
    assert len(derive) >= 20
    store = load.load_files(home)
    store = views.merge(store, views.member_graphs(store, "facts"))
    for implied in (False, True):
        views.add_triples(store, derivation.derive(store, derive, implied))
        closure.close(store)
    triples = causal_loops.loops(store)
    assert summary(triples) == [
        (
            "closed-by-reading",
            "positive",
            ["blocked-development-projects", "dependence-on-illicit-economy", "violence-and-pressures"],
        ),
        ("closed-by-reading", "positive", ["crime-terror-dynamic"]),
        ("closed", "positive", ["illicit-economy-activities"]),
        # What greater revenues enable is only possible: no step leads back.
        (
            "open",
            "undetermined",
            ["ability-to-conduct-operations-of-expanding-scale", "expansion-of-illicit-activities"],
        ),
    ]
    causes = {nx("contributesTo"), nx("componentOf"), nx("bearsOn")}
    for triple in triples:
        if triple.predicate == nx("derivedFrom"):
            assert next(store.quads_for_pattern(triple.object, TYPE, nx("Claim"), DefaultGraph()), None)
            (stated,) = store.quads_for_pattern(triple.object, nx("claimPredicate"), None, DefaultGraph())
            assert stated.object in causes, triple
