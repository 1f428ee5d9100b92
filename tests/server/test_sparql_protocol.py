"""The server against the W3C suites of the SPARQL 1.1 Protocol, Service Description and Graph Store Protocol: reading.

A case bears the name that the W3C test has; the requests are our own, over our own graphs, and ask for the same.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from nexuskg.base.namespaces import BASE, GRAPH, RDF
from nexuskg.server.state.host import Hosted

SD = "http://www.w3.org/ns/sparql-service-description#"
QUERY = {"Content-Type": "application/sparql-query"}
UPDATE_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ONE, TWO, THREE = GRAPH + "nexus", GRAPH + "vocab/modality", GRAPH + "vocab/voice"
IN_ONE = f"<{BASE}ontology> a ?of1"
IN_TWO = f"<{BASE}vocab/modality> a ?of2"
IN_THREE = f"<{BASE}vocab/voice> a ?of3"
BOTH_NAMED = f"ASK {{ GRAPH ?g1 {{ {IN_ONE} }} GRAPH ?g2 {{ {IN_TWO} }} }}"

BOOLEANS: dict[str, dict[str, Any]] = {
    "query_get": {"method": "GET", "params": {"query": "ASK {}", "default-graph-uri": ONE}},
    "query_post_form": {"params": {"default-graph-uri": ONE}, "data": {"query": "ASK {}"}},
    "query_post_direct": {"content": "ASK {}", "headers": QUERY},
    "query_dataset_default_graphs_get": {
        "method": "GET",
        "params": {"query": f"ASK {{ {IN_ONE} . {IN_TWO} }}", "default-graph-uri": [ONE, TWO]},
    },
    "query_dataset_default_graphs_post": {
        "params": {"default-graph-uri": [ONE, TWO]},
        "content": f"ASK {{ {IN_ONE} . {IN_TWO} }}",
        "headers": QUERY,
    },
    "query_dataset_named_graphs_get": {
        "method": "GET",
        "params": {"query": BOTH_NAMED, "named-graph-uri": [ONE, TWO]},
    },
    "query_dataset_named_graphs_post": {
        "params": {"named-graph-uri": [ONE, TWO]},
        "content": BOTH_NAMED,
        "headers": QUERY,
    },
    "query_dataset_full": {
        "params": {"default-graph-uri": THREE, "named-graph-uri": [ONE, TWO]},
        "content": BOTH_NAMED.replace("ASK {", f"ASK {{ {IN_THREE} ."),
        "headers": QUERY,
    },
    "query_multiple_dataset": {
        "params": {"named-graph-uri": [ONE, TWO]},
        "content": BOTH_NAMED.replace("ASK", f"ASK FROM <{THREE}>"),
        "headers": QUERY,
    },
}
"""Requests that are answered by true; those with a dataset by false where a graph of it is left out."""

TYPED = {
    "query_content_type_select": ("SELECT (1 AS ?value) {}", "results"),
    "query_content_type_ask": ("ASK {}", "boolean"),
    "query_content_type_describe": ("DESCRIBE <urn:nobody>", "triples"),
    "query_content_type_construct": ("CONSTRUCT { <urn:s> <urn:p> 1 } WHERE {}", "triples"),
}
MEDIA = {
    "results": {"application/sparql-results+json", "application/sparql-results+xml", "text/csv"}
    | {"text/tab-separated-values"},
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "triples": {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"},
}

BAD: dict[str, dict[str, Any]] = {
    "bad_query_method": {"method": "PUT", "params": {"query": "ASK {}"}, "headers": UPDATE_FORM},
    "bad_multiple_queries": {"method": "GET", "params": {"query": ["ASK {}", "SELECT * {}"]}},
    "bad_query_wrong_media_type": {"content": "ASK {}", "headers": {"Content-Type": "text/plain"}},
    "bad_query_missing_form_type": {"content": "query=ASK%20%7B%7D"},
    "bad_query_missing_direct_type": {"content": "ASK {}"},
    "bad_query_non_utf8": {
        "content": "ASK {}".encode("utf-16"),
        "headers": {"Content-Type": "application/sparql-query; charset=UTF-16"},
    },
    "bad_query_syntax": {"method": "GET", "params": {"query": "ASK {"}},
}

GRAPHS: dict[str, tuple[str, str]] = {
    "get_of_put__initial_state": ("/store?graph=" + ONE, ONE),
    "get_of_put__graph_already_in_store": ("/" + ONE.removeprefix(BASE), ONE),
    "get_of_put__default_graph": ("/store?default", ""),
    "get_of_post__existing_graph": ("/store?graph=" + TWO, TWO),
    "get_of_post__create__new_graph": ("/" + TWO.removeprefix(BASE), TWO),
    "get_of_post__multipart_formdata": ("/store?graph=" + THREE, THREE),
    "get_of_post__after_noop": ("/" + THREE.removeprefix(BASE), THREE),
}
"""Where a graph is read, by its name in the query or as the address itself, and which one it is."""

TERMS = {
    *("Service", "Dataset", "Graph", "NamedGraph", "endpoint", "supportedLanguage", "SPARQL11Query", "resultFormat"),
    *("defaultDataset", "defaultGraph", "namedGraph", "name", "graph", "feature", "availableGraphs", "inputFormat"),
    *("SPARQL11Update", "UnionDefaultGraph", "EmptyGraphs", "BasicFederatedQuery", "DereferencesURIs"),
}
"""Terms of the vocabulary of service descriptions."""


def sent(client: httpx.Client, asked: dict[str, Any], **more: Any) -> httpx.Response:
    return client.request(**{"method": "POST", "url": "/sparql", **asked, **more})


def media_of(found: httpx.Response) -> str:
    return found.headers["content-type"].partition(";")[0]


@pytest.mark.parametrize("name", BOOLEANS)
def test_a_query_is_answered(client: httpx.Client, name: str) -> None:
    asked = BOOLEANS[name]
    found = sent(client, asked)
    assert (found.status_code, media_of(found) in MEDIA["boolean"]) == (200, True), found.text
    assert found.json()["boolean"] is True
    if "dataset" in name:  # it is this dataset that makes it true
        for key, graphs in asked["params"].items():
            if key != "query":
                left = {**asked["params"], key: [TWO] if graphs == THREE else graphs[:1]}
                other = sent(client, asked, params=left)
                assert other.json()["boolean"] is False


@pytest.mark.parametrize("name", TYPED)
def test_an_answer_has_a_type_that_fits(client: httpx.Client, name: str) -> None:
    query, kind = TYPED[name]
    asked = {"content": query, "headers": QUERY, "params": {"default-graph-uri": ONE}}
    found = sent(client, asked)
    assert (found.status_code, media_of(found) in MEDIA[kind]) == (200, True)
    for media in MEDIA[kind]:
        found = sent(client, asked, headers={**QUERY, "Accept": media})
        assert (found.status_code, media_of(found)) == (200, media)
        if kind == "triples":
            count = sum(1 for _ in ox.parse(found.content, format=ox.RdfFormat.from_media_type(media)))
            assert count == ("CONSTRUCT" in query)
        elif media == "text/csv":
            assert list(csv.reader(io.StringIO(found.text))) == [["value"], ["1"]]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_is_refused(client: httpx.Client, name: str) -> None:
    found = sent(client, BAD[name])
    assert 400 <= found.status_code < 500
    assert media_of(found) == "text/plain"
    assert found.text.endswith("\n")


def described(client: httpx.Client) -> list[ox.Quad]:
    found = client.get("/sparql")
    assert found.status_code == 200
    return list(ox.parse(found.content, format=ox.RdfFormat.from_media_type(media_of(found))))


def values(quads: list[ox.Quad], node: object, name: str) -> list[Any]:
    return [quad.object for quad in quads if quad.subject == node and quad.predicate.value == SD + name]


def test_service_description_returns_rdf(client: httpx.Client) -> None:
    assert media_of(client.get("/sparql")) in MEDIA["triples"]
    assert described(client)


def test_service_description_has_endpoint_triple(client: httpx.Client) -> None:
    here = ox.NamedNode(str(client.base_url).rstrip("/") + "/sparql")
    found = [quad.object for quad in described(client) if quad.predicate.value == SD + "endpoint"]
    assert found == [here]


def test_service_description_conforms_to_schema(client: httpx.Client) -> None:
    quads = described(client)
    kind = ox.NamedNode(RDF + "type")
    (service,) = [q.subject for q in quads if q.predicate == kind and q.object == ox.NamedNode(SD + "Service")]
    used = {t.value for q in quads for t in q.triple if isinstance(t, ox.NamedNode) and t.value.startswith(SD)}
    assert {term.removeprefix(SD) for term in used} <= TERMS
    (dataset,) = values(quads, service, "defaultDataset")
    (default,) = values(quads, dataset, "defaultGraph")
    named = values(quads, dataset, "namedGraph")
    assert values(quads, service, "resultFormat")
    assert ox.NamedNode(SD + "SPARQL11Query") in values(quads, service, "supportedLanguage")
    typed = {(q.subject, q.object.value) for q in quads if q.predicate == kind and isinstance(q.object, ox.NamedNode)}
    assert (dataset, SD + "Dataset") in typed
    assert (default, SD + "Graph") in typed
    names = set()
    for graph in named:
        assert (graph, SD + "NamedGraph") in typed
        (name,) = values(quads, graph, "name")
        assert isinstance(name, ox.NamedNode)
        assert len(values(quads, graph, "graph")) == 1
        names.add(name.value)
    asked = {"query": "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"}
    rows = client.get("/sparql", params=asked, headers={"Accept": "text/csv"}).text.splitlines()[1:]
    assert names == set(rows)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_is_read(client: httpx.Client, site: Hosted, name: str) -> None:
    path, graph = GRAPHS[name]
    found = client.get(path, headers={"Accept": "text/turtle"})
    assert (found.status_code, media_of(found)) == (200, "text/turtle")
    where = ox.NamedNode(graph) if graph else ox.DefaultGraph()
    quads = list(site.data.store.quads_for_pattern(None, None, None, where))
    assert quads
    assert same({q.triple for q in ox.parse(found.content, format=ox.RdfFormat.TURTLE)}, {q.triple for q in quads})


def same(some: set[ox.Triple], others: set[ox.Triple]) -> bool:
    """Whether the triples are the same; nodes without a name may have others."""
    sides = [ox.Dataset(ox.Quad(*triple) for triple in side) for side in (some, others)]
    for side in sides:
        side.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return sides[0] == sides[1]


@pytest.mark.parametrize("path", ["/store?graph=" + ONE, "/store?default", "/" + ONE.removeprefix(BASE)])
def test_head_on_an_existing_graph(client: httpx.Client, path: str) -> None:
    found = client.head(path, headers={"Accept": "text/turtle"})
    assert (found.status_code, media_of(found), found.content) == (200, "text/turtle", b"")
    assert (
        found.headers["content-length"] == client.get(path, headers={"Accept": "text/turtle"}).headers["content-length"]
    )


@pytest.mark.parametrize("path", [f"/store?graph={GRAPH}nothing", f"/{GRAPH.removeprefix(BASE)}nothing"])
@pytest.mark.parametrize(
    ("name", "method"), [("head_on_a_nonexisting_graph", "HEAD"), ("get_of_delete__existing_graph", "GET")]
)
def test_a_graph_that_is_not_there(client: httpx.Client, path: str, name: str, method: str) -> None:
    assert client.request(method, path, headers={"Accept": "text/turtle"}).status_code == 404
