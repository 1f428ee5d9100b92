"""Schema.org: what a page is about, in the words of schema.org, for those who read pages by machine.

An entity has the type of its record only: what a source calls it is a claim, and the claim has a page of its own. Which
type of schema.org a class is next to is said by the alignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from nexuskg.base.headings import LANGUAGES
from nexuskg.base.namespaces import (
    BASE,
    DCTERMS,
    DEFAULT_GRAPH,
    GRAPH,
    NX,
    OWL,
    SKOS,
    TYPE,
    source_iri,
    source_key,
)
from nexuskg.evidence.records import bibliographic_record
from nexuskg.formats import geojson
from nexuskg.pipeline.dataset import Local
from nexuskg.rdf import void
from nexuskg.rdf.store import classes_above, first_value, object_nodes
from nexuskg.search.description import Description
from nexuskg.server.pages import markup
from nexuskg.server.state.host import Hosted

SCHEMA: Final = "https://schema.org/"
ONTOLOGY: Final = BASE + "ontology"
DISTRIBUTED: Final = {
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
}
"""The forms in which a graph can be had, each with its media type."""

_DOCUMENTS: Final = {
    "journal-article": "ScholarlyArticle",
    "news-article": "NewsArticle",
    "report": "Report",
    "web-page": "WebPage",
    "dataset": "Dataset",
}
_UNSAID: Final = frozenset({"implied", "presupposed"})
"""The modalities of claims that do not occur in their source as such, but follow from what does."""


def about_node(hosted: Hosted, node: NamedNode, told: Description, language: str) -> dict[str, Any]:
    """The thing that a page of ours is about; its keys and types are those of schema.org."""
    data, iri = hosted.wide, node.value
    kind = told.kind.partition(":")[0]
    found: dict[str, Any] = {"@type": "Thing", "@id": iri, "name": told.label, "url": markup.link_address(iri) or ""}
    if iri in (void.DATASET, hosted.dataset):
        return about_dataset(hosted, language)
    if iri.startswith(GRAPH):
        part = {"description": f"A graph of nexuskg: {told.curie}", "isPartOf": {"@id": void.DATASET}}
        return found | {"@type": "Dataset", **part, **_license(data), **_distributions(iri)}
    found |= _texts(data, node, told)
    if kind == "claim":
        return found | _claim(data, node, told, language)
    if kind == "source":
        return found | _source(data, source_key(iri), language)
    if kind in ("class", "property", "concept"):
        return found | _defined_term(data, node)
    if kind == "vocabulary":
        return found | {"@type": "DefinedTermSet", **_license(data)}
    return found | _entity(data, node)


def about_ontology(hosted: Hosted, language: str) -> dict[str, Any]:
    """The ontology as a set of terms."""
    data = hosted.wide
    return {
        "@type": "DefinedTermSet",
        "@id": ONTOLOGY,
        "name": _header(data, DCTERMS + "title", language),
        "description": _header(data, DCTERMS + "description", language),
        "url": "/ontology",
        **_license(data),
    }


def about_dataset(hosted: Hosted, language: str) -> dict[str, Any]:
    """The whole dataset, with where its view can be had."""
    data = hosted.data
    view = next((name for name, of in hosted.graphs.items() if of is data), "")
    me = hosted.dataset
    titles = [o.object for o in hosted.void if (o.subject, o.predicate.value) == (NamedNode(me), DCTERMS + "title")]
    return {
        "@type": "Dataset",
        "@id": me,
        "name": next((title.value for title in titles if isinstance(title, Literal)), "nexuskg"),
        "description": markup.WORDS["intro"][LANGUAGES.index(language)],
        "url": "/",
        "isAccessibleForFree": True,
        **_license(data),
        **(_distributions(view) if view else {}),
    }


def _license(data: Local) -> dict[str, Any]:
    """License, version and makers, which are those of the ontology."""
    return {
        "license": _header(data, DCTERMS + "license"),
        "version": _header(data, OWL + "versionInfo"),
        "creator": {"@type": "Organization", "name": _header(data, DCTERMS + "creator")},
    }


def _distributions(graph: str) -> dict[str, Any]:
    where = markup.link_address(graph)
    forms = DISTRIBUTED.items() if where else ()
    return {
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media, "contentUrl": f"{where}?format={name}"}
            for name, media in forms
        ]
    }


def _texts(data: Local, node: NamedNode, told: Description) -> dict[str, Any]:
    """What we say of it ourselves: definition, what tells it from others, other names, and the same thing elsewhere."""
    by_name: dict[str, str] = {}
    for name, text in told.texts:
        by_name.setdefault(name, text)
    found: dict[str, Any] = {}
    if "definition" in by_name:
        found["description"] = by_name["definition"]
    if "note" in by_name and first_value(data.store, node.value, SKOS + "scopeNote"):
        found["disambiguatingDescription"] = by_name["note"]
    others = [text for name, text in told.labels if name.startswith("alias")]
    if others:
        found["alternateName"] = sorted(set(others))
    same = {m.value for m in object_nodes(data.store, node, NamedNode(SKOS + "exactMatch")) if isinstance(m, NamedNode)}
    if same:
        found["sameAs"] = sorted(iri for iri in same if iri.startswith(("http://", "https://")))
    return found


def _claim(data: Local, node: NamedNode, told: Description, language: str) -> dict[str, Any]:
    said = told.claims[0]
    modality = first_value(data.store, node.value, NX + "modality") or ""
    hedges = "".join(f" “{hedge}”" for hedge in said.hedges)
    source = {"@id": source_iri(said.source), **_source(data, said.source, language)}
    labels = [q.object for q in data.store.quads_for_pattern(node, NamedNode(SKOS + "prefLabel"), None, DEFAULT_GRAPH)]
    tongues = (each.language for each in labels if isinstance(each, Literal) and each.value == told.label)
    occurs = "isBasedOn" if modality.rpartition("/")[2] in _UNSAID else "appearance"
    return {
        "@type": "Claim",
        "description": f"{said.modality}{hedges}; {said.source}, {said.place}",
        "inLanguage": next(tongues, None) or "en",
        "isPartOf": {"@id": void.DATASET},
        occurs: source,
    }


def _source(data: Local, key: str, language: str) -> dict[str, Any]:
    record = bibliographic_record(data.store, key, language)
    authors = [
        {"@type": "Person" if author.given else "Organization", "name": str(author)} for author in record.authors
    ]
    found = {
        "name": record.title,
        "author": authors,
        "publisher": {"@type": "Organization", "name": record.publisher} if record.publisher else None,
        "datePublished": record.issued,
        "inLanguage": record.language,
        "isPartOf": {"@type": "Periodical", "name": record.container, "issn": record.issn} if record.issn else None,
        "sameAs": f"https://doi.org/{record.doi}" if record.doi else "",
        "url": record.url,
    }
    return {"@type": _DOCUMENTS.get(record.kind, "CreativeWork"), **{key: one for key, one in found.items() if one}}


def _defined_term(data: Local, node: NamedNode) -> dict[str, Any]:
    scheme = first_value(data.store, node.value, SKOS + "inScheme")
    inside = ONTOLOGY if node.value.startswith(NX) else scheme
    code = node.value.removeprefix(NX).rpartition("/")[2]
    return {"@type": "DefinedTerm", "termCode": code} | ({"inDefinedTermSet": {"@id": inside}} if inside else {})


def _entity(data: Local, node: NamedNode) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": _type(data, node)}
    points = geojson.points(data, node)
    if points and found["@type"] in ("Place", "Country"):
        longitude, latitude = points[0][:2]
        found["geo"] = {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}
    return found


def _type(data: Local, node: NamedNode) -> str:
    """The type of schema.org that the alignment has for the class in the record of the node, or the next one above."""
    quads = data.store.quads_for_pattern(node, TYPE, None, None)
    classes = {
        quad.object
        for quad in quads
        if isinstance(quad.graph_name, NamedNode)
        and quad.graph_name.value.startswith(GRAPH + "data/")
        and isinstance(quad.object, NamedNode)
    }
    table = _alignments(data)
    above = {each: classes_above(data.store, [each]) for each in table}
    fit = [each for each in classes_above(data.store, classes) if each in table]
    # The lowest of those that fit has the most above it.
    best = max(fit, key=lambda each: (len(above[each]), each.value), default=None)
    return table[best] if best is not None else "Thing"


def _alignments(data: Local) -> Mapping[NamedNode, str]:
    graph = NamedNode(GRAPH + "alignments/schema-org")
    return {
        quad.subject: quad.object.value.removeprefix(SCHEMA)
        for match in ("closeMatch", "broadMatch")  # what is related only is something else
        for quad in data.store.quads_for_pattern(None, NamedNode(SKOS + match), None, graph)
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
        if quad.object.value != SCHEMA + "Product"  # which is something that is offered
    }


def _header(data: Local, prop: str, language: str = "en") -> str:
    """What the ontology says of itself, in the language, else in English; empty where it says nothing."""
    quads = data.store.quads_for_pattern(NamedNode(ONTOLOGY), NamedNode(prop), None, NamedNode(GRAPH + "nexus"))
    found = [quad.object for quad in quads if isinstance(quad.object, Literal | NamedNode)]
    texts = [(getattr(each, "language", None), each.value) for each in found]
    return min(texts, key=lambda t: (t[0] != language, t[0] != "en", t[1]), default=(None, ""))[1]
