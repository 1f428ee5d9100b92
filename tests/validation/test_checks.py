"""The check queries from both sides: silent on the real graph, and firing exactly where the cases made for them say."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from nexuskg.base import data_home
from nexuskg.base.namespaces import BASE, GRAPH, RDF, SH, graph_iri, prefixes
from nexuskg.cli.main import program_group
from nexuskg.errors import Finding, QueryFailure
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import FACTS
from nexuskg.queries import catalogue
from nexuskg.rdf import load
from nexuskg.rdf.store import select
from nexuskg.validation import checks

HOME = data_home.home()
CASES = sorted(Path(__file__).with_name("checks").glob("*.fail.ttl"))
QUERIES = {path.stem: catalogue.read_query(path) for path in sorted((HOME / "queries" / "checks").glob("*.rq"))}
IS_PART_OF = "http://purl.org/dc/terms/isPartOf"
NX = BASE + "ontology#"


def read(path: Path) -> tuple[NamedNode, list[Triple], set[str]]:
    """The named graph that a case stands for, its triples, and the nodes at which its check is expected to fire."""
    here = path.as_uri()
    quads = [quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE, base_iri=here)]
    results = {t.subject for t in quads if t.object == NamedNode(SH + "ValidationResult")}
    focus = {t.object.value for t in quads if t.predicate.value == SH + "focusNode"}
    where = next(t.object for t in quads if t.predicate.value == IS_PART_OF and t.subject == NamedNode(here))
    data = [t for t in quads if t.subject not in results and t.subject != NamedNode(here)]
    return where, data, focus


@cache
def ontology() -> tuple[Quad, ...]:
    """Terms, vocabularies and prefix table in their own graphs, and the first two in the default graph as well."""
    files = [
        path
        for path in data_home.turtle_files(HOME)
        if path.parent.name in ("terms", "vocab") or path.name == "prefixes.ttl"
    ]
    return tuple(views.compose(load.load_files(HOME, files), "facts"))


def store_with(*parts: tuple[NamedNode, list[Triple]]) -> Store:
    """The ontology with these triples in these graphs; what is implied is not in the default graph."""
    store = Store()
    store.extend(ontology())
    for where, triples in parts:
        views.add_triples(store, triples, where)
        if not where.value.endswith("implied"):
            views.add_triples(store, triples)
    # A claim and its company are data, whichever graph the case stands for.
    for where, triples in parts:
        if where.value.endswith("implied"):
            views.add_triples(store, [t for t in triples if "/claim/" in str(t.subject)])
    return store


def made_up(store: Store) -> Compiled:
    return replace(compilation.compiled("facts", HOME), store=store)


def rows(name: str, store: Store) -> set[str]:
    return {str(row[0]).strip("<>") for row in select(store, QUERIES[name].text, name).rows}


def iri(kind: str, name: str) -> NamedNode:
    return NamedNode(f"{BASE}{kind}/{name}")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name.removesuffix(".fail.ttl"))
def test_check_fires_where_its_case_says(path: Path) -> None:
    where, triples, expected = read(path)
    assert rows(path.name.split(".")[0], store_with((where, triples))) == expected


def test_every_check_has_a_case() -> None:
    assert len(QUERIES) >= 33
    assert {path.name.split(".")[0] for path in CASES} == set(QUERIES)


@pytest.mark.parametrize("name", QUERIES)
def test_check_is_silent_on_the_ontology_alone(name: str) -> None:
    assert rows(name, store_with()) == set()


@pytest.mark.parametrize("name", QUERIES)
def test_check_has_its_form(name: str) -> None:
    query = QUERIES[name]
    assert checks.severity_of(query) in ("violation", "warning", "info")
    assert query.summary.endswith(".")
    assert query.text.rstrip().endswith("ORDER BY ?entity ?problem")
    assert select(Store(), query.text, name).columns == ("entity", "problem")
    table = prefixes(HOME)
    for line in query.text.splitlines():
        if line.startswith("PREFIX"):
            _, prefix, namespace = line.split()
            assert table[prefix.rstrip(":")] == namespace.strip("<>")


@pytest.fixture(scope="module")
def real() -> Compiled:
    return compilation.compiled(views.WHOLE, HOME)


def test_real_graph_passes_every_check(real: Compiled) -> None:
    assert [f for f in checks.check_dataset(real, with_shacl=False) if f.severity != "info"] == []


def test_claim_in_two_files_is_found() -> None:
    claim = Triple(iri("claim", "t.c001"), NamedNode(RDF + "type"), NamedNode(NX + "Claim"))
    store = store_with((graph_iri("data/claims/t"), [claim]), (graph_iri("data/claims/u"), [claim]))
    assert rows("reused-claim-id", store) == {claim.subject.value}


def test_misspelt_term_is_found_with_the_closest_name() -> None:
    triple = Triple(iri("id", "actor/t"), NamedNode(NX + "taxs"), iri("id", "activity/t"))
    found = checks.query_findings(made_up(store_with((graph_iri("data/claims/t"), [triple]))))
    (finding,) = (f for f in found if f.rule == "unknown-term")
    assert finding.message.startswith("actor:t uses nx:taxs, which")
    assert "Did you mean nx:taxes" in finding.message


def test_findings_have_severity_file_and_line(real: Compiled) -> None:
    store = Store()
    store.extend(real.store)
    claim = iri("claim", "ellis-2015.c082")
    triple = Triple(claim, NamedNode(NX + "claimSubject"), iri("id", "actor/urabenos"))
    views.add_triples(store, [triple], graph_iri("data/claims/ellis-2015"))
    views.add_triples(store, [triple])
    found = checks.check_dataset(replace(real, store=store), with_shacl=False)
    (finding,) = (f for f in found if f.rule == "reused-claim-id")
    assert (finding.severity, finding.file) == ("violation", "ontology/data/claims/ellis-2015.ttl")
    lines = (HOME / (finding.file or "")).read_text(encoding="utf-8").splitlines()
    assert lines[(finding.line or 0) - 1] == "claim:ellis-2015.c082"


def test_date_that_no_calendar_has_is_found() -> None:
    store = Store()
    for name, date in (("fine", "2014-02-28"), ("wrong", "2014-02-31")):
        store.add(Quad(iri("id", f"event/{name}"), NamedNode(NX + "edtf"), Literal(date), DefaultGraph()))
    found = checks.date_findings(store)
    assert [(f.rule, f.focus) for f in found] == [("date-not-edtf", iri("id", "event/wrong").value)]


def test_anchors_that_show_too_much_of_a_text_are_found() -> None:
    text, span = iri("text", "t"), iri("span", "t.0-30")
    whole = [
        (text, "textOf", iri("source", "t")),
        (text, "textLength", Literal(30)),
        (span, "spanOf", text),
        (span, "startOffset", Literal(0)),
        (span, "endOffset", Literal(30)),
    ]
    store = Store()
    for subject, name, value in whole:
        store.add(Quad(subject, NamedNode(NX + name), value, DefaultGraph()))
    anchor = NamedNode(NX + "anchorPhrase")
    store.add(Quad(span, anchor, Literal("no more"), DefaultGraph()))
    assert checks.anchor_coverage_findings(store) == []
    store.add(Quad(span, anchor, Literal("a third of it all"), DefaultGraph()))
    store.remove(Quad(span, anchor, Literal("no more"), DefaultGraph()))
    assert [(f.rule, f.focus) for f in checks.anchor_coverage_findings(store)] == [("anchor-coverage", text.value)]


CLASH = """
nx:Person a owl:Class ; skos:prefLabel "person"@en ; owl:disjointWith nx:Group .
nx:Group a owl:Class ; skos:prefLabel "group"@en .
nx:memberOf a owl:ObjectProperty ; skos:prefLabel "is a member of"@en ; rdfs:domain nx:Person ; rdfs:range nx:Group .
"""
CLASH_CLAIM = """
claim:t.c{number} a nx:Claim ; skos:prefLabel "One is a member of the other."@en ; nx:fromSource source:t ;
  nx:supportedBy span:t.0-9 ; nx:kind kind:state-of-affairs ; nx:polarity polarity:positive ;
  nx:modality modality:{modality} ; nx:claimSubject actor:{one} ; nx:claimPredicate nx:memberOf ;
  nx:claimObject actor:{other} .
"""


def contradictory(home: Path, modality: str) -> Path:
    for part, text in (
        ("terms/all.ttl", CLASH),
        (
            "data/claims/t.ttl",
            CLASH_CLAIM.format(number=8, modality="asserted", one="reds", other="blues")
            + CLASH_CLAIM.format(number=9, modality=modality, one="blues", other="greens"),
        ),
    ):
        path = home / "ontology" / part
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return home


def test_a_contradiction_is_a_finding_that_names_axiom_and_claims(small: Path) -> None:
    found = checks.contradiction_findings(compilation.compiled("facts", contradictory(small, "asserted")))
    assert {(f.rule, f.focus, f.severity) for f in found} == {
        ("contradiction", iri("id", "actor/blues").value, "violation")
    }
    assert "Axiom: nx:Person owl:disjointWith nx:Group" in found[0].message
    assert "Claims: claim:t.c8, claim:t.c9" in found[0].message


def test_a_contradiction_by_implied_claims_is_one_of_their_view_only(small: Path) -> None:
    contradictory(small, "implied")
    assert compilation.compiled("facts", small).contradictions == ()
    (clash,) = compilation.compiled("implied", small).contradictions
    assert "where implied claims count" in clash.message
    assert len(checks.contradiction_findings(compilation.compiled("facts", small))) == 1


def test_a_graph_that_contradicts_itself_still_answers_and_says_so(small: Path) -> None:
    contradictory(small, "asserted")
    result = CliRunner().invoke(program_group, ["ask", "who-taxes-what"])
    assert "The Reds" in result.stdout
    assert result.stderr.startswith("The graph contradicts itself. These cannot hold together: ")
    assert "claim:t.c9" in result.stderr
    result = CliRunner().invoke(program_group, ["why", "actor:reds", "nx:taxes", "activity:growing"])
    assert "claim:t.c1" in result.stdout
    assert "The graph contradicts itself" in result.stderr


@pytest.mark.slow
def test_bad_input_is_found_with_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSKG_CACHE", str(tmp_path / "cache"))
    for folder in ("ontology", "queries"):
        shutil.copytree(HOME / folder, tmp_path / folder)

    def change(file: str, old: str, new: str) -> None:
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    claims = "ontology/data/claims/ellis-2015.ttl"
    change("ontology/shapes/claims.ttl", "sh:minCount 1", "sh:minCoun 1")
    change(claims, 'nx:endOffset "2143"', 'nx:endOffset "2144"')
    change(claims, "claim:ellis-2015.c083\n", "claim:ellis-2015.c082\n")
    change("ontology/data/entities/actors.ttl", '"DIRANDRO"@pt', '"DIRANDRO"@xx')
    change(claims, "nx:claimObject actor:urabenos ;", "nx:claimObject actor:urabenoz ;")
    change(claims, 'nx:claimValue "2014-09"', 'nx:claimValue "2014-13"')
    found = {finding.rule: finding for finding in checks.check_home(tmp_path, with_shacl=False)}
    expected = {
        "dangling-reference": (claims, "claim:ellis-2015.c052"),
        "date-not-edtf": (claims, "claim:ellis-2015.c004"),
        "unknown-shacl-term": ("ontology/shapes/claims.ttl", "shape:"),
        "span-offsets-disagree": (claims, "span:ellis-2015.2108-2143"),
        "reused-claim-id": (claims, "claim:ellis-2015.c082"),
        "foreign-language-tag": ("ontology/data/entities/actors.ttl", "actor:dirandro"),
    }
    for rule, (file, block) in expected.items():
        assert (found[rule].severity, found[rule].file) == ("violation", file)
        line = (tmp_path / file).read_text(encoding="utf-8").splitlines()[(found[rule].line or 0) - 1]
        assert line.startswith(block)
    assert checks.fails(found.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT ?a WHERE { ?a ?b }", "line 1"),
        ("SELECT * WHERE { ?a ?b ?c }", "SELECT *"),
        ("CONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c }", "a SELECT or ASK was expected"),
    ],
)
def test_a_question_that_cannot_be_answered_is_a_finding(text: str, said: str) -> None:
    compiled = compilation.compiled("facts", HOME)
    assert checks.question_findings(compiled) == []
    bad = catalogue.StoredQuery("bad", "Bad?", "", (), (), text, "question")
    queries = {("question", "bad"): bad, ("question", "who-taxes-what"): compiled.catalogue["who-taxes-what"]}
    (finding,) = checks.question_findings(Compiled(HOME, FACTS, compiled.store, queries, compiled.prefixes))
    assert (finding.rule, finding.file) == ("broken-question", "queries/questions/bad.rq")
    assert said in finding.message


def test_only_violations_fail_unless_strict() -> None:
    warning = Finding("warning", "urn:x", "thin", "a-rule")
    info = Finding("info", "urn:x", "look", "a-rule")
    assert not checks.fails([warning, info])
    assert checks.fails([warning, info], strict=True)
    assert not checks.fails([info], strict=True)
    assert checks.fails([Finding("violation", "urn:x", "wrong", "a-rule")])


def test_check_without_severity_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.rq"
    path.write_text("#+ summary: A rule.\nSELECT ?entity ?problem WHERE { }\n", encoding="utf-8")
    with pytest.raises(QueryFailure, match="severity"):
        checks.severity_of(catalogue.read_query(path))


def test_graphs_of_cases_are_graphs_of_the_project() -> None:
    for path in CASES:
        assert read(path)[0].value.startswith(GRAPH)
