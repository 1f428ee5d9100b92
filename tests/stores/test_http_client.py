"""Servers that misbehave, on loopback: what is tried again, what is told, and what is never told or sent on."""

from __future__ import annotations

import base64
import email.utils
import http.server
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from nexuskg.cli.main import run
from nexuskg.errors import EndpointError, Unanswered
from nexuskg.stores import http_client, layout, push, remote, sparql_client, stored_dataset
from nexuskg.stores.credentials import credentials, split_credentials
from nexuskg.stores.http_client import HttpReply, Wire, error_message
from nexuskg.stores.push_remote import Server

SECRET = "s3cret-pässword"
Handler = Callable[[http.server.BaseHTTPRequestHandler, bytes], tuple[int, dict[str, str], bytes]]


class Fake:
    """A server that answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handling(http.server.BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.seen.append((self.command, self.path, headers, body))
                found = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if callable(found):
                    found = found(self, body)
                if found is None:
                    return
                status, more, data = found
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handling)
        self.url = f"http://127.0.0.1:{self.server.server_port}/query"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def asked(self) -> list[str]:
        return [path for _, path, _, _ in self.seen]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Fake]:
    """A server of our own; no credentials of the user are in reach."""
    for name in ("NEXUSKG_USER", "NEXUSKG_PASSWORD", "NEXUSKG_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "netrc").write_text("")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = Fake()
    yield server
    server.server.shutdown()
    server.server.server_close()


def post(way: Wire) -> HttpReply:
    return way.send(urllib.request.Request(way.url, b"ASK {}", method="POST"))


OK = (200, {"Content-Type": "application/sparql-results+json"}, b'{"head": {}, "boolean": true}')


# --- patience


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_ever_later(status: int, fake: Fake) -> None:
    fake.answers = [(status, {}, b"busy")] * 4 + [OK]
    waits: list[float] = []
    assert post(Wire(fake.url, sleep=waits.append)).status == 200
    assert len(waits) == 4
    assert all(low <= wait <= 2 * low for low, wait in zip((0.25, 0.5, 1, 2), waits, strict=True))


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_stays_busy_is_let_alone_after_some_tries(status: int, fake: Fake) -> None:
    fake.answers = [(status, {}, b"too many of you")]
    with pytest.raises(Unanswered, match=r"too many of you\. It is busy; try again later"):
        post(Wire(fake.url, sleep=lambda _: None))
    assert len(fake.seen) == http_client.TRIES


def test_what_the_server_asks_to_wait_is_waited(fake: Fake) -> None:
    date = email.utils.formatdate(time.time() + 20, usegmt=True)
    fake.answers = [(503, {"Retry-After": "7"}, b""), (429, {"Retry-After": date}, b""), OK]
    waits: list[float] = []
    post(Wire(fake.url, sleep=waits.append))
    assert waits[0] == 7
    assert 15 < waits[1] <= 20


def test_a_server_that_asks_for_too_much_patience_is_told_of(fake: Fake) -> None:
    fake.answers = [(503, {"Retry-After": "86400"}, b"closed")]
    with pytest.raises(Unanswered, match=r"closed\. It asks to wait \(86400\)"):
        post(Wire(fake.url, sleep=lambda _: pytest.fail("it waits")))


@pytest.mark.parametrize("status", [400, 404, 500, 502])
def test_other_errors_are_not_tried_again(status: int, fake: Fake) -> None:
    fake.answers = [(status, {}, b"no")]
    with pytest.raises(Unanswered, match=str(status)):
        post(Wire(fake.url))
    assert len(fake.seen) == 1


@pytest.mark.slow
@given(st.text(max_size=30))
def test_no_retry_after_is_misread(value: str) -> None:
    found = http_client._retry_after(value)
    assert found is None or found >= 0


def test_silence_has_an_end(fake: Fake) -> None:
    release = threading.Event()

    def silent(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        release.wait(10)

    fake.answers = [silent]
    with pytest.raises(EndpointError, match=r"no answer within 0\.2 seconds; wait longer with --timeout"):
        post(Wire(fake.url, timeout=0.2))
    release.set()


def test_every_request_has_a_time_limit(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float] = []
    opened = urllib.request.OpenerDirector.open

    def noted(self: Any, request: Any, data: Any = None, timeout: float = -1) -> Any:
        limits.append(timeout)
        return opened(self, request, data, timeout)

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", noted)
    fake.answers = [OK]
    post(Wire(fake.url))
    sparql_client.send_query(Wire(fake.url, 7), "ASK {}", (), ())
    assert limits == [http_client.TIMEOUT, 7]


def test_no_proxy_stands_between_this_machine_and_itself(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    fake.answers = [OK]
    assert post(Wire(fake.url)).status == 200
    with pytest.raises(EndpointError, match="cannot be reached"):
        post(Wire("http://example.org/query"))


# --- what is told


def test_the_message_of_the_server_is_told(fake: Fake) -> None:
    fake.answers = [(400, {"Content-Type": "text/plain"}, b"Parse error: line 1,\n\n column 5: Unknown prefix\x1b[2J")]
    with pytest.raises(Unanswered, match="line 1, column 5: Unknown prefix"):
        post(Wire(fake.url))


def test_a_long_message_is_cut(fake: Fake) -> None:
    fake.answers = [(500, {}, b"x" * 100_000)]
    with pytest.raises(Unanswered) as error:
        post(Wire(fake.url))
    assert len(str(error.value)) < 600


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("application/json", b'{"code": "Bad", "detailedMessage": "No such graph"}', "No such graph"),
        ("application/json", b'{"broken', '{"broken'),
        ("application/json", b"[1]", "[1]"),
        ("text/html", b"<html><style>p {}</style><body><h1>Gateway</h1><p>down&amp;out</p></body>", "Gateway down&out"),
        ("", b"<!DOCTYPE html><html><!-- secret --><b>Oh</b> no</html>", "Oh no"),
        (
            "text/plain",
            b"Virtuoso 37000 Error SP030: syntax\n\nSPARQL query:\nASK {",
            "Virtuoso 37000 Error SP030: syntax",
        ),
        ("text/plain", b"\xff\xfe", "��"),
        ("text/plain", b"", ""),
    ],
)
def test_a_message_is_read_whatever_it_is_wrapped_in(kind: str, body: bytes, said: str) -> None:
    assert error_message(HttpReply(500, {"content-type": kind}, body)) == said


@given(st.binary(max_size=200), st.sampled_from(["application/json", "text/html", "text/plain", "x"]))
def test_any_body_gives_one_short_line(body: bytes, kind: str) -> None:
    assert "\n" not in error_message(HttpReply(500, {"content-type": kind}, body))


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Welcome to the hotel</html>",
        b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "val',
        b"[]",
        b"{}",
        b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri"}}]}}',
        b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "value": "not an iri"}}]}}',
        b"",
        b"\xff",
    ],
)
def test_what_is_no_result_is_told_as_such(body: bytes, fake: Fake) -> None:
    fake.answers = [(200, {"Content-Type": "application/sparql-results+json"}, body)]
    with pytest.raises(EndpointError, match="no result of SPARQL"):
        remote.open_endpoint(fake.url)


def test_an_answer_that_breaks_off_is_told(fake: Fake) -> None:
    fake.answers = [(200, {"Content-Length": "1000"}, b'{"head": ')]
    with pytest.raises(EndpointError, match="broke off"):
        remote.open_endpoint(fake.url)


def test_what_is_no_http_is_told(fake: Fake) -> None:
    def garbage(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        handler.wfile.write(b"\x00\x01SSH-2.0\r\n")

    fake.answers = [garbage]
    with pytest.raises(EndpointError, match="no answer of HTTP"):
        post(Wire(fake.url))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://host/x", "localhost:7878", "http://", "http://h:x/", "http://a b/"]
)
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(EndpointError, match="is no address of an endpoint"):
        Wire(url)


def test_a_page_that_the_server_cuts_short_is_noticed(fake: Fake) -> None:
    """A server that gives fewer rows than it counts, page after page, is not taken for whole."""

    def short(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if b"COUNT" in body:
            return _rows('{"n": {"type": "literal", "value": "5000"}}')
        return _rows("" if b"OFFSET+1" in body else ",".join([_ROW] * 1000))

    fake.answers = [short]
    source = remote.Remote(Wire(fake.url), layout.Space("https://w3id.org/nexuskg/graph/"), "facts")
    with pytest.raises(EndpointError, match="of 5000 rows the server gives 1000 only"):
        list(source.match(None, NamedNode("urn:p"), None, NamedNode("urn:g")))


_ROW = '{"s": {"type": "uri", "value": "urn:s"}, "o": {"type": "literal", "value": "o"}}'


def _rows(rows: str) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, f'{{"head": {{"vars": ["s", "o", "n"]}}, "results": {{"bindings": [{rows}]}}}}'.encode()


def test_an_answer_cut_by_the_server_is_no_answer(fake: Fake) -> None:
    fake.answers = [(200, {"X-SPARQL-MaxRows": "10000"}, OK[2])]
    source = remote.Remote(Wire(fake.url), layout.Space("https://w3id.org/nexuskg/graph/"), "facts")
    with pytest.raises(EndpointError, match="cut the answer to 10000 rows"):
        source.ask("SELECT * WHERE { ?s ?p ?o }", NamedNode("urn:g"), ())


# --- credentials


@pytest.fixture
def secret(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSKG_USER", "me")
    monkeypatch.setenv("NEXUSKG_PASSWORD", SECRET)


BASIC = "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode()


def test_credentials_go_only_where_they_are_asked_for(secret: None, fake: Fake) -> None:
    fake.answers = [OK]
    post(Wire(fake.url))
    assert "authorization" not in fake.seen[0][2]


def test_basic_is_given_when_asked_for_and_from_then_on(secret: None, fake: Fake) -> None:
    fake.answers = [(401, {"WWW-Authenticate": 'Basic realm="x"'}, b""), OK]
    way = Wire(fake.url)
    post(way)
    post(way)
    assert [headers.get("authorization") for _, _, headers, _ in fake.seen] == [None, BASIC, BASIC]


CHALLENGE = 'Digest realm="SPARQL", nonce="abc", qop="auth", algorithm="MD5", Basic realm="x"'


def test_digest_keeps_the_password_at_home(secret: None, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSKG_PASSWORD", "abracadabra")
    fake.answers = [(401, {"WWW-Authenticate": CHALLENGE}, b""), OK]
    post(Wire(fake.url))
    given = fake.seen[1][2]["authorization"]
    assert given.startswith('Digest username="me"')
    assert "abracadabra" not in given


def test_where_no_digest_can_be_made_the_password_stays_at_home(secret: None, fake: Fake) -> None:
    fake.answers = [(401, {"WWW-Authenticate": CHALLENGE}, b""), OK]
    with pytest.raises(EndpointError, match="other than ASCII letters"):
        post(Wire(fake.url))
    assert len(fake.seen) == 1


def test_a_token_is_sent_as_bearer(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSKG_TOKEN", "tok.en")
    fake.answers = [OK]
    post(Wire(fake.url))
    assert fake.seen[0][2]["authorization"] == "Bearer tok.en"


def test_the_netrc_file_knows_the_host(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text(
        "machine 127.0.0.1 login you password abc\nmachine example.org login x password y\n"
    )
    fake.answers = [(401, {"WWW-Authenticate": "Basic"}, b""), OK]
    post(Wire(fake.url))
    assert fake.seen[1][2]["authorization"] == "Basic " + base64.b64encode(b"you:abc").decode()
    assert not credentials("http://elsewhere.org/")


def test_a_broken_netrc_is_told_without_its_words(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me pasword {SECRET}\n")
    with pytest.raises(EndpointError, match="netrc:1: not a netrc file") as error:
        Wire(fake.url)
    assert SECRET not in str(error.value)


def test_what_is_missing_of_the_credentials_is_told(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSKG_USER", "me")
    with pytest.raises(EndpointError, match="NEXUSKG_PASSWORD is not"):
        Wire(fake.url)
    fake.answers = [(401, {"WWW-Authenticate": "Basic"}, b"who are you?")]
    monkeypatch.delenv("NEXUSKG_USER")
    with pytest.raises(Unanswered, match=r"who are you.*NEXUSKG_TOKEN, or the host's line in ~/\.netrc"):
        post(Wire(fake.url))
    monkeypatch.setenv("NEXUSKG_TOKEN", "two\nlines")
    with pytest.raises(EndpointError, match="white space"):
        Wire(fake.url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_is_sent_on(status: int, secret: None, fake: Fake) -> None:
    other = Fake()
    try:
        fake.answers = [
            (401, {"WWW-Authenticate": "Basic"}, b""),
            (status, {"Location": other.url.replace("http://", "http://u:hidden@")}, b""),
        ]
        other.answers = [OK]
        with pytest.raises(Unanswered, match="sends on to") as error:
            post(Wire(fake.url))
        assert other.url in str(error.value)
        assert "hidden" not in str(error.value)
        assert other.seen == []
    finally:
        other.server.shutdown()
        other.server.server_close()


@pytest.mark.parametrize("status", [400, 401, 403, 500, 503])
@pytest.mark.parametrize("how", ["environment", "address", "token"])
def test_no_secret_is_ever_printed(
    how: str, status: int, small: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(http_client, "LONGEST_WAIT", 0.0)
    url, word = fake.url, "s3cret-password"
    if how == "address":
        url = url.replace("http://", f"http://me:{word}@")
    elif how == "token":
        monkeypatch.setenv("NEXUSKG_TOKEN", word)
    else:
        monkeypatch.setenv("NEXUSKG_USER", "me")
        monkeypatch.setenv("NEXUSKG_PASSWORD", word)

    def echoing(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """An error page that shows the request, secrets and all."""
        page = f"{handler.headers} {word} {url}".encode()
        return status, {"WWW-Authenticate": 'Basic realm="x"', "Retry-After": "0"}, page

    fake.answers = [echoing]
    for command in (["ask", "who-taxes-what"], ["push"]):
        assert run([*command, "--endpoint", url]) == 2
        out, err = capsys.readouterr()
        assert word not in out + err
        assert err.startswith(f"nexuskg: {fake.url}: {status}")
        assert err.count("\n") == 1


@given(st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=1, max_size=20))
def test_the_address_is_told_without_the_password(password: str) -> None:
    import urllib.parse

    quoted = urllib.parse.quote(password, safe="")
    bare, found = split_credentials(f"https://user:{quoted}@example.org/sparql")
    assert bare == "https://example.org/sparql"
    assert (found.user, found.password) == ("user", password)
    assert repr(found) == "Credentials()"


# --- pushing to what does not behave


def test_where_nothing_can_be_written_the_ways_tried_are_told(small: Path, fake: Fake) -> None:
    from nexuskg.pipeline import compilation

    def reading(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if handler.path != "/query":
            return 405, {}, b"read only"
        return _rows('{"n": {"type": "literal", "value": "0"}}' if b"COUNT" in body else "")

    fake.answers = [reading]
    with pytest.raises(EndpointError, match=r"no way to write was found.*--graph-store URL or --update URL") as error:
        push.push(compilation.compiled(), Server(fake.url))
    for where in ("/store", "/data", "/update"):
        assert f"{fake.url.removesuffix('/query')}{where} (405 read only" in str(error.value)


class Shelf:
    """A target in memory that may lose triples."""

    def __init__(self, losing: str = "") -> None:
        self.graphs: dict[str, list[bytes]] = {}
        self.losing = losing

    def manifest(self, names: layout.Space) -> layout.Manifest | None:
        from pyoxigraph import RdfFormat, parse

        lines = b"\n".join(self.graphs.get(names.manifest.value, []))
        return layout.read_manifest((quad.triple for quad in parse(lines, RdfFormat.N_TRIPLES)), names)

    def count(self, graph: NamedNode) -> int:
        return len(self.graphs.get(graph.value, []))

    def replace(self, graph: NamedNode, lines: Any) -> None:
        self.graphs[graph.value] = list(lines)[1:] if graph.value.endswith(self.losing or "?") else list(lines)

    def add(self, graph: NamedNode, lines: Any) -> None:
        self.graphs[graph.value] += lines


def test_a_wrong_count_is_told_and_keeps_the_dataset_from_being_whole(small: Path) -> None:
    from nexuskg.pipeline import compilation

    shelf, data = Shelf("view/facts"), compilation.compiled()
    done = push.push(data, shelf)
    (wrong,) = done.wrong
    assert wrong.graph.endswith("graph/view/facts")
    assert wrong.found == wrong.expected - 1
    found = shelf.manifest(layout.space_of(data.view))
    assert found is not None
    assert found.digest is None
    shelf.losing = ""
    again = push.push(data, shelf)
    assert again.loaded == (wrong.graph,)
    assert again.wrong == ()


def test_the_command_tells_a_wrong_count_by_its_exit_code(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nexuskg.stores import push_remote

    monkeypatch.setattr(push_remote, "Server", lambda *_: Shelf("view/facts"))
    assert run(["push", "--endpoint", "http://localhost/query"]) == 1
    out, err = capsys.readouterr()
    assert "graph/view/facts:" in err
    assert "expected" in err
    assert "loaded" in out


def test_the_names_of_graphs_and_the_options_of_their_views_tell_views_apart() -> None:
    from nexuskg.pipeline.views import view

    different = [
        view(),
        view(evidence="locator"),
        view(inference=False),
        view(sources="a-b"),
        view(sources=["a", "b"]),
        view(as_of="2015"),
        view(min_confidence=55),
        view(prefer="latest"),
    ]
    assert len({layout.space_of(one).prefix for one in different}) == len(different)
    assert len({stored_dataset.options(one) for one in different}) == len(different)
    assert layout.space_of(view("implied", sources="a-b")) == layout.space_of(view(sources="a-b"))
    names = layout.space_of(view(evidence="locator"))
    graph = NamedNode("https://w3id.org/nexuskg/graph/data/entities/actors")
    assert names.inner(names.outer(graph)) == graph
    assert layout.space_of(view()).inner(names.outer(graph)) is None


def test_a_manifest_is_read_as_it_was_written() -> None:
    names = layout.Space("https://w3id.org/nexuskg/graph/")
    graphs = {"https://w3id.org/nexuskg/graph/a": (3, "d1"), "https://w3id.org/nexuskg/graph/b": (0, None)}
    for digest in ("whole", None):
        written = layout.Manifest("all", "1.2", digest, graphs, ('{"focus": "f", "message": "m", "implied": false}',))
        assert layout.read_manifest(written.triples(names), names) == written
    assert layout.read_manifest([], names) is None


def test_a_literal_has_the_form_that_it_has_at_home() -> None:
    from nexuskg.base.namespaces import XSD
    from nexuskg.stores.mapped_store import canonical_literal

    assert canonical_literal("x", "urn:t")["value"] == "x"
    assert canonical_literal("0.10", XSD + "decimal")["value"] == "0.1"
    assert canonical_literal("1", XSD + "boolean")["value"] == "true"
