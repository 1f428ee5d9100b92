"""The SPARQL protocol by SPARQLWrapper, over our own wire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

from pyoxigraph import NamedNode
from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

from nexuskg.queries.tokens import tokenize
from nexuskg.stores.http_client import HttpReply, Wire

AGENT: Final = "nexuskg"


class _Wrapper(SPARQLWrapper):
    """SPARQLWrapper over our own wire, which has limits of time, waits where asked to, and is never sent on."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire.url, agent=AGENT)
        self._wire = wire

    def _query(self) -> tuple[Any, str]:
        return self._wire.send(self._createRequest()), self.returnFormat


def send_query(wire: Wire, text: str, default: Sequence[NamedNode], graphs: Sequence[NamedNode]) -> HttpReply:
    """What an endpoint answers to a query on these graphs; raises EndpointError."""
    wrapper = _Wrapper(wire)
    wrapper.setTimeout(max(1, round(wire.timeout)))
    wrapper.setMethod(POST)
    wrapper.setOnlyConneg(True)
    wrapper.setQuery(text)
    wrapper.setReturnFormat(TURTLE if wrapper.queryType in ("CONSTRUCT", "DESCRIBE") else JSON)
    for graph in default:
        wrapper.addDefaultGraph(graph.value)
    for graph in graphs:
        wrapper.addNamedGraph(graph.value)
    return cast(HttpReply, wrapper.query().response)


def query_with_dataset(text: str, default: NamedNode, named: Iterable[NamedNode]) -> str:
    """A SELECT or ASK with its dataset in its text: Virtuoso answers each named-graph-uri with a header of its own.

    >>> text = "SELECT (EXISTS { ?a ?b ?c } AS ?x) { GRAPH ?g {} }"
    >>> query_with_dataset(text, NamedNode("urn:d"), [NamedNode("urn:n")])
    'SELECT (EXISTS { ?a ?b ?c } AS ?x) FROM <urn:d> FROM NAMED <urn:n> { GRAPH ?g {} }'
    """
    depth = 0
    for token in tokenize(text):
        depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "sign" else 0
        if depth == 0 and (token.key == "WHERE" or token.text == "{"):
            dataset = " ".join([f"FROM {default}", *(f"FROM NAMED {graph}" for graph in named)])
            return f"{text[: token.start]}{dataset} {text[token.start :]}"
    return text


def without_open_values(text: str) -> str:
    """A query without its `VALUES ?x { UNDEF }`: they say nothing, and Virtuoso's planner takes each for many rows.

    >>> without_open_values('SELECT ?x { VALUES ?x { UNDEF } VALUES ?y { UNDEF 1 } ?x ?p ?y FILTER(?x != "VALUES") }')
    'SELECT ?x { VALUES ?y { UNDEF 1 } ?x ?p ?y FILTER(?x != "VALUES") }'
    """
    words = tokenize(text)
    for at in range(len(words) - 6, -1, -1):
        if [word.key for word in words[at : at + 5] if word.kind != "var"] == ["VALUES", "{", "UNDEF", "}"]:
            text = text[: words[at].start] + text[words[at + 5].start :]
    return text
