"""SHACL shapes (ontology/shapes) -> findings, by pySHACL; and a lint of the shapes themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from nexuskg.errors import Finding, Severity, closest, did_you_mean
from nexuskg.graph import file_of
from nexuskg.links import SUFFIX, read_table
from nexuskg.namespaces import BASE, GRAPH, NX, RDF, SH, compact, prefixes
from nexuskg.namespaces import graph as named
from nexuskg.resources import shown
from nexuskg.turtle import line_of

if TYPE_CHECKING:
    from rdflib import Graph

SHAPE: Final = BASE + "shape/"
_SECONDARY: Final = ("alignments/", "dl/", "links/")
_SHAPE_GRAPHS: Final = GRAPH + "shapes/"
_TYPE: Final = NamedNode(RDF + "type")
_SEVERITIES: Final[dict[str, Severity]] = {
    SH + "Violation": "violation",
    SH + "Warning": "warning",
    SH + "Info": "info",
}
# The terms of SHACL 1.0 (core, SPARQL) and of the advanced features: a misspelt one passes every validator silently.
_WORDS: Final = """
AbstractResult AndConstraintComponent BlankNode BlankNodeOrIRI BlankNodeOrLiteral ClassConstraintComponent
ClosedConstraintComponent ConstraintComponent DatatypeConstraintComponent DisjointConstraintComponent
EqualsConstraintComponent ExpressionConstraintComponent Function HasValueConstraintComponent IRI IRIOrLiteral
InConstraintComponent Info LanguageInConstraintComponent LessThanConstraintComponent
LessThanOrEqualsConstraintComponent Literal MaxCountConstraintComponent MaxExclusiveConstraintComponent
MaxInclusiveConstraintComponent MaxLengthConstraintComponent MinCountConstraintComponent
MinExclusiveConstraintComponent MinInclusiveConstraintComponent MinLengthConstraintComponent
NodeConstraintComponent NodeKind NodeKindConstraintComponent NodeShape NotConstraintComponent OrConstraintComponent
Parameter Parameterizable PatternConstraintComponent PrefixDeclaration PropertyConstraintComponent PropertyGroup
PropertyShape QualifiedMaxCountConstraintComponent QualifiedMinCountConstraintComponent ResultAnnotation Rule
SPARQLAskExecutable SPARQLAskValidator SPARQLConstraint SPARQLConstraintComponent SPARQLConstructExecutable
SPARQLExecutable SPARQLFunction SPARQLRule SPARQLSelectExecutable SPARQLSelectValidator SPARQLTarget
SPARQLTargetType SPARQLUpdateExecutable Severity Shape Target TargetType TripleRule UniqueLangConstraintComponent
ValidationReport ValidationResult Validator Violation Warning XoneConstraintComponent
alternativePath and annotationProperty annotationValue annotationVarName ask class closed condition conforms
construct datatype deactivated declare defaultValue description detail disjoint entailment equals expression
filterShape flags focusNode group hasValue ignoredProperties in intersection inversePath labelTemplate languageIn
lessThan lessThanOrEquals maxCount maxExclusive maxInclusive maxLength message minCount minExclusive minInclusive
minLength name namespace node nodeKind nodeValidator nodes not object oneOrMorePath optional or order parameter path
pattern predicate prefix prefixes property propertyValidator qualifiedMaxCount qualifiedMinCount qualifiedValueShape
qualifiedValueShapesDisjoint result resultAnnotation resultMessage resultPath resultSeverity returnType rule select
severity shapesGraph shapesGraphWellFormed sourceConstraint sourceConstraintComponent sourceShape sparql subject
suggestedShapesGraph target targetClass targetNode targetObjectsOf targetSubjectsOf this union uniqueLang update
validator value xone zeroOrMorePath zeroOrOnePath
"""
SHACL_TERMS: Final = frozenset(_WORDS.split())

_PROPERTY_SHAPE: Final = NamedNode(SH + "PropertyShape")
_NODE_SHAPE: Final = NamedNode(SH + "NodeShape")
_NODE_KINDS: Final = ("BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
_WHOLE: Final = ("minCount", "maxCount", "minLength", "maxLength", "qualifiedMinCount", "qualifiedMaxCount")
_NAMES: Final = (
    "class",
    "datatype",
    "disjoint",
    "equals",
    "hasValue",
    "lessThan",
    "lessThanOrEquals",
    "node",
    "property",
)
_LISTS: Final = ("and", "in", "languageIn", "or", "xone")
_ON_PATHS: Final = (*_WHOLE[:2], *_WHOLE[4:], "lessThan", "lessThanOrEquals", "qualifiedValueShape", "uniqueLang")

Place: TypeAlias = tuple[str, int | None] | None
"""File as shown to a person, and line; None where a node stands in no file."""


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One validation result: which node breaks which constraint of which shape (IRIs), with the shape's message."""

    focus: str
    shape: str
    component: str
    severity: Severity
    message: str
    value: str | None = None


def validate(store: Store, home: Path) -> list[Finding]:
    """The findings of the store's shapes on its default graph and the ontology's header, sorted.

    What the reasoner inferred is left out: a range axiom would give every misplaced value the class that its shape asks
    for, so that the shape could never fail. (Whether the inferences clash is for the contradictions to say.)
    """
    inferred = set(_triples(store, [named("inferred"), named("inferred-implied")]))
    data = (t for t in _triples(store, [DefaultGraph(), named("nexus")]) if t not in inferred)
    where = placer(store, home)
    table = prefixes(home)
    try:
        found = results(data, shapes(store))
    except (RuntimeError, ValueError, re.error) as error:  # what pySHACL raises at a shape that it cannot read
        first = str(error).strip().partition("\n")[0]
        message = f"Nothing could be validated: {first} Correct the shape."
        return [Finding("violation", _SHAPE_GRAPHS, message, "malformed-shape", "ontology/shapes")]
    return [_finding(result, where, table) for result in found]


def shapes(store: Store) -> list[Triple]:
    """The triples of the store's shape graphs, one graph a file of ontology/shapes."""
    return list(_triples(store, _shape_graphs(store)))


def results(data: Iterable[Triple], shapes: Iterable[Triple]) -> list[Result]:
    """What the shapes have to say of the data, sorted. No inference, no network."""
    import logging

    import pyshacl

    # It would print, in the middle of the findings, what it raises as well.
    logging.getLogger("pyshacl-validate").disabled = True
    _, report, _ = pyshacl.validate(
        _rdflib(data),
        shacl_graph=_rdflib(shapes),
        inference="none",
        do_owl_imports=False,
    )
    return sorted(set(_read(report)), key=lambda r: (r.focus, r.shape, r.component, r.value or ""))


def unknown_shacl_terms(store: Store, home: Path) -> list[Finding]:
    """A finding for each name in the SHACL namespace that SHACL does not have, in the shapes and the prefix table.

    A validator takes a constraint that it does not know for no constraint: `sh:minCoun 1` passes everything.
    """
    where, found = placer(store, home), set()
    for graph in [*_shape_graphs(store), named("prefixes")]:
        for quad in store.quads_for_pattern(None, None, None, graph):
            for term in (quad.predicate, quad.object):
                if isinstance(term, NamedNode) and term.value.startswith(SH):
                    name = term.value.removeprefix(SH)
                    if name not in SHACL_TERMS:
                        found.add((str(quad.subject).strip("<>"), name))
    return [
        _lint(focus, f"SHACL has no sh:{name}, so it constrains nothing.", name, sorted(SHACL_TERMS), "sh:", where)
        for focus, name in sorted(found)
    ]


def malformed_shapes(store: Store, home: Path) -> list[Finding]:
    """A finding for each shape with a path too many or too few, or a constraint that its value cannot serve for."""
    where, found = placer(store, home), set()
    quads = [quad for graph in _shape_graphs(store) for quad in store.quads_for_pattern(None, None, None, graph)]
    lists = {quad.subject for quad in quads if quad.predicate.value == RDF + "first"}
    paths = Counter(quad.subject for quad in quads if quad.predicate.value == SH + "path")
    for quad in quads:
        name, value = quad.predicate.value.removeprefix(SH), quad.object
        if quad.predicate == _TYPE and value == _PROPERTY_SHAPE and paths[quad.subject] != 1:
            found.add((quad.subject, f"A property shape has exactly one sh:path, this one has {paths[quad.subject]}."))
        elif quad.predicate == _TYPE and value == _NODE_SHAPE and paths[quad.subject]:
            found.add((quad.subject, "A node shape has no sh:path. Make it a property shape."))
        elif name in _ON_PATHS and not paths[quad.subject]:
            found.add((quad.subject, f"sh:{name} needs a sh:path. Make this a property shape."))
        demand = _demanded(name, value)
        if demand or (name in _LISTS and value not in lists):
            found.add((quad.subject, f"sh:{name} takes {demand or 'a list'}."))
    return [
        _place(
            Finding(
                "violation", shape.value if isinstance(shape, NamedNode) else str(shape), problem, "malformed-shape"
            ),
            where,
        )
        for shape, problem in sorted(found, key=str)
    ]


def _demanded(name: str, value: object) -> str:
    """What the constraint takes, where the value is not it; empty where it is."""
    if name in _WHOLE and not (isinstance(value, Literal) and re.fullmatch(r"\d+", value.value) and not value.language):
        return "a whole number"
    if name in _NAMES and not isinstance(value, NamedNode):
        return "an IRI"
    if name == "nodeKind" and value not in [NamedNode(SH + kind) for kind in _NODE_KINDS]:
        return f"one of sh:{', sh:'.join(_NODE_KINDS)}"
    if name == "severity" and value not in [NamedNode(severity) for severity in _SEVERITIES]:
        return "sh:Violation, sh:Warning or sh:Info"
    if name == "pattern":
        try:
            re.compile(value.value if isinstance(value, Literal) else "(")
        except re.error as error:
            return f"a regular expression ({error})"
    return ""


def undefined_shapes(store: Store, home: Path) -> list[Finding]:
    """A finding for each shape that another one refers to and nobody defines, and for each that is never reached."""
    graphs, where = _shape_graphs(store), placer(store, home)
    quads = [quad for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph)]
    defined = {quad.subject.value for quad in quads if quad.predicate == _TYPE and isinstance(quad.subject, NamedNode)}
    targeted = {
        quad.subject.value
        for quad in quads
        if quad.predicate.value.startswith(SH + "target") and isinstance(quad.subject, NamedNode)
    }
    lists = {quad.object: quad for quad in quads if isinstance(quad.object, BlankNode)}
    used: dict[str, str] = {}
    for quad in quads:
        if isinstance(quad.object, NamedNode) and quad.object.value.startswith(SHAPE):
            holder: Quad | None = quad
            while holder is not None and isinstance(holder.subject, BlankNode):
                holder = lists.get(holder.subject)
            used[quad.object.value] = holder.subject.value if holder is not None else ""  # type: ignore[union-attr]
    names = sorted(name.removeprefix(SHAPE) for name in defined)
    missing = [
        _lint(used[SHAPE + name], f"shape:{name} is not defined.", name, names, "shape:", where)
        for name in sorted(iri.removeprefix(SHAPE) for iri in set(used) - defined)
    ]
    idle = [
        _place(Finding("violation", iri, "No target and no other shape leads to this shape.", "undefined-shape"), where)
        for iri in sorted(defined - targeted - set(used))
    ]
    return missing + idle


def placer(store: Store, home: Path) -> Callable[[str], Place]:
    """A function from an IRI to the place of its block; a node that stands in no file is where its first claim is."""
    table = prefixes(home)
    derived = NamedNode(NX + "derivedFrom")

    def where(iri: str) -> Place:
        try:
            node = NamedNode(iri)
        except ValueError:
            return None
        quads = list(store.quads_for_pattern(node, None, None))
        graphs = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}
        # A file that describes the node comes before one that only aligns or links it.
        for name in sorted(graphs, key=lambda name: (name.removeprefix(GRAPH).startswith(_SECONDARY), name)):
            path = file_of(NamedNode(name), home)
            if path is not None:
                return shown(path, home), line_of(path, iri, table)
            links = home / "ontology" / (name.removeprefix(GRAPH) + SUFFIX)
            if links.is_file():
                lines = [link.line for link in read_table(links).links if link.subject == node]
                return shown(links, home), min(lines, default=None)
        claims = {
            quad.object.value for quad in quads if quad.predicate == derived and isinstance(quad.object, NamedNode)
        }
        return where(min(claims)) if claims - {iri} else None

    return where


def _finding(result: Result, where: Callable[[str], Place], table: Mapping[str, str]) -> Finding:
    shown_value = f" (It is {compact(result.value, table)}.)" if result.value and result.value != result.focus else ""
    message = result.message + shown_value
    return _place(Finding(result.severity, result.focus, message, result.shape.removeprefix(SHAPE)), where)


def _place(finding: Finding, where: Callable[[str], Place]) -> Finding:
    file, line = where(finding.focus) or (None, None)
    return Finding(finding.severity, finding.focus, finding.message, finding.rule, file, line)


def _lint(focus: str, problem: str, name: str, known: list[str], prefix: str, where: Callable[[str], Place]) -> Finding:
    rule = "unknown-shacl-term" if prefix == "sh:" else "undefined-shape"
    hint = did_you_mean([prefix + match for match in closest(name, known)])
    return _place(Finding("violation", focus, problem + hint, rule), where)


def _shape_graphs(store: Store) -> list[NamedNode]:
    graphs = [g for g in store.named_graphs() if isinstance(g, NamedNode) and g.value.startswith(_SHAPE_GRAPHS)]
    return sorted(graphs, key=lambda graph: graph.value)


def _triples(store: Store, graphs: Iterable[NamedNode | DefaultGraph]) -> Iterator[Triple]:
    for graph in graphs:
        for quad in store.quads_for_pattern(None, None, None, graph):
            yield quad.triple


def _rdflib(triples: Iterable[Triple]) -> Graph:
    import rdflib

    def convert(term: Any) -> Any:
        if isinstance(term, NamedNode):
            return rdflib.URIRef(term.value)
        if isinstance(term, BlankNode):
            return rdflib.BNode(term.value)
        assert isinstance(term, Literal)  # our files hold no quoted triples
        datatype = None if term.language else rdflib.URIRef(term.datatype.value)
        if datatype == rdflib.XSD.string:
            datatype = None
        return rdflib.Literal(term.value, lang=term.language, datatype=datatype)

    graph = rdflib.Graph(bind_namespaces="none")
    for triple in triples:
        graph.add((convert(triple.subject), convert(triple.predicate), convert(triple.object)))
    return graph


def _read(report: Graph) -> Iterator[Result]:
    from rdflib import RDF as RDFLIB_RDF
    from rdflib import SH as RDFLIB_SH

    for node in report.objects(None, RDFLIB_SH.result):
        assert (node, RDFLIB_RDF.type, RDFLIB_SH.ValidationResult) in report
        value = report.value(node, RDFLIB_SH.value)
        yield Result(
            focus=str(report.value(node, RDFLIB_SH.focusNode)),
            shape=str(report.value(node, RDFLIB_SH.sourceShape)),
            component=str(report.value(node, RDFLIB_SH.sourceConstraintComponent)),
            severity=_SEVERITIES[str(report.value(node, RDFLIB_SH.resultSeverity))],
            message=str(report.value(node, RDFLIB_SH.resultMessage)),
            value=None if value is None else str(value),
        )
