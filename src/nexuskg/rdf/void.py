"""What is in the dataset, as data: its parts and their views, counts, the files, version and license.

Written by hand, as the VoID writer of rdflib gives more triples than the data it describes. Every node has an IRI.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from nexuskg.base.namespaces import BASE, DCTERMS, GRAPH, TYPE, XSD
from nexuskg.rdf.store import Readable

VOID: Final = "http://rdfs.org/ns/void#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
DATASET: Final = BASE + "dataset"
"""The dataset: all claims, of either grade of evidence."""
TITLE: Final = "nexuskg: a knowledge graph of the crime-terror nexus"

_TYPES: Final = {
    ".nq": "application/n-quads",
    ".ttl": "text/turtle",
    ".gz": "application/gzip",
}


@dataclass(frozen=True, slots=True)
class CountedGraph:
    """A graph under the name that it is published by, and where its triples are."""

    name: str
    store: Readable
    graph: NamedNode | DefaultGraph
    about: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class DatasetPart:
    """Of the dataset what counts down to a grade of evidence, or an excerpt: its IRI, what it is, its graphs and views.

    The first of the views is the one that is counted by class and property. A view may be a file of its own.
    """

    iri: str
    about: str
    graphs: tuple[CountedGraph, ...]
    views: tuple[CountedGraph, ...]


def void_description(
    parts: Sequence[DatasetPart], sizes: Mapping[str, int], modified: date | None = None
) -> list[Triple]:
    """The description of the dataset of several grades and of each of these, or of an excerpt alone.

    Sizes are file names with their bytes. Version, creator and license are those of the ontology. An excerpt has its
    own IRI and title, and says of what it is a part.
    """
    return [Triple(*found) for found in dict.fromkeys(_description(parts, sizes, modified))]


def described_iri(parts: Sequence[DatasetPart]) -> str:
    """The IRI of what a description of these parts is about: the dataset of all grades, or the excerpt."""
    return DATASET if len(parts) > 1 else parts[0].iri


_Parts = tuple[NamedNode, NamedNode, NamedNode | Literal]


def _description(parts: Sequence[DatasetPart], sizes: Mapping[str, int], modified: date | None) -> Iterator[_Parts]:
    me = NamedNode(described_iri(parts))
    whole = me.value == DATASET
    yield me, TYPE, NamedNode(VOID + "Dataset")
    yield me, TYPE, NamedNode(DCAT + "Dataset")
    ontology = NamedNode(BASE + "ontology")
    for quad in _quads(counted for counted in parts[0].graphs if counted.graph == NamedNode(GRAPH + "nexus")):
        if quad.subject != ontology:
            continue
        if quad.predicate.value in (DCTERMS + "license", DCTERMS + "creator") and isinstance(
            quad.object, NamedNode | Literal
        ):
            yield me, quad.predicate, quad.object
        if quad.predicate.value.endswith("#versionInfo") and isinstance(quad.object, Literal):
            yield me, NamedNode(DCAT + "version"), quad.object
            yield me, NamedNode(DCTERMS + "hasVersion"), NamedNode(f"{me.value}/{quad.object.value}")
        if quad.predicate.value.endswith("#versionIRI") and isinstance(quad.object, NamedNode):
            yield me, NamedNode(DCTERMS + "conformsTo"), quad.object
    if modified is not None:
        yield me, NamedNode(DCTERMS + "modified"), Literal(modified.isoformat(), datatype=NamedNode(XSD + "date"))
    yield me, NamedNode(VOID + "vocabulary"), NamedNode(BASE + "ontology#")
    yield me, NamedNode(VOID + "uriSpace"), Literal(BASE)
    for name, size in sizes.items():
        file = NamedNode(f"{me.value}/{name}")
        yield me, NamedNode(DCAT + "distribution"), file
        yield file, TYPE, NamedNode(DCAT + "Distribution")
        yield file, NamedNode(DCTERMS + "title"), Literal(name)
        yield file, NamedNode(DCAT + "byteSize"), _count(size)
        media = _TYPES[name[name.rindex(".") :]]
        yield file, NamedNode(DCAT + "mediaType"), NamedNode(f"https://www.iana.org/assignments/media-types/{media}")
    if whole:
        yield me, NamedNode(DCTERMS + "title"), Literal(TITLE, language="en")
        told = "All claims in two grades of evidence, each a part with its graphs and its views."
        yield me, NamedNode(DCTERMS + "description"), Literal(told, language="en")
        graphs = {counted.name: counted for part in parts for counted in part.graphs or part.views[:1]}
        yield from _counts(me, graphs.values())
    for part in parts:
        yield from _part(part, me.value)


def _part(part: DatasetPart, files: str) -> Iterator[_Parts]:
    """A part of the dataset; below the IRI `files` are the files of the publication."""
    me, dataset = NamedNode(part.iri), NamedNode(DATASET)
    subset, belongs = NamedNode(VOID + "subset"), NamedNode(DCTERMS + "isPartOf")
    title, about = NamedNode(DCTERMS + "title"), NamedNode(DCTERMS + "description")
    yield me, TYPE, NamedNode(VOID + "Dataset")
    yield me, title, Literal(f"nexuskg, a part: {part.about}", language="en")
    yield me, belongs, dataset
    yield dataset, subset, me
    yield from _counts(me, part.graphs or part.views[:1])
    yield from _partitions(me, part.views[0])
    for view in part.views:
        node = NamedNode(view.name)
        yield me, subset, node
        yield node, TYPE, NamedNode(VOID + "Dataset")
        yield node, belongs, me
        yield node, title, Literal(f"nexuskg, a view: {view.about}", language="en")
        yield (
            node,
            about,
            Literal(f"Merged from graphs of this part, as questions read it: {view.about}", language="en"),
        )
        if view.file:
            yield node, NamedNode(VOID + "dataDump"), NamedNode(f"{files}/{view.file}")
        yield from _counts(node, [view])
    for counted in part.graphs:
        node = NamedNode(counted.name)
        yield me, subset, node
        yield node, TYPE, NamedNode(VOID + "Dataset")
        yield from _counts(node, [counted])


def _quads(graphs: Iterable[CountedGraph]) -> list[Quad]:
    return [quad for one in graphs for quad in one.store.quads_for_pattern(None, None, None, one.graph)]


def _counts(node: NamedNode, graphs: Iterable[CountedGraph]) -> Iterator[_Parts]:
    """The counts of some graphs together."""
    quads = _quads(graphs)
    subjects = {str(quad.subject) for quad in quads}
    kinds = {str(quad.object) for quad in quads if quad.predicate == TYPE and isinstance(quad.object, NamedNode)}
    numbers = {
        "triples": len(quads),
        "entities": sum(subject.startswith(f"<{BASE}") for subject in subjects),
        "distinctSubjects": len(subjects),
        "distinctObjects": len({str(quad.object) for quad in quads}),
        "properties": len({quad.predicate for quad in quads}),
        "classes": len(kinds),
    }
    for name, number in numbers.items():
        yield node, NamedNode(VOID + name), _count(number)


def _partitions(node: NamedNode, view: CountedGraph) -> Iterator[_Parts]:
    """A partition for each class and property of a view."""
    quads = _quads([view])
    properties = Counter(quad.predicate.value for quad in quads)
    classes = Counter(q.object.value for q in quads if q.predicate == TYPE and isinstance(q.object, NamedNode))
    for kind, counted, unit in (("class", classes, "entities"), ("property", properties, "triples")):
        for iri, count in sorted(counted.items()):
            part = NamedNode(f"{node.value}/{kind}/{_slug(iri)}")
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
