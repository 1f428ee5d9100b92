"""Attacks on the server: each is refused in a sentence, the next query is answered, and no process is left over."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import httpx
import pytest

from nexuskg.errors import NexuskgError, Refused
from nexuskg.pipeline.views import FACTS
from nexuskg.queries.query_guard import check_query
from nexuskg.server.app import listener, requests
from nexuskg.server.sandbox.jobs import Limits, QueryJob
from nexuskg.server.state.host import Hosted, host_view

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at processes as Linux shows them")

PRODUCT = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
LONG = f'BIND("{"x" * 1000}" AS ?a0)' + "".join(
    f" BIND(CONCAT({','.join([f'?a{i}'] * 10)}) AS ?a{i + 1})" for i in range(8)
)
ATTACKS = {
    "braces": "ASK " + "{" * 10_000 + "}" * 10_000,
    "brackets": "ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
    "negations": "ASK { FILTER(" + "!" * 30_000 + "true) }",
    "sum": "ASK { FILTER(1" + "+1" * 20_000 + " > 0) }",
    "unions": "ASK { " + "UNION".join(["{}"] * 7_000) + " }",
    "exists": "ASK { " + "FILTER EXISTS {" * 3_000 + "}" * 3_000 + " }",
    "product": f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}",
    "path": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^!<urn:x>)* ?b }",
    "long": f"SELECT (STRLEN(?a8) AS ?n) {{ {LONG} }}",
    "sorted": f"SELECT * {{ {PRODUCT} }} ORDER BY ?i",
    "groups": f"SELECT (GROUP_CONCAT(STR(?i)) AS ?n) {{ {PRODUCT} }}",
    "large": "SELECT * { ?a ?b ?c . ?d ?e ?f }",
    "constructed": "CONSTRUCT { ?a ?b ?f } { ?a ?b ?c . ?d ?e ?f }",
    "quotes": "'" + "\\'" * 30_000,
    "dashes": "ASK { " + "a-" * 30_000 + " }",
    "nul": "ASK { ?a ?b '\0' }",
}
SERVICES = [
    "SELECT * { SERVICE <URL> { ?a ?b ?c } }",
    "SELECT * { service<URL>{ ?a ?b ?c } }",
    "SELECT * { SeRvIcE SILENT <URL> {} }",
    "SELECT * { SERVICESILENT<URL> {} }",
    "SELECT * { SERVICE ?x { ?a ?b ?c } VALUES ?x { <URL> } }",
    "PREFIX p: <URL> SELECT * { SERVICE p: {} }",
    "PREFIX : <URL> SELECT * { SERVICE:x {} }",
    "PREFIX : <URL> SELECT * { SERVICESILENT:x {} }",
    "BASE <URL> SELECT * { SERVICE <x> {} }",
    "SELECT * { #\n SERVICE # <\n <URL> {} }",
    "SELECT * { # a comment ends here: \r SERVICE SILENT <URL> {} }",
    "SELECT * { ?s nx:a\\#b ?o . SERVICE SILENT <URL> {} }",
    "SELECT * { ?s nx:a\\'b ?o . SERVICE SILENT <URL> {} ?t nx:c\\'d ?u }",
    "PREFIX p: <urn:\\u0061#> SELECT * { SERVICE SILENT <URL> {} }",
    "SELECT * { \\u0053ERVICE SILENT <URL> {} }",
    "SELECT * { S\\U00000045RVICE SILENT <URL> {} }",
    "ASK { FILTER EXISTS { SERVICE <URL> {} } }",
    "ASK { { SELECT * { SERVICE <URL> {} } } }",
    "SELECT * { OPTIONAL { SERVICE SILENT <URL> {} } }",
    "SELECT * { LATERAL { SERVICE SILENT <URL> {} } }",
    "SELECT * { ?a ?b '''' . SERVICE SILENT <URL> {} ?c ?d '''' }",
    "CONSTRUCT { ?a ?b ?c } { SERVICE SILENT <URL> { ?a ?b ?c } }",
    "DESCRIBE ?a { SERVICE SILENT <URL> { ?a ?b ?c } }",
    "SELECT * { SERVICE SILENT <http://2130706433:PORT/> {} }",
]


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits(deadline=1.0, memory=300_000_000, waiting=2)


def ask(site: Hosted, text: str) -> bytes:
    assert site.pool is not None
    return site.pool.answer(QueryJob(text))[1]


def alive(pids: set[int]) -> set[int]:
    """Those that run; what has ended and only waits for its parent, which may be that of a container, does not."""
    running = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z":
                running.add(pid)
    return running


def children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


@pytest.mark.slow
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_stopped_and_the_next_query_answered(site: Hosted, name: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(site, ATTACKS[name])
    assert refused.value.status in (400, 503)
    assert str(refused.value).endswith((".", "LIMIT."))
    began = time.monotonic()
    assert b"true" in ask(site, "ASK {}")
    assert time.monotonic() - began < 2
    assert site.pool is not None
    pids = site.pool.pids()
    assert len(pids) == 1 + site.limits.workers
    holder = next(pid for pid in pids if children(pid))
    assert children(holder) == pids - {holder}


def test_a_worker_has_no_descriptor_but_its_socket_and_can_open_none(site: Hosted) -> None:
    assert site.pool is not None

    def confined(pid: int) -> bool:
        return "Max open files            0 " in Path(f"/proc/{pid}/limits").read_text()

    until = time.monotonic() + 10  # a worker that has only just been forked is not confined yet
    while sum(map(confined, site.pool.pids())) < site.limits.workers and time.monotonic() < until:
        time.sleep(0.05)
    for pid in site.pool.pids():
        links = [os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()]
        assert sum(link.startswith("socket:") for link in links) == 1
        assert set(links) - {link for link in links if link.startswith("socket:")} == {os.devnull}
        if not children(pid):
            assert confined(pid)
            known = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            assert not [one for one in known if b"NEXUSKG" in one and not one.startswith(b"NEXUSKG_TRAP=")]  # trap.c


@pytest.mark.slow
@pytest.mark.parametrize("query", SERVICES)
def test_no_service_is_reached(site: Hosted, trap: tuple[int, list[str]], query: str) -> None:
    port, seen = trap
    text = query.replace("URL", f"http://127.0.0.1:{port}/").replace("PORT", str(port))
    with pytest.raises(Refused) as refused:
        ask(site, text)
    assert refused.value.status == 400
    assert not seen


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM <URL> { ?s ?p ?o }",
        "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }",
        "PREFIX f: <file:///etc/> ASK FROM f:passwd {}",
        "ask from<file:///etc/passwd>{}",
        "LOAD <URL>",
        "load silent <file:///etc/passwd>",
        "PREFIX a: <urn:a> # so\nLOAD <URL> INTO GRAPH a:b",
    ],
)
def test_no_file_and_no_address_is_read(site: Hosted, trap: tuple[int, list[str]], query: str) -> None:
    port, seen = trap
    with pytest.raises(Refused) as refused:
        ask(site, query.replace("URL", f"http://127.0.0.1:{port}/"))
    assert refused.value.status in (400, 403)
    assert not seen


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service ?p 'SERVICE <x>' } # SERVICE",
        "SELECT * { ?s <urn:SERVICE> nx:service }",
        'SELECT * { ?s ?p "a\\"SERVICE\\u0041" }',
        "SELECT?a{?a ?b ?c}",
        "PREFIX a: <urn:\\u0061> SELECT * { ?a a:select ?b }",
        "BASE <urn:x> PREFIX a: <urn:a> PREFIX : <urn:b> SELECT * { a:b : ?c FILTER(?c<?d&&?d>?e) }",
    ],
)
def test_what_only_looks_like_it_is_answered(query: str) -> None:
    assert check_query(query, (), {}) == "SELECT"


def test_who_finds_no_place_is_told_when_to_come_again(site: Hosted) -> None:
    told: list[Refused] = []

    def run() -> None:
        try:
            ask(site, ATTACKS["product"])
        except Refused as error:
            told.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 8
    assert {error.status for error in told} == {503}
    assert sum(error.retry > 0 for error in told) >= 4
    assert b"true" in ask(site, "ASK {}")


@pytest.mark.slow
def test_a_lost_holder_is_replaced() -> None:
    site = host_view(FACTS, Limits(deadline=5, workers=1))
    try:
        assert site.pool is not None
        before = site.pool.pids()
        holder = next(pid for pid in before if children(pid))
        os.kill(holder, 9)
        until = time.monotonic() + 10
        while alive(before) and time.monotonic() < until:
            time.sleep(0.05)
        for _ in range(3):  # the worker went with it
            with contextlib.suppress(Refused):
                assert b"true" in ask(site, "ASK {}")
                break
        else:
            pytest.fail("no query was answered any more")
        assert not site.pool.pids() & before
    finally:
        site.close()


LATE = """
import ctypes, time
from nexuskg.server.sandbox import holder
found = ctypes.CDLL
def late(name):
    time.sleep(0.5)
    return found(name)
ctypes.CDLL = late
holder.hold_graph()
"""


def test_a_worker_whose_holder_ends_before_it_is_bound_to_it_ends_too() -> None:
    ours, theirs = socket.socketpair()
    line, end = socket.socketpair()
    settings = b'{"memory": 100000000, "result": 1000, "nesting": 9, "prefixes": {}, "graphs": [], "hidden": []}\n'
    command = [sys.executable, "-c", LATE, str(theirs.fileno())]
    with ours, line, subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[theirs.fileno()]) as holder:
        theirs.close()
        assert holder.stdin is not None
        holder.stdin.write(settings)
        holder.stdin.close()
        assert ours.recv(1) == b"r"
        with end:
            socket.send_fds(ours, [b"f" + bytes(4)], [end.fileno()])
            assert len(ours.recv(4)) == 4  # the worker is there
        holder.kill()
        holder.wait()
        line.settimeout(20)
        assert line.recv(1) == b""  # and closes its end, unasked


def test_no_process_is_left() -> None:
    site = host_view(FACTS, Limits(deadline=5, workers=3))
    assert site.pool is not None
    pids = site.pool.pids()
    assert alive(pids) == pids
    site.close()
    assert not alive(pids)
    with pytest.raises(Refused):
        ask(site, "ASK {}")


@pytest.fixture
def address(
    site: Hosted, running: Callable[..., AbstractContextManager[str]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A server whose clients have half a second to send what they have to send."""
    monkeypatch.setattr(listener, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(Hosted, "close", lambda self: None)  # the workers are needed further on
    with running(site) as address:
        yield address
    monkeypatch.undo()


def connected(address: str) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def healthy(address: str) -> None:
    began = time.monotonic()
    found = httpx.get(address + "/sparql", params={"query": "ASK {}"}, trust_env=False)
    assert found.json()["boolean"] is True
    assert time.monotonic() - began < 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"GET /sparql?query=ASK",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    ],
)
def test_a_client_that_never_asks_is_left(address: str, head: bytes) -> None:
    lines = [connected(address) for _ in range(40)]
    for line in lines:
        line.sendall(head)
    healthy(address)
    for line in lines:
        with line:
            said = b"".join(iter(partial(line.recv, 4096), b""))  # until the end, which is to come
        assert not said or said.startswith(b"HTTP/1.1 4")
    healthy(address)


def test_a_client_that_asks_and_falls_silent_is_left(address: str) -> None:
    with connected(address) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        said = b""
        while not said.endswith(b"ok\n"):  # head and body come apart
            said += line.recv(4096)
        line.sendall(b"GET /hea")
        assert line.recv(4096) == b""


def test_a_body_that_does_not_come_is_not_waited_for(address: str) -> None:
    with connected(address) as line:
        line.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
            b"Content-Length: 100\r\n\r\nASK"
        )
        assert b" 408 " in line.recv(4096)
    healthy(address)


@pytest.mark.parametrize("length", [b"Content-Length: 200000000", b"Transfer-Encoding: chunked"])
def test_a_huge_body_is_not_read(address: str, length: bytes) -> None:
    with connected(address) as line:
        head = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
        line.sendall(head + length + b"\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n" if b"chunked" in length else b"x" * 65536
        sent = 0
        with contextlib.suppress(OSError):
            for _ in range(1000):
                line.sendall(chunk)
                sent += len(chunk)
        assert sent < 60_000_000
    healthy(address)


def test_a_header_without_end_and_two_hosts_are_refused(address: str) -> None:
    with connected(address) as line, contextlib.suppress(OSError):
        line.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 1_000_000)
        assert not line.recv(4096).startswith(b"HTTP/1.1 200")
    with connected(address) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert line.recv(4096).split()[1] in (b"400", b"421")
    with connected(address) as line:
        line.sendall(b"GET http://evil.example/health HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        assert b" 421 " in line.recv(4096)
    healthy(address)


ODD_PATHS = [
    b"/api/questions/../../etc/passwd",
    b"/api/questions/%2e%2e/%2e%2e/etc/passwd",
    b"/api/questions/..%2f..%2fchecks%2floops",
    b"/api/questions/%2fetc%2fpasswd",
    b"/api/questions//etc/passwd",
    b"/api/questions/who-taxes-what%00.csv",
    b"/api/questions/who-taxes-what.csv/../../..",
    b"/api/questions/..%5c..%5cchecks%5cloops",
    b"/api/questions/%c0%ae%c0%ae%c0%afetc",
    b"/answers/../style.css",
    b"/answers/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    b"/answers/%00",
    b"/answers//etc/passwd",
    b"/graph/../../../etc/passwd",
    b"/graph/%2e%2e/%2e%2e/etc/passwd",
    b"/store?graph=../../etc/passwd",
    b"/store?graph=file:///etc/passwd",
    b"/..;/..;/etc/passwd",
    b"//evil.example/%2e%2e",
    b"/\\evil.example",
]


def answer_to(address: str, request: bytes) -> bytes:
    """All that comes back for these bytes, until the other end closes."""
    with connected(address) as line:
        line.sendall(request)
        said = b""
        with contextlib.suppress(OSError):
            while piece := line.recv(65536):
                said += piece
    return said


@pytest.mark.slow
@pytest.mark.parametrize("path", ODD_PATHS)
def test_a_path_leads_to_no_file(address: str, path: bytes) -> None:
    for accept in (b"text/html", b"application/json, text/turtle"):
        head = b"GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: %s\r\nConnection: close\r\n\r\n" % (path, accept)
        said = answer_to(address, head)
        assert said.split()[1] in (b"400", b"404", b"406"), said[:200]
        assert b"root:" not in said


@pytest.mark.parametrize(
    "header",
    [
        b"X-Forwarded-Host: evil.example",
        b"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https",
        b"Forwarded: host=evil.example;proto=https",
        b"X-Original-URL: /store?default\r\nX-Rewrite-URL: /store?default",
        b"X-HTTP-Method-Override: PUT\r\nX-Method-Override: DELETE",
    ],
)
def test_headers_of_proxies_change_nothing(address: str, header: bytes) -> None:
    head = b"GET /sparql HTTP/1.1\r\nHost: localhost\r\nAccept: text/turtle\r\nConnection: close\r\n%s\r\n"

    def body(more: bytes) -> list[bytes]:
        return sorted(answer_to(address, head % more).partition(b"\r\n\r\n")[2].split())

    with_it = body(header + b"\r\n")
    assert b"<http://localhost/sparql>" in with_it
    assert not any(b"evil.example" in word or b"https://localhost" in word for word in with_it)
    assert len(with_it) == len(body(b""))


POSTED = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
BEHIND = b"GET /limits HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        POSTED + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + BEHIND,
        POSTED + b"Content-Length: 6\r\nContent-Length: 60\r\n\r\nASK {}" + BEHIND,
        POSTED + b"Transfer-Encoding: xchunked\r\nContent-Length: 6\r\n\r\nASK {}" + BEHIND,
        POSTED + b"Content-Length: -1\r\n\r\n" + BEHIND,
        POSTED + b"Content-Length : 6\r\n\r\nASK {}" + BEHIND,
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\r\n Host: evil.example\r\n\r" + BEHIND,
    ],
    ids=["length and chunks", "two lengths", "odd coding", "negative", "space", "folded"],
)
def test_nothing_is_smuggled_behind_a_request(address: str, request_: bytes) -> None:
    """Two readers may disagree on where it ends, so at most what is before is answered, and the line is closed."""
    said = answer_to(address, request_)
    assert b'"deadline"' not in said
    assert said.count(b"HTTP/1.1 2") == 0, said[:300]
    healthy(address)


@pytest.mark.parametrize("value", [b"a\r\nX-Evil: 1", b"a%0d%0aX-Evil:%201", b"\xc4\x8d\xc4\x8aX-Evil: 1"])
def test_nothing_asked_becomes_a_header(address: str, value: bytes) -> None:
    for path in (b"/api/find?q=" + value, b"/" + value, b"/api/without?what=" + value, b"/sparql?query=" + value):
        head = b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path
        heads = answer_to(address, head).partition(b"\r\n\r\n")[0].lower()
        assert b"\nx-evil" not in heads


def resident(pid: int) -> int:
    """The bytes of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_memory_is_given_back(site: Hosted) -> None:
    assert site.pool is not None

    def all_attacks() -> None:
        for query in (*ATTACKS.values(), *SERVICES):
            with contextlib.suppress(Refused):
                ask(site, query)

    all_attacks()  # what is imported and grown once is no leak
    holder = next(pid for pid in site.pool.pids() if children(pid))
    before = {pid: resident(pid) for pid in (os.getpid(), holder)}
    all_attacks()
    for pid, size in before.items():
        assert resident(pid) - size < 64_000_000
    for pid in site.pool.pids():  # a worker is a copy of the holder
        assert resident(pid) < before[holder] + 200_000_000
    assert b"true" in ask(site, "ASK {}")


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_however_the_server_ends(how: signal.Signals, home: Path) -> None:
    command = [sys.executable, "-m", "nexuskg", "serve", "--port", "0", "--limit", "deadline=30"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = server.stderr.readline()
        address = said.split(" at ")[1].split(" ")[0].rstrip("/")
        healthy(address)
        holders = children(server.pid)
        left = holders | {pid for holder in holders for pid in children(holder)}
        assert len(left) == 3
        server.send_signal(how)
        server.wait(20)
        assert "Traceback" not in server.stderr.read()
    until = time.monotonic() + 10
    while alive(left) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(left)


@pytest.mark.slow
def test_a_holder_that_cannot_start_is_told_of_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = children(os.getpid())
    monkeypatch.setattr(sys, "executable", str(shutil.which("false")))
    with pytest.raises(NexuskgError, match="cannot be started"):
        host_view(FACTS)
    assert children(os.getpid()) == before
