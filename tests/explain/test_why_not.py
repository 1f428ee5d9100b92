"""What why --not names: every reason why a claim does not count, options that do count it, and the nearest rule."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyoxigraph import NamedNode, Triple

from nexuskg.base.namespaces import DEFAULT_GRAPH, TYPE, graph_iri, nx
from nexuskg.cli.main import program_group
from nexuskg.explain import rivals, why, why_not
from nexuskg.explain.rivals import Uncounted
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import FACTS, IMPLIED, WHOLE, View
from nexuskg.rdf.store import holds, object_nodes
from nexuskg.reasoning import grounds

VIEWS = (
    FACTS,
    IMPLIED,
    WHOLE,
    views.view(sources="treasury-2015"),
    views.view(sources=["ellis-2015", "state-crt-2014"], evidence="locator", as_of="2014"),
    views.view(as_of="2014-10", evidence="locator"),
    views.view(min_confidence=61),
    views.view("implied", min_confidence="likely", evidence="locator"),
    views.view(evidence="locator", prefer="latest"),
    views.view(evidence="locator", prefer="ellis-2015", min_confidence=40),
    views.view(prefer="most-corroborated", as_of="2015"),
)
ADDED = {"--evidence locator": {"evidence": "locator"}, "--accept implied": {"accept": "implied"}}
DROPPED: dict[str, dict[str, Any]] = {
    "--source": {"sources": frozenset()},
    "--as-of": {"as_of": None},
    "--min-confidence": {"min_confidence": None},
    "--prefer": {"prefer": None},
}


def opened(view: View, options: list[str]) -> View:
    """The view with those options added or left out."""
    for option in options:
        view = replace(view, **(ADDED | DROPPED)[option])
    return view


@cache
def made(view: View, home: Path) -> Compiled:
    """The dataset of a view, read once."""
    return compilation.compiled(view, home)


def counts(data: Compiled, claim: NamedNode, triple: Triple) -> bool:
    """Whether the claim is in the view, and makes its statement hold there."""
    there = claim in {quad.subject for quad in data.store.quads_for_pattern(claim, TYPE, nx("Claim"), DEFAULT_GRAPH)}
    return there and holds(data.store, triple) and claim in grounds.stated_by(data.store, triple)


def statements(data: Compiled) -> dict[NamedNode, Triple]:
    """What each claim says, affirmed or denied."""
    found = {}
    for quad in data.store.quads_for_pattern(None, TYPE, nx("Claim"), DEFAULT_GRAPH):
        (subject,) = object_nodes(data.store, quad.subject, nx("claimSubject"))
        (predicate,) = object_nodes(data.store, quad.subject, nx("claimPredicate"))
        slots = [list(data.store.quads_for_pattern(quad.subject, nx(n), None)) for n in ("claimObject", "claimValue")]
        found[quad.subject] = Triple(subject, predicate, next(some[0].object for some in slots if some))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_the_options_that_are_named_count_the_claim_and_each_of_them_is_needed(view: View, home: Path) -> None:
    data = made(view, home)
    rest = rivals.against_whole(data)
    seen = 0
    for claim, triple in statements(made(WHOLE, home)).items():
        if counts(data, claim, triple):
            continue
        seen += 1
        told = rest.why_uncounted(claim, "")
        options = [*told.add, *told.drop]
        assert told.reasons
        if not options:  # no view counts it
            assert not counts(made(replace(WHOLE, accept="implied"), home), claim, triple), told
            continue
        assert len(options) == len(told.reasons)
        assert counts(made(opened(view, options), home), claim, triple), told
        for option in options:
            fewer = opened(view, [other for other in options if other != option])
            assert not counts(made(fewer, home), claim, triple), (told, option)
    assert seen


def test_a_claim_that_no_option_counts_is_said_to_be_such_with_every_reason(home: Path) -> None:
    facts, words = made(FACTS, home), ("Sinaloa Cartel", "nx:operatesIn", "place:peru")
    absence = why_not.explain_absence(facts, why.parse_triple(facts, *words))
    (claim,) = (one for one in absence.claims if one.claim == "claim:cctv-2014.c002")
    assert claim.reasons == ("it is possible, which yields no fact", "its place is known by a locator only")
    assert (claim.add, claim.drop) == ((), ())
    assert "no option counts it" in why_not.absence_text(absence)


def test_two_reasons_name_both_options() -> None:
    told = Uncounted("claim:a.c1", "So.", ("it is only implied", "it is far"), ("--accept implied",), ("--source",))
    assert str(told) == (
        "claim:a.c1 speaks of it, but it is only implied, and it is far; "
        "--accept implied, leaving out --source counts it: So."
    )


@pytest.mark.slow
def test_the_rule_with_the_fewest_premises_is_the_nearest_and_each_is_told_once(home: Path) -> None:
    facts = made(FACTS, home)
    actors = [q.subject for q in facts.store.quads_for_pattern(None, TYPE, nx("Actor"), DEFAULT_GRAPH)]
    illicit = [Triple(actor, TYPE, nx("IllicitActor")) for actor in actors]
    missing = [one for one in illicit if not holds(facts.store, one)]
    assert len(missing) > 5
    for triple in missing:
        nearest = why_not.explain_absence(facts, triple).nearest
        lacking = nearest[0].lacking[0].text  # one rule for what an actor does, one for where it takes part
        assert "engages in" in lacking or "takes part in" in lacking
        assert nearest[0].others > 0
        assert len({(attempt.sentence, attempt.axioms) for attempt in nearest}) == len(nearest)


@pytest.mark.slow
def test_what_follows_but_for_no_inference_says_so(home: Path) -> None:
    bare = made(views.view(inference=False), home)
    inferred = made(FACTS, home).store.quads_for_pattern(None, None, None, graph_iri("inferred"))
    one_step = 0
    for quad in list(inferred)[::40]:
        absence = why_not.explain_absence(bare, quad.triple)
        for attempt in absence.nearest:
            assert not set(attempt.holds) & {lacking.text for lacking in attempt.lacking}
            one_step += any("--no-inference" in lacking.text for lacking in attempt.lacking)
    assert one_step


def test_the_command_tells_of_every_reason() -> None:
    words = ["actor:sendero-luminoso", "a", "nx:HybridActor", "--source", "state-crt-2014", "--evidence", "locator"]
    done = CliRunner().invoke(program_group, ["why", "--not", *words])
    assert "which --source does not name; --accept implied, leaving out --source counts it" in done.output
