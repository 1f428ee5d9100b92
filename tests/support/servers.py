"""Servers, each a process of its own on the loopback: `nexuskg serve`, oxigraph, and Virtuoso as Debian has it.

Tests and benchmarks start them alike. One that is not installed raises Missing, one that does not start Failed.

    with servers.virtuoso(folder) as running:
        ask(running.endpoint)
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from configparser import RawConfigParser
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from support.needs import Failed, Missing

START = 120.0
"""Seconds within which a server must be up."""
END = 30.0
"""Seconds that a server has to end by itself."""

VIRTUOSO = Path("/etc/virtuoso-opensource-7/virtuoso.ini")
"""Virtuoso's settings as Debian ships them: its limits of time and rows are those that people meet."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Running:
    """A server that runs: its endpoint, where it takes updates, its folder, and the environment with its credentials.

    `process` is its number, `sql` the port of Virtuoso's own protocol.
    """

    name: str
    endpoint: str
    update: str
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    process: int = 0
    sql: int = 0


@contextmanager
def nexuskg(folder: Path, *options: str) -> Iterator[Running]:
    """`nexuskg serve`, as people start it."""
    command = [sys.executable, "-m", "nexuskg", "serve", "--port", "0", *options]
    with _started("nexuskg serve", command, folder, lambda said: re.search(r"at (http://[^/\s]+)/", said)) as (pid, at):
        yield Running("nexuskg serve", f"{at[1]}/sparql", f"{at[1]}/sparql", folder, process=pid)


@contextmanager
def oxigraph(folder: Path, quads: bytes | None = None) -> Iterator[Running]:
    """The server of PyPI's oxigraph on an empty store; where there are N-Quads, on those, for reading only."""
    program, at, port = oxigraph_program(), str(folder / "db"), _free_port()
    how = "serve" if quads is None else "serve-read-only"
    if quads is not None:
        data = folder / "quads.nq"
        data.write_bytes(quads)
        subprocess.run([program, "load", "--location", at, "--file", str(data)], check=True, capture_output=True)
        subprocess.run([program, "optimize", "--location", at], check=True, capture_output=True)
    command = [program, how, "--location", at, "--bind", f"127.0.0.1:{port}"]
    base = f"http://127.0.0.1:{port}"
    with _started("oxigraph", command, folder, lambda _: _answers(f"{base}/query")) as (pid, _):
        yield Running(f"oxigraph {how}", f"{base}/query", f"{base}/update", folder, process=pid)


def oxigraph_program() -> str:
    """The program of PyPI's oxigraph; raises Missing where it is not installed."""
    where = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return _program("oxigraph", "pip install oxigraph", where)


@contextmanager
def virtuoso(
    folder: Path, data: Path | None = None, buffers: int | None = None, rows: int | None = None
) -> Iterator[Running]:
    """Virtuoso on an empty database, set as it comes but for its paths and ports.

    It may read the files of `data` (else of its folder). Where numbers are given, it keeps so many pages of 8 kB in
    memory, and gives at most so many rows.
    """
    program = _program("virtuoso-t", "apt-get install virtuoso-opensource-7")
    if not VIRTUOSO.is_file():
        raise Missing(f"there is no {VIRTUOSO}: apt-get install virtuoso-opensource-7")
    http, sql = _free_port(), _free_port()
    settings = RawConfigParser(strict=False, inline_comment_prefixes=(";",))
    settings.optionxform = str  # type: ignore[assignment,method-assign]
    settings.read(VIRTUOSO, encoding="utf-8")
    for section in ("Database", "TempDatabase"):
        for name, path in settings[section].items():
            if path.startswith("/"):
                settings[section][name] = str(folder / Path(path).name)
    settings["Parameters"].update(ServerPort=f"127.0.0.1:{sql}", DirsAllowed=str(data or folder))
    settings["HTTPServer"].update(ServerPort=f"127.0.0.1:{http}", ServerRoot=str(folder))
    if buffers is not None:
        settings["Parameters"].update(NumberOfBuffers=str(buffers), MaxDirtyBuffers=str(buffers * 3 // 4))
    if rows is not None:
        settings["SPARQL"]["ResultSetMaxRows"] = str(rows)
    ini = folder / "virtuoso.ini"
    with ini.open("w", encoding="utf-8") as file:
        settings.write(file)
    base = f"http://127.0.0.1:{http}"
    command = [program, "+foreground", "+configfile", str(ini)]
    with _started("virtuoso", command, folder, lambda _: _answers(f"{base}/sparql")) as (pid, _):
        credentials = {"NEXUSKG_USER": "dba", "NEXUSKG_PASSWORD": "dba"}
        yield Running("virtuoso", f"{base}/sparql", f"{base}/sparql-auth", folder, credentials, pid, sql)


def isql(to: Running, commands: str) -> None:
    """Have a Virtuoso run commands of its own language; raises Missing without its client."""
    programs = [program for name in ("isql-vt", "isql-v") if (program := shutil.which(name))]
    if not programs:
        raise Missing("the isql of Virtuoso is not installed: apt-get install virtuoso-opensource-7")
    command = [programs[0], f"127.0.0.1:{to.sql}", "dba", "dba", f"exec={commands}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _program(name: str, install: str, where: str | None = None) -> str:
    if program := shutil.which(name, path=where):
        return program
    raise Missing(f"{name} is not installed: {install}")


@contextmanager
def _started(
    name: str, command: Sequence[str], folder: Path, ready: Callable[[str], Found | None]
) -> Iterator[tuple[int, Found]]:
    """The number of the process and what `ready` finds in its output, once it finds something; it ends at the end."""
    log = folder / f"{name}.log"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output, cwd=folder) as process:
        try:
            yield process.pid, _waited(process, name, log, ready)
        finally:
            process.terminate()
            try:
                process.wait(END)
            except subprocess.TimeoutExpired:
                process.kill()


def _waited(process: subprocess.Popen[bytes], name: str, log: Path, ready: Callable[[str], Found | None]) -> Found:
    deadline = time.monotonic() + START
    while True:
        said = log.read_text(encoding="utf-8", errors="replace")
        if found := ready(said):
            return found
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failed(f"{name} does not start: {said[-800:]}")
        time.sleep(0.05)


def _answers(endpoint: str) -> bool | None:
    try:
        with urllib.request.urlopen(f"{endpoint}?query=ASK%7B%7D", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
