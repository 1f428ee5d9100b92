"""A server as the target of a push: by the Graph Store Protocol, else by updates in batches.

Where the two are is told by the user, or guessed from the address of the endpoint as the common servers have it. What
was guessed counts only if what was written there is then found at the endpoint.
"""

from __future__ import annotations

import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from pyoxigraph import NamedNode

from nexuskg.base.namespaces import GRAPH
from nexuskg.errors import EndpointError, Unanswered
from nexuskg.queries.query_guard import NOT_FETCHED
from nexuskg.stores.http_client import TIMEOUT, Wire
from nexuskg.stores.layout import Manifest, Space
from nexuskg.stores.remote import Remote
from nexuskg.stores.sparql_client import AGENT
from nexuskg.stores.stored_dataset import stored_manifest

PUT_AT_ONCE: Final = 20_000
INSERT_AT_ONCE: Final = 250
"""Triples in one INSERT DATA: Virtuoso makes a program of each, of a limited length."""

_NOT_HERE: Final = frozenset({400, 404, 405, 406, 409, 410, 411, 415, 422, 500, 501})
"""Statuses of an address where there is no such service."""


class Writer(Protocol):
    """A way to write graphs."""

    def replace(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Give the graph these triples and no others."""

    def add(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Add these triples to the graph."""


class Server:
    """A server, as the target of a push."""

    def __init__(
        self, endpoint: str, graph_store: str | None = None, update: str | None = None, timeout: float = TIMEOUT
    ) -> None:
        self.wire = Wire(endpoint, timeout)
        self._named = (graph_store, update)
        self.writer: Writer | None = None

    def manifest(self, names: Space) -> Manifest | None:
        """The manifest of a dataset there; None where there is none."""
        try:
            return stored_manifest(Remote(self.wire, names, "facts"), names)
        except Unanswered as error:
            if NOT_FETCHED not in error.said:
                raise
            return None

    def count(self, graph: NamedNode) -> int:
        """How many triples a named graph has, 0 where there is none."""
        try:
            return Remote(self.wire, Space(GRAPH), "facts").count(graph)
        except Unanswered as error:
            if NOT_FETCHED not in error.said:
                raise
            return 0

    def replace(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Give the graph these triples and no others; none: remove it."""
        if self.writer is not None:
            self.writer.replace(graph, lines)
            return
        refused = []
        for where, writer in self.writers():
            try:
                writer.replace(graph, lines)
            except Unanswered as error:
                if error.status not in _NOT_HERE:
                    raise
                refused.append(f"{where} ({error.status} {error.said.rstrip('.')})")
                continue
            found = self.count(graph)
            if found != len(lines):
                refused.append(f"{where} (took {len(lines)} triples, of which the endpoint then shows {found})")
                continue
            self.writer = writer
            return
        raise EndpointError(
            f"{self.wire.url}: no way to write was found. Name it: --graph-store URL or --update URL. "
            f"Tried: {'; '.join(refused)}."
        )

    def add(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Add these triples to the graph."""
        assert self.writer is not None  # something was replaced before
        self.writer.add(graph, lines)

    def writers(self) -> Iterator[tuple[str, Writer]]:
        """The ways to write that may be there, each with its address, the likeliest first."""
        graph_store, update = self._named
        stores, updates = ([graph_store] if graph_store else []), ([update] if update else [])
        if not stores and not updates:
            stores, updates = guess_addresses(self.wire.url)
        for url in stores:
            yield url, GraphStore(self.wire.at(url))
        for url in updates:
            yield url, Updates(self.wire.at(url))


class GraphStore:
    """The SPARQL 1.1 Graph Store HTTP Protocol."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        # Virtuoso's own name for it.
        self._name = "graph-uri" if "sparql-graph-crud" in wire.url else "graph"

    def replace(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Give the graph these triples and no others; none: remove it."""
        if not lines:
            try:
                self._send("DELETE", graph, None)
            except Unanswered as error:
                if error.status != 404:  # it was not there
                    raise
            return
        self._send("PUT", graph, lines[:PUT_AT_ONCE])
        self.add(graph, lines[PUT_AT_ONCE:])

    def add(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Add these triples to the graph."""
        for start in range(0, len(lines), PUT_AT_ONCE):
            self._send("POST", graph, lines[start : start + PUT_AT_ONCE])

    def _send(self, method: str, graph: NamedNode, lines: Sequence[bytes] | None) -> None:
        mark = "&" if urllib.parse.urlsplit(self._wire.url).query else "?"
        url = f"{self._wire.url}{mark}{urllib.parse.urlencode({self._name: graph.value})}"
        data = None if lines is None else b"\n".join(lines) + b"\n"
        request = urllib.request.Request(url, data, method=method)
        if data is not None:
            request.add_header("Content-Type", "text/turtle")  # which N-Triples are, too
        request.add_header("User-Agent", AGENT)
        self._wire.send(request)


class Updates:
    """SPARQL 1.1 Update."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def replace(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Give the graph these triples and no others; none: remove it."""
        self._send(f"DROP SILENT GRAPH {graph}")
        self.add(graph, lines)

    def add(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Add these triples to the graph."""
        for start in range(0, len(lines), INSERT_AT_ONCE):
            triples = b"\n".join(lines[start : start + INSERT_AT_ONCE]).decode()
            self._send(f"INSERT DATA {{ GRAPH {graph} {{\n{triples}\n}} }}")

    def _send(self, text: str) -> None:
        request = urllib.request.Request(self._wire.url, text.encode(), method="POST")
        request.add_header("Content-Type", "application/sparql-update")
        request.add_header("User-Agent", AGENT)
        self._wire.send(request)


def guess_addresses(endpoint: str) -> tuple[list[str], list[str]]:
    """Where the Graph Store Protocol and updates may be, by the address of the endpoint, the likeliest first.

    >>> guess_addresses("http://localhost:7878/query")
    (['http://localhost:7878/store', 'http://localhost:7878/data'], ['http://localhost:7878/update'])
    >>> guess_addresses("http://localhost:7200/repositories/nexus")[1]
    ['http://localhost:7200/repositories/nexus/statements']
    """
    parts = urllib.parse.urlsplit(endpoint)
    path = parts.path.rstrip("/")
    folder, _, last = path.rpartition("/")

    def at(*paths: str) -> list[str]:
        return [parts._replace(path=one, query="").geturl() for one in paths]

    if "/repositories/" in f"{path}/" and last != "statements":  # GraphDB, RDF4J
        return at(f"{path}/rdf-graphs/service"), at(f"{path}/statements")
    if last == "query":  # oxigraph, Fuseki
        return at(f"{folder}/store", f"{folder}/data"), at(f"{folder}/update")
    if last == "sparql":  # Virtuoso, Fuseki, Neptune, nexuskg serve
        stores = at(f"{folder}/sparql-graph-crud-auth", f"{folder}/data", f"{path}/gsp/", f"{folder}/store")
        return stores, at(f"{folder}/sparql-auth", f"{folder}/update", path)
    return at(f"{path}/data", path), at(f"{path}/update", path)  # a data set of Fuseki, or QLever
