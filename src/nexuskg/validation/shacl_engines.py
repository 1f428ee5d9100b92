"""Two SHACL engines, one result: what the shapes have to say of the data, by either.

pySHACL is the reference. The package `shacl` gives the same results a hundred times sooner; it is not to be had on
every platform, and where it is not, pySHACL does the work. Both read N-Triples as the store writes them, with canonical
literals, so that no engine's own way to write a number makes a difference. No inference, no network.

Blank nodes have names of each engine's own: a result about one names it "_:". The engines differ for values that our
data do not have: under sh:lessThan pySHACL stops at a blank node and lets a literal of a datatype of somebody's own
pass; the other reports both, as the standard has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from typing import Literal as Choice

from nexuskg.base.namespaces import SH
from nexuskg.errors import NexuskgError, Severity

if TYPE_CHECKING:
    from rdflib import Graph

Engine = Choice["fast", "pyshacl", "both"]

_SEVERITIES: Final[dict[str, Severity]] = {"Violation": "violation", "Warning": "warning", "Info": "info"}
_BLANK: Final = "_:"


@dataclass(frozen=True, slots=True, order=True)
class ShaclResult:
    """One validation result: which node breaks which constraint of which shape (IRIs), with the shape's message.

    `path` is in SPARQL syntax, empty for a node shape; `value` is the offending value as plain text.
    """

    focus: str
    shape: str
    component: str
    severity: Severity
    message: str
    value: str | None = None
    path: str = ""


class ShapesUnreadable(NexuskgError):
    """Shapes that an engine cannot read, or stumbles over."""


def by_pyshacl(data: bytes, shapes: bytes) -> list[ShaclResult]:
    """What pySHACL makes of N-Triples under shapes in N-Triples, sorted; raises ShapesUnreadable."""
    import logging
    import re

    import pyshacl

    # It would print, in the middle of the findings, what it raises as well.
    logging.getLogger("pyshacl-validate").disabled = True
    try:
        _, report, _ = pyshacl.validate(
            _rdflib(data), shacl_graph=_rdflib(shapes), inference="none", do_owl_imports=False
        )
    except (RuntimeError, ValueError, re.error) as error:  # what it raises at a shape that it cannot read
        raise ShapesUnreadable(str(error).strip().partition("\n")[0]) from None
    return sorted(set(_of_report(report)), key=_order)


def by_fast(data: bytes, shapes: bytes) -> list[ShaclResult]:
    """What the fast engine makes of N-Triples under shapes in N-Triples, sorted; raises ShapesUnreadable.

    Without that engine it is what pySHACL makes of them.
    """
    try:
        import shacl
    except ImportError:
        return by_pyshacl(data, shapes)
    try:
        report = shacl.Shapes.from_text(shapes.decode(), format="nt").validate_text(data.decode(), format="nt")
        return sorted({_of_fast(result) for result in report.results}, key=_order)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # it names its errors in many ways, and a panic of Rust is no Exception
        raise ShapesUnreadable(str(error).strip().partition("\n")[0]) from None


def _order(result: ShaclResult) -> tuple[str, ...]:
    return result.focus, result.shape, result.component, result.value or "", result.path


# ---- the fast engine ----------------------------------------------------------------------------------------------


def _of_fast(result: Any) -> ShaclResult:
    value = None if result.value is None else _BLANK if result.value.startswith(_BLANK) else result.value_plain
    return ShaclResult(
        _plain(result.focus_node),
        _plain(result.source_shape),
        result.component_iri,
        _SEVERITIES[result.severity],
        result.message or "",
        value,
        result.path or "",
    )


def _plain(written: str) -> str:
    """The IRI or literal of a term in N-Triples syntax, as plain text."""
    from pyoxigraph import RdfFormat, parse

    if written.startswith(_BLANK):
        return _BLANK
    if written.startswith("<"):
        return written[1:-1]
    (quad,) = parse(f"<urn:x> <urn:x> {written} .", RdfFormat.N_TRIPLES)
    return str(quad.object.value)


# ---- pySHACL ------------------------------------------------------------------------------------------------------


def _rdflib(text: bytes) -> Graph:
    import rdflib

    return rdflib.Graph(bind_namespaces="none").parse(data=text, format="nt")


def _of_report(report: Graph) -> Iterator[ShaclResult]:
    from rdflib import RDF, BNode
    from rdflib import SH as VOCABULARY

    def plain(term: Any) -> str:
        return _BLANK if isinstance(term, BNode) else str(term)

    for node in report.objects(None, VOCABULARY.result):
        assert (node, RDF.type, VOCABULARY.ValidationResult) in report
        value = report.value(node, VOCABULARY.value)
        path = report.value(node, VOCABULARY.resultPath)
        yield ShaclResult(
            plain(report.value(node, VOCABULARY.focusNode)),
            plain(report.value(node, VOCABULARY.sourceShape)),
            str(report.value(node, VOCABULARY.sourceConstraintComponent)),
            _SEVERITIES[str(report.value(node, VOCABULARY.resultSeverity)).removeprefix(SH)],
            str(report.value(node, VOCABULARY.resultMessage)),
            None if value is None else plain(value),
            "" if path is None else _path(report, path),
        )


def _path(report: Graph, path: Any) -> str:
    """A property path in SPARQL syntax."""
    from rdflib import SH as VOCABULARY
    from rdflib import URIRef
    from rdflib.collection import Collection

    if isinstance(path, URIRef):
        return f"<{path}>"
    inverse = report.value(path, VOCABULARY.inversePath)
    if inverse is not None:
        return f"^{_path(report, inverse)}"
    repeated = {VOCABULARY.zeroOrMorePath: "*", VOCABULARY.oneOrMorePath: "+", VOCABULARY.zeroOrOnePath: "?"}
    for predicate, sign in repeated.items():
        inner = report.value(path, predicate)
        if inner is not None:
            return f"({_path(report, inner)}){sign}"
    choice = report.value(path, VOCABULARY.alternativePath)
    parts = [_path(report, part) for part in Collection(report, path if choice is None else choice)]
    return f"({('/' if choice is None else '|').join(parts)})"
