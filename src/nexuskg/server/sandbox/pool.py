"""Queries of strangers, answered in processes that can be killed.

`holder` holds a copy of the graph and forks the workers; here is the pool of them: a few wait for queries, a query that
finds none waits in a line of limited length, and whoever overstays the deadline, dies or grows is replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nexuskg.errors import NexuskgError, Refused
from nexuskg.server.sandbox.jobs import Content, DocumentJob, Limits, QueryJob, UpdateJob

POSSIBLE: Final = hasattr(os, "fork") and hasattr(socket, "send_fds")
"""Whether this system has what it takes: processes that fork, and sockets that pass descriptors."""

CONFINED: Final = POSSIBLE and not sys.platform.startswith("darwin")
"""Whether it also keeps a process to a limit of memory; macOS takes the limit, and does not keep to it."""

START: Final = 120.0
"""Seconds that reading the graph may take."""


@dataclass(slots=True)
class _Worker:
    pid: int
    line: socket.socket
    content: int
    """Of which change of the graph it knows."""
    ended: int | None = None
    """How it ended, once that is known: its number may be another's by then."""


@dataclass
class Pool:
    """The workers of a graph. A class, as they live as long as the server does; `close` ends them all.

    `content` gives what the graph has, asked for again should the process that holds it be lost.
    """

    content: Callable[[], Content]
    prefixes: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self._turn = threading.Condition()
        self._control = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[int] = set()
        self._waiting = self._running = self._changes = 0
        self._holder: subprocess.Popen[bytes] | None = None
        self._talk: socket.socket | None = None
        self._closed = False
        with self._control:
            self._start()
        self._idle = [self._fork() for _ in range(self.limits.workers)]

    def answer(self, question: QueryJob) -> tuple[str, bytes]:
        """The media type and the whole result of a query; raises Refused with a status of HTTP."""
        self._short(question.text, self.limits.query)
        asked = {name: getattr(question, name) for name in ("text", "results", "triples", "default", "named")}
        return self._result_of({"kind": "query", **asked})

    def update(self, update: UpdateJob) -> tuple[bytes, bytes]:
        """What an update would add and remove, as N-Quads; nothing is changed. Raises Refused."""
        self._short(update.text, self.limits.body)
        asked = {"text": update.text, "default": update.default, "named": update.named}
        said, body = self._result_of({"kind": "update", **asked})
        return body[: int(said)], body[int(said) :]

    def document(self, document: DocumentJob) -> bytes:
        """The triples of a document as N-Triples; raises Refused."""
        return self._result_of({"kind": "document", "media": document.media, "base": document.base}, document.data)[1]

    def change(self, added: bytes, removed: bytes, content: Content) -> None:
        """Change the graph for every query that comes from now on; of the content the names count."""
        settings = self._settings(content)
        head = json.dumps({"settings": settings, "added": len(added)}).encode() + b"\n"
        with self._control:
            self._changes += 1
            try:
                if self._talk is not None:
                    self._talk.sendall(b"u" + (len(head) + len(added) + len(removed)).to_bytes(4, "big"))
                    self._talk.sendall(head + added + removed)
                    self._number()
            except OSError:  # it is started anew with the next query, and reads what there is then
                self._stop()

    def _short(self, text: str, limit: int) -> None:
        if len(text.encode()) > limit:
            raise Refused(413, f"The query is longer than {limit:,} bytes.")

    def _result_of(self, asked: Mapping[str, Any], data: bytes = b"") -> tuple[str, bytes]:
        """What a worker makes of a request: the media type, or what else it has to say, and bytes; raises Refused."""
        with self._place():
            worker = self._worker()
            self._busy.add(worker.pid)
            fit = False
            try:
                head, body = self._answer_from(worker, json.dumps(asked).encode() + b"\n" + data)
                fit = not head["last"]
            finally:
                self._busy.discard(worker.pid)
                if fit:
                    self._idle.append(worker)
                else:
                    self._replace(worker)
        if head["status"] != 200:
            raise Refused(head["status"], head["said"])
        return head["media"], body

    def _worker(self) -> _Worker:
        """A worker that knows the graph as it is now."""
        while self._idle:
            worker = self._idle.pop()
            if worker.content == self._changes:
                return worker
            worker.line.close()
            self._end(worker.pid)
        return self._fork()

    def pids(self) -> set[int]:
        """The processes of the pool: the one that holds the graph, and the workers."""
        holder = {self._holder.pid} if self._holder else set()
        return holder | self._busy | {worker.pid for worker in self._idle}

    def close(self) -> None:
        """End every process of the pool."""
        with self._control:
            self._closed = True
            self._stop()

    @contextlib.contextmanager
    def _place(self) -> Iterator[None]:
        """A place among those that run; raises Refused where the line is full, or does not move for a deadline."""
        limits = self.limits
        busy = Refused(503, "The server is busy with other queries; try again.", retry=max(1, int(limits.deadline)))
        with self._turn:
            if self._running >= limits.workers:
                if self._waiting >= limits.waiting:
                    raise busy
                self._waiting += 1
                try:
                    if not self._turn.wait_for(lambda: self._running < limits.workers, limits.deadline):
                        raise busy
                finally:
                    self._waiting -= 1
            self._running += 1
        try:
            yield
        finally:
            with self._turn:
                self._running -= 1
                self._turn.notify()

    def _answer_from(self, worker: _Worker, request: bytes) -> tuple[dict[str, Any], bytes]:
        until = time.monotonic() + self.limits.deadline

        def exactly(count: int) -> bytes:
            return _exactly(worker.line, count, until)

        try:
            worker.line.settimeout(self.limits.deadline)
            worker.line.sendall(len(request).to_bytes(4, "big") + request)
            head, body = (int.from_bytes(exactly(4), "big") for _ in range(2))
            return json.loads(exactly(head)), exactly(body)
        except TimeoutError:
            raise Refused(
                503, f"The query was stopped after {self.limits.deadline:g} seconds. Ask for less, or more narrowly."
            ) from None
        except OSError:  # it has died: how, its end tells
            raise Refused(400, self._how(worker)) from None

    def _how(self, worker: _Worker) -> str:
        status = worker.ended = self._end(worker.pid)
        if status >= 0 and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGABRT:
            return f"The query needs more than {self.limits.memory:,} bytes of memory."
        return "The query is too complex for the engine."

    def _replace(self, worker: _Worker) -> None:
        worker.line.close()
        if worker.ended is None:
            worker.ended = self._end(worker.pid)
        with contextlib.suppress(NexuskgError):  # then the next query tries again
            self._idle.append(self._fork())

    def _fork(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with self._control, theirs:
            for last in (False, True):
                try:
                    if self._talk is None:
                        self._start()
                    assert self._talk is not None
                    socket.send_fds(self._talk, [b"f" + bytes(4)], [theirs.fileno()])
                    return _Worker(self._number(), ours, self._changes)
                except OSError:
                    self._stop()
                    if last or self._closed:
                        break
        ours.close()
        raise Refused(503, "The process that answers queries cannot be started; try again.", retry=5)

    def _end(self, pid: int) -> int:
        """How a worker ended; -1 where nobody knows. It has ended then."""
        with self._control:
            try:
                if self._talk is not None:
                    self._talk.sendall(b"k" + pid.to_bytes(4, "big"))
                    return self._number()
            except OSError:
                self._stop()
        return -1

    def _number(self) -> int:
        assert self._talk is not None
        return int.from_bytes(_exactly(self._talk, 4), "big", signed=True)

    def _start(self) -> None:
        """Start the process that holds the graph, without workers. Raises OSError."""
        if self._closed:
            raise ConnectionError
        ours, theirs = socket.socketpair()
        # Nothing of the environment goes along but what Python needs to find the package.
        env = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
        env |= {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
        with theirs:
            self._holder = subprocess.Popen(
                [sys.executable, "-m", "nexuskg.server.sandbox.holder", str(theirs.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=env,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the server, which ends this in its own time
            )
        assert self._holder.stdin is not None
        self._talk = ours
        try:
            content = self.content()
            with self._holder.stdin as pipe:
                pipe.write(json.dumps(self._settings(content)).encode() + b"\n" + content.quads)
            ours.settimeout(START)
            if ours.recv(1) != b"r":
                raise ConnectionError("it ended before it was ready")
        except OSError:
            self._stop()
            raise

    def _settings(self, content: Content) -> dict[str, Any]:
        limits = self.limits
        settings: dict[str, Any] = {"memory": limits.memory, "result": limits.result, "nesting": limits.nesting}
        return settings | {
            "prefixes": dict(self.prefixes),
            "graphs": list(content.graphs),
            "hidden": list(content.hidden),
        }

    def _stop(self) -> None:
        """End the process that holds the graph, and with it its workers."""
        if self._talk is not None:
            self._talk.close()
            self._talk = None
        for worker in self._idle:
            worker.line.close()
        self._idle.clear()
        if self._holder is not None:
            try:
                self._holder.wait(5)
            except subprocess.TimeoutExpired:
                self._holder.kill()
                self._holder.wait()
            self._holder = None


def _exactly(line: socket.socket, count: int, until: float | None = None) -> bytes:
    """So many bytes from the socket; raises ConnectionError where it ends before, TimeoutError after a moment."""
    parts = bytearray()
    while len(parts) < count:
        if until is not None:
            line.settimeout(max(0.001, until - time.monotonic()))
        part = line.recv(min(count - len(parts), 1 << 20))
        if not part:
            raise ConnectionError
        parts += part
    return bytes(parts)
