"""Why a statement or a row is there, and why another is not: as a person reads it, as JSON, as a picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, NamedNode, Quad, Triple

from nexuskg.answers import rows
from nexuskg.answers.question import question_of
from nexuskg.base.namespaces import BASE, TYPE, graph_iri, nx
from nexuskg.cli.main import program_group
from nexuskg.errors import BadParameter, UnknownTerm
from nexuskg.evidence import verify
from nexuskg.explain import render, why, why_not
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Compiled
from nexuskg.reasoning import grounds

SENDERO = "actor:sendero-luminoso"
EXCERPT = Path(__file__).parents[3] / "shared/source/ellis-2015-excerpt.txt"


@pytest.fixture(scope="module")
def facts(home: Path) -> Compiled:
    return compilation.compiled("facts", home)


@pytest.fixture(scope="module")
def implied(home: Path) -> Compiled:
    return compilation.compiled("implied", home)


def claims(reason: why.Reason) -> set[str]:
    return {said.claim for said in reason.claims}.union(*(claims(premise) for premise in reason.premises))


def test_an_inference_is_told_down_to_claims_and_anchor_phrases(facts: Compiled) -> None:
    told = why.explain_statement(facts, why.parse_triple(facts, SENDERO, "a", "nx:NarcoTaxingTerroristGroup"))
    ((reason,),) = told.reasons
    assert reason.rule == "sufficient"
    assert reason.sentence.startswith("If X is a terrorist organization and X taxes Y and Y is a drug activity, then X")
    assert [premise.rule for premise in reason.premises] == ["", "", "sub-class"]
    assert claims(reason) == {"claim:ellis-2015.c074", "claim:ellis-2015.c082"}
    said = reason.premises[1].claims[0]
    assert said.evidence is not None
    assert (said.modality, said.evidence.hedge, said.evidence.paragraph) == ("asserted", "principally", "3")
    text = render.explanation_text(told)
    assert "ellis-2015, paragraph 3, at: residual elements; principally taxing" in text
    assert "hedged: principally" in text


def test_in_the_implied_view_the_hybrid_actor_rests_on_the_implied_claim(facts: Compiled, implied: Compiled) -> None:
    hybrid = why.parse_triple(facts, SENDERO, "a", "nx:HybridActor")
    with pytest.raises(BadParameter, match="does not say that Sendero Luminoso is a hybrid actor"):
        why.explain_statement(facts, hybrid)
    ((reason,),) = why.explain_statement(implied, hybrid).reasons
    assert "claim:ellis-2015.c125" in claims(reason)
    assert reason.modality == "implied"


def test_everything_inferred_is_told_down_to_claims_or_our_own_kinds(implied: Compiled) -> None:
    def check(reason: why.Reason) -> None:
        assert bool(reason.rule) == bool(reason.premises)
        assert reason.sentence.endswith(".") if reason.rule else True
        assert reason.text
        for premise in reason.premises:
            check(premise)
        if not reason.rule and not reason.claims:  # what no claim says is a kind or a name of our own
            assert grounds.stated_by(implied.store, reason.triple) == frozenset()

    for name in ("inferred", "inferred-implied"):
        for quad in implied.store.quads_for_pattern(None, None, None, graph_iri(name)):
            told = why.explain_statement(implied, quad.triple)
            check(told.reasons[0][0])
            assert told.reasons[0][0].rule


def test_a_row_rests_on_the_claims_that_its_answer_names(facts: Compiled) -> None:
    for question in ("nexus-actors", "who-taxes-what", "causal-chain", "which-markets-are-supplied"):
        answer = rows.answer_typed(facts, question)
        for number, row in enumerate(answer.rows, 1):
            told = why.explain_row(facts, question_of(facts, question), number)
            found = {said.claim for said in told.claims}.union(
                *(claims(reason) for reasons in told.reasons for reason in reasons)
            )
            named = {item.claim.value.replace(BASE + "claim/", "claim:") for item in row.evidence}
            assert named <= found, (question, number)


def test_a_row_that_rests_on_absence_says_so(small: Path) -> None:
    data = compilation.compiled("facts", small)
    told = why.explain_row(data, question_of(data, "which-actors-tax-nothing"), 1)
    assert told.absence
    assert "rests on absence" in render.explanation_text(told)


def test_a_row_that_is_not_there_is_met_with_those_that_are(facts: Compiled) -> None:
    with pytest.raises(BadParameter, match=r"who-taxes-what has no row 9: its rows are 1 to 2"):
        why.explain_row(facts, question_of(facts, "who-taxes-what"), 9)


def test_a_value_is_named_by_its_text(facts: Compiled) -> None:
    quad = next(
        q for q in facts.store.quads_for_pattern(None, None, None, graph_iri("facts")) if isinstance(q.object, Literal)
    )
    words = [f"<{quad.subject.value}>", f"<{quad.predicate.value}>", quad.object.value]
    assert why.parse_triple(facts, *words) == quad.triple
    assert why.explain_statement(facts, quad.triple).reasons[0][0].claims


@pytest.mark.skipif(not EXCERPT.exists(), reason="the source text is not at hand")
def test_with_the_text_at_hand_the_passages_are_told(facts: Compiled, tmp_path: Path) -> None:
    text = verify.read_copy(EXCERPT)
    found = verify.passages(verify.verify(facts.store, text, None))
    spans = {
        quad.subject.value
        for quad in facts.store.quads_for_pattern(None, TYPE, nx("EvidenceSpan"), None)
        if "/graph/withdrawn/" not in str(quad.graph_name)  # on these rests only what was withdrawn
    }
    assert set(found) == spans
    told = why.explain_statement(
        facts, why.parse_triple(facts, SENDERO, "nx:taxes", "activity:drug-trafficking"), passages=found
    )
    assert told.reasons[0][0].claims[0].passages
    # The same words in a copy with other line breaks.
    other = "\n\n  ".join(text.split())
    again = verify.passages(verify.verify(facts.store, other, "ellis-2015"))
    assert {iri: again.get(iri) for iri in found} == found


# ---- why not ------------------------------------------------------------------------------------------------------


def missing(data: Compiled, *words: str) -> why_not.Absence:
    return why_not.explain_absence(data, why.parse_triple(data, *words))


def test_what_is_missing_is_the_premise_and_the_claim_that_would_give_it(facts: Compiled) -> None:
    absence = missing(facts, SENDERO, "a", "nx:HybridActor")
    assert not absence.present
    first = absence.nearest[0]
    assert first.holds == ("Sendero Luminoso is a terrorist organization",)
    (lacking,) = first.lacking
    assert lacking.text == "Sendero Luminoso is a criminal organization"
    assert [(one.claim, one.add) for one in lacking.claims] == [
        ("claim:ellis-2015.c125", ("--accept implied",)),
        ("claim:treasury-2015.c003-1", ("--evidence locator",)),
    ]


def test_what_is_there_is_not_missing(implied: Compiled) -> None:
    assert missing(implied, SENDERO, "a", "nx:HybridActor").present


def test_what_no_rule_concludes_and_no_claim_says_is_not_stated(facts: Compiled) -> None:
    absence = missing(facts, "place:spain", "nx:taxes", "activity:drug-trafficking")
    assert (absence.claims, absence.nearest) == ((), ())
    assert "not stated in the sources" in why_not.absence_text(absence)


def test_a_denial_is_named(facts: Compiled) -> None:
    negative = NamedNode(BASE + "vocab/polarity/negative")
    for quad in facts.store.quads_for_pattern(None, nx("polarity"), negative, None):
        parts = [
            next(facts.store.quads_for_pattern(quad.subject, nx(slot), None, None), None)
            for slot in ("claimSubject", "claimPredicate", "claimObject")
        ]
        if None not in parts:
            triple = Triple(*(part.object for part in parts if part))
            absence = why_not.explain_absence(facts, triple)
            assert not absence.present
            assert any("it denies this" in one.reasons for one in absence.claims)
            return
    pytest.fail("the graph denies nothing")


def test_a_rule_whose_condition_fails_says_so(facts: Compiled) -> None:
    store = facts.store
    data = Compiled(facts.home, facts.view, type(store)(), facts.queries, facts.prefixes)
    pact, one = NamedNode("urn:pact"), NamedNode("urn:one")
    data.store.extend([Quad(pact, TYPE, nx("Alliance")), Quad(pact, nx("hasParty"), one)])
    absence = why_not.explain_absence(data, Triple(one, nx("cooperatesWith"), one))
    assert absence.nearest[0].rule == "allies-cooperate"
    assert "FILTER" in absence.nearest[0].lacking[0].text


# ---- the command --------------------------------------------------------------------------------------------------


def run(*args: str) -> str:
    result = CliRunner().invoke(program_group, ["why", *args], catch_exceptions=False)
    return result.stdout


def test_the_command_tells_a_statement_as_text_json_and_mermaid() -> None:
    words = (SENDERO, "a", "nx:NarcoTaxingTerroristGroup")
    assert run(*words).startswith(
        "Sendero Luminoso is a terrorist group that taxes drug activity  [inferred; presupposed"
    )
    told = json.loads(run(*words, "--format", "json"))
    assert told["reasons"][0][0]["premises"][1]["claims"][0]["claim"] == "claim:ellis-2015.c082"
    picture = run(*words, "--format", "mermaid")
    assert picture.startswith("flowchart BT\n")
    nodes = {
        line.split("[")[0].split("(")[0].strip() for line in picture.splitlines() if '"' in line and "-->" not in line
    }
    edges = [line.strip().split(" ") for line in picture.splitlines() if "-->" in line]
    assert edges
    assert {edge[0] for edge in edges} | {edge[-1] for edge in edges} <= nodes


def test_the_command_takes_labels_questions_and_rows() -> None:
    assert "taxes" in run("Shining Path", "taxes", "drug trafficking in and from Peru")
    assert run("who-taxes-what", "--row", "2").startswith("who-taxes-what, row 2: Sendero Luminoso")
    assert "would follow by the rule" in run("--not", SENDERO, "a", "nx:HybridActor")
    assert json.loads(run("--not", SENDERO, "a", "nx:HybridActor", "--format", "json"))["present"] is False


def test_all_justifications_are_numbered_and_what_is_left_out_is_said() -> None:
    text = run(SENDERO, "a", "nx:NexusActor", "--all")
    assert "1 of " in text
    assert " or more:" in text


def test_an_unknown_word_is_met_with_the_closest(facts: Compiled) -> None:
    with pytest.raises(UnknownTerm, match="Did you mean"):
        why.parse_triple(facts, "Sendero Luminosa Group", "a", "nx:HybridActor")


def test_an_unknown_question_is_met_with_the_closest() -> None:
    result = CliRunner().invoke(program_group, ["why", "who-taxs-what", "--row", "2"])
    assert "no question 'who-taxs-what'. Did you mean who-taxes-what " in str(result.exception)


def test_mermaid_text_cannot_break_out() -> None:
    reason = why.Reason(Triple(NamedNode("urn:a"), TYPE, NamedNode("urn:b")), 'a "quoted" <b>|x', 100, "")
    picture = render.explanation_mermaid(why.Explanation("x", ((reason,),)))
    (line,) = [line for line in picture.splitlines() if "quoted" in line]
    assert line.count('"') == 2
    assert "<b>" not in line
