"""Documents: the triples that there are about an IRI, as the view that is served has them, and as a file of them.

What counts only where claims with a locator do is no triple of a document, but a statement described in it
(rdf:Statement), as part of the graph of the wider view: else it would say what /sparql does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from nexuskg.base.media_types import TRIPLES
from nexuskg.base.namespaces import DCTERMS, DEFAULT_GRAPH, RDF, TYPE
from nexuskg.pipeline.dataset import Local
from nexuskg.server.api.operation import Reply
from nexuskg.server.state.host import Hosted


def triples_about(hosted: Hosted, of: Local, node: NamedNode) -> Iterator[Triple]:
    """The triples of a dataset that the node is in; of a graph, those in it. Where the view has none, any graph's."""
    store = of.store
    view = hosted.graphs.get(node.value)
    inside = (
        view.store.quads_for_pattern(None, None, None, DEFAULT_GRAPH)
        if view
        else store.quads_for_pattern(None, None, None, node)
    )
    quads = list(inside)
    for graph in (DEFAULT_GRAPH, None):
        if not quads:
            quads = [
                *store.quads_for_pattern(node, None, None, graph),
                *store.quads_for_pattern(None, None, node, graph),
            ]
    if not quads:  # the dataset and the stored questions, which are told of in the publication only
        yield from (one for one in hosted.publication if node in (one.subject, one.object))
    seen: set[BlankNode] = set()
    while quads:
        quad = quads.pop()
        yield quad.triple
        # A node without a name says nothing without what is said of it.
        if isinstance(quad.object, BlankNode) and quad.object not in seen:
            seen.add(quad.object)
            quads += store.quads_for_pattern(quad.object, None, None, quad.graph_name)


def triples_beyond(hosted: Hosted, node: NamedNode, inside: Iterable[Triple]) -> list[Triple]:
    """What the wider view has beyond that; nodes without a name are of the ontology, of which both have the same."""
    if hosted.wide is hosted.data or node.value in hosted.graphs:
        return []
    known = set(inside)
    return [
        one
        for one in dict.fromkeys(triples_about(hosted, hosted.wide, node))
        if one not in known and not any(isinstance(end, BlankNode) for end in (one.subject, one.object))
    ]


def described_statements(hosted: Hosted, iri: str, beyond: Iterable[Triple]) -> Iterator[Triple]:
    """The statements as parts of the graph of the wider view, each under an IRI of the document's own."""
    wider, part = NamedNode(hosted.wider_view), NamedNode(DCTERMS + "isPartOf")
    told = False
    for one in beyond:
        digest = hashlib.blake2b(str(one).encode(), digest_size=8).hexdigest()
        me = NamedNode(f"{iri}{'.' if '#' in iri else '#'}beyond-{digest}")
        yield Triple(me, TYPE, NamedNode(RDF + "Statement"))
        for name, end in (("subject", one.subject), ("predicate", one.predicate), ("object", one.object)):
            yield Triple(me, NamedNode(RDF + name), end)
        yield Triple(me, part, wider)
        told = True
    if told:
        yield Triple(wider, NamedNode(DCTERMS + "description"), Literal(str(hosted.wide.view), language="en"))


def as_triples(hosted: Hosted, triples: Iterable[Triple], media: str) -> Reply:
    """The triples in that form, each once."""
    form: RdfFormat = getattr(RdfFormat, TRIPLES[media])
    ordered = sorted(set(triples), key=str)
    prefixes = _used_prefixes(ordered, hosted.data.prefixes) if form in (RdfFormat.TURTLE, RdfFormat.RDF_XML) else None
    return Reply(media, serialize(ordered, format=form, prefixes=prefixes) or b"")


def _used_prefixes(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Those of the prefixes that the triples have a use for."""
    nodes = {part.value for one in triples for part in one if isinstance(part, NamedNode)}
    nodes |= {part.datatype.value for one in triples for part in one if isinstance(part, Literal)}
    spaces = {node[: max(node.rfind("#"), node.rfind("/")) + 1] for node in nodes}
    return {name: iri for name, iri in prefixes.items() if iri in spaces}
