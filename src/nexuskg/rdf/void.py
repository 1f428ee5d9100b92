"""What is in the dataset, as data: counts a graph, class and property, the files, version and license.

Written by hand, as the VoID writer of rdflib gives more triples than the data it describes. Every node has an IRI.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from nexuskg.base.namespaces import BASE, DCTERMS, DEFAULT_GRAPH, GRAPH, RDF, TYPE, XSD
from nexuskg.rdf.store import Readable

VOID: Final = "http://rdfs.org/ns/void#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
DATASET: Final = BASE + "dataset"

_TYPES: Final = {
    ".nq": "application/n-quads",
    ".ttl": "text/turtle",
    ".gz": "application/gzip",
}


def void_description(
    store: Readable, view: str, sizes: Mapping[str, int], modified: date | None = None
) -> list[Triple]:
    """The description of the dataset: of its default graph as the view, and of every named graph.

    Sizes are file names with their bytes. Title, version, creator and license are those of the ontology.
    """
    return [Triple(*parts) for parts in _description(store, view, sizes, modified)]


_Parts = tuple[NamedNode, NamedNode, NamedNode | Literal]


def _description(store: Readable, view: str, sizes: Mapping[str, int], modified: date | None) -> Iterator[_Parts]:
    me = NamedNode(DATASET)
    yield me, TYPE, NamedNode(VOID + "Dataset")
    yield me, TYPE, NamedNode(DCAT + "Dataset")
    yield (
        me,
        NamedNode(DCTERMS + "title"),
        Literal("nexuskg: a knowledge graph of the crime-terror nexus", language="en"),
    )
    ontology = NamedNode(BASE + "ontology")
    for quad in store.quads_for_pattern(ontology, None, None, NamedNode(GRAPH + "nexus")):
        if quad.predicate.value in (DCTERMS + "license", DCTERMS + "creator") and isinstance(
            quad.object, NamedNode | Literal
        ):
            yield me, quad.predicate, quad.object
        if quad.predicate.value.endswith("#versionInfo") and isinstance(quad.object, Literal):
            yield me, NamedNode(DCAT + "version"), quad.object
    if modified is not None:
        yield me, NamedNode(DCTERMS + "modified"), Literal(modified.isoformat(), datatype=NamedNode(XSD + "date"))
    yield me, NamedNode(VOID + "vocabulary"), NamedNode(BASE + "ontology#")
    yield me, NamedNode(VOID + "uriSpace"), Literal(BASE)
    for name, size in sizes.items():
        file = NamedNode(f"{DATASET}/{name}")
        yield me, NamedNode(DCAT + "distribution"), file
        yield file, TYPE, NamedNode(DCAT + "Distribution")
        yield file, NamedNode(DCTERMS + "title"), Literal(name)
        yield file, NamedNode(DCAT + "byteSize"), _count(size)
        media = _TYPES[name[name.rindex(".") :]]
        yield file, NamedNode(DCAT + "mediaType"), NamedNode(f"https://www.iana.org/assignments/media-types/{media}")
    yield from _counts(me, store, DEFAULT_GRAPH)
    yield (
        me,
        NamedNode(DCTERMS + "description"),
        Literal(f"The counts of the dataset are those of its view {view}.", language="en"),
    )
    for graph in sorted((g for g in store.named_graphs() if isinstance(g, NamedNode)), key=str):
        yield me, NamedNode(VOID + "subset"), graph
        yield graph, TYPE, NamedNode(VOID + "Dataset")
        yield from _counts(graph, store, graph, parts=False)


def _counts(node: NamedNode, store: Readable, graph: NamedNode | DefaultGraph, parts: bool = True) -> Iterator[_Parts]:
    """The counts of one graph; with parts, a partition for each class and property."""
    quads = list(store.quads_for_pattern(None, None, None, graph))
    subjects = {str(quad.subject) for quad in quads}
    properties = Counter(quad.predicate.value for quad in quads)
    classes = Counter(
        q.object.value for q in quads if q.predicate.value == RDF + "type" and isinstance(q.object, NamedNode)
    )
    ours = {s for s in subjects if s.startswith(f"<{BASE}")}
    numbers = {
        "triples": len(quads),
        "entities": len(ours),
        "distinctSubjects": len(subjects),
        "distinctObjects": len({str(quad.object) for quad in quads}),
        "properties": len(properties),
        "classes": len(classes),
    }
    for name, number in numbers.items():
        yield node, NamedNode(VOID + name), _count(number)
    if not parts:
        return
    for kind, counted, unit in (("class", classes, "entities"), ("property", properties, "triples")):
        for iri, count in sorted(counted.items()):
            part = NamedNode(f"{DATASET}/{kind}/{_slug(iri)}")
            yield node, NamedNode(f"{VOID}{kind}Partition"), part
            yield part, NamedNode(VOID + kind), NamedNode(iri)
            yield part, NamedNode(VOID + unit), _count(count)


def _slug(iri: str) -> str:
    """A name for the part of an IRI, unique among the vocabularies that the dataset uses.

    >>> _slug("http://www.w3.org/2004/02/skos/core#prefLabel")
    'www.w3.org-2004-02-skos-core-prefLabel'
    """
    return re.sub(r"[^\w.]+", "-", iri.split("://", 1)[-1])


def _count(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(XSD + "integer"))
