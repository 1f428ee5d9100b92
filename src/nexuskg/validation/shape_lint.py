"""A lint of the SHACL shapes: what a validator passes over in silence, so that a constraint never holds of anything."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from nexuskg.base.namespaces import BASE, GRAPH, RDF, SH, TYPE, graph_iri
from nexuskg.errors import Finding, closest, did_you_mean
from nexuskg.rdf.locate import FilePlace, place_finder, with_place

SHAPE: Final = BASE + "shape/"
SHAPE_GRAPHS: Final = GRAPH + "shapes/"
_SEVERITIES: Final = ("Violation", "Warning", "Info")
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


def unknown_shacl_terms(store: Store, home: Path) -> list[Finding]:
    """A finding for each name in the SHACL namespace that SHACL does not have, in the shapes and the prefix table.

    A validator takes a constraint that it does not know for no constraint: `sh:minCoun 1` passes everything.
    """
    where, found = place_finder(store, home), set()
    for graph in [*shape_graphs(store), graph_iri("prefixes")]:
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
    where, found = place_finder(store, home), set()
    quads = [quad for graph in shape_graphs(store) for quad in store.quads_for_pattern(None, None, None, graph)]
    lists = {quad.subject for quad in quads if quad.predicate.value == RDF + "first"}
    paths = Counter(quad.subject for quad in quads if quad.predicate.value == SH + "path")
    for quad in quads:
        name, value = quad.predicate.value.removeprefix(SH), quad.object
        if quad.predicate == TYPE and value == _PROPERTY_SHAPE and paths[quad.subject] != 1:
            found.add((quad.subject, f"A property shape has exactly one sh:path, this one has {paths[quad.subject]}."))
        elif quad.predicate == TYPE and value == _NODE_SHAPE and paths[quad.subject]:
            found.add((quad.subject, "A node shape has no sh:path. Make it a property shape."))
        elif name in _ON_PATHS and not paths[quad.subject]:
            found.add((quad.subject, f"sh:{name} needs a sh:path. Make this a property shape."))
        demand = _expectation(name, value)
        if demand or (name in _LISTS and value not in lists):
            found.add((quad.subject, f"sh:{name} takes {demand or 'a list'}."))
    return [
        with_place(
            Finding(
                "violation", shape.value if isinstance(shape, NamedNode) else str(shape), problem, "malformed-shape"
            ),
            where,
        )
        for shape, problem in sorted(found, key=str)
    ]


def _expectation(name: str, value: object) -> str:
    """What the constraint takes, where the value is not it; empty where it is."""
    if name in _WHOLE and not (isinstance(value, Literal) and re.fullmatch(r"\d+", value.value) and not value.language):
        return "a whole number"
    if name in _NAMES and not isinstance(value, NamedNode):
        return "an IRI"
    if name == "nodeKind" and value not in [NamedNode(SH + kind) for kind in _NODE_KINDS]:
        return f"one of sh:{', sh:'.join(_NODE_KINDS)}"
    if name == "severity" and value not in [NamedNode(SH + severity) for severity in _SEVERITIES]:
        return "sh:Violation, sh:Warning or sh:Info"
    if name == "pattern":
        try:
            re.compile(value.value if isinstance(value, Literal) else "(")
        except re.error as error:
            return f"a regular expression ({error})"
    return ""


def undefined_shapes(store: Store, home: Path) -> list[Finding]:
    """A finding for each shape that another one refers to and nobody defines, and for each that is never reached."""
    graphs, where = shape_graphs(store), place_finder(store, home)
    quads = [quad for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph)]
    defined = {quad.subject.value for quad in quads if quad.predicate == TYPE and isinstance(quad.subject, NamedNode)}
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
        with_place(
            Finding("violation", iri, "No target and no other shape leads to this shape.", "undefined-shape"), where
        )
        for iri in sorted(defined - targeted - set(used))
    ]
    return missing + idle


def shape_graphs(store: Store) -> list[NamedNode]:
    """The named graphs of the shape files, sorted."""
    graphs = [g for g in store.named_graphs() if isinstance(g, NamedNode) and g.value.startswith(SHAPE_GRAPHS)]
    return sorted(graphs, key=lambda graph: graph.value)


def _lint(
    focus: str, problem: str, name: str, known: list[str], prefix: str, where: Callable[[str], FilePlace]
) -> Finding:
    rule = "unknown-shacl-term" if prefix == "sh:" else "undefined-shape"
    hint = did_you_mean([prefix + match for match in closest(name, known)])
    return with_place(Finding("violation", focus, problem + hint, rule), where)
