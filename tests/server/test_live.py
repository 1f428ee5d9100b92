"""Writing through the server: who may, what, and that it lasts; the write side of the protocols of the W3C."""

from __future__ import annotations

import contextlib
import gzip
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from nexuskg.base import data_home
from nexuskg.base.namespaces import GRAPH
from nexuskg.cli import serve
from nexuskg.cli.main import run
from nexuskg.errors import NexuskgError
from nexuskg.pipeline import compilation
from nexuskg.pipeline.views import FACTS
from nexuskg.server.sandbox import pool
from nexuskg.server.sandbox.jobs import Limits
from nexuskg.server.state import live
from nexuskg.server.state.live import Live
from nexuskg.stores import disk, maintenance, push
from nexuskg.stores.layout import SKOLEM

pytestmark = pytest.mark.slow  # each test has a server of its own that writes

TOKEN = "0123456789abcdef0123456789abcdef"
UPDATE = {"Content-Type": "application/sparql-update"}
TURTLE = {"Content-Type": "text/turtle"}
MANY = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the real dataset."""
    folder = tmp_path_factory.mktemp("written") / "store"
    with disk.open_target(folder) as target:
        push.push(compilation.compiled(FACTS, data_home.home()), target)
    return folder


def writable(folder: Path, limits: Limits | None = None) -> Live:
    def none(_: str) -> None:
        raise AssertionError("the dataset is there already")

    limits = limits or Limits(deadline=5)
    return live.open_live(folder, FACTS, limits, ["127.0.0.1"], TOKEN, none, lambda: pytest.fail("it is there"))


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Live]:
    site = writable(folder, Limits(deadline=1.5, memory=300_000_000, upload=2_000_000))
    yield site
    site.close()


@pytest.fixture(scope="module")
def client(site: Live, running: Callable[..., AbstractContextManager[str]]) -> Iterator[httpx.Client]:
    with running(site) as address, connected(address) as client:
        yield client


def connected(address: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.Client(base_url=address, trust_env=False, timeout=60, headers=headers)


def update(client: httpx.Client, text: str, status: int = 204, **params: object) -> str:
    found = client.post("/sparql", content=text, headers=UPDATE, params=params)
    assert found.status_code == status, found.text
    assert status == 204 or found.text.count("\n") == 1
    return found.text


def ask(client: httpx.Client, pattern: str) -> bool:
    found = client.post("/sparql", data={"query": f"ASK {{ {pattern} }}"})
    assert found.status_code == 200, found.text
    return bool(found.json()["boolean"])


def triples(client: httpx.Client, graph: str) -> set[str]:
    found = client.get("/store", params={"graph": graph}, headers={"Accept": "application/n-triples"})
    return set(found.text.splitlines()) if found.status_code == 200 else set()


@pytest.fixture
def graph(client: httpx.Client) -> Iterator[str]:
    """The name of a graph that is gone after the test."""
    yield "urn:example:graph"
    client.delete("/store", params={"graph": "urn:example:graph"})


# --- who may


@pytest.mark.parametrize(
    "sent", [None, "Bearer wrong-wrong-wrong-wrong", f"Basic {TOKEN}", TOKEN, "Bearer", "Bearer é"]
)
def test_nobody_writes_without_the_token(client: httpx.Client, graph: str, sent: str | None) -> None:
    headers = {} if sent is None else {"Authorization": sent.encode()}
    with httpx.Client(base_url=client.base_url, trust_env=False) as stranger:
        text, where = f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:a> <urn:b> 1 }} }}", {"graph": graph}
        for answer in (
            stranger.post("/sparql", data={"update": text}, headers=headers),
            stranger.put("/store", params=where, content="<urn:a> <urn:b> 1 .", headers={**TURTLE, **headers}),
            stranger.post("/store", params=where, content="<urn:a> <urn:b> 1 .", headers={**TURTLE, **headers}),
            stranger.delete("/store", params={"graph": f"{GRAPH}nexus"}, headers=headers),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert TOKEN not in answer.text
        assert stranger.get("/store", params={"graph": f"{GRAPH}nexus"}).status_code == 200
    assert not triples(client, graph)


def test_a_body_without_the_token_is_not_read(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(3):
            yield b"<urn:a> <urn:b> 1 .\n" * 1000
        raise AssertionError("the server waits for more")

    with httpx.Client(base_url=client.base_url, trust_env=False) as stranger, contextlib.suppress(AssertionError):
        found = stranger.put("/store?graph=urn:x", content=endless(), headers=TURTLE)
        assert found.status_code == 401


def test_options_tell_what_can_be_done(client: httpx.Client) -> None:
    allowed = client.options("/store").headers
    assert {"PUT", "POST", "DELETE", "GET"} <= set(allowed["allow"].split(", "))
    assert "Authorization" in allowed["access-control-allow-headers"]
    refused = client.patch("/store?graph=urn:x", content="x")
    assert refused.status_code == 405
    assert "reads" not in refused.text
    assert {"PUT", "POST", "DELETE", "GET"} <= set(refused.headers["allow"].split(", "))
    assert "SPARQL11Update" in client.get("/sparql").text


# --- updates, as the SPARQL 1.1 Protocol has them


def test_an_update_is_posted_either_way(client: httpx.Client, graph: str) -> None:
    update(client, f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:a> <urn:b> 1 }} }}")
    found = client.post("/sparql", data={"update": f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:a> <urn:b> 2 }} }}"})
    assert (found.status_code, found.content) == (204, b"")
    assert len(triples(client, graph)) == 2
    assert ask(client, f"GRAPH <{graph}> {{ <urn:a> <urn:b> 1, 2 }}")


def test_an_update_sees_the_view_and_its_own_prefixes(client: httpx.Client, graph: str) -> None:
    update(
        client,
        f"INSERT {{ GRAPH <{graph}> {{ ?who a <urn:InVraem> }} }} WHERE {{ ?who nx:concentratedIn place:vraem }}",
    )
    assert triples(client, graph)
    update(client, f"BASE <urn:x> PREFIX e: <urn:example:> INSERT DATA {{ GRAPH <{graph}> {{ <#y> e:p e:q }} }}")
    assert ask(client, f"GRAPH <{graph}> {{ <urn:x#y> <urn:example:p> <urn:example:q> }}")
    update(client, f"DELETE WHERE {{ GRAPH <{graph}> {{ ?a ?b ?c }} }}")
    assert not triples(client, graph)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("using", "found"),
    [
        ({}, set()),
        ({"using-graph-uri": ["urn:g1"]}, {"1"}),
        ({"using-graph-uri": ["urn:g1", "urn:g2"]}, {"1", "2"}),
        ({"using-named-graph-uri": ["urn:g1", "urn:g2"]}, {"n1", "n2"}),
        ({"using-graph-uri": ["urn:g1"], "using-named-graph-uri": ["urn:g2"]}, {"1", "n2"}),
        ({"using-graph-uri": ["urn:nothing"]}, set()),
    ],
    ids=range(6),
)
def test_a_request_names_what_an_update_reads(client: httpx.Client, using: dict[str, object], found: set[str]) -> None:
    update(client, "INSERT DATA { GRAPH <urn:g1> { <urn:a> <urn:b> 1 } GRAPH <urn:g2> { <urn:a> <urn:b> 2 } }")
    text = (
        "DELETE { GRAPH <urn:g3> { <urn:a> <urn:b> ?old } } INSERT { GRAPH <urn:g3> { <urn:a> <urn:b> ?new } } WHERE { "
        "{ <urn:a> <urn:b> ?n BIND(STR(?n) AS ?new) } UNION { GRAPH ?g { <urn:a> <urn:b> ?n } "
        "FILTER(?g IN (<urn:g1>, <urn:g2>)) BIND(CONCAT('n', STR(?n)) AS ?new) FILTER(BOUND(?using)) } }"
    ).replace("BOUND(?using)", "true" if using else "false")
    update(client, text, **using)
    values = {quad.object.value for quad in parse("\n".join(triples(client, "urn:g3")), RdfFormat.N_TRIPLES)}
    assert values == found
    update(client, "DROP SILENT GRAPH <urn:g1> ; DROP SILENT GRAPH <urn:g2> ; DROP SILENT GRAPH <urn:g3>")
    assert not triples(client, "urn:g1")


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (400, {"data": {"update": ["CLEAR GRAPH <urn:x>"] * 2}}),
        (400, {"data": {"update": "CLEAR GRAPH <urn:x>", "query": "ASK {}"}}),
        (400, {"content": "INSERT DATA { GRAPH <urn:x>", "headers": UPDATE}),
        (400, {"content": "ASK {}", "headers": UPDATE}),
        (400, {"content": b"\xff", "headers": UPDATE}),
        (415, {"content": "CLEAR GRAPH <urn:x>"}),
        (415, {"content": "update=CLEAR", "headers": {"Content-Type": "text/plain"}}),
        (413, {"content": "#" * 1_100_000, "headers": UPDATE}),
        (415, {"content": b"\x1f\x8b", "headers": {**UPDATE, "Content-Encoding": "gzip"}}),
    ],
)
def test_what_is_wrong_with_an_update_is_told(client: httpx.Client, status: int, sent: dict[str, object]) -> None:
    found = client.post("/sparql", **sent)  # type: ignore[arg-type]
    assert found.status_code == status, found.text
    assert found.text.count("\n") == 1


def test_an_update_is_not_sent_by_get_and_names_its_graphs_once(client: httpx.Client) -> None:
    assert client.get("/sparql", params={"update": "CLEAR GRAPH <urn:x>"}).status_code == 400
    for text in ("WITH <urn:x> DELETE { ?a ?b ?c } WHERE { ?a ?b ?c }", "INSERT { } USING <urn:x> WHERE { }"):
        assert "choose one" in update(client, text, 400, **{"using-graph-uri": "urn:y"})
    update(client, "DELETE WHERE { ?a ?b ?c }", 400, **{"using-graph-uri": "no iri"})


# --- graphs, as the Graph Store Protocol has them


def test_a_graph_is_put_added_to_and_deleted(client: httpx.Client, graph: str) -> None:
    where = {"graph": graph}
    assert client.head("/store", params=where).status_code == 404
    assert client.put("/store", params=where, content="<urn:a> <urn:b> 1 .", headers=TURTLE).status_code == 201
    assert client.put("/store", params=where, content="<urn:a> <urn:b> 2 .", headers=TURTLE).status_code == 204
    assert triples(client, graph) == {'<urn:a> <urn:b> "2"^^<http://www.w3.org/2001/XMLSchema#integer> .'}
    assert client.head("/store", params=where).status_code == 200
    assert client.post("/store", params=where, content="<urn:a> <urn:b> 3 .", headers=TURTLE).status_code == 204
    assert len(triples(client, graph)) == 2
    assert client.delete("/store", params=where).status_code == 204
    assert client.get("/store", params=where).status_code == 404
    assert client.delete("/store", params=where).status_code == 404
    assert client.post("/store", params=where, content="<urn:a> <urn:b> 3 .", headers=TURTLE).status_code == 201


def test_a_graph_without_a_name_gets_one(client: httpx.Client) -> None:
    made = client.post("/store", content="<> <urn:b> 1 .", headers=TURTLE)
    assert made.status_code == 201
    where = made.headers["location"]
    assert len(client.get(where, headers={"Accept": "application/n-triples"}).text.splitlines()) == 1
    assert client.delete(where).status_code == 204


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("text/turtle; charset=utf-8", "<#a> <urn:b> 'é' ."),
        ("application/n-triples", '<urn:example:graph#a> <urn:b> "é" .'),
        ("application/ld+json", '{"@id": "#a", "urn:b": "é"}'),
        (
            "application/rdf+xml",
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
            '<r:Description r:about="#a"><u:b>é</u:b></r:Description></r:RDF>',
        ),
    ],
)
def test_every_form_is_read(client: httpx.Client, graph: str, media: str, body: str) -> None:
    sent = {"params": {"graph": graph}, "content": body.encode(), "headers": {"Content-Type": media}}
    assert client.put("/store", **sent).status_code == 201  # type: ignore[arg-type]
    assert ask(client, f"GRAPH <{graph}> {{ <{graph}#a> <urn:b> 'é' }}")


def test_nodes_without_a_name_get_one_that_is_theirs_alone(client: httpx.Client, graph: str) -> None:
    for _ in range(2):
        client.post("/store", params={"graph": graph}, content="_:a <urn:b> _:a .", headers=TURTLE)
    update(client, f"INSERT DATA {{ GRAPH <{graph}> {{ _:a <urn:b> _:a }} }}")
    found = triples(client, graph)
    assert len(found) == 3
    for line in found:
        subject, _, value, _ = line.split(" ")
        assert subject == value
        assert subject.startswith(f"<{SKOLEM}")
    line = found.pop()
    update(client, f"DELETE DATA {{ GRAPH <{graph}> {{ {line} }} }}")
    assert len(triples(client, graph)) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("media", "body", "said"),
    [
        ("text/turtle", "<urn:a> <urn:b> ", "not what its type says"),
        ("application/rdf+xml", "<urn:a> <urn:b> 1 .", "no whole XML"),
        (
            "application/rdf+xml",
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
            '<r:Description r:about="urn:a"><u:b>cut',
            "no whole XML",
        ),
        ("application/rdf+xml", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DOCTYPE"),
        ("application/rdf+xml", '<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>', "DOCTYPE"),
        ("application/ld+json", '{"@context": "http://127.0.0.1:PORT/", "a": 1}', ""),
        ("application/ld+json", '{"@context": "file:///etc/passwd", "a": 1}', ""),
        ("application/ld+json", '{"a":' * 100_000 + "1" + "}" * 100_000, ""),
        ("application/ld+json", "[" * 100_000 + "]" * 100_000, ""),
        ("text/turtle", "<urn:a> <urn:b> " + "<<( <urn:a> <urn:b> " * 60_000, ""),
        ("text/turtle", "<urn:a> <urn:b> " + "[ <urn:b> " * 100_000, ""),
        ("text/turtle", "<urn:a> <urn:b> " + "( " * 500_000, ""),
        ("text/turtle", "<urn:a> <urn:b> <<( <urn:a> <urn:b> 1 )>> .", "about triples"),
        ("application/n-triples", "<a> <b> <c> .", "not what its type says"),
        ("multipart/form-data", "x", "sent as one of"),
        ("application/n-quads", "<urn:a> <urn:b> 1 <urn:c> .", "sent as one of"),
        ("", "<urn:a> <urn:b> 1 .", "no type"),
    ],
    ids=range(17),
)
def test_a_document_that_is_none_is_refused(
    client: httpx.Client, site: Live, graph: str, trap: tuple[int, list[str]], media: str, body: str, said: str
) -> None:
    port, seen = trap
    before = dict(site.kept.ledger.graphs) if site.kept else {}
    body = body.replace("PORT", str(port))
    found = client.put("/store", params={"graph": graph}, content=body, headers={"Content-Type": media})
    assert found.status_code in (400, 415, 503), found.text
    assert said in found.text
    assert not seen
    assert site.kept is not None
    assert site.kept.ledger.graphs == before
    healthy(client)


def test_a_document_that_is_too_large_is_refused(client: httpx.Client, graph: str) -> None:
    line = b"<urn:a> <urn:b> <urn:c> .\n"
    found = client.put("/store", params={"graph": graph}, content=line * 90_000, headers=TURTLE)
    assert found.status_code == 413
    zipped = client.put(
        "/store", params={"graph": graph}, content=b"\x1f\x8b", headers={**TURTLE, "Content-Encoding": "gzip"}
    )
    assert zipped.status_code == 415
    assert not triples(client, graph)


def test_a_bomb_of_many_small_triples_is_not_unpacked(client: httpx.Client, graph: str) -> None:
    bomb = gzip.compress(b"".join(b"<urn:%d> <urn:b> 1 .\n" % n for n in range(2_000_000)), 9)
    for headers in ({**TURTLE, "Content-Encoding": "gzip"}, {**TURTLE, "Content-Encoding": "x-gzip"}, TURTLE):
        found = client.put("/store", params={"graph": graph}, content=bomb, headers=headers)
        assert found.status_code in (400, 413, 415)
    assert not triples(client, graph)
    healthy(client)


def test_the_token_is_in_no_log(
    site: Live, running: Callable[..., AbstractContextManager[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Live, "close", lambda self: None)  # the store is needed further on
    log: list[object] = []
    with running(Live(site.now, site.kept, TOKEN), log.append) as address, connected(address) as other:
        for header in (f"Bearer {TOKEN}", "Bearer guessed-guessed-guessed"):
            sent = {"Authorization": header, **UPDATE}
            other.post("/sparql?secret=mine", content="CLEAR GRAPH <urn:hidden>", headers=sent)
    assert len(log) == 2
    assert not any(word in str(log) for word in (TOKEN, "guessed", "hidden", "mine"))


# --- what may not be changed


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <urn:a> <urn:b> 1 }",
        "DELETE WHERE { ?a ?b ?c }",
        "CLEAR DEFAULT",
        "DROP ALL",
        "CLEAR NAMED",
        f"COPY <{GRAPH}nexus> TO DEFAULT",
        f"DROP GRAPH <{GRAPH}view/facts>",
        f"INSERT DATA {{ GRAPH <{GRAPH}mine> {{ <urn:a> <urn:b> 1 }} }}",
        f"DELETE WHERE {{ GRAPH <{GRAPH}manifest> {{ ?a ?b ?c }} }}",
        "DELETE { GRAPH ?g { ?a ?b ?c } } WHERE { GRAPH ?g { ?a a nx:Claim ; ?b ?c } }",
        "PREFIX g: <https://w3id.org/nexuskg/> INSERT { GRAPH g:x { ?a ?b 1 } } WHERE { ?a ?b ?c }",
        f"INSERT DATA {{ GRAPH <urn:fine> {{ <urn:a> <urn:b> 1 }} }} ; MOVE <{GRAPH}nexus> TO <urn:fine>",
    ],
)
def test_no_update_changes_the_dataset(client: httpx.Client, site: Live, text: str) -> None:
    assert site.kept is not None
    before = dict(site.kept.ledger.graphs)
    assert "which only nexuskg push replaces" in update(client, text, 403)
    assert site.kept.ledger.graphs == before
    assert ask(client, "?claim a nx:Claim")
    assert not triples(client, "urn:fine")


def test_no_graph_of_a_whole_dataset_is_written(client: httpx.Client) -> None:
    for name in ("nexus", "mine", "view/facts"):
        found = client.put(f"/store?graph={GRAPH}{name}", content="<urn:a> <urn:b> 1 .", headers=TURTLE)
        assert found.status_code == 409
        assert "push" in found.text
    assert client.delete(f"/store?graph={GRAPH}nexus").status_code == 409
    assert client.delete(f"/store?graph={GRAPH}none").status_code == 404
    for name in ("https://w3id.org/nexuskg/claim/x", "https://w3id.org/nexuskg/"):
        assert client.put("/store", params={"graph": name}, content="", headers=TURTLE).status_code == 403
    assert client.put("/store?default", content="", headers=TURTLE).status_code == 403
    assert client.put("/store", content="", headers=TURTLE).status_code == 400
    assert client.put("/store?graph=no%20iri", content="", headers=TURTLE).status_code == 400


def test_a_manifest_that_says_what_is_not_so_is_refused(client: httpx.Client) -> None:
    manifest = client.get(f"/store?graph={GRAPH}manifest", headers={"Accept": "application/n-triples"}).text
    lines = [
        line for line in manifest.splitlines() if f"<{GRAPH}nexus> <http://purl.org/dc/terms/identifier>" not in line
    ]
    (true,) = set(manifest.splitlines()) - set(lines)
    false = true.replace(true.split('"')[1], "0" * 32)
    sent = {"content": "\n".join([*lines, false]) + "\n", "headers": {"Content-Type": "application/n-triples"}}
    found = client.put(f"/store?graph={GRAPH}manifest", **sent)  # type: ignore[arg-type]
    assert found.status_code == 409
    assert f"{GRAPH}nexus is not as it says" in found.text


# --- attacks


ATTACKS = {
    "braces": "INSERT DATA " + "{" * 10_000 + "}" * 10_000,
    "operations": " ; ".join(["CLEAR SILENT GRAPH <urn:x>"] * 5_000),
    "negations": "INSERT { GRAPH <urn:x> { <urn:a> <urn:b> 1 } } WHERE { FILTER(" + "!" * 30_000 + "true) }",
    "product": f"INSERT {{ GRAPH <urn:x> {{ ?a ?e ?i }} }} WHERE {{ {MANY} }}",
    "sorted": f"INSERT {{ GRAPH <urn:x> {{ ?a ?e ?i }} }} WHERE {{ SELECT * {{ {MANY} }} ORDER BY ?i }}",
    "path": "DELETE { GRAPH <urn:x> { ?a <urn:b> ?c } } WHERE { ?a (!<urn:x>|^!<urn:x>)* ?c . ?c !<urn:y>* ?d }",
    "long": "INSERT { GRAPH <urn:x> { <urn:a> <urn:b> ?a8 } } WHERE { BIND('"
    + "x" * 1000
    + "' AS ?a0) "
    + " ".join(f"BIND(CONCAT({','.join([f'?a{i}'] * 10)}) AS ?a{i + 1})" for i in range(8))
    + " }",
    "load": "LOAD <URL> INTO GRAPH <urn:x>",
    "load silent": "load silent<URL>into graph<urn:x>",
    "load prefixed": "PREFIX load: <URL> LOAD load: INTO GRAPH <urn:x>",
    "load later": "INSERT DATA { GRAPH <urn:x> { <urn:a> <urn:b> '#' } } ; # a comment\r LOAD SILENT <URL>",
    "load escaped": "\\u004COAD SILENT <URL>",
    "load file": "LOAD <file:///etc/passwd> INTO GRAPH <urn:x>",
    "service": "INSERT { GRAPH <urn:x> { ?a ?b ?c } } WHERE { SERVICE SILENT <URL> { ?a ?b ?c } }",
    "service in a filter": "DELETE { GRAPH <urn:x> { ?a ?b ?c } } WHERE { ?a ?b ?c FILTER EXISTS { service<URL>{} } }",
    "nul": "INSERT DATA { GRAPH <urn:x> { <urn:a> <urn:b> '\0' } }",
}


def healthy(client: httpx.Client) -> None:
    began = time.monotonic()
    assert ask(client, "?claim a nx:Claim")
    assert time.monotonic() - began < 2


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at processes as Linux shows them")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in ("product", "sorted") else name for name in ATTACKS]
)
def test_an_attack_by_update_changes_nothing(
    client: httpx.Client, site: Live, trap: tuple[int, list[str]], name: str
) -> None:
    port, seen = trap
    assert site.kept is not None
    before = dict(site.kept.ledger.graphs)
    text = ATTACKS[name].replace("URL", f"http://127.0.0.1:{port}/")
    found = client.post("/sparql", content=text, headers=UPDATE)
    assert found.status_code in (204,) if name == "operations" else (400, 503), found.text
    assert not seen
    assert site.kept.ledger.graphs == before
    healthy(client)
    assert site.now.pool is not None
    assert len(site.now.pool.pids()) <= 1 + site.now.limits.workers


# --- it lasts


@pytest.mark.slow
def test_what_was_acknowledged_is_on_the_disk_and_in_the_ledger(
    client: httpx.Client, site: Live, folder: Path, graph: str
) -> None:
    client.put("/store", params={"graph": graph}, content="<urn:a> <urn:b> 1 .", headers=TURTLE)
    update(client, f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:a> <urn:b> 2 }} }}")
    copy = disk.read_only(folder)
    assert len(list(copy.query(f"SELECT * {{ GRAPH <{graph}> {{ ?a ?b ?c }} }}"))) == 2  # type: ignore[arg-type]
    assert maintenance.store_state(folder).problems == ()


def test_an_answer_that_was_kept_is_not_right_after_a_write(client: httpx.Client, graph: str) -> None:
    first = client.get("/api/views")
    assert first.headers["cache-control"] == "no-cache"
    again = {"If-None-Match": first.headers["etag"]}
    assert client.get("/api/views", headers=again).status_code == 304
    client.put("/store", params={"graph": graph}, content="<urn:a> <urn:b> 1 .", headers=TURTLE)
    found = client.get("/api/views", headers=again)
    assert found.status_code == 200
    assert {"graph": graph, "triples": 1} in found.json()["graphs"]


def test_what_others_write_is_no_claim_of_a_source(client: httpx.Client, graph: str) -> None:
    asked = "/api/questions/who-taxes-what.csv?evidence"
    before = client.get(asked).text
    says = client.get("/api/entities/actor:sendero-luminoso").json()
    body = "actor:sendero-luminoso nx:taxes activity:football ; a nx:CriminalOrganization . claim:x a nx:Claim ."
    update(client, f"INSERT DATA {{ GRAPH <{graph}> {{ {body} }} }}")
    assert client.get(asked).text == before
    assert client.get("/api/entities/actor:sendero-luminoso").json() == says
    assert not ask(client, "actor:sendero-luminoso nx:taxes activity:football")
    assert ask(client, "GRAPH ?g { actor:sendero-luminoso nx:taxes activity:football }")


def test_what_needs_the_files_is_not_told_of_a_store(client: httpx.Client) -> None:
    found = client.get("/api/without", params={"what": "claim:ellis-2015.c082"})
    assert found.status_code == 501
    assert "from the files" in found.json()["error"]
    described = client.get("/api/openapi.json").json()["paths"]["/api/without"]["get"]["responses"]
    assert "501" in described


@pytest.mark.slow
def test_many_writers_at_once_lose_nothing(client: httpx.Client, site: Live, folder: Path) -> None:
    failed: list[object] = []

    def write(number: int) -> None:
        with connected(str(client.base_url)) as mine:
            for n in range(5):
                text = f"INSERT DATA {{ GRAPH <urn:many> {{ <urn:w{number}> <urn:n> {n} }} }}"
                found = mine.post("/sparql", content=text, headers=UPDATE)
                if found.status_code != 204 or not ask(mine, f"GRAPH <urn:many> {{ <urn:w{number}> <urn:n> {n} }}"):
                    failed.append((number, n, found.text))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(triples(client, "urn:many")) == 20
    assert maintenance.store_state(folder).problems == ()
    assert client.delete("/store?graph=urn:many").status_code == 204


def test_a_full_disk_is_told_before_anything_is_written(
    client: httpx.Client, graph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = os.statvfs("/")
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000, "total": usage.f_blocks})())
    found = client.put("/store", params={"graph": graph}, content="<urn:a> <urn:b> 1 .", headers=TURTLE)
    assert found.status_code == 507
    assert "too full" in found.text
    assert ask(client, "?claim a nx:Claim")
    monkeypatch.undo()
    assert (
        client.put("/store", params={"graph": graph}, content="<urn:a> <urn:b> 1 .", headers=TURTLE).status_code == 201
    )


# --- a push through the server


def test_a_push_is_served_once_it_is_whole(
    small: Path,
    tmp_path: Path,
    running: Callable[..., AbstractContextManager[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    notes: list[str] = []
    folder = tmp_path / "store"
    site = live.open_live(folder, FACTS, Limits(deadline=5), ["127.0.0.1"], TOKEN, notes.append, compilation.compiled)
    assert len(notes) == 1  # the dataset was put there first
    monkeypatch.setenv("NEXUSKG_TOKEN", TOKEN)
    with running(site) as address, connected(address) as client:
        endpoint = f"{address}/sparql"
        assert run(["push", "--endpoint", endpoint]) == 0
        assert capsys.readouterr().out.startswith("0 graphs loaded")
        assert run(["ask", "who-taxes-what", "--endpoint", endpoint]) == 0
        before = capsys.readouterr().out
        assert "selling" not in before
        data = small / "ontology/data/claims/t.ttl"
        data.write_text(data.read_text().replace("modality:implied", "modality:asserted"), encoding="utf-8")

        seen: list[str] = []
        original = disk.graphs_that_differ

        def watched(*args: object) -> list[str]:  # all but the manifest is there, and nothing of it is served
            seen.append(client.get("/api/questions/who-taxes-what.csv").text)
            return original(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(disk, "graphs_that_differ", watched)
        old = client.get("/api/questions/who-taxes-what.csv").text
        assert run(["push", "--endpoint", endpoint]) == 0
        assert "selling" not in old
        assert seen
        assert set(seen) == {old}
        assert "selling" in client.get("/api/questions/who-taxes-what.csv").text
        assert ask(client, "actor:reds nx:taxes activity:selling")
        capsys.readouterr()
        assert run(["ask", "who-taxes-what", "--endpoint", endpoint]) == 0
        assert "selling" in capsys.readouterr().out
    monkeypatch.setattr(disk, "graphs_that_differ", original)
    found = maintenance.store_state(folder)
    assert (found.problems, found.notes) == ((), ())
    assert run(["ask", "who-taxes-what", "--store", str(folder)]) == 0
    assert "selling" in capsys.readouterr().out


@pytest.mark.slow
def test_a_store_is_served_as_it_lies_for_reading(
    folder: Path, site: Live, client: httpx.Client, running: Callable[..., AbstractContextManager[str]]
) -> None:
    from nexuskg.server.state import host

    update(client, "INSERT DATA { GRAPH <urn:seen> { <urn:a> <urn:b> 1 } }")
    reader = host.host_store(disk.snapshot(folder), folder, FACTS)
    files = host.host_view(FACTS)
    try:
        with running(reader) as address, running(files) as other:
            why = "subject=actor:sendero-luminoso&predicate=a&value=nx:HybridActor"
            for path in ("/api/questions/who-taxes-what.csv?evidence", f"/api/why?{why}"):
                found = [httpx.get(f"{base}{path}", trust_env=False) for base in (address, other)]
                assert found[0].content == found[1].content
            with connected(address) as reading:
                assert ask(reading, "GRAPH <urn:seen> { <urn:a> <urn:b> 1 }")
            with connected(address) as stranger:
                assert stranger.put("/store?graph=urn:x", content="", headers=TURTLE).status_code == 405
                assert "only reads" in update(stranger, "CLEAR ALL", 403)
    finally:
        client.delete("/store?graph=urn:seen")


# --- the command


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--writable"], "--writable needs --store FOLDER"),
        (["--writable", "--store", "x"], "--token-file FILE"),
        (["--token-file", "x"], "goes with --writable"),
        (["--public", "--host", "::1"], "choose one"),
        (["--store", "nowhere"], "there is no store in this folder"),
        (["--writable", "--store", "s", "--token-file", "nowhere"], "there is no such file"),
        (["--writable", "--store", "s", "--token-file", "short"], "at least 20 characters"),
        (["--writable", "--store", "s", "--token-file", "open"], "chmod 600"),
        (["--writable", "--store", "s", "--token-file", "."], "cannot be read"),
        (["--limit", "deadline"], "NAME=VALUE"),
        (["--limit", "patience=3"], "deadline, memory"),
        (["--limit", "deadline=-1"], "a number above 0"),
        (["--limit", "workers=1.5"], "a number above 0"),
        (["--limit", "memory=lots"], "a number above 0"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(
    args: list[str],
    said: str,
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short").write_text("secret")
    (tmp_path / "open").write_text(TOKEN)
    (tmp_path / "open").chmod(0o644)
    assert run(["serve", "--port", "0", *args]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err
    assert "secret" not in err


def test_limits_are_set_by_name() -> None:
    given = serve.limits_of(("deadline=2.5", "memory=2G", "workers=4", "body=64k"))
    assert given == Limits(deadline=2.5, memory=2_000_000_000, workers=4, body=64_000)


@pytest.mark.parametrize("platform", ["POSSIBLE", "CONFINED"])
def test_where_queries_cannot_be_confined_the_public_is_not_served(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], platform: str
) -> None:
    monkeypatch.setattr(pool, "CONFINED", False)
    monkeypatch.setattr(pool, platform, False)
    assert run(["serve", "--public"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("This system ")
    assert "--public is refused here" in err


def test_who_serves_the_public_is_known_by_any_name(
    small: Path, running: Callable[..., AbstractContextManager[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from nexuskg.server.app import listener

    heard: list[tuple[Live, str]] = []

    def listen(site: Live, host: str, port: int, said: object) -> int:
        heard.append((site, host))
        return 0

    monkeypatch.setattr(listener, "listen", listen)
    assert run(["serve", "--public"]) == 0
    assert run(["serve", "--public", "--name", "kg.example.org"]) == 0
    for (site, host), status in zip(heard, (200, 421), strict=True):
        assert host == "0.0.0.0"
        with running(site) as address:
            found = httpx.get(f"{address}/health", headers={"Host": "192.0.2.7"}, trust_env=False)
            assert found.status_code == status


def test_a_token_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    assert serve.token_of(path) == TOKEN
    path.write_bytes(b"\xff" * 40)
    with pytest.raises(NexuskgError, match="cannot be read"):
        serve.token_of(path)
