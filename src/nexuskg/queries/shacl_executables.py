"""The stored queries as RDF: each a sh:SPARQLExecutable with titles, comment, keywords, prefixes and parameters.

They are written as the collections of example queries on the web are, so that tools which read those read these. Every
node has an IRI.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.base.namespaces import BASE, DCTERMS, NX, RDFS, SH, SKOS, TYPE, XSD, expand
from nexuskg.queries.catalogue import NODES, Parameter, StoredQuery
from nexuskg.queries.parameter_defaults import default_terms
from nexuskg.queries.tokens import tokenize
from nexuskg.rdf.void import DCAT

QUERY: Final = BASE + "query/"

_FORMS: Final = {
    "SELECT": ("SPARQLSelectExecutable", "select"),
    "ASK": ("SPARQLAskExecutable", "ask"),
    "CONSTRUCT": ("SPARQLConstructExecutable", "construct"),
}
_NUMBERS: Final = {"integer": "integer", "number": "decimal"}


def query_iri(query: StoredQuery) -> NamedNode:
    """The IRI of a stored query.

    >>> query_iri(StoredQuery("loops", "", "", (), (), "ASK {}", "question")).value
    'https://w3id.org/nexuskg/query/question/loops'
    """
    return NamedNode(f"{QUERY}{query.kind}/{query.name}")


def executable_triples(queries: Iterable[StoredQuery], prefixes: Mapping[str, str]) -> list[Triple]:
    """The description of the queries; the prefixes are those that the ontology declares for them."""
    return [triple for query in queries for triple in _of(query, prefixes)]


def _of(query: StoredQuery, prefixes: Mapping[str, str]) -> Iterator[Triple]:
    me = query_iri(query)
    form = next((token.key for token in tokenize(query.text) if token.key in _FORMS), "SELECT")
    kind, holder = _FORMS[form]
    for name in ("SPARQLExecutable", kind):
        yield Triple(me, TYPE, NamedNode(SH + name))
    for language, title in (query.titles or {"en": query.summary}).items():
        yield Triple(me, NamedNode(RDFS + "label"), Literal(title, language=language))
    for language, words in query.phrasings:
        yield Triple(me, NamedNode(SKOS + "altLabel"), Literal(words, language=language))
    if query.description:
        yield Triple(me, NamedNode(RDFS + "comment"), Literal(query.description, language="en"))
    yield Triple(me, NamedNode(DCTERMS + "identifier"), Literal(query.name))
    for tag in query.tags:
        yield Triple(me, NamedNode(DCAT + "keyword"), Literal(tag, language="en"))
    for language, word in query.keywords:
        yield Triple(me, NamedNode(DCAT + "keyword"), Literal(word, language=language))
    if query.severity:
        yield Triple(me, NamedNode(SH + "severity"), NamedNode(SH + query.severity.capitalize()))
    yield Triple(me, NamedNode(SH + holder), Literal(query.text))
    yield Triple(me, NamedNode(SH + "prefixes"), NamedNode(BASE + "ontology"))
    for number, parameter in enumerate(query.params, 1):
        node = NamedNode(f"{me.value}/{parameter.name}")
        yield Triple(me, NamedNode(SH + "parameter"), node)
        yield from _parameter(node, parameter, number, prefixes)


def _parameter(node: NamedNode, parameter: Parameter, number: int, prefixes: Mapping[str, str]) -> Iterator[Triple]:
    yield Triple(node, TYPE, NamedNode(SH + "Parameter"))
    yield Triple(node, NamedNode(SH + "path"), node)
    yield Triple(node, NamedNode(SH + "name"), Literal(parameter.name))
    yield Triple(node, NamedNode(SH + "description"), Literal(parameter.meaning, language="en"))
    yield Triple(node, NamedNode(SH + "order"), Literal(number))
    wide = NX + "Place" if parameter.type == "place" else expand(parameter.of, prefixes)
    if parameter.type not in NODES:
        datatype = _NUMBERS.get(parameter.type, "string")
        yield Triple(node, NamedNode(SH + "datatype"), NamedNode(XSD + datatype))
    else:
        yield Triple(node, NamedNode(SH + "nodeKind"), NamedNode(SH + "IRI"))
    if wide:
        yield Triple(node, NamedNode(SH + "class"), NamedNode(wide))
    elif parameter.type == "concept":
        yield Triple(node, NamedNode(SH + "class"), NamedNode(SKOS + "Concept"))
    if parameter.type == "concept" and parameter.of:
        yield Triple(node, NamedNode(SKOS + "inScheme"), NamedNode(f"{BASE}vocab/{parameter.of}"))
    for term in default_terms(parameter, prefixes):
        yield Triple(node, NamedNode(SH + "defaultValue"), term)
