"""Clients of a load benchmark: processes that ask each server in turn, time every answer and hold it against what is
expected."""

from __future__ import annotations

import csv
import http.client
import io
import json
import multiprocessing
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

TIMEOUT = 60.0
"""Seconds after which a server that says nothing has failed."""
BEFORE = 30.0
"""Seconds that a process may take to start, beyond the slice of the slowest."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query, the media type to ask for, whether its rows have an order, and the answer that is right."""

    name: str
    text: str
    media: str
    ordered: bool
    right: bytes


@dataclass(frozen=True, slots=True)
class Server:
    """A server under load: its name, its port on the loopback, and the path of its endpoint."""

    name: str
    port: int
    path: str


@dataclass(slots=True)
class Seen:
    """What clients saw of a server: seconds of each right answer by query, what failed or differed, the time spent."""

    times: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    spent: float = 0.0


def load(
    servers: Sequence[Server], queries: Sequence[Query], clients: int, slices: Sequence[float], seed: int
) -> list[Seen]:
    """What the clients together saw of each server, all of them asking one server for a slice, then the next.

    A slice starts when every client is done with the one before, so that two servers never work at once.
    """
    context = multiprocessing.get_context("spawn")  # nothing of the engine in this process goes along
    barrier = context.Barrier(clients)
    pairs = [context.Pipe(duplex=False) for _ in range(clients)]
    processes = [
        context.Process(
            target=_client, args=(theirs, barrier, list(servers), list(queries), list(slices), seed + number)
        )
        for number, (_, theirs) in enumerate(pairs)
    ]
    for process in processes:
        process.start()
    for _, theirs in pairs:
        theirs.close()  # so that the end of a client that died is seen
    try:
        found: list[list[Seen]] = [ours.recv() for ours, _ in pairs]
    finally:
        for process in processes:
            process.join(TIMEOUT)
            process.kill()
    return [_together([one[at] for one in found]) for at in range(len(servers))]


def answered(line: http.client.HTTPConnection, path: str, query: Query) -> tuple[int, bytes]:
    """The status and the body that a server gives to a query over a connection that stays open."""
    headers = {"Content-Type": "application/sparql-query", "Accept": query.media}
    line.request("POST", path, query.text.encode(), headers)
    reply = line.getresponse()
    return reply.status, reply.read()


def same(query: Query, body: bytes) -> bool:
    """Whether an answer is the right one; where the query gives its rows no order, any will do.

    >>> same(Query("q", "", "text/csv", False, b"a\\r\\n1\\r\\n2\\r\\n"), b"a\\r\\n2\\r\\n1\\r\\n")
    True
    """
    if body == query.right:
        return True
    if query.media == "application/sparql-results+json":
        return json.loads(body) == json.loads(query.right)
    return not query.ordered and _sorted(query.media, body) == _sorted(query.media, query.right)


def _sorted(media: str, body: bytes) -> list[list[str]]:
    text = body.decode()
    if media != "text/csv":
        return sorted([line] for line in text.splitlines())
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    return [head, *sorted(rows)]


def _client(
    report: Connection,
    barrier: Barrier,
    servers: list[Server],
    queries: list[Query],
    slices: list[float],
    seed: int,
) -> None:
    """Nothing; reports what it saw of each server. To each it puts the same queries in the same order."""
    lines = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT) for server in servers]
    orders = [_shuffled(queries, seed) for _ in servers]
    seen = [Seen() for _ in servers]
    for length in slices:
        for at, server in enumerate(servers):
            barrier.wait(length + TIMEOUT + BEFORE)
            began = time.monotonic()
            while time.monotonic() < began + length:
                _ask(lines[at], server, next(orders[at]), seen[at])
            seen[at].spent += time.monotonic() - began
            lines[at].close()  # a server closes what is idle for some seconds, as this would be until the next slice
    report.send(seen)


def _ask(line: http.client.HTTPConnection, server: Server, query: Query, seen: Seen) -> None:
    start = time.perf_counter()
    try:
        status, body = answered(line, server.path, query)
    except (OSError, http.client.HTTPException) as error:
        line.close()  # the next request opens it anew
        seen.errors.append(f"{query.name}: {error!r}")
        return
    took = time.perf_counter() - start
    if status != 200:
        seen.errors.append(f"{query.name}: {status} {body[:200].decode(errors='replace')}")
    elif not same(query, body):
        seen.differences.append(query.name)
    else:
        seen.times.setdefault(query.name, []).append(took)


def _shuffled(queries: list[Query], seed: int) -> Iterator[Query]:
    """All of the queries in one order after the other."""
    order = random.Random(seed)
    while True:
        yield from order.sample(queries, len(queries))


def _together(several: Sequence[Seen]) -> Seen:
    whole = Seen(spent=max(one.spent for one in several))
    for one in several:
        for name, times in one.times.items():
            whole.times.setdefault(name, []).extend(times)
        whole.errors += one.errors
        whole.differences += one.differences
    return whole
