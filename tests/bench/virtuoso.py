"""Virtuoso as a peer: loaded by its bulk loader, asked over HTTP."""

from __future__ import annotations

import json
import re
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import servers
from support.servers import Running

GRAPH = "urn:bench"
BUFFERS = 170_000
"""Pages of 8 kB that it may keep in memory."""
ROWS = 10_000_000


@contextmanager
def server(data: Path) -> Iterator[Running]:
    """A server that may read files of the folder; it is stopped, and its database gone, at the end."""
    with tempfile.TemporaryDirectory() as folder, servers.virtuoso(Path(folder), data, BUFFERS, ROWS) as running:
        yield running


def load(to: Running, path: Path) -> None:
    """Nothing; the server then has the triples of the file in one graph."""
    servers.isql(to, f"ld_dir('{path.parent}', '{path.name}', '{GRAPH}'); rdf_loader_run(); checkpoint;")


def size(of: Running) -> int:
    """The number of triples that the server has in that graph."""
    (row,) = ask(of, "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    return int(re.sub(r"\D", "", row.partition("^^")[0]))


def ask(of: Running, query: str) -> list[str]:
    """The rows of a query on that graph, written as those of the other engines."""
    values = {"query": query, "default-graph-uri": GRAPH, "format": "application/sparql-results+json"}
    request = urllib.request.Request(of.endpoint, urllib.parse.urlencode(values).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=600) as answer:
        found = json.load(answer)
    names = found["head"]["vars"]
    return ["\t".join(_cell(row.get(name)) for name in names) for row in found["results"]["bindings"]]


def memory(of: Running) -> int:
    """The most memory that the server has held, in kB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{of.process}/status").read_text(encoding="ascii"))
    return int(found[1]) if found else 0


def _cell(value: dict[str, str] | None) -> str:
    if value is None:
        return ""
    if value["type"] in ("uri", "bnode"):
        return value["value"]
    kind = f"@{value['xml:lang']}" if "xml:lang" in value else f"^^{value.get('datatype', '').partition('#')[2]}"
    text = {"1": "true", "0": "false"}.get(value["value"], value["value"]) if kind == "^^boolean" else value["value"]
    return repr(text) + ("" if kind in ("^^string", "^^") else kind)
