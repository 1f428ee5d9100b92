"""A Virtuoso of our own: started on the loopback with a configuration in a temporary folder, and stopped again."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

GRAPH = "urn:bench"
_INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {data}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryExecutionTime = 600
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, and the ports for SQL and HTTP."""

    process: int
    sql: int
    http: int


@contextmanager
def server(data: Path) -> Iterator[Server]:
    """A server that may read files of the folder; it is stopped, and its database gone, at the end."""
    with tempfile.TemporaryDirectory() as folder:
        sql, http = _free_port(), _free_port()
        ini = Path(folder, "virtuoso.ini")
        ini.write_text(_INI.format(folder=folder, data=data, sql=sql, http=http), encoding="utf-8")
        command = ["virtuoso-t", "+foreground", "+configfile", str(ini)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        try:
            _wait(http)
            yield Server(process.pid, sql, http)
        finally:
            process.terminate()
            process.wait(timeout=60)


def load(to: Server, path: Path) -> None:
    """Nothing; the server then has the triples of the file in one graph."""
    _sql(to, f"ld_dir('{path.parent}', '{path.name}', '{GRAPH}'); rdf_loader_run(); checkpoint;")


def size(of: Server) -> int:
    """The number of triples that the server has in that graph."""
    (row,) = ask(of, "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    return int(re.sub(r"\D", "", row.partition("^^")[0]))


def ask(of: Server, query: str) -> list[str]:
    """The rows of a query on that graph, written as those of the other engines."""
    values = {"query": query, "default-graph-uri": GRAPH, "format": "application/sparql-results+json"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{of.http}/sparql", urllib.parse.urlencode(values).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=600) as answer:
        found = json.load(answer)
    names = found["head"]["vars"]
    return ["\t".join(_cell(row.get(name)) for name in names) for row in found["results"]["bindings"]]


def memory(of: Server) -> int:
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


def _sql(to: Server, commands: str) -> None:
    program = shutil.which("isql-vt") or "isql"
    subprocess.run(
        [program, f"127.0.0.1:{to.sql}", "dba", "dba", f"exec={commands}"], check=True, stdout=subprocess.DEVNULL
    )


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(240):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.25)
    raise TimeoutError("Virtuoso does not answer.")
