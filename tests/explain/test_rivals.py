"""Rival accounts: what contradicts and corroborates what, what only seems to, the grades, and what a view prefers.

The rules are tried on the real sources and, near miss by near miss, on claims made up for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from nexuskg.answers import rows
from nexuskg.base import data_home
from nexuskg.base.namespaces import BASE, DCTERMS, TYPE, VOCAB, nx, prefixes
from nexuskg.cli.main import program_group
from nexuskg.pipeline import compilation, derivation, preference, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries import catalogue
from nexuskg.rdf import load
from nexuskg.rdf.store import select
from nexuskg.reasoning import closure, domain_rules
from nexuskg.validation import checks

HOME = data_home.home()
TABLE = prefixes(HOME)
QUERIES = catalogue.read_catalogue(HOME)
DERIVE = {name: query for (kind, name), query in QUERIES.items() if kind == "derive"}
RULES = [clause for q in DERIVE.values() if "comparison" in q.tags for clause in domain_rules.clauses_of(q)]


@pytest.fixture(scope="module")
def whole() -> Compiled:
    return compilation.compiled(views.WHOLE, HOME)


def related(data: Compiled, name: str) -> set[frozenset[str]]:
    """The pairs of claims, by their short names, that stand so to each other."""
    quads = data.store.quads_for_pattern(None, nx(name), None, DefaultGraph())
    return {frozenset(str(t).strip("<>").rpartition("/")[2] for t in (q.subject, q.object)) for q in quads}


def pair(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- the real sources

CONTRADICTIONS = [
    ("the amount seized", "ellis-2015.c005 narcoticnews-2014.c001-2"),
    ("the date of the seizure", "ellis-2015.c004 reuters-2014.c001"),
    ("the site of the seizure", "ellis-2015.c006-1 andina-2014.c001-2"),
    ("first in coca leaf, or second", "ellis-2015.c029 el-deber-2015.c001"),
    ("confined to, or principally in", "ellis-2015.c076 state-crt-2014.c003"),
    ("growth of 2015", "ellis-2015.c115-1 funds-society-2016.c007"),
    ("coca area of 2014", "unodc-2015.c002 ondcp-coca-data.c005"),
    ("potential cocaine of 2014, revised", "voa-2015.c005 ondcp-coca-data.c006"),
    ("third falling year, or fourth", "unodc-devida-2015.c003 voa-2015.c003"),
    ("the name of the commander", "state-crt-2013.c006-4 state-crt-2014.c010-4"),
    ("the share of the VRAEM", "el-deber-2015.c005 el-deber-2015.c006"),
]

NEAR_MISSES = [
    ("growth of 2014 and of 2015", "ellis-2015.c115-1 brecorder-2015.c001"),
    ("a forecast and an outcome", "living-in-peru-2015.c005 funds-society-2016.c007"),
    ("areas of two years", "unodc-2015.c001 unodc-2015.c002"),
    ("more than 6 tons, so far, and 7.6", "ellis-2015.c005 andina-2014.c001-4"),
    ("at least 6.5 tonnes and 7.6", "ellis-2015.c005 reuters-2014.c003"),
    ("exports and what one region makes", "ellis-2015.c027 dialogo-2014.c005"),
    ("coca leaf and coca area", "ellis-2015.c030 voa-2015.c001"),
    ("leaf of 2014 and area of 2012", "ellis-2015.c029 state-incsr-2014.c002-1"),
    ("principally in 2015 and confined at the end of 2015", "ellis-2015.c076 state-crt-2015.c002-2"),
    ("largely in 2013 and confined in 2014", "state-crt-2013.c003 state-crt-2014.c003"),
    ("300 fighters in 2013 and 100 in 2014", "state-crt-2013.c002-2 state-crt-2014.c011"),
    ("at least 300 and at most 500", "state-crt-2013.c002-2 state-crt-2013.c002-3"),
    ("share of leaf and share of area", "unodc-2015.c008 el-deber-2015.c006"),
    ("a minor role, and a part in all logistics of one area", "ellis-2015.c081 state-crt-2015.c004"),
    ("a marginal role, and a list of significant traffickers", "ellis-2015.c087-1 treasury-2015.c001-2"),
    ("principally taxing, and transport for a price", "ellis-2015.c082 state-crt-2015.c006-2"),
    ("principally taxing, and trafficking", "ellis-2015.c082 treasury-2015.c004"),
    ("a warehouse, and a house that seems abandoned", "andina-2014.c001-2 reuters-2014.c002-1"),
    ("two Brazilian groups", "ellis-2015.c058 dialogo-2014.c002"),
    ("unnamed Mexicans and a suspicion", "ellis-2015.c012 cctv-2014.c001"),
]


@pytest.mark.parametrize(("what", "claims_"), CONTRADICTIONS, ids=lambda text: text if " " in text else None)
def test_rival_claims_contradict_each_other(what: str, claims_: str, whole: Compiled) -> None:
    assert pair(claims_) in related(whole, "contradicts"), what


@pytest.mark.parametrize(("what", "claims_"), NEAR_MISSES)
def test_near_misses_are_no_contradiction(what: str, claims_: str, whole: Compiled) -> None:
    known = {
        str(q.subject).strip("<>").rpartition("/")[2]
        for q in whole.store.quads_for_pattern(None, nx("fromSource"), None)
    }
    assert pair(claims_) <= known
    assert pair(claims_) not in related(whole, "contradicts"), what


@pytest.mark.parametrize(
    ("claims_", "corroborates"),
    [
        ("ellis-2015.c082 state-crt-2015.c005", True),
        ("brecorder-2015.c001 living-in-peru-2015.c002", False),  # one figure of an office, told by two newspapers
        ("ellis-2015.c024 andina-2014.c006-1", True),
        ("unodc-2015.c002 unodc-devida-2015.c001-1", False),  # one survey
        ("el-deber-2015.c002 voa-2015.c002-2", False),  # two newspapers, one report
        ("state-crt-2014.c007 state-incsr-2014.c008", False),  # one department
        ("state-crt-2014.c012 state-crt-2016.c006-2", False),  # statistics of Peru, told by one department
    ],
)
def test_who_copies_does_not_corroborate(claims_: str, corroborates: bool, whole: Compiled) -> None:
    assert pair(claims_) in related(whole, "agreesWith")
    assert (pair(claims_) in related(whole, "corroborates")) == corroborates


def test_every_contradiction_is_explained_down_to_both_claims(whole: Compiled) -> None:
    from nexuskg.explain import why

    for one, other in map(sorted, related(whole, "contradicts")):
        triple = why.parse_triple(whole, f"claim:{one}", "nx:contradicts", f"claim:{other}")
        ((reason,),) = why.explain_statement(whole, triple).reasons
        assert reason.rule
        waiting, told = [reason], set[str]()
        while waiting:
            at = waiting.pop()
            told |= {said.claim for said in at.claims}
            waiting += at.premises
        by_hand = "comparison-contradicts" in str(reason)
        assert by_hand or {f"claim:{one}", f"claim:{other}"} <= told, (one, other)


def test_the_source_that_contradicts_itself_is_found_by_a_check(whole: Compiled) -> None:
    found = [item for item in checks.query_findings(whole) if item.rule == "source-contradicts-itself"]
    assert [(item.severity, item.focus.rpartition("/")[2]) for item in found] == [("info", "el-deber-2015.c005")]


def test_a_graph_that_contradicts_itself_by_claims_is_not_inconsistent(whole: Compiled) -> None:
    assert not whole.clashes


# --- views


def test_the_default_view_is_that_of_a_home_without_what_only_a_locator_fixes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = compilation.compile_dataset(HOME).store
    files = load.load_files(HOME)
    locators = {
        str(quad.graph_name)
        for quad in files.quads_for_pattern(None, nx("evidenceGrade"), NamedNode(BASE + "vocab/evidence-grade/locator"))
    }
    spans = {str(q.graph_name) for q in files.quads_for_pattern(None, nx("supportedBy"), None)}
    assert locators
    assert not locators & spans
    rest = Store()
    rest.extend(q for q in files if str(q.graph_name) not in locators and "data/comparisons" not in str(q.graph_name))
    monkeypatch.setattr(load, "load_files", lambda _: rest)
    expected = compilation.compile_dataset(HOME).store
    # Entities that no claim uses are gone in the one, and idle in the other: what follows from claims is the same.
    for name in ("facts", "implied", "readings", "confidence", "loops", "annotations"):
        where = NamedNode(f"{BASE}graph/{name}")
        assert set(found.quads_for_pattern(None, None, None, where)) == set(
            expected.quads_for_pattern(None, None, None, where)
        ), name
    assert not any("PCC" in str(q) or "first-catarinense" in str(q) for q in found if "entities" in str(q.graph_name))


def test_an_entity_only_a_locator_knows_is_not_in_the_default_view(whole: Compiled) -> None:
    data = compilation.compiled(views.FACTS, HOME)
    for name in ("actor/first-catarinense-group", "actor/comrade-alipio", "event/ambush-of-april-2016"):
        node = NamedNode(f"{BASE}id/{name}")
        assert list(whole.store.quads_for_pattern(node, None, None, None))
        assert not list(data.store.quads_for_pattern(node, None, None, None))


def growth_in(view: views.View) -> set[str]:
    data = compilation.compiled(view, HOME)
    found = rows.answer_text(
        data,
        "SELECT ?v { economy:national-peru nx:hasObservation ?o . ?o nx:measures quantity:economic-growth ;"
        ' nx:edtf "2015" ; nx:bestValue ?v }',
    )
    return {str(getattr(row.cells[0], "value", "")) for row in found.rows}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prefer", "values"),
    [
        (None, {"2.4", "3.3"}),
        ("latest", {"3.3"}),
        pytest.param("ellis-2015", {"2.4"}, marks=pytest.mark.slow),
        pytest.param("most-corroborated", {"2.4", "3.3"}, marks=pytest.mark.slow),
    ],
)
def test_rivals_stand_side_by_side_unless_a_preference_is_stated(prefer: str | None, values: set[str]) -> None:
    assert growth_in(views.view(evidence="locator", prefer=prefer)) == values


@pytest.mark.slow
def test_what_is_preferred_and_how_firm_it_is_need_no_inference() -> None:
    assert growth_in(views.view(evidence="locator", prefer="latest", inference=False)) == {"3.3"}
    scores = [
        {
            str(quad.triple)
            for quad in compilation.compiled(view, HOME).store.quads_for_pattern(
                None, nx("confidenceScore"), None, None
            )
        }
        for view in (views.WHOLE, views.view(evidence="locator", inference=False))
    ]
    assert scores[0] == scores[1]


@pytest.mark.slow
def test_most_corroborated_sets_aside_what_fewer_voices_support(whole: Compiled) -> None:
    view = views.view(evidence="locator", prefer="most-corroborated")
    found = rows.answer_text(
        compilation.compiled(view, HOME), "SELECT ?d { event:trujillo-seizure nx:edtf ?d } ORDER BY ?d"
    )
    assert {str(getattr(row.cells[0], "value", "")) for row in found.rows} == {"2014-08-25/2014-08-31", "2014-08-26"}


def test_an_unknown_preference_names_the_sources_there_are() -> None:
    done = CliRunner().invoke(program_group, ["ask", "who-taxes-what", "--prefer", "elis-2015"])
    assert done.exit_code != 0
    assert "ellis-2015" in str(done.exception)


@pytest.mark.slow
def test_why_says_what_was_set_aside_and_why_not_says_by_what() -> None:
    run = CliRunner().invoke
    options = ["--evidence", "locator", "--prefer", "latest"]
    kept = run(
        program_group,
        ["why", "economy:national-peru", "nx:hasObservation", "observation:funds-society-2016.c007", *options],
    )
    assert "claim:funds-society-2016.c007 is preferred (latest) to claim:ellis-2015.c115-1" in kept.output
    assert "2016-02-29" in kept.output
    gone = run(
        program_group,
        ["why", "--not", "economy:national-peru", "nx:hasObservation", "observation:peru-growth-2015", *options],
    )
    assert "it is set aside (--prefer latest): claim:funds-society-2016.c007 contradicts it" in gone.output


def test_why_not_says_that_a_locator_only_would_say_so() -> None:
    done = CliRunner().invoke(program_group, ["why", "--not", "actor:sendero-luminoso", "nx:confinedTo", "place:vraem"])
    assert "--evidence locator counts it" in done.output


def test_what_only_a_locator_knows_is_met_with_the_view_that_knows_it() -> None:
    run = CliRunner().invoke
    for command in (
        ["show", "actor:comrade-alipio"],
        ["ask", "who-was-designated", "who=Florindo Eleuterio Flores Hala"],
    ):
        assert "they count with --evidence locator" in str(run(program_group, command).exception), command
    assert run(program_group, ["show", "actor:comrade-alipio", "--evidence", "locator"]).exit_code == 0
    assert "--evidence locator" not in str(run(program_group, ["show", "actor:nobody"]).exception)


def test_a_claim_with_a_locator_is_said_to_have_no_more() -> None:
    shown = CliRunner().invoke(program_group, ["show", "claim:voa-2015.c008", "--evidence", "locator"]).output
    assert "voa-2015, opening part of the page [locator only]" in " ".join(shown.split())


# --- the rules, on claims made up for it

Told: TypeAlias = dict[str, Any]

BASIS = """
claim:{name} a nx:Claim ; nx:fromSource source:{source} ; nx:kind kind:state-of-affairs ;
  nx:modality modality:{modality} ; nx:polarity polarity:{polarity} ; {said} .
"""


def made_store(*told: Told) -> Store:
    """Made-up claims, compared: c1, c2 and so on, each of a source of its own unless it has one."""
    head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in TABLE.items())
    text = ""
    for number, one in enumerate(told, 1):
        source = one.get("source", f"s{number}")
        text += f'source:{source} a nx:SourceDocument ; dcterms:issued "{one.get("issued", "2015")}" .\n'
        text += BASIS.format(
            name=f"t.c{number}",
            source=source,
            modality=one.get("modality", "asserted"),
            polarity=one.get("polarity", "positive"),
            said=one["said"],
        )
        text += one.get("more", "")
    store = Store()
    for path in data_home.turtle_files(HOME):
        if path.parent.name == "vocab":
            store.extend(Quad(*quad.triple) for quad in parse(path.read_bytes(), RdfFormat.TURTLE))
    store.extend(Quad(*quad.triple) for quad in parse((head + text).encode(), RdfFormat.TURTLE))
    views.add_triples(store, derivation.comparables(store, DERIVE))
    closure.infer(store, NamedNode("urn:into"), RULES)
    return store


def made(*told: Told) -> dict[str, set[frozenset[str]]]:
    """The relations between made-up claims."""
    symmetric = [NamedNode(nx(name).value) for name in ("contradicts", "agreesWith", "corroborates")]
    store = made_store(*told)
    out: dict[str, set[frozenset[str]]] = {}
    for link in symmetric:
        quads = store.quads_for_pattern(None, link, None, DefaultGraph())
        out[link.value.rpartition("#")[2]] = {
            frozenset(str(t).strip("<>").rpartition(".")[2] for t in (q.subject, q.object)) for q in quads
        }
    return out


def figure(
    value: str, unit: str = "hectare", comparator: str = "equal-to", time: str | None = "2014", **more: Any
) -> Told:
    thing, quantity = more.pop("thing", "place:t"), more.pop("quantity", "coca-cultivation")
    node = f"observation:t-{value.replace('.', '-')}"
    said = (
        f"nx:claimSubject {thing} ; nx:claimPredicate nx:hasObservation ; nx:claimObject {node} ; "
        f'nx:claimValue "{value}"^^xsd:decimal ; nx:unit unit:{unit} ; nx:comparator comparator:{comparator} ; '
        f"nx:measures quantity:{quantity}" + (f' ; nx:edtf "{time}"' if time else "")
    )
    return {"said": said, **more}


def growth_of(value: str, **more: Any) -> Told:
    return figure(value, "percent", quantity="economic-growth", **more)


def seized(value: str, unit: str) -> Told:
    return figure(value, unit, time=None, thing="event:t")


BOTH = {frozenset({"c1", "c2"})}


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (figure("42900"), figure("46500"), True),
        (figure("42900"), figure("42940"), False),  # rounded to hundreds
        (
            growth_of("2.4"),
            growth_of("2.35"),
            False,
        ),
        (
            growth_of("2.4"),
            growth_of("2.46"),
            True,
        ),
        (figure("42900"), figure("46500", time="2013"), False),
        (figure("42900"), figure("46500", time="2014-12-31"), True),  # an area: the day lies in the year
        (
            growth_of("2.4"),
            growth_of("3.3", time="2014-01/2014-03"),
            False,  # growth: a quarter is not the year
        ),
        (figure("42900"), figure("46500", thing="place:u"), False),
        (figure("42900"), figure("46500", quantity="coca-eradication"), False),
        (figure("42900"), figure("46500", modality="predicted"), False),
        (figure("42900"), figure("46500", modality="possible"), False),
        (figure("42900"), figure("46500", polarity="negative"), False),
        (figure("200", comparator="more-than"), figure("210"), False),
        (figure("200", comparator="more-than"), figure("151"), True),
        (figure("200", comparator="at-most"), figure("251"), True),
        (figure("200", comparator="at-most"), figure("120"), False),
        (figure("1", "square-kilometer"), figure("100"), False),
        (figure("1", "square-kilometer"), figure("300"), True),
        (
            seized("7.6", "metric-ton"),
            seized("8.5", "ton-unspecified"),
            True,
        ),
        (
            seized("7.6", "metric-ton"),
            seized("8.0", "ton-unspecified"),
            False,
        ),
        (
            seized("7600", "kilogram"),
            seized("8.5", "metric-ton"),
            True,
        ),
        (figure("10", "person"), figure("12", "person"), True),  # a count is exact
        (figure("42900", time=None), figure("46500", time=None, issued="2013"), False),  # as of their sources
        (figure("42900", time=None), figure("46500", time=None), True),
        (figure("1", "world-rank"), figure("2", "world-rank"), True),
        (figure("1", "world-rank", time="../2014"), figure("2", "world-rank", time="2012"), False),
        (figure("1", "world-rank", time="2012/.."), figure("2", "world-rank", time="2014"), True),
        (figure("1", "world-rank"), figure("2", "world-rank", quantity="coca-production"), True),
        (figure("1", "world-rank"), figure("2", "world-rank", quantity="coca-leaf-production"), False),
    ],
)
def test_figures_contradict_where_no_value_agrees_with_both(one: Told, other: Told, clash: bool) -> None:
    assert made(one, other)["contradicts"] == (BOTH if clash else set())


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9999), st.integers(1, 9999), st.integers(-2, 2), st.integers(-2, 2))
def test_figures_contradict_or_may_be_one_value_never_both(a: int, b: int, shift_a: int, shift_b: int) -> None:
    def text(number: int, shift: int) -> str:
        value = Decimal(number).scaleb(shift)
        return f"{value.normalize():f}"

    first, second = text(a, shift_a), text(b, shift_b)

    def interval(said: str) -> tuple[Decimal, Decimal]:
        digits = said.rstrip("0") if "." not in said else said
        places = -len(said.partition(".")[2]) if "." in said else len(said) - len(digits)
        half = Decimal(5).scaleb(places - 1)
        return Decimal(said) - half, Decimal(said) + half

    (low, high), (least, greatest) = interval(first), interval(second)
    apart = high <= least or greatest <= low
    found = made(figure(first), figure(second))
    assert found["contradicts"] == (BOTH if apart else set())
    one_is_other_rounded = least <= Decimal(first) < greatest or low <= Decimal(second) < high
    assert found["agreesWith"] == (BOTH if one_is_other_rounded else set())


def place(link: str, time: str | None = "2014", hedge: str | None = None, **more: Any) -> Told:
    said = f"nx:claimSubject actor:t ; nx:claimPredicate nx:{link} ; nx:claimObject place:t"
    said += (f' ; nx:hedge "{hedge}"@en' if hedge else "") + (f' ; nx:edtf "{time}"' if time else "")
    return {"said": said, **more}


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (place("confinedTo"), place("concentratedIn", hedge="principally"), True),
        (place("confinedTo"), place("concentratedIn"), False),
        (place("confinedTo"), place("concentratedIn", hedge="reportedly"), False),
        (place("confinedTo"), place("concentratedIn", hedge="mainly", time="2013"), False),
        (place("confinedTo"), place("concentratedIn", hedge="mainly", time=None, issued="2015-01"), True),
        (place("confinedTo"), place("concentratedIn", hedge="mainly", time=None, issued="2018"), False),
        (place("operatesIn"), place("operatesIn", polarity="negative"), True),
        (place("operatesIn"), place("operatesIn", polarity="negative", time="2010"), False),
        (place("operatesIn"), place("concentratedIn", polarity="negative"), False),
    ],
)
def test_scopes_and_denials_contradict_for_one_time_only(one: Told, other: Told, clash: bool) -> None:
    assert made(one, other)["contradicts"] == (BOTH if clash else set())


def replaced(first: str, second: str, quantity: str = "coca-leaf-production", time: str = "2014") -> Told:
    return {
        "said": f"nx:claimSubject place:{first} ; nx:claimPredicate nx:replaces ; nx:claimObject place:{second} ; "
        f'nx:measures quantity:{quantity} ; nx:edtf "{time}"'
    }


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (replaced("a", "b"), replaced("b", "a"), True),
        (replaced("a", "b"), replaced("b", "a", time="2019"), False),
        (replaced("a", "b"), replaced("b", "a", "coca-cultivation"), False),
        (replaced("a", "b"), replaced("a", "b"), False),
    ],
)
def test_successions_contradict_where_each_replaces_the_other(one: Told, other: Told, clash: bool) -> None:
    assert made(one, other)["contradicts"] == (BOTH if clash else set())


def dated(value: str, **more: Any) -> Told:
    return {"said": f'nx:claimSubject event:t ; nx:claimPredicate nx:edtf ; nx:claimValue "{value}"', **more}


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("2014-09", "2014-08-26", "contradicts"),
        ("2014-08", "2014-08-26", "agreesWith"),
        ("2014-08-25/2014-08-31", "2014-08-30/2014-09-02", None),
    ],
)
def test_dates_contradict_where_they_share_no_instant(one: str, other: str, relation: str | None) -> None:
    found = made(dated(one), dated(other))
    assert {name for name in ("contradicts", "agreesWith") if found[name]} == ({relation} if relation else set())


def test_a_share_contradicts_the_part_whose_source_gives_another_one() -> None:
    where = "place:part nx:locatedIn place:whole .\n"
    part = figure("18845", thing="place:part", source="s", more=where)
    whole_ = figure("42900", thing="place:whole", source="s")
    for value, clash in (("50", True), ("40", False)):
        share = figure(value, "percent", "more-than", thing="place:part", quantity="share-of-coca-cultivation")
        assert made(share, part, whole_)["contradicts"] == ({frozenset({"c1", "c2"})} if clash else set())
    leaf = figure("50", "percent", "more-than", thing="place:part", quantity="share-of-coca-leaf-production")
    assert made(leaf, part, whole_)["contradicts"] == set()
    elsewhere = figure("42900", thing="place:whole", source="other")
    share = figure("50", "percent", "more-than", thing="place:part", quantity="share-of-coca-cultivation")
    assert made(share, part, elsewhere)["contradicts"] == set()


def test_one_voice_told_twice_does_not_corroborate() -> None:
    first, second = figure("42900"), figure("42900")
    assert made(first, second)["corroborates"] == BOTH
    speaker = {"more": "claim:t.c1 nx:claimedBy actor:office . claim:t.c2 nx:claimedBy actor:office .\n"}
    assert made({**first, **speaker}, second)["corroborates"] == set()
    copied = {"more": "source:s2 nx:reliesOn source:s1 .\n"}
    assert made(first, {**second, **copied})["corroborates"] == set()
    by_way = {"more": "source:s2 nx:reliesOn source:s9 . source:s9 a nx:SourceDocument ; nx:reliesOn source:s1 .\n"}
    assert made(first, {**second, **by_way})["corroborates"] == set()
    publisher = {"more": "source:s1 dcterms:publisher actor:p . source:s2 dcterms:publisher actor:p .\n"}
    assert made({**first, **publisher}, second)["corroborates"] == set()
    named = {"more": 'source:s1 dcterms:publisher "P" . source:s2 dcterms:publisher "P" .\n'}
    assert made({**first, **named}, second)["corroborates"] == set()
    nameless = {
        "more": "claim:t.c1 nx:claimedBy actor:u . claim:t.c2 nx:claimedBy actor:u . actor:u a nx:UnnamedGroup .\n"
    }
    assert made({**first, **nameless}, second)["corroborates"] == set()


@pytest.mark.parametrize(
    ("more", "independent"),
    [
        ("", True),
        ("claim:t.c1 nx:voice voice:author .", True),
        ("claim:t.c1 nx:voice voice:publishing-page .", True),
        ("claim:t.c1 nx:voice voice:statistic-producer .", False),
        ("claim:t.c1 nx:voice voice:unnamed-experts .", False),
        ("claim:t.c1 nx:voice voice:named-authority .", False),
        ("claim:t.c1 nx:voice voice:named-authority ; nx:claimedBy actor:office .", True),
        ("claim:t.c1 nx:claimedBy actor:office , actor:police .", False),
        ("source:s1 nx:documentType document-type:report .", True),
        ("source:s1 nx:documentType document-type:news-article .", False),
        ("source:s1 nx:documentType document-type:web-page .", False),
        ("source:s1 nx:documentType document-type:news-article . claim:t.c1 nx:claimedBy actor:office .", True),
    ],
)
def test_only_a_figure_of_somebody_known_supports_another(more: str, independent: bool) -> None:
    found = made({**figure("42900"), "more": more + "\n"}, figure("42900"))
    assert found["agreesWith"] == BOTH
    assert found["corroborates"] == (BOTH if independent else set())


@pytest.mark.parametrize(
    ("modality", "independent"),
    [("asserted", True), ("presupposed", True), ("reported", False), ("estimated", False)],
)
def test_what_is_passed_on_from_nobody_named_supports_nothing(modality: str, independent: bool) -> None:
    said = place("operatesIn", modality=modality)
    speaker = {"more": "claim:t.c1 nx:claimedBy actor:office .\n"}
    assert made(said, place("operatesIn"))["corroborates"] == (BOTH if independent else set())
    assert made({**said, **speaker}, place("operatesIn"))["corroborates"] == BOTH


def test_two_sources_of_one_author_are_one_voice() -> None:
    author = "source:s1 dcterms:creator actor:a . source:s2 dcterms:creator actor:{} .\n"
    for other, independent in (("a", False), ("b", True)):
        one = {**figure("42900"), "more": author.format(other)}
        assert made(one, figure("42900"))["corroborates"] == (BOTH if independent else set())


def test_a_statement_has_its_own_speaker_as_originator_or_nobody() -> None:
    store = compilation.compiled(views.WHOLE, HOME).store

    def values(node: Any, name: str) -> set[Any]:
        quads = store.quads_for_pattern(node, nx(name), None, DefaultGraph())
        return {quad.object for quad in quads}

    def of_source(source: Any) -> set[Any]:
        """The source, its publisher and its authors, and those of what it relies on."""
        terms = [NamedNode(DCTERMS + name) for name in ("publisher", "creator")]
        mine = {quad.object for name in terms for quad in store.quads_for_pattern(source, name, None, DefaultGraph())}
        return {source, *mine}.union(*map(of_source, values(source, "reliesOn")))

    for quad in list(store.quads_for_pattern(None, TYPE, nx("Claim"), DefaultGraph())):
        claim = quad.subject
        speakers, found = values(claim, "claimedBy"), values(claim, "originator")
        assert len(found) <= 1, claim
        assert found <= (speakers or of_source(*values(claim, "fromSource"))), claim
        leans = values(claim, "modality") & {NamedNode(f"{VOCAB}modality/{name}") for name in ("reported", "estimated")}
        assert speakers or not leans or not found, claim


def test_who_relays_one_count_confirms_no_other_relay() -> None:
    store = compilation.compiled(views.WHOLE, HOME).store
    text = """SELECT ?one ?other {
      ?one nx:corroborates ?other ; nx:measures ?quantity ; nx:fromSource ?source . ?other nx:measures ?quantity .
      ?source nx:documentType document-type:news-article . FILTER NOT EXISTS { ?one nx:claimedBy ?somebody }
    }"""
    head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in TABLE.items())
    assert not select(store, head + text, "relays").rows


def test_what_is_undated_and_not_said_of_now_is_of_no_known_time() -> None:
    for words, clash in (("now", True), ("today", True), (None, True), ("once", False), ("most recently", False)):
        told = f' ; nx:timeAsStated "{words}"@en' if words else ""
        one = place("operatesIn", time=None)
        one["said"] += told
        assert made(one, place("operatesIn", time=None, polarity="negative"))["contradicts"] == (
            BOTH if clash else set()
        )
    rank = figure("1", "world-rank", time=None, modality="presupposed")
    assert made(rank, figure("2", "world-rank", time=None))["contradicts"] == set()
    assert made({**rank, "modality": "asserted"}, figure("2", "world-rank", time=None))["contradicts"] == BOTH


def test_what_is_undated_is_of_the_year_that_its_source_is_on() -> None:
    undated = place("concentratedIn", hedge="mainly", time=None, issued="2018")
    assert made(place("confinedTo"), undated)["contradicts"] == set()
    undated["more"] = 'source:s2 dcterms:temporal "2014" .\n'
    assert made(place("confinedTo"), undated)["contradicts"] == BOTH
    undated["more"] = 'source:s2 dcterms:temporal "2014/2016" .\n'
    assert made(place("confinedTo", time="2015"), undated)["contradicts"] == BOTH
    assert made(place("confinedTo", time="2018"), undated)["contradicts"] == set()


def test_a_source_does_not_agree_with_itself() -> None:
    assert made(figure("42900", source="s"), figure("42900", source="s"))["agreesWith"] == set()


# --- grades


def graded(support: int, against: int, reliability: str | None = "usually-reliable") -> tuple[str, int]:
    """The credibility and the score of an asserted claim with so many voices beside its own for and against it."""
    head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in TABLE.items())
    text = "claim:t.c0 nx:modality modality:asserted ; nx:fromSource source:s ; nx:originator actor:o .\n"
    if reliability:
        text += f"source:s nx:reliability reliability:{reliability} .\n"
    for name, count in (("corroborates", support), ("contradicts", against)):
        for number in range(count):
            text += f"claim:t.c0 nx:{name} claim:t.{name}{number} , claim:t.{name}{number}again .\n"
            text += f"claim:t.{name}{number} nx:originator actor:{name}{number} .\n"
            text += f"claim:t.{name}{number}again nx:originator actor:{name}{number} .\n"
    store = Store()
    store.extend(Quad(*quad.triple) for quad in parse((head + text).encode(), RdfFormat.TURTLE))
    found = {t.predicate: t.object for t in derivation.scores(store, DERIVE) if "t.c0" in str(t.subject)}
    grade, score = found[nx("credibility")], found[nx("confidenceScore")]
    assert isinstance(grade, NamedNode)
    assert isinstance(score, Literal)
    return grade.value.rpartition("/")[2], int(score.value)


def graded_of(claim: str, store: Store) -> str:
    """The credibility of a claim as a word."""
    scores = derivation.scores(store, DERIVE)
    (found,) = (t.object for t in scores if t.subject.value.endswith(f"/{claim}") and t.predicate == nx("credibility"))
    return str(found.value.rpartition("/")[2])


@pytest.mark.parametrize(
    ("support", "against", "grade", "score"),
    [
        (0, 0, "truth-cannot-be-judged", 63),  # 90 of (70)
        (1, 0, "confirmed", 72),  # 90 of (70 + 90) / 2
        (5, 0, "confirmed", 72),
        (2, 1, "probably-true", 63),
        (1, 1, "possibly-true", 54),
        (0, 1, "doubtful", 45),
        (0, 2, "improbable", 36),
        (2, 2, "possibly-true", 54),
    ],
)
def test_credibility_counts_each_voice_once(support: int, against: int, grade: str, score: int) -> None:
    assert graded(support, against) == (grade, score)


@pytest.mark.parametrize(
    ("reliability", "score"),
    [
        ("completely-reliable", 81),
        ("usually-reliable", 63),
        ("fairly-reliable", 45),
        ("not-usually-reliable", 27),
        ("unreliable", 9),
        ("reliability-cannot-be-judged", 9),
        (None, 9),
    ],
)
def test_reliability_weighs_how_firmly_a_source_commits_itself(reliability: str | None, score: int) -> None:
    assert graded(0, 0, reliability)[1] == score


@pytest.mark.parametrize(("support", "against"), [(0, 0), (1, 0), (2, 1), (1, 1), (0, 1), (0, 2)])
def test_nothing_gains_by_being_unknown_or_by_a_contradiction(support: int, against: int) -> None:
    judged = ["completely-reliable", "usually-reliable", "fairly-reliable", "not-usually-reliable", "unreliable"]
    scores = [graded(support, against, reliability)[1] for reliability in judged]
    assert scores == sorted(scores, reverse=True)
    for unknown in ("reliability-cannot-be-judged", None):
        assert graded(support, against, unknown)[1] <= scores[-1]
    if against > support:
        for reliability, score in zip(judged, scores, strict=True):
            assert score <= graded(0, 0, reliability)[1]


def test_all_whose_originator_is_unknown_are_one_voice_against_a_claim() -> None:
    one = {**figure("42900"), "more": "claim:t.c1 nx:voice voice:author .\n"}
    for others, grade in ((1, "doubtful"), (2, "doubtful")):
        rivals = [figure("60400", modality="reported") for _ in range(others)]
        found = graded_of("t.c1", made_store(one, *rivals))
        assert found == grade


# --- preferring


def chain(levels: Iterable[str | None], rivals: Iterable[tuple[int, int]]) -> set[int]:
    """Which of the claims, of sources of these dates, are set aside by `latest`."""
    head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in TABLE.items())
    text = ""
    for number, issued in enumerate(levels):
        text += f"claim:t.c{number} nx:fromSource source:s{number} .\n"
        text += f'source:s{number} dcterms:issued "{issued}" .\n' if issued else ""
    for one, other in rivals:
        text += f"claim:t.c{one} nx:contradicts claim:t.c{other} .\n"
    store = Store()
    store.extend(Quad(*quad.triple) for quad in parse((head + text).encode(), RdfFormat.TURTLE))
    return {int(claim.value.rpartition("c")[2]) for claim in preference.set_aside(store, "latest")}


def test_a_claim_gives_way_only_to_one_that_stands() -> None:
    assert chain(["2014", "2015"], [(0, 1)]) == {0}
    assert chain(["2014", "2015", "2016"], [(0, 1), (1, 2)]) == {1}  # what was to set 0 aside is set aside itself
    assert chain(["2014", "2015", "2016"], [(0, 1), (1, 2), (0, 2)]) == {0, 1}
    assert chain(["2015", "2015"], [(0, 1)]) == set()
    assert chain([None, "2015"], [(0, 1)]) == set()
    assert chain(["2014", "2015"], []) == set()


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from([None, "2013", "2014", "2015"]), min_size=2, max_size=7),
    st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12),
)
def test_what_stands_contradicts_only_its_equals(levels: list[str | None], pairs: set[tuple[int, int]]) -> None:
    rivals = {(a, b) for a, b in pairs if a != b and max(a, b) < len(levels)}
    gone = chain(levels, rivals)
    for a, b in rivals:
        if a not in gone and b not in gone:
            assert levels[a] == levels[b] or None in (levels[a], levels[b])
    for claim in gone:
        others = {b if a == claim else a for a, b in rivals if claim in (a, b)}
        assert any(o not in gone and (levels[o] or "") > (levels[claim] or "9") for o in others)
