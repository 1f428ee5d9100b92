"""An endpoint at the far end of a network: its answers by SPARQLWrapper, and the patterns that reading asks for.

What is asked for piece by piece is fetched in batches and kept: all about a node at once, together with other nodes
that the last answers spoke of. A server may cut a long answer short in silence, so a long one is counted.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, cast

from pyoxigraph import (
    BlankNode,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QueryTriples,
    RdfFormat,
    Store,
    parse_query_results,
)

from nexuskg.base import input_limits
from nexuskg.base.namespaces import BASE, GRAPH
from nexuskg.errors import EndpointError, Unanswered
from nexuskg.pipeline import views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import FACTS, View
from nexuskg.queries.tokens import tokenize
from nexuskg.stores.http_client import TIMEOUT, Wire
from nexuskg.stores.layout import DATASET, Space
from nexuskg.stores.mapped_store import canonical_literal
from nexuskg.stores.sparql_client import query_with_dataset, send_query, without_open_values
from nexuskg.stores.stored_dataset import open_stored

BATCH: Final = 25
"""Nodes about which all is fetched at once."""
SHORT: Final = 1000
"""An answer with fewer rows is taken for whole: no server cuts so short."""
PAGE: Final = 5000
OFTEN: Final = 4
"""How often a property is asked for, of one node or value after another, until it is fetched for all of them."""
MANY: Final = 50_000
"""More triples of one property than this are not fetched at once."""
HERE: Final = 200_000
"""A view of no more triples is fetched, and asked here, where the server will not answer a query."""

_NODE: Final = re.compile(r'"value"\s*:\s*"(' + re.escape(BASE) + r'(?!graph/)[^"\\<>{}|^`\s]+)"')
_TOO_DEAR: Final = "estimated execution time"
_FAULT: Final = 500
"""The status with which Virtuoso refuses a query that is right: it takes a few OPTIONALs for years, and knows no path
within a path."""
_INTERNAL: Final = "Internal error"
"""What Virtuoso says, as if the query were a bad one, where its compiler fails."""
_CUT: Final = "x-sparql-maxrows"
"""The header by which Virtuoso says that it cut an answer short."""


def open_endpoint(
    url: str, view: View | str = FACTS, home: Path | None = None, *, timeout: float = TIMEOUT
) -> Compiled:
    """The dataset of a view as it lies behind an endpoint, ready to be asked; raises EndpointError.

    What it reads of a node it keeps, so a new push takes a new connection. Credentials: see nexuskg.stores.credentials.
    """
    wire = Wire(url, timeout)

    def at(names: Space, accept: str) -> Remote:
        return Remote(wire, names, accept)

    return open_stored(at, f"--endpoint {wire.url}", views.view(view), home)


class Remote:
    """An endpoint, as a Source of one dataset."""

    def __init__(self, wire: Wire, names: Space, accept: str) -> None:
        self._wire, self._names = wire, names
        others = [names.view(other).value for other in views.VIEWS if other != accept]
        others += [f"{GRAPH}restricted/"] if names.prefix == GRAPH else []
        self._ours = (
            f'FILTER(STRSTARTS(STR(?g), "{names.prefix}")'
            + "".join(f' && !STRSTARTS(STR(?g), "{other}")' for other in others)
            + ")"
        )
        # What most is asked of: it is fetched without the graphs of the files, which say the same again.
        self._near = {
            names.view(accept),
            *(names.outer(NamedNode(GRAPH + name)) for name in ("inferred", "inferred-implied")),
        }
        self._about: dict[tuple[str, bool], list[Quad]] = {}
        self._found: dict[tuple[str, ...], list[Quad]] = {}
        self._pages: dict[str, _Pages] = {}
        self._fetched: dict[NamedNode, Store] = {}
        self._heard_of: dict[str, None] = {}
        self._asked: Counter[tuple[str, str, str]] = Counter()
        self._columns: dict[tuple[str, str, str], dict[str, list[Quad]]] = {}

    def store_name(self) -> str:
        """The address, without credentials."""
        return self._wire.url

    def ask(self, text: str, default: NamedNode, graphs: Iterable[NamedNode]) -> bytes:
        """The answer in SPARQL JSON (of a CONSTRUCT: Turtle) with one default graph and these named ones."""
        named, text = sorted(graphs, key=str), without_open_values(text)
        words = {token.key for token in tokenize(text) if token.kind == "word"}
        try:
            if "FROM" in words:  # the user's own choice
                reply = send_query(self._wire, text, [], [])
            elif named and words & {"SELECT", "ASK"}:
                reply = send_query(self._wire, query_with_dataset(text, default, named), [], [])
            else:
                reply = send_query(self._wire, text, [default], named)
        except Unanswered as error:
            if not (error.status == _FAULT or _INTERNAL in error.said) or words & {"FROM", "GRAPH"}:
                raise
            return self._asked_here(text, default, error)
        if (cut := reply.headers.get(_CUT)) is not None:
            raise EndpointError(
                f"{self._wire.url}: the server cut the answer to {cut} rows; ask for less with LIMIT, or count."
            )
        self._hear(reply.body)
        return reply.body

    def match(self, subject: Any, predicate: Any, value: Any, graph: NamedNode | None) -> Iterator[Quad]:
        """The quads of named graphs that match; those of a graph of None are of the dataset and the view."""
        found: Iterable[Quad]
        if isinstance(subject, NamedNode):
            known = self._by_predicate(subject, predicate, graph)
            found = self._all_about(subject, graph in self._near) if known is None else known
        elif isinstance(subject, BlankNode) or subject is not None:
            return
        elif predicate is None and value is None:
            if graph is None:
                raise ValueError("every quad of a server is not asked for")
            found = self._pages.setdefault(graph.value, _Pages(self._whole(graph)))
        else:
            found = self._leading_to(predicate, value, graph)
        for quad in found:
            if (
                (predicate is None or quad.predicate == predicate)
                and (value is None or quad.object == value)
                and (graph is None or quad.graph_name == graph)
            ):
                yield quad

    def manifests(self) -> list[NamedNode]:
        """The graphs of manifests of this project, whatever dataset they are of."""
        text = f'SELECT ?g WHERE {{ GRAPH ?g {{ ?g a {DATASET} }} FILTER(STRSTARTS(STR(?g), "{GRAPH}")) }}'
        return [row["g"] for row in self._rows(text, ("g",), ())]

    def count(self, graph: NamedNode) -> int:
        """How many triples a named graph has, 0 where there is none."""
        return self._count(f"GRAPH {graph} {{ ?s ?p ?o }}", ())

    def _asked_here(self, text: str, view: NamedNode, refusal: Unanswered) -> bytes:
        """The answer of our own engine to what the server refuses; raises EndpointError where that is too much."""
        if view not in self._fetched:
            if (size := self._count("?s ?p ?o", (view,))) > HERE:
                advice = " Raise MaxQueryCostEstimationTime there." if _TOO_DEAR in refusal.said else ""
                raise EndpointError(f"{refusal} And its {size} triples are too many to be asked here.{advice}")
            self._fetched[view] = Store()
            views.add_triples(self._fetched[view], (quad.triple for quad in self.match(None, None, None, view)))
        found = self._fetched[view].query(text)
        if isinstance(found, QueryTriples):
            return found.serialize(format=RdfFormat.TURTLE) or b""
        return found.serialize(format=QueryResultsFormat.JSON) or b""

    # ---- patterns

    def _by_predicate(
        self, subject: NamedNode, predicate: NamedNode | None, graph: NamedNode | None
    ) -> list[Quad] | None:
        """The quads of a node for a property that was asked for so often that all of it was fetched; else None."""
        if predicate is None or graph is None or (subject.value, graph in self._near) in self._about:
            return None
        column = self._column(predicate, graph, "subject")
        return None if column is None else column.get(str(subject), [])

    def _column(self, predicate: NamedNode, graph: NamedNode, by: str) -> dict[str, list[Quad]] | None:
        """All quads of a property by subject or object, once it was asked for often and is not too much; else None."""
        key = (predicate.value, graph.value, by)
        self._asked[key] += 1
        if self._asked[key] == OFTEN and self._count(f"?s {predicate} ?o", (graph,)) <= MANY:
            every = self._columns[key] = {}
            for quad in self._leading_to(predicate, None, graph):
                every.setdefault(str(getattr(quad, by)), []).append(quad)
        return self._columns.get(key)

    def _all_about(self, node: NamedNode, near: bool) -> list[Quad]:
        """All quads of a node: of the view and what is inferred (near), or of every graph."""
        if (node.value, near) not in self._about:
            wanted = [node.value, *(name for name in reversed(self._heard_of) if (name, near) not in self._about)]
            batch = list(dict.fromkeys(wanted))[:BATCH]
            for name in batch:
                self._heard_of.pop(name, None)
                self._about[name, near] = []
            values = " ".join(f"<{name}>" for name in batch)
            graphs = f"FILTER(?g IN ({', '.join(sorted(map(str, self._near)))}))" if near else self._ours
            text = f"SELECT ?s ?g ?p ?o WHERE {{ VALUES ?s {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} {graphs} }}"
            for row in self._rows(text, ("s", "g", "p", "o"), ()):
                self._about[row["s"].value, near].append(Quad(row["s"], row["p"], row["o"], row["g"]))
        return self._about[node.value, near]

    def _leading_to(self, predicate: NamedNode | None, value: Any, graph: NamedNode | None) -> list[Quad]:
        key = (str(predicate), str(value), str(graph))
        if predicate is not None and value is not None and graph is not None and key not in self._found:
            column = self._column(predicate, graph, "object")
            if column is not None:
                return column.get(str(value), [])
        if key not in self._found:
            pattern = f"?s {predicate or '?p'} {'?o' if value is None else value}"
            if graph is None:
                text = f"SELECT * WHERE {{ GRAPH ?g {{ {pattern} }} {self._ours} }}"
            else:
                text = f"SELECT * WHERE {{ {pattern} }}"
            known: list[tuple[str, Any]] = [("s", None), ("p", predicate), ("o", value), ("g", graph)]
            names = [name for name, given in known if given is None]
            self._found[key] = [
                Quad(*(row.get(name, given) for name, given in known))
                for row in self._rows(text, names, () if graph is None else (graph,))
            ]
        return self._found[key]

    def _whole(self, graph: NamedNode) -> Iterator[Quad]:
        """A graph page by page."""
        size = self._count("?s ?p ?o", (graph,))
        text = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
        for row in self._page_rows(text, ("s", "p", "o"), (graph,), size):
            yield Quad(row["s"], row["p"], row["o"], graph)

    def _rows(self, text: str, names: Sequence[str], default: Sequence[NamedNode]) -> list[dict[str, Any]]:
        """Every row of a SELECT, however much the server gives at once."""
        reply = send_query(self._wire, text, default, ())
        rows = self._read(reply.body, names)
        if len(rows) >= SHORT or _CUT in reply.headers:
            size = self._count(text[text.index("WHERE") + 5 :].strip()[1:-1], default)
            if len(rows) != size:
                rows = list(self._page_rows(text, names, default, size))
        self._hear(reply.body)
        return rows

    def _count(self, pattern: str, default: Sequence[NamedNode]) -> int:
        reply = send_query(self._wire, f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}", default, ())
        rows = self._read(reply.body, ("n",))
        if len(rows) != 1 or not str(getattr(rows[0]["n"], "value", "")).isdecimal():
            raise EndpointError(f"{self._wire.url}: the server cannot count.")
        return int(rows[0]["n"].value)

    def _page_rows(
        self, text: str, names: Sequence[str], default: Sequence[NamedNode], size: int
    ) -> Iterator[dict[str, Any]]:
        """The rows of a SELECT page by page in a fixed order; raises EndpointError where some are missing.

        The order stands in a query inside: Virtuoso sorts no more than 10,000 rows for a page otherwise.
        """
        got = 0
        order = " ".join(f"?{name}" for name in names)
        while got < size:
            page = f"SELECT {order} WHERE {{ {{ {text} ORDER BY {order} }} }} LIMIT {PAGE} OFFSET {got}"
            rows = self._read(send_query(self._wire, page, default, ()).body, names)
            if not rows:
                raise EndpointError(f"{self._wire.url}: of {size} rows the server gives {got} only.")
            got += len(rows)
            yield from rows

    def _read(self, body: bytes, names: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of SPARQL JSON by variable; raises EndpointError."""
        try:
            input_limits.check_depth(body)
            answer = json.loads(body)
            for row in answer["results"]["bindings"]:
                for term in row.values():
                    if "datatype" in term:
                        term.update(canonical_literal(term["value"], term["datatype"]))
            answer["head"] = {"vars": answer["head"].get("vars", [])}
            found = cast(Any, parse_query_results(json.dumps(answer), QueryResultsFormat.JSON))
            return [{name: row[name] for name in names} for row in found]
        except (ValueError, KeyError, TypeError, AttributeError, SyntaxError, RecursionError) as error:
            said = " ".join(str(error).split())[:120]
            raise EndpointError(f"{self._wire.url}: the answer is no result of SPARQL ({said}).") from None

    def _hear(self, body: bytes) -> None:
        """Remember the nodes that an answer speaks of, to be fetched with the next one that is asked for."""
        for name in _NODE.findall(body.decode("utf-8", errors="replace")):
            if (name, True) not in self._about:
                self._heard_of.pop(name, None)
                self._heard_of[name] = None


class _Pages:
    """What an iterator gives, kept as far as it was read."""

    def __init__(self, source: Iterator[Quad]) -> None:
        self._source, self._read = source, list[Quad]()

    def __iter__(self) -> Iterator[Quad]:
        at = 0
        while True:
            if at == len(self._read):
                following = next(self._source, None)
                if following is None:
                    return
                self._read.append(following)
            yield self._read[at]
            at += 1
