"""Caged: the process that holds a copy of the graph and forks workers, which answer queries until they are killed.

Run as `python -m nexuskg.caged DESCRIPTOR` by `sandbox`, never by a person. It has one thread, no environment of
interest and no files; a worker has besides that no descriptor but its own socket, cannot open one, and has a limit of
memory. On standard input come a line of JSON (the settings) and the graph as N-Quads. A worker that has evaluated an
update tells what that changes, and is done: the change comes back from whoever has put it where it is to last.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)

from nexuskg import guard, updating
from nexuskg.errors import Refused
from nexuskg.negotiation import RESULTS, TRIPLES
from nexuskg.store import misread

if sys.platform != "win32":  # where it never runs, but may be looked at
    import resource

LENGTH: Final = struct.Struct(">I")
PID: Final = struct.Struct(">i")
_SOCKET: Final = 3
_GROWN: Final = 64 * 1024
"""Kilobytes by which a worker may have grown before it is replaced."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a worker may do: bytes of memory and of a result, depth of brackets; and what the graph has."""

    memory: int
    result: int
    nesting: int
    prefixes: Mapping[str, str]
    graphs: tuple[str, ...]
    hidden: tuple[str, ...]
    """Graphs that are read only where they are asked for by name: the merged ones."""


class _Bounded(io.BytesIO):
    """Bytes up to a limit; what goes beyond it raises Refused."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def write(self, part: Any, /) -> int:
        if self.tell() + len(part) > self.limit:
            raise Refused(400, f"The result is larger than {self.limit:,} bytes. Ask for less of it, or add a LIMIT.")
        return super().write(part)


Asked = Mapping[str, Any]


def answer(store: Store, asked: Asked, settings: Settings) -> tuple[str, bytes]:
    """The media type and the bytes of the whole result of a query; raises Refused.

    `asked` has the text, the media types that the client would take for solutions and for triples (None: none), and the
    graphs of a dataset that the request names (None: the query's own, else the default).
    """
    text = str(asked["text"])
    known = {*settings.graphs, *settings.hidden}
    form = guard.form_of(text, known, settings.prefixes, settings.nesting)
    scope: dict[str, Any] = {}
    if asked["default"] is not None or asked["named"] is not None:
        scope["default_graph"] = [NamedNode(name) for name in asked["default"] or ()]
        scope["named_graphs"] = [NamedNode(name) for name in asked["named"] or ()]
    elif not guard.names_dataset(text):
        scope["named_graphs"] = [NamedNode(name) for name in settings.graphs]
    out = _Bounded(settings.result)
    try:
        found = store.query(text, prefixes=dict(settings.prefixes), **scope)
        triples = isinstance(found, QueryTriples)
        media = asked["triples"] if triples else asked["results"]
        if media is None:
            offered = TRIPLES if triples else RESULTS
            raise Refused(406, f"{form} is answered as one of: {', '.join(offered)}. Ask for one of these in Accept.")
        if isinstance(found, QueryTriples):
            found.serialize(out, format=getattr(RdfFormat, TRIPLES[media]))
        else:
            assert isinstance(found, QuerySolutions | QueryBoolean)
            found.serialize(out, format=getattr(QueryResultsFormat, RESULTS[media]))
    except SyntaxError as error:
        raise Refused(400, misread(text, str(error.msg))) from None
    except (OSError, ValueError) as error:  # no socket can be opened here; a name that is no IRI
        raise Refused(400, f"The query cannot be answered: {' '.join(str(error).split())[:300]}") from None
    return media, out.getvalue()


def update(store: Store, asked: Asked, settings: Settings) -> tuple[bytes, bytes]:
    """What an update adds and removes, as N-Quads; the store has it done then; raises Refused.

    Only graphs whose names are not of the project may change: those have the dataset, which only a push may replace.
    """
    text = str(asked["text"])
    guard.check_update(text, settings.nesting)
    text = updating.with_dataset(text, asked["default"], asked["named"])
    kind, inserting = updating.data_alone(text)
    before = {} if kind else _graphs(store)
    changed = Store() if kind else store
    try:
        changed.update(inserting or text, prefixes=dict(settings.prefixes))
    except SyntaxError as error:
        raise Refused(400, misread(text, str(error.msg))) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise Refused(400, f"The update cannot be done: {' '.join(str(error).split())[:300]}") from None
    after = _graphs(changed)
    added, removed = list[bytes](), list[bytes]()
    for name in sorted({*before, *after}):
        olds, news = (set(of.get(name, b"").splitlines()) for of in (before, after))
        if olds != news:
            updating.check_graph(name)
            added += _quads(name, news - olds)
            removed += _quads(name, olds - news)
    _no_triple_terms(b"".join(added), RdfFormat.N_QUADS)
    added, removed = (removed, added) if kind == "DELETE" else (added, removed)
    return b"".join(added), b"".join(removed)


def _graphs(store: Store) -> dict[str, bytes]:
    """Every graph as N-Triples, by its name; the default one has none."""
    found = {graph.value: store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph) for graph in store.named_graphs()}
    found[""] = store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
    return {name: data or b"" for name, data in found.items()}


def _quads(name: str, lines: Iterable[bytes]) -> list[bytes]:
    end = f" <{name}> .\n".encode()
    return [line.removesuffix(b".").rstrip() + end for line in sorted(lines)]


def _no_triple_terms(data: bytes, form: RdfFormat) -> None:
    if b"<<(" in data and any(isinstance(quad.object, Triple) for quad in parse(data, form)):
        raise Refused(400, "Triples about triples are not taken: not every store that is asked has them.")


def document(asked: Asked, data: bytes) -> bytes:
    """The triples of a document as N-Triples, its nodes without a name named anew; raises Refused."""
    form: RdfFormat = getattr(RdfFormat, TRIPLES[asked["media"]])
    if form == RdfFormat.RDF_XML:
        updating.check_xml(data)
    try:
        triples = [quad.triple for quad in parse(data, form, base_iri=asked["base"], rename_blank_nodes=True)]
    except (SyntaxError, OSError, ValueError) as error:
        said = " ".join(str(getattr(error, "msg", None) or error).split())[:300]
        raise Refused(400, f"The body is not what its type says: {said}") from None
    found = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
    _no_triple_terms(found, RdfFormat.N_TRIPLES)
    return found


def _settings(line: bytes) -> Settings:
    given = json.loads(line)
    return Settings(**{**given, "graphs": tuple(given["graphs"]), "hidden": tuple(given["hidden"])})


def main() -> None:
    """Nothing; forks a worker for every descriptor that comes, kills the one whose number comes, and changes its graph
    as it is told to, until the other end is closed, which ends all of them."""
    line, _, quads = sys.stdin.buffer.read().partition(b"\n")
    settings = _settings(line)
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
            settings = _changed(store, changes)
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


def _changed(store: Store, changes: bytes) -> Settings:
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
    return _settings(json.dumps(given["settings"]).encode())


def _end(pid: int, workers: set[int]) -> int:
    """How the worker ended, as the system puts it; it is killed if it has not yet, and nothing is left of it."""
    if pid not in workers:
        return -1
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    workers.discard(pid)
    return os.waitpid(pid, 0)[1]


def _silence() -> None:
    """Nothing; what is written to the standard streams is lost from here on: it would be the engine's last words."""
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
            request = _received()
            if request is None:
                code = 0
                break
            head, body = _handled(store, request, settings)
            grown = (
                bool(head.pop("broken", False)) or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > born + _GROWN
            )
            _send(json.dumps({**head, "last": grown}).encode(), body)
    finally:
        os._exit(code)


def _confine(memory: int) -> None:
    """Nothing; from here on there is only so much more memory, no file to be opened or written, no process to start."""
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


def _handled(store: Store, request: bytes, settings: Settings) -> tuple[dict[str, Any], bytes]:
    line, _, data = request.partition(b"\n")
    asked = json.loads(line)
    try:
        if asked["kind"] == "update":
            added, removed = update(store, asked, settings)
            return {"status": 200, "media": str(len(added)), "broken": True}, added + removed
        if asked["kind"] == "document":
            return {"status": 200, "media": "application/n-triples"}, document(asked, data)
        media, body = answer(store, asked, settings)
    except Refused as error:
        return {"status": error.status, "said": str(error), "broken": asked["kind"] == "update"}, b""
    except MemoryError:
        return {"status": 400, "said": "It needs too much memory.", "broken": True}, b""
    except BaseException:  # the engine's panics are no Exception
        return {"status": 400, "said": "It is too complex for the engine.", "broken": True}, b""
    return {"status": 200, "media": media}, body


def _received() -> bytes | None:
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
    main()
