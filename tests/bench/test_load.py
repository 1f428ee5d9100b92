"""The load benchmark: a short run of it, and that its clients see what is wrong."""

from __future__ import annotations

import http.server
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import clients

BENCH = Path(__file__).parent


@pytest.mark.slow
def test_a_short_run_finds_no_error_and_no_difference(tmp_path: Path) -> None:
    written = tmp_path / "load.md"
    command = [sys.executable, str(BENCH / "load.py"), "--seconds", "1", "--clients", "2", "-o", str(written)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    report = written.read_text(encoding="utf-8")
    for name in ("nexuskg serve", "oxigraph serve-read-only"):
        row = next(line for line in report.splitlines() if line.startswith(f"| {name} |"))
        requests, *_, errors, differences = [cell.strip() for cell in row.strip("|").split("|")][1:]
        assert int(requests.replace(",", "")) > 0
        assert (errors, differences) == ("0", "0")
    assert re.search(r"rather than in process, nothing else going on: -?[\d.,]+ ms more a query", report)
    asked = report.partition("## By query")[2]
    assert "| who-taxes-what |" in asked


@pytest.mark.slow
def test_clients_count_what_fails_and_what_differs() -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.send_response(503 if text == "fails" else 200)
            self.send_header("Content-Length", "6")
            self.end_headers()
            self.wfile.write(b"a\n2\n1\n")

        def log_message(self, *args: object) -> None:
            pass

    queries = [
        clients.Query("in any order", "a", "text/csv", False, b"a\n1\n2\n"),
        clients.Query("in another order", "b", "text/csv", True, b"a\n1\n2\n"),
        clients.Query("with another row", "c", "text/csv", False, b"a\n1\n3\n"),
        clients.Query("not at all", "fails", "text/csv", False, b"a\n2\n1\n"),
    ]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        there = clients.Server("there", server.server_address[1], "/")
        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as gone:
            nobody = clients.Server("nobody", gone.server_address[1], "/")
        good, bad = clients.load([there, nobody], queries, 2, [0.3, 0.3], 1)
        server.shutdown()
    assert set(good.times) == {"in any order"}
    assert set(good.differences) == {"in another order", "with another row"}
    assert {error.partition(":")[0] for error in good.errors} == {"not at all"}
    assert not bad.times
    assert {error.partition(":")[0] for error in bad.errors} == {query.name for query in queries}
