"""The trap for connections that leave this machine (trap.c), in which .ci/run holds the whole suite: it catches."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nexuskg.server.sandbox.jobs import Content
from nexuskg.server.sandbox.pool import Pool

CC = shutil.which("cc")
pytestmark = pytest.mark.skipif(sys.platform != "linux" or CC is None, reason="needs Linux and cc")
NOWHERE = "192.0.2.1"
"""An address that nobody has (RFC 5737)."""
SECONDS = 20
"""So long may a piece of Python wait for somebody who is not there."""
HERE = f"""
import http.client, http.server, socket, threading
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
for host in ("127.0.0.1", "localhost"):
    line = http.client.HTTPConnection(host, server.server_port)
    line.request("GET", "/")
    line.getresponse()
six = socket.socket(socket.AF_INET6)
for to in ("::ffff:127.0.0.1", "::1"):
    try: six.connect((to, server.server_port))
    except OSError: pass
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", server.server_port))
socket.getaddrinfo("{NOWHERE}", 80)
try: socket.socket(socket.AF_UNIX).connect("/nowhere")
except OSError: pass
"""
QUIET = "\ntry: {}\nexcept OSError: pass\n"
SERVICE = "import pyoxigraph" + QUIET.format(f"pyoxigraph.Store().query('ASK {{ SERVICE <http://{NOWHERE}/> {{}} }}')")
SOCKET = f"import socket; s = socket.socket(socket.{{}}); s.setblocking(False){QUIET}"
TCP, UDP, SIX = "AF_INET", "AF_INET, socket.SOCK_DGRAM", "AF_INET6"

Trapped = Callable[..., list[tuple[str, str]]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("trap") / "trap.so"
    command = [str(CC), "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(made), "trap.c", "-ldl"]
    subprocess.run(command, check=True, cwd=Path(__file__).parent / "support")
    return made


@pytest.fixture
def trapped(library: Path, tmp_path: Path) -> Trapped:
    """What a piece of Python has been caught at, as pairs of address and port; it is stopped after a few seconds."""

    def run(code: str, path: str | None = None) -> list[tuple[str, str]]:
        seen = tmp_path / "seen.txt"
        seen.touch()
        environment = {**os.environ, "LD_PRELOAD": str(library), "NEXUSKG_TRAP": str(seen) if path is None else path}
        with subprocess.Popen([sys.executable, "-c", code], env=environment) as running:
            try:
                assert running.wait(SECONDS) == 0
            except subprocess.TimeoutExpired:
                running.kill()
        lines = [line.split(" ") for line in seen.read_text(encoding="utf-8").splitlines()]
        assert all(len(line) == 4 and line[0].isdecimal() for line in lines)
        return [(address, port) for _, _, address, port in lines]

    return run


@pytest.mark.parametrize(
    ("code", "address", "port"),
    [
        (SOCKET.format(TCP, f"s.connect(('{NOWHERE}', 81))"), NOWHERE, "81"),
        (SOCKET.format(UDP, f"s.connect(('{NOWHERE}', 82)); s.send(b'x')"), NOWHERE, "82"),
        (SOCKET.format(UDP, f"s.connect(('{NOWHERE}', 88)); s.sendmsg([b'x'])"), NOWHERE, "88"),
        (SOCKET.format(UDP, f"s.sendto(b'x', ('{NOWHERE}', 53))"), NOWHERE, "53"),
        (SOCKET.format(UDP, f"s.sendmsg([b'x'], [], 0, ('{NOWHERE}', 83))"), NOWHERE, "83"),
        (SOCKET.format(SIX, "s.connect(('2001:db8::1', 84))"), "2001:db8::1", "84"),
        (SOCKET.format(SIX, f"s.connect(('::ffff:{NOWHERE}', 85))"), f"::ffff:{NOWHERE}", "85"),
        ("import socket" + QUIET.format("socket.getaddrinfo('nobody.invalid', 80)"), "nobody.invalid", "53"),
        ("import socket" + QUIET.format("socket.gethostbyname('nobody.invalid')"), "nobody.invalid", "53"),
        ("import socket" + QUIET.format(f"socket.gethostbyaddr('{NOWHERE}')"), NOWHERE, "53"),
        ("import socket" + QUIET.format(f"socket.getnameinfo(('{NOWHERE}', 80), 0)"), NOWHERE, "53"),
        # The engine may wait for an answer that does not come; it has been caught by then.
        (SERVICE, NOWHERE, "80"),
    ],
)
def test_what_leaves_the_machine_is_caught(code: str, address: str, port: str, trapped: Trapped) -> None:
    assert set(trapped(code)) == {(address, port)}


def test_what_stays_on_the_machine_is_not(trapped: Trapped) -> None:
    assert trapped(HERE) == []
    assert trapped(SOCKET.format(UDP, f"s.connect(('{NOWHERE}', 89))")) == []  # nothing has been sent


def test_a_child_without_our_environment_is_caught_unless_it_says_no(trapped: Trapped) -> None:
    connect = SOCKET.format(TCP, f"s.connect(('{NOWHERE}', 86))")
    start = "import subprocess, sys; subprocess.run([sys.executable, '-c', {!r}], env={!r}, check=True)"
    assert trapped(start.format(connect, {})) == [(NOWHERE, "86")]
    assert trapped(start.format(connect, {"NEXUSKG_TRAP": ""})) == [(NOWHERE, "86")]  # what was seen before


def test_nothing_is_noted_while_it_is_off(trapped: Trapped) -> None:
    assert trapped(SOCKET.format(TCP, f"s.connect(('{NOWHERE}', 87))"), path="") == []


@pytest.mark.skipif("NEXUSKG_TRAP_FOR_TESTS" not in os.environ, reason="the suite is not run in the trap")
def test_the_suite_itself_is_in_the_trap_and_so_are_the_workers() -> None:
    assert os.environ["NEXUSKG_TRAP"] == os.environ["NEXUSKG_TRAP_FOR_TESTS"]
    preloaded = os.environ["LD_PRELOAD"]
    pool = Pool(lambda: Content(b""))
    maps = [Path(f"/proc/{pid}/maps").read_text(encoding="utf-8") for pid in (os.getpid(), *pool.pids())]
    pool.close()
    assert all(preloaded in one for one in maps)
