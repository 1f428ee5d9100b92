"""The process that holds a copy of the graph and forks workers, which answer queries until they are killed.

Run as `python -m nexuskg.server.sandbox.holder DESCRIPTOR` by `pool`, never by a person. It has one thread, no
environment of interest and no files; a worker has besides that no descriptor but its own socket, cannot open one, and
has a limit of memory. On standard input come a line of JSON (the settings) and the graph as N-Quads. A worker that has
evaluated an update tells what that changes, and is done: the change comes back from whoever has put it where it is to
last.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import struct
import sys
from typing import Any, Final

from pyoxigraph import RdfFormat, Store, parse

from nexuskg.errors import Refused
from nexuskg.server.sandbox import evaluate
from nexuskg.server.sandbox.evaluate import Settings

if sys.platform != "win32":  # where it never runs, but may be looked at
    import resource

LENGTH: Final = struct.Struct(">I")
PID: Final = struct.Struct(">i")
_SOCKET: Final = 3
_GROWN: Final = 64 * 1024
"""Kilobytes by which a worker may have grown before it is replaced."""


def _settings(given: dict[str, Any]) -> Settings:
    return Settings(**{**given, "graphs": tuple(given["graphs"]), "hidden": tuple(given["hidden"])})


def hold_graph() -> None:
    """Fork a worker for every descriptor that comes, kill the one whose number comes, and change the graph
    as it is told to, until the other end is closed, which ends all of them."""
    line, _, quads = sys.stdin.buffer.read().partition(b"\n")
    settings = _settings(json.loads(line))
    store = Store()
    store.bulk_load(quads, RdfFormat.N_QUADS)
    del quads, line
    for signaled in (signal.SIGINT, signal.SIGTERM):  # who serves decides when this ends
        signal.signal(signaled, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    _silence()
    control.sendall(b"r")
    workers: set[int] = set()
    holder = os.getpid()
    while True:
        message, fds, _, _ = socket.recv_fds(control, 1 + PID.size, 1)
        if not message:
            break
        if message[:1] == b"u":
            changes = _exactly(PID.unpack(message[1:])[0], control.fileno())
            if changes is None:
                break
            settings = _apply_changes(store, changes)
            control.sendall(PID.pack(0))
            continue
        if fds:
            pid = os.fork()
            if pid == 0:
                _worker(fds[0], store, settings, holder)
            os.close(fds[0])
            workers.add(pid)
            control.sendall(PID.pack(pid))
        else:
            control.sendall(PID.pack(_end(PID.unpack(message[1:])[0], workers)))
    for pid in list(workers):
        _end(pid, workers)


def _apply_changes(store: Store, changes: bytes) -> Settings:
    """The new settings; the store then has what was added, and no longer what was removed."""
    line, _, quads = changes.partition(b"\n")
    given = json.loads(line)
    added, removed = quads[: given["added"]], quads[given["added"] :]
    touched = set()
    for quad in parse(removed, RdfFormat.N_QUADS):
        store.remove(quad)
        touched.add(quad.graph_name)
    store.extend(parse(added, RdfFormat.N_QUADS))
    for graph in touched:  # one that has nothing left is no graph any more
        if not any(store.quads_for_pattern(None, None, None, graph)):
            store.remove_graph(graph)
    return _settings(given["settings"])


def _end(pid: int, workers: set[int]) -> int:
    """How the worker ended, as the system puts it; it is killed if it has not yet, and nothing is left of it."""
    if pid not in workers:
        return -1
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    workers.discard(pid)
    return os.waitpid(pid, 0)[1]


def _silence() -> None:
    """Lose what is written to the standard streams from here on: it would be the engine's last words."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)


def _worker(descriptor: int, store: Store, settings: Settings, holder: int) -> None:
    """Never comes back: answers requests on the descriptor until that is closed, or it has grown too large."""
    code = 1
    try:
        if sys.platform == "linux":  # should the parent be killed, go with it
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if os.getppid() != holder:  # it was killed before that
            os._exit(code)
        if descriptor != _SOCKET:
            os.dup2(descriptor, _SOCKET)
        os.closerange(_SOCKET + 1, min(65_536, resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
        _confine(settings.memory)
        born = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        grown = False
        while not grown:
            request = _receive()
            if request is None:
                code = 0
                break
            head, body = _handle(store, request, settings)
            grown = (
                bool(head.pop("broken", False)) or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > born + _GROWN
            )
            _send(json.dumps({**head, "last": grown}).encode(), body)
    finally:
        os._exit(code)


def _confine(memory: int) -> None:
    """Leave from here on only so much more memory, no file to be opened or written, no process to start."""
    used = 1 << 30
    with contextlib.suppress(OSError, ValueError), open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    for limit, value in (
        (resource.RLIMIT_AS, used + memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # not every system has every limit
            resource.setrlimit(limit, (value, value))


def _handle(store: Store, request: bytes, settings: Settings) -> tuple[dict[str, Any], bytes]:
    line, _, data = request.partition(b"\n")
    asked = json.loads(line)
    try:
        if asked["kind"] == "update":
            added, removed = evaluate.evaluate_update(store, asked, settings)
            return {"status": 200, "media": str(len(added)), "broken": True}, added + removed
        if asked["kind"] == "document":
            return {"status": 200, "media": "application/n-triples"}, evaluate.evaluate_document(asked, data)
        media, body = evaluate.evaluate_query(store, asked, settings)
    except Refused as error:
        return {"status": error.status, "said": str(error), "broken": asked["kind"] == "update"}, b""
    except MemoryError:
        return {"status": 400, "said": "It needs too much memory.", "broken": True}, b""
    except BaseException:  # the engine's panics are no Exception
        return {"status": 400, "said": "It is too complex for the engine.", "broken": True}, b""
    return {"status": 200, "media": media}, body


def _receive() -> bytes | None:
    head = _exactly(LENGTH.size, _SOCKET)
    return None if head is None else _exactly(LENGTH.unpack(head)[0], _SOCKET)


def _exactly(count: int, descriptor: int) -> bytes | None:
    """So many bytes from the socket; None where it is closed before."""
    parts = bytearray()
    while len(parts) < count:
        part = os.read(descriptor, min(count - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


def _send(head: bytes, body: bytes) -> None:
    left = memoryview(LENGTH.pack(len(head)) + LENGTH.pack(len(body)) + head + body)
    while left:
        left = left[os.write(_SOCKET, left) :]


if __name__ == "__main__":
    hold_graph()
