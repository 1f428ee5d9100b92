"""SHACL shapes (ontology/shapes) -> findings, by pySHACL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Store, Triple

from nexuskg.errors import Finding, Severity
from nexuskg.lint import SHAPE, SHAPE_GRAPHS, shape_graphs
from nexuskg.namespaces import RDF, SH, compact, prefixes
from nexuskg.namespaces import graph as named
from nexuskg.places import Place, placed, placer

if TYPE_CHECKING:
    from rdflib import Graph

_TYPE: Final = NamedNode(RDF + "type")
_SEVERITIES: Final[dict[str, Severity]] = {
    SH + "Violation": "violation",
    SH + "Warning": "warning",
    SH + "Info": "info",
}


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
        return [Finding("violation", SHAPE_GRAPHS, message, "malformed-shape", "ontology/shapes")]
    return [_finding(result, where, table) for result in found]


def shapes(store: Store) -> list[Triple]:
    """The triples of the store's shape graphs, one graph a file of ontology/shapes."""
    return list(_triples(store, shape_graphs(store)))


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


def _finding(result: Result, where: Callable[[str], Place], table: Mapping[str, str]) -> Finding:
    shown_value = f" (It is {compact(result.value, table)}.)" if result.value and result.value != result.focus else ""
    message = result.message + shown_value
    return placed(Finding(result.severity, result.focus, message, result.shape.removeprefix(SHAPE)), where)


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
