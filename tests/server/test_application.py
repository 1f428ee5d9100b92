"""The server, as clients meet it: the SPARQL Protocol, and what every answer says."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from nexuskg.base.namespaces import GRAPH
from nexuskg.server.api import sparql_protocol
from nexuskg.server.app import listener
from nexuskg.server.sandbox.jobs import Limits

SELECT = "SELECT ?who { ?who nx:concentratedIn place:vraem }"
CONSTRUCT = "CONSTRUCT WHERE { actor:sendero-luminoso nx:concentratedIn ?where }"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}
LOG: list[dict[str, object]] = []


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits(deadline=5, body=100_000)


@pytest.fixture(scope="module")
def log() -> Callable[[Mapping[str, object]], None]:
    return lambda entry: LOG.append(dict(entry))


def rows(client: httpx.Client, query: str, **params: object) -> list[dict[str, str]]:
    found = client.get("/sparql", params={"query": query, **params}, headers={"Accept": "text/csv"})
    assert found.status_code == 200, found.text
    return list(csv.DictReader(io.StringIO(found.text)))


def logged() -> dict[str, object]:
    """The one entry of the log, which is written when the answer has been sent already."""
    until = time.monotonic() + 10
    while not LOG and time.monotonic() < until:
        time.sleep(0.01)
    (entry,) = LOG
    return entry


def test_a_query_is_answered_however_it_is_sent(client: httpx.Client) -> None:
    answers = [
        client.get("/sparql", params={"query": SELECT}),
        client.post("/sparql", data={"query": SELECT}),
        client.post("/sparql", content=SELECT, headers=QUERY),
        client.post("/sparql", content=SELECT, headers={"Content-Type": "application/sparql-query; charset=utf-8"}),
    ]
    assert [found.status_code for found in answers] == [200] * 4
    assert {found.content for found in answers} == {answers[0].content}
    assert answers[0].headers["content-type"] == "application/sparql-results+json"
    (row,) = answers[0].json()["results"]["bindings"]
    assert row["who"]["value"].endswith("/sendero-luminoso")


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("application/json;q=0.4, text/csv;q=0.5", "text/csv; charset=utf-8"),
        ("text/csv;q=0, text/*", "text/tab-separated-values; charset=utf-8"),
        ("text/turtle, application/sparql-results+xml;q=0.1", "application/sparql-results+xml"),
        ("application/xml", "application/xml"),
    ],
)
def test_solutions_come_as_asked(client: httpx.Client, accept: str, media: str) -> None:
    for query in (SELECT, "ASK {}"):
        found = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
        assert (found.status_code, found.headers["content-type"]) == (200, media)
        assert "Accept" in found.headers["vary"]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", ox.RdfFormat.TURTLE),
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/rdf+xml, text/turtle;q=0.9", ox.RdfFormat.RDF_XML),
    ],
)
def test_triples_come_as_asked(client: httpx.Client, accept: str, form: ox.RdfFormat) -> None:
    for query in (CONSTRUCT, "DESCRIBE actor:sendero-luminoso"):
        found = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
        assert found.headers["content-type"].partition(";")[0] == form.media_type
        assert any(quad.predicate.value.endswith("#concentratedIn") for quad in ox.parse(found.content, format=form))


def test_what_nobody_offers_is_not_acceptable(client: httpx.Client) -> None:
    for query in (SELECT, CONSTRUCT):
        found = client.get("/sparql", params={"query": query}, headers={"Accept": "image/png"})
        assert found.status_code == 406
        assert "is answered as one of: " in found.text


def test_a_request_names_its_dataset(client: httpx.Client) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    facts, implied = ({"default-graph-uri": f"{GRAPH}view/{name}"} for name in ("facts", "implied"))
    assert rows(client, count) == rows(client, count, **facts)
    assert int(rows(client, count, **implied)[0]["n"]) > int(rows(client, count)[0]["n"])
    one = {"default-graph-uri": GRAPH + "nexus"}
    assert int(rows(client, count, **one)[0]["n"]) < 100
    both = {"default-graph-uri": [GRAPH + "nexus", GRAPH + "vocab/modality"]}
    assert int(rows(client, count, **both)[0]["n"]) > int(rows(client, count, **one)[0]["n"])
    named = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert rows(client, named, **{"named-graph-uri": GRAPH + "nexus"}) == [{"g": GRAPH + "nexus"}]
    assert rows(client, named, **one) == []
    assert rows(client, count, **{"named-graph-uri": GRAPH + "nexus"}) == [{"n": "0"}]
    # What the request names goes before what the query names.
    within = f"SELECT (COUNT(*) AS ?n) FROM <{GRAPH}view/facts> {{ ?s ?p ?o }}"
    assert rows(client, within) == rows(client, count)
    assert rows(client, within, **one) == rows(client, count, **one)
    found = client.post("/sparql", data={"query": count, **one}, headers={"Accept": "text/csv"})
    assert found.text == client.get("/sparql", params={"query": count, **one}, headers={"Accept": "text/csv"}).text


def test_the_graphs_of_views_are_not_among_the_named_ones(client: httpx.Client) -> None:
    names = {row["g"] for row in rows(client, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert GRAPH + "nexus" in names
    assert not any(name.startswith(GRAPH + "view/") for name in names)


@pytest.mark.parametrize("name", ["file:///etc/passwd", "http://127.0.0.1:1/x.ttl", "", "urn:x>"])
def test_a_graph_that_is_not_here_is_not_fetched(client: httpx.Client, name: str) -> None:
    for key in ("default-graph-uri", "named-graph-uri"):
        found = client.get("/sparql", params={"query": "ASK {}", key: name})
        assert found.status_code == 400
        assert "none is fetched" in found.text


def test_errors_are_one_sentence_with_the_place(client: httpx.Client) -> None:
    found = client.get("/sparql", params={"query": "SELECT *\n{ ?s ?p }"})
    assert found.status_code == 400
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    assert found.text.startswith("line 2, column 10: ")
    assert found.text.count("\n") == 1
    assert client.get("/sparql", params={"query": "nonsense"}).text.startswith("line 1, column 1: SELECT, ASK")


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (400, {"data": {"query": ["ASK {}", "ASK {}"]}}),
        (400, {"data": {"other": "x"}}),
        (400, {"content": b"\xff", "headers": QUERY}),
        (400, {"content": b"query=%FF", "headers": FORM}),
        (400, {"content": b"&".join([b"query=x"] * 200), "headers": FORM}),
        (400, {"content": "", "headers": QUERY}),
        (403, {"data": {"update": "CLEAR ALL"}}),
        (403, {"content": "CLEAR ALL", "headers": {"Content-Type": "application/sparql-update"}}),
        (403, {"content": "PREFIX a: <urn:a> INSERT DATA { a:a a:a a:a }", "headers": QUERY}),
        (403, {"content": "LOAD <file:///etc/passwd>", "headers": QUERY}),
        (403, {"content": "load silent <http://127.0.0.1:1/> into graph <urn:x>", "headers": QUERY}),
        (413, {"content": "ASK {} #" + "x" * 70_000, "headers": QUERY}),
        (413, {"content": "x" * 200_000, "headers": QUERY}),
        (415, {"content": "ASK {}", "headers": {"Content-Type": "text/plain"}}),
        (415, {"content": "ASK {}"}),
        (415, {"content": b"\x1f\x8b", "headers": {**QUERY, "Content-Encoding": "gzip"}}),
    ],
)
def test_what_is_wrong_with_a_post_is_told(client: httpx.Client, status: int, sent: dict[str, object]) -> None:
    found = client.post("/sparql", **sent)  # type: ignore[arg-type]
    assert found.status_code == status, found.text
    assert re.fullmatch(r"[^\n]+\.\n", found.text)
    assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_method_that_writes_is_not_allowed(client: httpx.Client, method: str) -> None:
    found = client.request(method, "/sparql", content="x")
    assert found.status_code == 405
    assert "only reads" in found.text
    assert "GET" in found.headers["allow"]


def test_head_options_and_cors(client: httpx.Client) -> None:
    found = client.head("/sparql", params={"query": "ASK {}"})
    assert (found.status_code, found.content) == (200, b"")
    found = client.options(
        "/sparql", headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    )
    assert found.status_code == 204
    assert "POST" in found.headers["access-control-allow-methods"]
    assert found.headers["access-control-allow-origin"] == "*"
    assert client.get("/sparql", params={"query": "ASK {}"}).headers["access-control-allow-origin"] == "*"


def test_without_a_query_the_service_is_described(client: httpx.Client) -> None:
    for accept, form in (("text/turtle", ox.RdfFormat.TURTLE), ("application/ld+json", ox.RdfFormat.JSON_LD)):
        found = client.get("/sparql", headers={"Accept": accept})
        assert found.headers["content-type"].partition(";")[0] == accept
        said = {
            (q.predicate.value.rpartition("#")[2], getattr(q.object, "value", ""))
            for q in ox.parse(found.content, form)
        }
        assert ("endpoint", str(client.base_url).rstrip("/") + "/sparql") in said
        assert ("name", GRAPH + "nexus") in said
        assert not any(value.endswith("SPARQL11Update") for _, value in said)


def test_every_answer_is_safe_to_open(client: httpx.Client) -> None:
    for path in ("/sparql?query=ASK{}", "/sparql?query=x", "/health", "/nothing", "/limits"):
        found = client.get(path)
        assert found.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in found.headers["content-security-policy"]
    found = client.get("/sparql", params={"query": "<script>alert(1)</script>"})
    assert found.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "[::2]"])
def test_another_host_is_turned_away(client: httpx.Client, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8765", "[::1]:8765"])
def test_this_host_is_known(client: httpx.Client, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).text == "ok\n"


def test_it_says_that_it_is_ready_and_what_its_limits_are(client: httpx.Client) -> None:
    assert client.get("/ready").status_code == 200
    limits = client.get("/limits").json()
    assert limits["deadline"] == 5
    assert limits["query"] == 64_000


def test_a_fault_of_ours_is_told_without_a_trace(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("hidden")

    monkeypatch.setattr(sparql_protocol, "query_result", fail)
    time.sleep(0.2)
    LOG.clear()
    found = client.get("/sparql", params={"query": "ASK {}"})
    assert (found.status_code, found.text) == (500, "Something went wrong here, and it has been noted.\n")
    assert found.headers["x-content-type-options"] == "nosniff"
    entry = logged()
    assert (entry["status"], entry["fault"]) == (500, "RuntimeError")
    assert "hidden" not in json.dumps(entry) + capfd.readouterr().err


def test_small_answers_do_not_wait_for_each_other() -> None:
    with listener.bind_socket("127.0.0.1", 0) as line:  # asyncio sets TCP_NODELAY on such sockets only
        assert line.proto == socket.IPPROTO_TCP


def test_the_log_has_no_query_in_it(client: httpx.Client) -> None:
    time.sleep(0.2)  # the entries of requests before come late
    LOG.clear()
    client.get("/sparql", params={"query": "ASK { ?secret ?p 'hidden' }"})
    entry = logged()
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/sparql", 200)
    assert "hidden" not in json.dumps(entry)
    assert "secret" not in json.dumps(entry)


def test_without_the_extra_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import sys

    from nexuskg.cli.main import run

    monkeypatch.delitem(sys.modules, "nexuskg.server.app.listener", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert run(["serve"]) == 2
    assert "pip install 'nexuskg[server]'" in capsys.readouterr().err
