"""Real triple stores, started on loopback for a test: oxigraph, and Virtuoso as Debian has it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest

WAIT = 60.0
"""Seconds within which a server must be up."""

VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 10
CheckpointInterval = 0
NumberOfBuffers = 20000
MaxDirtyBuffers = 12000
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 10000
"""


@dataclass(frozen=True)
class Running:
    """A server that runs: its endpoint, where it takes updates, its folder, and the environment with its credentials.

    `sql` is the port of Virtuoso's own protocol.
    """

    name: str
    endpoint: str
    update: str
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    sql: int = 0


@contextmanager
def oxigraph(folder: Path) -> Iterator[Running]:
    """The server of PyPI's oxigraph on an empty store; the test is skipped where it is not installed."""
    program = oxigraph_program()
    port = _free_port()
    command = [program, "serve", "--location", str(folder / "db"), "--bind", f"127.0.0.1:{port}"]
    base = f"http://127.0.0.1:{port}"
    with _running(command, folder, f"{base}/query"):
        yield Running("oxigraph", f"{base}/query", f"{base}/update", folder)


def oxigraph_program() -> str:
    """The program of PyPI's oxigraph; the test is skipped where it is not installed."""
    program = shutil.which("oxigraph", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if program is None:
        _missing("oxigraph is not installed (pip install oxigraph)")
    return program


@contextmanager
def virtuoso(folder: Path) -> Iterator[Running]:
    """Virtuoso on an empty database; the test is skipped where it is not installed."""
    program = shutil.which("virtuoso-t")
    if program is None:
        _missing("Virtuoso is not installed (apt-get install virtuoso-opensource-7)")
    http, sql = _free_port(), _free_port()
    ini = folder / "virtuoso.ini"
    ini.write_text(VIRTUOSO.format(folder=folder, http=http, sql=sql), encoding="utf-8")
    base = f"http://127.0.0.1:{http}"
    with _running([program, "+foreground", "+configfile", str(ini)], folder, f"{base}/sparql"):
        credentials = {"NEXUSKG_USER": "dba", "NEXUSKG_PASSWORD": "dba"}
        yield Running("virtuoso", f"{base}/sparql", f"{base}/sparql-auth", folder, credentials, sql)


@contextmanager
def _running(command: list[str], folder: Path, endpoint: str) -> Iterator[None]:
    log = folder / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
    try:
        deadline = time.monotonic() + WAIT
        while not _answers(endpoint):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command[0]} does not start: {log.read_text(errors='replace')[-800:]}")
            time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


def _answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}?query=ASK%7B%7D", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
