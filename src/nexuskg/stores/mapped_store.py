"""A dataset in a store of the user, read by the names that it has at home.

The graphs of a dataset may have other names there, the view is a named graph, and nodes without a name have IRIs (see
layout). What a store answers is put back here, so that whatever reads need not know where the dataset lies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, Protocol, TypeAlias

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from nexuskg.base import input_limits
from nexuskg.base.namespaces import DEFAULT_GRAPH, GRAPH, OWL, RDF, RDFS
from nexuskg.errors import EndpointError
from nexuskg.queries.tokens import tokenize
from nexuskg.rdf.store import Term, axioms_of, patterns_with_rows
from nexuskg.stores.layout import SKOLEM, Manifest, Space, skolemize, unskolemize

Where: TypeAlias = NamedNode | BlankNode | DefaultGraph | None

GEOMETRY: Final = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
WKT: Final = "http://www.opengis.net/ont/geosparql#wktLiteral"

AT_ONCE: Final = 40
"""Rows of values with which such a store is asked at once."""
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_AXIOMS: Final = f"""SELECT ?s ?p ?o WHERE {{ ?s ?p ?o .
  FILTER(STRSTARTS(STR(?p), "{OWL}")
    || ?p IN (<{RDFS}subClassOf>, <{RDFS}subPropertyOf>, <{RDFS}domain>, <{RDFS}range>, <{RDF}first>, <{RDF}rest>)
    || (?p = <{RDF}type> && STRSTARTS(STR(?o), "{OWL}"))) }}"""


class Source(Protocol):
    """A store in which datasets lie under the names of their graphs there."""

    def ask(self, text: str, default: NamedNode, graphs: Iterable[NamedNode]) -> bytes:
        """The answer in SPARQL JSON (of a CONSTRUCT: Turtle) with one default graph and these named ones."""

    def match(self, subject: Any, predicate: Any, value: Any, graph: NamedNode | None) -> Iterator[Quad]:
        """The quads of named graphs that match; a graph of None is any whose name is of this project."""

    def manifests(self) -> list[NamedNode]:
        """The graphs of manifests of this project, whatever dataset they are of."""

    def store_name(self) -> str:
        """The name of the store in messages."""


class Mapped:
    """A dataset as it lies in a store, as a Readable: the view is its default graph."""

    def __init__(self, source: Source, names: Space, accept: str, manifest: Manifest) -> None:
        self._source, self._names, self._manifest = source, names, manifest
        self._view = names.view(accept)
        inner = ((names.inner(NamedNode(name)), name) for name in manifest.graphs)
        self._graphs = {at: NamedNode(name) for at, name in inner if at and not at.value.startswith(GRAPH + "view/")}

    def query(self, query: str, /, *, prefixes: dict[str, str] | None = None) -> object:
        """The solutions, boolean or triples of a query; raises SyntaxError where it is none, EndpointError."""
        text = _with_prefixes(query, prefixes or {})
        form = form_of_query(text)
        graphs = self._graphs if re.search(r"\bGRAPH\b", text, re.IGNORECASE) else {}
        if graphs and self._names.prefix != GRAPH:
            text = re.sub(r"<([^<>\s]*)>", lambda iri: f"<{self._outer(iri[1])}>", text)
        data = self._source.ask(text, self._view, graphs.values())
        if form in ("CONSTRUCT", "DESCRIBE"):
            return self._triples(data)
        return self._solutions(data)

    def quads_for_pattern(
        self,
        subject: NamedNode | BlankNode | Triple | None,
        predicate: NamedNode | None,
        object: NamedNode | BlankNode | Literal | Triple | None,  # noqa: A002 - as pyoxigraph calls it
        graph_name: Where = None,
        /,
    ) -> Iterator[Quad]:
        """The quads that match, under the names of home."""
        graph = self._view if graph_name == DEFAULT_GRAPH else graph_name
        if isinstance(graph, NamedNode) and graph_name != DEFAULT_GRAPH:
            graph = self._graphs.get(graph)
            if graph is None:
                return
        if isinstance(graph, BlankNode):
            return
        for quad in self._source.match(skolemize(subject), predicate, skolemize(object), graph):  # type: ignore[arg-type]
            where = self._where(quad.graph_name)
            if where is not None:
                yield Quad(unskolemize(quad.subject), quad.predicate, unskolemize(quad.object), where)

    def named_graphs(self) -> Iterator[NamedNode | BlankNode]:
        """The named graphs of the dataset."""
        yield from self._graphs

    def axioms(self) -> Store:
        """A store of its own with the axioms of the view: class expressions can be followed there."""
        found: Any = self._solutions(self._source.ask(_AXIOMS, self._view, ()))
        store = Store()
        store.extend(Quad(row["s"], row["p"], row["o"]) for row in found)
        return store

    def patterns_with_rows(
        self, body: str, names: Sequence[str], rows: Sequence[Sequence[Term | None]]
    ) -> Iterator[str]:
        """The body joined with rows of values, not by VALUES: Virtuoso follows no path from what they give."""
        for start in range(0, len(rows), AT_ONCE):
            ways = []
            for row in rows[start : start + AT_ONCE]:
                pairs = zip(names, row, strict=True)
                ends = (f"BIND({term} AS ?{name})" for name, term in pairs if isinstance(term, NamedNode | Literal))
                ways.append(f"{{ {' '.join(ends)} {body} }}")
            yield " UNION ".join(ways)

    def __contains__(self, quad: Any, /) -> bool:
        found = self.quads_for_pattern(quad.subject, quad.predicate, quad.object, quad.graph_name)
        return next(found, None) is not None

    def __iter__(self) -> Iterator[Quad]:
        yield from self.quads_for_pattern(None, None, None, DEFAULT_GRAPH)
        for graph in self._graphs:
            yield from self.quads_for_pattern(None, None, None, graph)

    def __len__(self) -> int:
        sizes = self._manifest.graphs
        return sum(sizes[name.value][0] for name in (self._view, *self._graphs.values()))

    def _where(self, graph: Any) -> NamedNode | DefaultGraph | None:
        if graph == self._view:
            return DEFAULT_GRAPH
        inner = self._names.inner(graph)
        return inner if inner in self._graphs else None

    def _outer(self, iri: str) -> str:
        return self._graphs.get(NamedNode(iri), NamedNode(iri)).value if iri.startswith(GRAPH) else iri

    def _solutions(self, data: bytes) -> QuerySolutions | QueryBoolean:
        try:
            input_limits.check_depth(data)
            answer = json.loads(data)
            if "boolean" not in answer:
                if answer["head"].get("vars") == ["__ASK_RETVAL"]:  # Virtuoso's way to say yes or no
                    (row,) = answer["results"]["bindings"]
                    answer = {"head": {}, "boolean": row["__ASK_RETVAL"]["value"] in ("1", "true")}
                else:
                    answer["head"] = {"vars": answer["head"].get("vars", [])}
                    rows = answer["results"]["bindings"]
                    answer["results"] = {"bindings": [{k: self._home(v) for k, v in row.items()} for row in rows]}
            return parse_query_results(json.dumps(answer), QueryResultsFormat.JSON)
        except (ValueError, KeyError, TypeError, AttributeError, SyntaxError, RecursionError) as error:
            said = " ".join(str(error).split())[:120]
            raise EndpointError(f"{self._source.store_name()}: the answer is no result of SPARQL ({said}).") from None

    def _home(self, term: dict[str, str]) -> dict[str, str]:
        """A term of SPARQL JSON under the name that it has at home, a literal in its canonical form."""
        kind, value = term["type"], term["value"]
        if kind == "uri":
            if value.startswith(SKOLEM):
                return {"type": "bnode", "value": value[len(SKOLEM) :]}
            if self._names.prefix != GRAPH and value.startswith(self._names.prefix):
                inner = self._names.inner(NamedNode(value))
                return {"type": "uri", "value": inner.value if inner else value}
        elif kind == "typed-literal" or "datatype" in term:
            return {**term, **canonical_literal(value, term["datatype"])}
        return term

    def _triples(self, data: bytes) -> QueryTriples:
        store = Store()
        try:
            input_limits.check_depth(data)
            quads = list(parse(data, RdfFormat.TURTLE))
        except (SyntaxError, ValueError):
            raise EndpointError(f"{self._source.store_name()}: the answer is not Turtle, or nested too deep.") from None
        store.extend(Quad(unskolemize(q.subject), q.predicate, unskolemize(q.object)) for q in quads)
        found = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        assert isinstance(found, QueryTriples)
        return found


axioms_of.register(Mapped, Mapped.axioms)
patterns_with_rows.register(Mapped, Mapped.patterns_with_rows)


@lru_cache(100_000)
def canonical_literal(value: str, datatype: str) -> dict[str, str]:
    """A typed literal of SPARQL JSON as the embedded store has it: type, value and datatype.

    Virtuoso makes a geometry of its own of every point, in single precision: what stands behind the fourth decimal was
    never said, as no point here has more.

    >>> from nexuskg.base.namespaces import XSD
    >>> canonical_literal("7.60", XSD + "decimal")["value"], canonical_literal("1", XSD + "boolean")["value"]
    ('7.6', 'true')
    >>> canonical_literal("POINT(-77.134498596191 -12)", GEOMETRY)["value"]
    'POINT(-77.1345 -12)'
    """
    if datatype == GEOMETRY:
        datatype, value = WKT, _NUMBER.sub(lambda number: _round(float(number[0])), value)
    store, any_node = Store(), NamedNode("urn:x")
    store.add(Quad(any_node, any_node, Literal(value, datatype=NamedNode(datatype))))
    literal: Any = next(iter(store)).object
    return {"type": "literal", "value": literal.value, "datatype": datatype}


def _round(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")


def form_of_query(text: str) -> str:
    """The form of a query: SELECT, ASK, CONSTRUCT or DESCRIBE; raises SyntaxError where it is no query."""
    words = [token.key for token in tokenize(text) if token.kind == "word"]
    if "SERVICE" not in words:  # an ASK would be carried out to the end
        Store().query(text)
    return next((word for word in words if word in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")), "SELECT")


def _with_prefixes(text: str, prefixes: dict[str, str]) -> str:
    """The query with the prefixes that it does not declare itself."""
    from nexuskg.queries.catalogue import with_prefixes

    return with_prefixes(text, prefixes) if prefixes else text
