"""SHACL shapes (ontology/shapes) -> findings, by one engine or by both (see nexuskg.validation.shacl_engines)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store, Triple, serialize

from nexuskg.base.namespaces import DEFAULT_GRAPH, compact, graph_iri, prefixes
from nexuskg.errors import Finding
from nexuskg.rdf.locate import FilePlace, place_finder, with_place
from nexuskg.validation.shacl_engines import Engine, ShaclResult, ShapesUnreadable, by_fast, by_pyshacl
from nexuskg.validation.shape_lint import SHAPE, SHAPE_GRAPHS, shape_graphs

_INFERRED: Final = (graph_iri("inferred"), graph_iri("inferred-implied"))


def validate(store: Store, home: Path, engine: Engine = "fast") -> list[Finding]:
    """The findings of the store's shapes on its default graph and the ontology's header, sorted.

    What the reasoner inferred is left out: a range axiom would give every misplaced value the class that its shape asks
    for, so that the shape could never fail. (Whether the inferences clash is for the contradictions to say.) With the
    engine "both", a result that only one of them has is a finding, too.
    """
    data = _stated_triples(store) + _dump(store, graph_iri("nexus"))
    where, table = place_finder(store, home), prefixes(home)
    try:
        found = {name: validate_by(data, shapes(store)) for name, validate_by in _engines(engine)}
    except ShapesUnreadable as error:
        message = f"Nothing could be validated: {error} Correct the shape."
        return [Finding("violation", SHAPE_GRAPHS, message, "malformed-shape", "ontology/shapes")]
    first, *others = found.items()
    out = [_finding(result, where, table) for result in first[1]]
    for other in others:
        for (name, one), (_, two) in ((first, other), (other, first)):
            out += [_difference(name, result, where) for result in one if result not in set(two)]
    return out


def results(data: Iterable[Triple], shapes: Iterable[Triple], engine: Engine = "fast") -> list[ShaclResult]:
    """What the shapes have to say of the data, sorted; raises ShapesUnreadable. With "both", what either says."""
    texts = [serialize(triples, format=RdfFormat.N_TRIPLES) or b"" for triples in (data, shapes)]
    found = {result: None for _, validate_by in _engines(engine) for result in validate_by(texts[0], texts[1])}
    return list(found)


def shapes(store: Store) -> bytes:
    """The triples of the store's shape graphs, one graph a file of ontology/shapes, as N-Triples."""
    return b"".join(_dump(store, graph) for graph in shape_graphs(store))


def _engines(engine: Engine) -> list[tuple[str, Callable[[bytes, bytes], list[ShaclResult]]]]:
    by_name = {"fast": by_fast, "pyshacl": by_pyshacl}
    return list(by_name.items()) if engine == "both" else [(engine, by_name[engine])]


def _stated_triples(store: Store) -> bytes:
    """The default graph without what was inferred, as N-Triples; lines are compared, for millions of them."""
    inferred = {line for graph in _INFERRED for line in _dump(store, graph).splitlines()}
    every = _dump(store, DEFAULT_GRAPH)
    if not inferred:
        return every
    return b"\n".join(line for line in every.splitlines() if line not in inferred) + b"\n"


def _dump(store: Store, graph: NamedNode | DefaultGraph) -> bytes:
    return store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph) or b""


def _difference(name: str, result: ShaclResult, where: Callable[[str], FilePlace]) -> Finding:
    message = f"Only the engine {name} finds: {result.message} ({result.shape.removeprefix(SHAPE)}) Compare them."
    return with_place(Finding("violation", result.focus, message, "engines-differ"), where)


def _finding(result: ShaclResult, where: Callable[[str], FilePlace], table: Mapping[str, str]) -> Finding:
    shown_value = f" (It is {compact(result.value, table)}.)" if result.value and result.value != result.focus else ""
    message = result.message + shown_value
    return with_place(Finding(result.severity, result.focus, message, result.shape.removeprefix(SHAPE)), where)
