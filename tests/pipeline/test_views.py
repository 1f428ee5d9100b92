"""Views: what counts, with or without inference, and the restrictions, each from both sides."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from nexuskg.answers import rows
from nexuskg.base.namespaces import BASE, graph_iri, nx, prefixes
from nexuskg.cli.main import program_group
from nexuskg.errors import BadParameter
from nexuskg.pipeline import cache, compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import View
from nexuskg.queries import catalogue
from nexuskg.rdf import load
from nexuskg.rdf.store import select
from nexuskg.rdf.turtle import canonical_turtle

SOURCE = """
source:rival-2016 a nx:SourceDocument ; dcterms:language "en" ; dcterms:title "A made-up report"@en ;
  dcterms:issued "{issued}" ; skos:prefLabel "A made-up report"@en ; nx:reliability reliability:fairly-reliable .
claim:rival-2016.c001 a nx:Claim ; nx:claimObject activity:illegal-mining ; nx:claimPredicate nx:engagesIn ;
  nx:claimSubject actor:sendero-luminoso ; nx:evidenceGrade evidence-grade:locator ; nx:fromSource source:rival-2016 ;
  nx:hedge "perhaps"@en ; nx:kind kind:state-of-affairs ; nx:locator "page 3"@en ; nx:modality modality:asserted ;
  nx:polarity polarity:positive ; nx:voice voice:author ; skos:prefLabel "Sendero Luminoso perhaps mines."@en .
"""
MINES = "SELECT ?who { ?who nx:engagesIn activity:illegal-mining }"
TAXES = "SELECT ?who { ?who nx:taxes activity:drug-trafficking }"


@pytest.fixture(scope="module")
def two(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a second source, published in September 2016."""
    folder = tmp_path_factory.mktemp("two")
    for part in ("ontology", "queries"):
        shutil.copytree(home / part, folder / part)
    table = prefixes(home)
    head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in table.items())
    text = canonical_turtle((head + SOURCE.format(issued="2016-09")).encode(), table)
    (folder / "ontology/data/claims/rival-2016.ttl").write_text(text, encoding="utf-8")
    return folder


def who(home: Path, view: View, text: str) -> set[str]:
    found = rows.answer_text(compilation.compiled(view, home), text)
    return {str(row.cells[0]).strip("<>").rpartition("/")[2] for row in found.rows}


SENDERO = {"sendero-luminoso"}


@pytest.mark.parametrize(
    ("view", "mines", "taxes"),
    [
        (views.view(), set(), SENDERO),
        pytest.param(views.view(evidence="locator"), SENDERO, SENDERO, marks=pytest.mark.slow),
        pytest.param(views.view(evidence="locator", sources="rival-2016"), SENDERO, set(), marks=pytest.mark.slow),
        pytest.param(views.view(sources="rival-2016"), set(), set(), marks=pytest.mark.slow),
        (views.view(evidence="locator", sources="ellis-2015"), set(), SENDERO),
        pytest.param(
            views.view(evidence="locator", sources=["ellis-2015", "rival-2016"]),
            SENDERO,
            SENDERO,
            marks=pytest.mark.slow,
        ),
        pytest.param(views.view(evidence="locator", as_of="2016-09-30"), SENDERO, SENDERO, marks=pytest.mark.slow),
        pytest.param(views.view(evidence="locator", as_of="2016-08"), set(), SENDERO, marks=pytest.mark.slow),
        pytest.param(views.view(evidence="locator", as_of="2011"), set(), set(), marks=pytest.mark.slow),
        pytest.param(views.view(min_confidence=60), set(), SENDERO, marks=pytest.mark.slow),
        pytest.param(views.view(evidence="locator", min_confidence=35), SENDERO, SENDERO, marks=pytest.mark.slow),
        pytest.param(views.view(evidence="locator", min_confidence=36), set(), SENDERO, marks=pytest.mark.slow),
        pytest.param(views.view(min_confidence=61), set(), set(), marks=pytest.mark.slow),
        pytest.param(views.view(min_confidence="likely"), set(), SENDERO, marks=pytest.mark.slow),
        pytest.param(
            views.view(evidence="locator", sources="rival-2016", min_confidence=60),
            set(),
            set(),
            marks=pytest.mark.slow,
        ),
    ],
    ids=str,
)
def test_a_restriction_counts_the_claims_it_names_and_no_others(
    two: Path, view: View, mines: set[str], taxes: set[str]
) -> None:
    assert (who(two, view, MINES), who(two, view, TAXES)) == (mines, taxes)


def test_what_is_accepted_and_whether_axioms_apply_are_independent(home: Path) -> None:
    kind = "SELECT ?who {{ ?who a nx:{} }}"
    found = {
        (accept, inference, name): who(home, views.view(accept, inference=inference), kind.format(name))
        for accept in views.VIEWS
        for inference in (True, False)
        for name in ("HybridActor", "BlackHole", "NarcoTaxingTerroristGroup", "CriminalOrganization")
    }
    assert {key for key, value in found.items() if key[2] == "HybridActor" and value} == {
        ("implied", True, "HybridActor")
    }
    assert found["implied", True, "HybridActor"] == SENDERO
    assert not any(value for key, value in found.items() if key[2] == "BlackHole")
    assert {key[:2] for key, value in found.items() if key[2].startswith("Narco") and value} == {
        ("facts", True),
        ("implied", True),
    }
    assert found["implied", False, "CriminalOrganization"] >= SENDERO
    assert not SENDERO & found["facts", False, "CriminalOrganization"]


def test_inferred_graphs_hold_what_follows_from_facts_alone_and_what_needs_implied_claims(home: Path) -> None:
    data = compilation.compile_dataset(home)
    inferred = {q.triple for q in data.store.quads_for_pattern(None, None, None, graph_iri("inferred"))}
    needing = {q.triple for q in data.store.quads_for_pattern(None, None, None, graph_iri("inferred-implied"))}
    assert inferred
    assert needing
    assert not inferred & needing
    facts = compilation.of_view(data, "facts").store
    assert not any(
        t
        in {
            q.triple
            for q in facts.quads_for_pattern(t.subject, None, None, None)
            if q.graph_name != graph_iri("inferred-implied")
        }
        for t in needing
    )
    bare = compilation.compile_dataset(home, views.view(inference=False)).store
    assert {g.value for g in bare.named_graphs()} & {
        graph_iri("inferred").value,
        graph_iri("inferred-implied").value,
    } == set()
    assert set(bare.quads_for_pattern(None, None, None, graph_iri("facts"))) == set(
        data.store.quads_for_pattern(None, None, None, graph_iri("facts"))
    )


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["ellis-2015.c0", "ellis-2015.c1"])
def test_a_restricted_view_is_that_of_a_home_without_those_claims(
    home: Path, keep: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = load.load_files(home)
    claims = {q.subject for q in whole.quads_for_pattern(None, nx("fromSource"), None)}
    withdrawn = {q.subject for q in whole.quads_for_pattern(None, nx("status"), None)}
    claims -= withdrawn
    gone = {claim for claim in claims if not claim.value.startswith(f"{BASE}claim/{keep}")}
    restricted = compilation.compile_dataset(home, views.view(evidence="locator", without=gone)).store
    spans = {q.object for c in gone | withdrawn for q in whole.quads_for_pattern(c, nx("supportedBy"), None)}
    spans -= {q.object for c in claims - gone for q in whole.quads_for_pattern(c, nx("supportedBy"), None)}
    rest = Store()
    comparisons = {q.subject for c in gone for q in whole.quads_for_pattern(None, nx("compares"), c)}
    dropped = gone | withdrawn | spans | comparisons
    rest.extend(q for q in whole if q.subject not in dropped and q.object not in dropped)
    monkeypatch.setattr(load, "load_files", lambda _: rest)
    expected = compilation.compile_dataset(home, views.WHOLE).store
    names = [
        "facts",
        "implied",
        "readings",
        "inferred",
        "inferred-implied",
        "labels",
        "loops",
        "confidence",
        "annotations",
    ]
    for name in names:
        ours, theirs = (set(s.quads_for_pattern(None, None, None, graph_iri(name))) for s in (restricted, expected))
        assert ours == theirs, name


@pytest.mark.slow
def test_a_span_that_is_withdrawn_takes_the_claims_that_rest_on_it_alone(home: Path) -> None:
    data = compilation.compiled("facts", home)
    claim = NamedNode(BASE + "claim/ellis-2015.c082")
    spans = [q.object for q in data.store.quads_for_pattern(claim, nx("supportedBy"), None, None)]
    left = compilation.compile_dataset(home, views.view(without=spans)).store
    assert not list(left.quads_for_pattern(claim, None, None))
    left = compilation.compile_dataset(home, views.view(without=spans[:1])).store
    assert bool(list(left.quads_for_pattern(claim, None, None))) == (len(set(spans)) > 1)


def test_each_view_has_a_cache_entry_of_its_own(small: Path) -> None:
    compilation.compiled("facts")
    compilation.compiled("implied")
    assert len(list(cache.cache_dir().iterdir())) == 1
    first = compilation.compiled(views.view(min_confidence=80))
    assert len(list(cache.cache_dir().iterdir())) == 2
    again = compilation.compiled(views.view(min_confidence=80))
    assert set(again.store) == set(first.store)
    assert len(list(cache.cache_dir().iterdir())) == 2


def test_every_modality_has_a_confidence_and_every_claim_a_score(home: Path) -> None:
    text = catalogue.read_query(home / "queries/derive/confidence.rq").text
    scheme = Store()
    scheme.load(path=home / "ontology/vocab/modality.ttl", format=RdfFormat.TURTLE)
    concepts = {q.subject.value for q in scheme.quads_for_pattern(None, None, None) if "/modality/" in str(q.subject)}
    assert {f"({iri.replace(BASE + 'vocab/modality/', 'modality:')} " in text for iri in concepts} == {True}
    store = compilation.compiled("facts", home).store
    claims = {q.subject for q in store.quads_for_pattern(None, nx("fromSource"), None, DefaultGraph())}
    scores = {q.subject: int(q.object.value) for q in store.quads_for_pattern(None, nx("confidenceScore"), None, None)}
    assert set(scores) == claims
    assert all(1 <= score <= 100 for score in scores.values())


@pytest.mark.parametrize(
    ("modality", "hedges", "score"),
    [
        ("asserted", [], 90),
        ("asserted", ["principally"], 85),
        ("asserted", ["it could be"], 70),
        ("asserted", ["principally", "perhaps"], 70),
        ("implied", [], 50),
        ("denied", ["could"], 1),
        ("reported", ["a couldron"], 70),
    ],
)
def test_the_score_is_by_modality_and_weightiest_hedge(
    home: Path, modality: str, hedges: list[str], score: int
) -> None:
    store = Store()
    said = "".join(f' ; nx:hedge "{hedge}"@en' for hedge in hedges)
    store.update(
        f"PREFIX nx: <{nx('').value}> INSERT DATA {{ <urn:c> nx:fromSource <urn:s> ; "
        f"nx:modality <{BASE}vocab/modality/{modality}>{said} . "
        f"<urn:s> nx:reliability <{BASE}vocab/reliability/completely-reliable> }}"
    )
    (triple,) = store.query(catalogue.read_query(home / "queries/derive/confidence.rq").text)
    assert int(triple.object.value) == int(score * 0.9 + 0.5)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: views.view("fact"), "write facts or implied. Did you mean facts?"),
        (lambda: views.view(as_of="soon"), "as_of"),
        (lambda: views.view(as_of="2014/.."), "has no end"),
        (lambda: views.view(min_confidence=101), "from 0 to 100"),
        (lambda: compilation.compiled(views.view(min_confidence="likly")), "Did you mean likely?"),
        (lambda: compilation.compiled(views.view(sources="elis-2015")), "Did you mean ellis-2015"),
        (lambda: views.view(evidence="page"), "write span or locator."),
        (lambda: compilation.compiled(views.view(prefer="newest")), "no claim is from a source 'newest'"),
        (lambda: compilation.compiled(views.view(without=[NamedNode("urn:nothing")])), "is no claim, span, axiom"),
        (lambda: compilation.compiled(views.view(without=[(nx("taxes"), nx("taxes"), None)])), "has no axiom"),
    ],
)
def test_what_a_view_cannot_be_is_met_with_what_it_can(make: Callable[[], View | Compiled], said: str) -> None:
    with pytest.raises(BadParameter, match=r".") as caught:
        make()
    assert said in str(caught.value)


@pytest.mark.slow
def test_the_commands_take_the_view_and_say_what_counts() -> None:
    run = CliRunner().invoke
    found = run(program_group, ["ask", "who-taxes-what", "--as-of", "2014"])
    assert found.stdout == ""
    assert "as of 2014) 0 of " in found.stderr
    told = json.loads(run(program_group, ["ask", "nexus-actors", "--no-inference", "--format", "json"]).stdout)
    assert (told["view"], told["rows"]) == ("facts, no inference", [])
    assert (
        "hybrid actor" in run(program_group, ["show", "actor:sendero-luminoso", "--accept", "implied", "--all"]).stdout
    )
    assert "hybrid actor" not in run(program_group, ["show", "actor:sendero-luminoso", "--all"]).stdout
    assert run(program_group, ["why", "who-taxes-what", "--source", "ellis-2015"]).exit_code == 0


@pytest.mark.slow
def test_a_published_view_says_what_it_is(tmp_path: Path) -> None:
    out = tmp_path / "dist"
    assert CliRunner().invoke(program_group, ["build", "-o", str(out), "--min-confidence", "80"]).exit_code == 0
    assert "confidence 80 or more" in next(out.glob("void*")).read_text(encoding="utf-8")


@pytest.mark.slow
def test_python_takes_the_same(home: Path) -> None:
    assert rows.ask("nexus-actors", inference=False).rows == ()
    assert rows.ask("who-taxes-what", sources="ellis-2015", min_confidence="likely").rows


def test_a_place_that_is_left_out_takes_its_point_with_it(home: Path) -> None:
    points = "SELECT ?point { ?point a geo:Geometry }"
    spans, whole = (
        {row[0].value for row in select(compilation.compiled(view, home).store, points, prefixes=prefixes(home)).rows}
        for view in ("facts", views.WHOLE)
    )
    assert f"{BASE}point/callao" in spans
    assert f"{BASE}point/venezuela" in whole - spans  # known by locators only
    located = select(
        compilation.compiled("facts", home).store,
        "SELECT ?point { ?p geo:hasGeometry ?point }",
        prefixes=prefixes(home),
    )
    assert {row[0].value for row in located.rows} == spans
