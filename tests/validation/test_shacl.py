"""The shapes from both sides: silent on the real graph, and each constraint firing on a case made for it."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from nexuskg.base import data_home
from nexuskg.base.namespaces import GRAPH, NX, RDF, SH, XSD, graph_iri
from nexuskg.cli.main import program_group
from nexuskg.pipeline import compilation, views
from nexuskg.rdf import load
from nexuskg.validation import shacl, shape_lint
from nexuskg.validation.shacl_engines import Engine, ShaclResult

HOME = data_home.home()
CASES = sorted(Path(__file__).with_name("shapes").glob("*.fail.ttl"))
RESULT = NamedNode(SH + "ValidationResult")
TYPE = NamedNode(RDF + "type")
EXPECTED = ("focusNode", "sourceShape", "sourceConstraintComponent")
# Constraint parameters of SHACL core; what they are called in a report is ...ConstraintComponent.
PARAMETERS = frozenset(
    (
        "class",
        "datatype",
        "disjoint",
        "equals",
        "hasValue",
        "in",
        "languageIn",
        "lessThan",
        "lessThanOrEquals",
        "maxCount",
        "maxInclusive",
        "minCount",
        "minInclusive",
        "node",
        "nodeKind",
        "not",
        "or",
        "pattern",
        "qualifiedMinCount",
        "uniqueLang",
        "xone",
    )
)


def value_of(term: object) -> str:
    return term.value if hasattr(term, "value") else str(term)


def read(path: Path) -> tuple[list[Triple], list[tuple[str, str, str]]]:
    """The data of a case, and what the shapes are expected to say of it."""
    quads = [quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE)]
    results = {t.subject: {} for t in quads if t.predicate == TYPE and t.object == RESULT}
    for triple in quads:
        if triple.subject in results:
            results[triple.subject][triple.predicate.value.removeprefix(SH)] = triple.object
    expected = [
        tuple("[]" if isinstance(r[k], BlankNode) else value_of(r[k]) for k in EXPECTED) for r in results.values()
    ]
    return [triple for triple in quads if triple.subject not in results], expected


@cache
def all_files() -> Store:
    return load.load_files(HOME)


def graphs(prefixes: tuple[str, ...]) -> list[NamedNode]:
    names = (g for g in all_files().named_graphs() if isinstance(g, NamedNode))
    return [g for g in names if g.value.removeprefix(GRAPH).startswith(prefixes)]


def triples(store: Store) -> list[Triple]:
    return [quad.triple for quad in store]


def rules() -> list[Triple]:
    """The triples of all shapes."""
    return triples(views.merge(all_files(), graphs(("shapes/",))))


@cache
def said(engine: Engine) -> frozenset[tuple[str, str, str]]:
    """What the shapes say of all cases at once, which share the ontology and the vocabularies."""
    data = triples(views.merge(all_files(), graphs(("terms/", "vocab/"))))
    for path in CASES:
        data += read(path)[0]
    return frozenset((r.focus, r.shape, r.component) for r in shacl.results(data, rules(), engine))


def case_ids() -> Iterable[object]:
    for path in CASES:
        for focus, shape, component in read(path)[1]:
            name = f"{path.stem.removesuffix('.fail')}-{shape.rpartition('/')[2]}-{component.rpartition('#')[2]}"
            yield pytest.param(focus, shape, component, id=name.removesuffix("ConstraintComponent"))


@pytest.mark.parametrize("engine", ["fast", pytest.param("pyshacl", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("focus", "shape", "component"), list(case_ids()))
def test_shape_fires_on_its_case(focus: str, shape: str, component: str, engine: Engine) -> None:
    found = {(f, c) for f, s, c in said(engine) if s == shape}
    if focus == "[]":  # a blank node has another name in the report
        assert any(c == component and not f.startswith("http") for f, c in found)
    else:
        assert (focus, component) in found


def test_every_constraint_of_every_shape_has_a_case() -> None:
    store = views.merge(all_files(), graphs(("shapes/",)))
    told = reported(store)
    wanted = {
        (quad.subject.value, component(quad.predicate.value))
        for quad in store
        if isinstance(quad.subject, NamedNode)
        and quad.subject.value in told
        and quad.predicate.value.removeprefix(SH) in PARAMETERS
    }
    covered = {(shape, part) for path in CASES for _, shape, part in read(path)[1]}
    assert len(wanted) > 100
    assert wanted - covered == set()
    assert covered - wanted == set()


def component(parameter: str) -> str:
    name = parameter.removeprefix(SH)
    return f"{SH}{name[0].upper()}{name[1:]}ConstraintComponent"


def reported(store: Store) -> set[str]:
    """The shapes that a report can name: those with targets, and the property shapes below them."""
    shapes_ = {
        quad.subject.value
        for quad in store
        if quad.predicate.value.startswith(SH + "target") and isinstance(quad.subject, NamedNode)
    }
    for shape in list(shapes_):
        shapes_ |= {q.object.value for q in store.quads_for_pattern(NamedNode(shape), NamedNode(SH + "property"), None)}
    return shapes_


def test_every_reported_shape_says_what_is_wrong_and_how_grave_it_is() -> None:
    store = views.merge(all_files(), graphs(("shapes/",)))
    for shape in sorted(reported(store)):
        node = NamedNode(shape)
        constrains = any(
            q.predicate.value.removeprefix(SH) in PARAMETERS for q in store.quads_for_pattern(node, None, None)
        )
        messages = [q.object for q in store.quads_for_pattern(node, NamedNode(SH + "message"), None)]
        severities = [q.object for q in store.quads_for_pattern(node, NamedNode(SH + "severity"), None)]
        if constrains:
            assert len(messages) == len(severities) == 1, shape
            assert messages[0].language == "en", shape
            assert messages[0].value.endswith("."), shape


def test_shapes_have_no_blank_nodes_but_lists() -> None:
    for quad in views.merge(all_files(), graphs(("shapes/",))):
        if isinstance(quad.subject, BlankNode):
            assert quad.predicate.value in (RDF + "first", RDF + "rest")


@pytest.mark.slow
@pytest.mark.parametrize("view", ["facts", "implied"])
def test_real_graph_conforms_by_either_engine(view: str) -> None:
    assert shacl.validate(compilation.compiled(view, HOME).store, HOME, "both") == []


def test_finding_has_message_rule_file_and_line() -> None:
    store = Store()
    for quad in all_files():
        store.add(quad)
    claim = NamedNode("https://w3id.org/nexuskg/claim/ellis-2015.c082")
    bad = NamedNode("https://w3id.org/nexuskg/vocab/kind/causal")
    where = graph_iri("data/claims/ellis-2015")
    store.add(Quad(claim, NamedNode("https://w3id.org/nexuskg/ontology#modality"), bad, where))
    view = views.compose(store, "facts")
    found = [f for f in shacl.validate(view, HOME) if f.rule == "Claim-modality"]
    assert {f.severity for f in found} == {"violation"}
    assert {f.file for f in found} == {"ontology/data/claims/ellis-2015.ttl"}
    lines = (HOME / "ontology/data/claims/ellis-2015.ttl").read_text(encoding="utf-8").splitlines()
    assert {lines[(f.line or 0) - 1] for f in found} == {"claim:ellis-2015.c082"}
    assert any("kind:causal" in f.message for f in found)


def test_what_is_inferred_does_not_hide_a_misplaced_value() -> None:
    store = views.merge(all_files(), graphs(("terms/", "vocab/", "shapes/")))
    out = Store()
    out.extend(Quad(q.subject, q.predicate, q.object, graph_iri("shapes/all")) for q in store)
    out.extend(store)
    place, actor = (NamedNode(f"https://w3id.org/nexuskg/id/{kind}/t") for kind in ("place", "actor"))
    nx = "https://w3id.org/nexuskg/ontology#"
    out.add(Quad(place, TYPE, NamedNode(nx + "Place"), DefaultGraph()))
    out.add(Quad(actor, TYPE, NamedNode(nx + "UnnamedGroup"), DefaultGraph()))
    out.add(Quad(place, NamedNode(nx + "locatedIn"), actor, DefaultGraph()))
    inferred = Quad(actor, TYPE, NamedNode(nx + "Place"), graph_iri("inferred"))
    out.extend([inferred, Quad(*inferred.triple, DefaultGraph())])
    assert "Place-locatedIn" in {f.rule for f in shacl.validate(out, HOME)}


def test_misspelt_shacl_terms_and_shapes_are_found() -> None:
    store, where = Store(), graph_iri("shapes/t")
    shape = NamedNode("https://w3id.org/nexuskg/shape/T-x")
    store.add(Quad(shape, NamedNode(SH + "minCoun"), NamedNode(SH + "Warnin"), where))
    store.add(Quad(shape, NamedNode(SH + "property"), NamedNode("https://w3id.org/nexuskg/shape/T-missing"), where))
    store.add(Quad(shape, TYPE, NamedNode(SH + "NodeShape"), where))
    found = shape_lint.unknown_shacl_terms(store, HOME)
    assert [(f.rule, f.focus) for f in found] == [("unknown-shacl-term", shape.value)] * 2
    assert "sh:minCount" in " ".join(f.message for f in found)
    undefined = shape_lint.undefined_shapes(store, HOME)
    assert {f.focus for f in undefined} == {shape.value}
    assert len(undefined) == 2  # one is not defined, and the other is never reached
    assert shape_lint.unknown_shacl_terms(all_files(), HOME) == []
    assert shape_lint.undefined_shapes(all_files(), HOME) == []


MALFORMED = {
    "two-paths": "a sh:PropertyShape ; sh:path nx:uses , nx:taxes",
    "no-path": "a sh:PropertyShape ; sh:class nx:Actor",
    "path-on-node": "a sh:NodeShape ; sh:path nx:uses",
    "count-on-node": "a sh:NodeShape ; sh:minCount 1",
    "count-in-words": 'a sh:PropertyShape ; sh:path nx:uses ; sh:minCount "one"',
    "class-in-words": 'a sh:NodeShape ; sh:class "actor"',
    "node-kind": "a sh:NodeShape ; sh:nodeKind sh:Iri",
    "severity": "a sh:NodeShape ; sh:severity sh:Error",
    "pattern": 'a sh:NodeShape ; sh:pattern "("',
    "list": "a sh:NodeShape ; sh:or shape:T-other",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_shape_is_found(name: str) -> None:
    head = f"PREFIX sh: <{SH}> PREFIX nx: <{NX}> PREFIX shape: <{shacl.SHAPE}> "
    store = Store()
    store.load(f"{head} shape:T {MALFORMED[name]} .".encode(), RdfFormat.TURTLE, to_graph=graph_iri("shapes/t"))
    found = shape_lint.malformed_shapes(store, HOME)
    assert [(f.rule, f.focus) for f in found] == [("malformed-shape", shacl.SHAPE + "T")]
    assert shape_lint.malformed_shapes(all_files(), HOME) == []


@pytest.mark.parametrize("engine", ["fast", "pyshacl", "both"])
def test_shape_that_stops_the_validator_is_a_finding(engine: Engine) -> None:
    store = Store()
    shape = '<urn:x:s> a sh:PropertyShape ; sh:targetNode <urn:x:a> ; sh:path <urn:x:p> ; sh:minCount "one" .'
    store.load(f"PREFIX sh: <{SH}> {shape}".encode(), RdfFormat.TURTLE, to_graph=graph_iri("shapes/t"))
    (finding,) = shacl.validate(store, HOME, engine)
    assert (finding.rule, finding.severity) == ("malformed-shape", "violation")
    assert "sh:minCount" in finding.message


def test_shacl_terms_are_those_of_the_vocabulary() -> None:
    from rdflib.namespace import SH as VOCABULARY

    known = {str(term).removeprefix(SH) for term in dir(VOCABULARY) if str(term).startswith(SH)}
    assert known - shape_lint.SHACL_TERMS <= {name for name in known if "JS" in name or name.startswith("js")}


# ---- one result by two engines ------------------------------------------------------------------------------------


def both(data: list[Triple]) -> list[ShaclResult]:
    """What the fast engine finds, once it is shown that the reference finds the same."""
    fast, reference = (shacl.results(data, rules(), engine) for engine in ("fast", "pyshacl"))
    assert set(fast) == set(reference)
    return fast


def test_both_engines_find_the_same_in_all_cases() -> None:
    data = triples(views.merge(all_files(), graphs(("terms/", "vocab/"))))
    for path in CASES:
        data += read(path)[0]
    found = both(data)
    assert len({result.shape for result in found}) > 100
    assert {result.severity for result in found} >= {"violation", "warning"}
    assert any(result.path for result in found)


def mutated(whole: list[Triple], seed: int) -> list[Triple]:
    """The real graph with faults: statements taken away, doubled with another value, or given a wrong one."""
    chance = random.Random(seed)
    data = list(whole)
    # Without what the engines differ in (see shacl_engines): blank nodes, and literals of a datatype of somebody's own.
    values = [
        triple.object
        for triple in chance.sample(whole, 120)
        if isinstance(triple.object, NamedNode)
        or (isinstance(triple.object, Literal) and triple.object.datatype.value.startswith((XSD, RDF)))
    ]
    values += [Literal("0.10", datatype=NamedNode(XSD + "decimal")), Literal("text", language="de"), Literal("x")]
    for at in chance.sample(range(len(data)), 300):
        triple, value = data[at], chance.choice(values)
        data[at] = Triple(triple.subject, triple.predicate, value)
        if isinstance(value, NamedNode) and chance.random() < 0.3:
            data[at] = Triple(value, triple.predicate, triple.object)
        if chance.random() < 0.3:
            data.append(triple)
    # A store holds a literal once, in its canonical form.
    store = Store()
    views.add_triples(store, data)
    return triples(store)


@pytest.mark.slow
def test_both_engines_find_the_same_in_generated_graphs() -> None:
    whole = sorted(triples(views.merge(all_files(), graphs(("terms/", "vocab/", "data/")))), key=str)
    fired: Counter[str] = Counter()
    for seed in range(6):
        fired.update({result.shape for result in both(mutated(whole, seed))})
    assert len(fired) > 100


@pytest.mark.slow
def test_engines_that_differ_are_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = ShaclResult(NX + "taxes", shacl.SHAPE + "T", SH + "X", "violation", "Something is wrong.")
    monkeypatch.setattr(shacl, "by_fast", lambda data, shapes: [wrong])
    found = shacl.validate(compilation.compiled("facts", HOME).store, HOME, "both")
    assert [finding.rule for finding in found] == ["T", "engines-differ"]
    assert "Only the engine fast finds: Something is wrong. (T)" in found[1].message


def test_without_the_fast_engine_the_reference_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shacl", None)
    data = read(CASES[0])[0]
    assert shacl.results(data, rules(), "fast") == shacl.results(data, rules(), "pyshacl") != []


def test_a_path_is_told_in_sparql_by_either_engine() -> None:
    shape = f"""PREFIX sh: <{SH}> PREFIX : <urn:>
    :s a sh:PropertyShape ; sh:targetNode :a ; sh:minCount 1 ; sh:message "So."@en ;
      sh:path ( [ sh:inversePath :p ] [ sh:alternativePath ( :q :r ) ] [ sh:zeroOrMorePath :t ] ) ."""
    made = [quad.triple for quad in parse(shape.encode(), RdfFormat.TURTLE)]
    data = [Triple(NamedNode("urn:a"), NamedNode("urn:x"), NamedNode("urn:b"))]
    paths = {shacl.results(data, made, engine)[0].path for engine in ("fast", "pyshacl")}
    assert len(paths) == 1


@pytest.mark.slow
def test_the_command_takes_the_engine() -> None:
    result = CliRunner().invoke(program_group, ["check", "--engine", "both"])
    assert result.exit_code == 0
    assert all(": info: " in line for line in result.stdout.splitlines())
