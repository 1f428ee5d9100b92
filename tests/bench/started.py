"""The two servers of the load benchmark, each in a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from clients import Server

START = 120.0
"""Seconds that a server may take to be ready."""
Found = TypeVar("Found")


@contextmanager
def ours(folder: Path) -> Iterator[Server]:
    """`nexuskg serve` on a free port."""
    log = folder / "nexuskg.log"
    with process([sys.executable, "-m", "nexuskg", "serve", "--port", "0"], log) as alive:
        said = waited(alive, log, lambda: re.search(r"at http://[^:]+:(\d+)", log.read_text(encoding="utf-8")))
        yield Server("nexuskg serve", int(said[1]), "/sparql")


@contextmanager
def theirs(folder: Path, quads: bytes) -> Iterator[Server]:
    """`oxigraph serve-read-only` on these quads, on a free port."""
    where = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = shutil.which("oxigraph", path=where)
    if program is None:
        raise SystemExit("oxigraph is not installed: pip install oxigraph")
    data, at = folder / "quads.nq", str(folder / "db")
    data.write_bytes(quads)
    subprocess.run([program, "load", "--location", at, "--file", str(data)], check=True, capture_output=True)
    subprocess.run([program, "optimize", "--location", at], check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = folder / "oxigraph.log"
    with process([program, "serve-read-only", "--location", at, "--bind", f"127.0.0.1:{port}"], log) as alive:
        waited(alive, log, lambda: listens(port))
        yield Server("oxigraph serve-read-only", port, "/query")


@contextmanager
def process(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command running, what it says in a file; it has ended at the end."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as running:
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()


def waited(running: subprocess.Popen[bytes], log: Path, ready: Callable[[], Found | None]) -> Found:
    """What `ready` gives once it is something; the program ends where the process does."""
    until = time.monotonic() + START
    while not (found := ready()):
        if running.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"A server does not start: {log.read_text(encoding='utf-8', errors='replace')[-800:]}")
        time.sleep(0.05)
    return found


def listens(port: int) -> int | None:
    """The port where somebody takes connections there, else None."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return port
    return None
