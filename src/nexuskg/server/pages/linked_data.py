"""Linked data: every IRI of ours answers here under its path, as a page or as triples.

The document is given directly, without a 303: w3id.org redirects from the IRI to this server, so that the thing and
the document about it have different addresses already, and a second round trip would tell nobody anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from nexuskg.base.media_types import TRIPLES
from nexuskg.base.namespaces import BASE, CLAIM, DEFAULT_GRAPH, NX, SKOS, compact, source_iri
from nexuskg.errors import NexuskgError, Refused
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable, Term
from nexuskg.reasoning import grounds
from nexuskg.search import describe
from nexuskg.search.description import ClaimSummary, Description
from nexuskg.server.api.operation import Call, Operation, OperationParameter, Reply
from nexuskg.server.pages import markup, schema_org
from nexuskg.server.state.host import Hosted

FORMS: Final = {**schema_org.DISTRIBUTED, "html": "text/html"}
"""The forms that can be asked for by name, ?format=…, where no header can be sent."""

MEDIA: Final = ("text/html", *TRIPLES)
SHOWN: Final = 200
"""So many triples are on a page."""

_COMMON: Final = (
    OperationParameter("lang", "The language."),
    OperationParameter("format", "The form, where no Accept can be sent."),
)


def media_of(call: Call) -> str:
    """The media type asked for, by name or by Accept; without either a program gets Turtle. Raises Refused."""
    named = call.one("format")
    if named is not None:
        if named not in FORMS:
            raise Refused(400, f"format: {named[:50]!r} is none of {', '.join(FORMS)}.")
        return FORMS[named]
    if not call.accept or call.accept.strip() == "*/*":
        return "text/turtle"
    return call.media(MEDIA)


def requested_iri(call: Call) -> str:
    """The IRI that a request is about: of a term, which is behind a #, by its name in the query."""
    term = call.one("term")
    return BASE + call.path["path"] + (f"#{term}" if term else "")


def linked_document(hosted: Hosted, call: Call) -> Reply:
    """What there is about an IRI of ours, in the form asked for; raises Refused where there is nothing."""
    iri, media = requested_iri(call), media_of(call)
    try:
        node = NamedNode(iri)
    except ValueError:
        raise Refused(404, "There is nothing at this address. What there is: /") from None
    whole = iri == BASE + "ontology"
    triples = list(_ontology(hosted)) if whole else list(_about(hosted, node))
    if not triples and call.path["path"].startswith("api/"):
        raise Refused(404, "There is no such operation. All of them: /api/openapi.json")
    if not triples:
        raise Refused(404, f"The graph knows nothing of {iri[:300]}. Search: /find?q=…")
    if media != "text/html":
        return as_triples(hosted, triples, media)
    language = call.language
    query = {name: values[0] for name, values in call.query.items() if name != "format"}
    title, body = _terms(hosted, language) if whole else _thing(hosted, node, triples, language)
    path = "/" + call.path["path"]
    forms = [(name, of, markup.href(path, {**query, "format": name})) for name, of in schema_org.DISTRIBUTED.items()]
    return Reply(media, markup.html_page(title, body, language, path, query, forms))


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


def void_document(hosted: Hosted, call: Call) -> Reply:
    """What is in the dataset, as VoID."""
    media = call.media(tuple(TRIPLES))
    return as_triples(hosted, hosted.void, media)


def graph_document(hosted: Hosted, call: Call) -> Reply:
    """The triples of one graph, by its name in the query or the default one: the Graph Store Protocol, for reading."""
    media = call.media(tuple(TRIPLES))
    name, default = call.one("graph"), "default" in call.query
    if default == (name is not None):
        raise Refused(400, "Name one graph: …?graph=IRI, or …?default for the view that is served.")
    return as_triples(hosted, (quad.triple for quad in hosted.quads(name)), media)


def _about(hosted: Hosted, node: NamedNode) -> Iterator[Triple]:
    """The triples that the node is in; of a graph, those in it. Where the view has none, those of any graph."""
    store = hosted.wide.store
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


def _ontology(hosted: Hosted) -> Iterator[Triple]:
    for quad in hosted.wide.store.quads_for_pattern(None, None, None, DEFAULT_GRAPH):
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(BASE + "ontology"):
            yield quad.triple


def _terms(hosted: Hosted, language: str) -> tuple[str, str]:
    """The title and the body of the page with every class and property, each at the anchor that its IRI names."""
    store = hosted.wide.store
    names = sorted(
        {t.subject.value for t in _ontology(hosted) if isinstance(t.subject, NamedNode) and t.subject.value[len(NX) :]}
    )
    rows = []
    for iri in names:
        texts = [
            quad.object
            for quad in store.quads_for_pattern(NamedNode(iri), NamedNode(SKOS + "definition"), None, DEFAULT_GRAPH)
            if isinstance(quad.object, Literal)
        ]
        best = min(texts, key=lambda t: (t.language != language, t.language != "en", t.value), default=None)
        linked = markup.node_link(iri, label_or_name(store, iri, language), language)
        told = markup.text_html(best.value) if best else ""
        rows.append(
            f'<tr id="{escape(iri[len(NX) :])}"><td>{linked}</td>'
            f"<td><code>nx:{markup.text_html(iri[len(NX) :])}</code></td><td>{told}</td></tr>"
        )
    body = f"<table><tbody>{''.join(rows)}</tbody></table>"
    return "nexuskg ontology", body + markup.schema_org_block(schema_org.about_ontology(hosted, language))


def _thing(hosted: Hosted, node: NamedNode, triples: list[Triple], language: str) -> tuple[str, str]:
    data, iri = hosted.wide, node.value
    label = label_or_name(data.store, iri, language)
    parts = [
        f"<p><code>{markup.text_html(compact(iri, data.prefixes))}</code> <code>{markup.text_html(iri)}</code></p>"
    ]
    try:
        told = describe.describe(data.store, {}, f"<{iri}>", prefixes=data.prefixes, language=language)
    except NexuskgError:  # what only files have, such as shapes and the graphs themselves
        told = Description(iri, compact(iri, data.prefixes), "", label)
    if told.kind:
        parts.append(f"<p>{markup.text_html(told.kind)}</p>")
    parts += [f"<p>{markup.text_html(value)}</p>" for name, value in told.texts]
    parts.append(markup.section("axioms", language, markup.html_list(map(markup.text_html, told.axioms))))
    parts.append(markup.section("claims", language, _claims_html(told.claims, language)))
    details = (*told.labels, *told.details)
    parts.append(markup.section("details", language, markup.definition_list(details)))
    ordered = sorted(set(triples), key=lambda one: (one.predicate.value, str(one)))
    inward = [one for one in ordered if one.object == node and one.subject != node]
    parts.append(_table(hosted, "links out", [one for one in ordered if one not in set(inward)], node, language))
    parts.append(_table(hosted, "links in", inward, node, language))
    if data is not hosted.data:
        parts.append(f'<p class="note">{markup.word("wide", language)}</p>')
    return label, "".join(parts) + markup.schema_org_block(schema_org.about_node(hosted, node, told, language))


def _claims_html(claims: Iterable[ClaimSummary], language: str) -> str:
    """Claims, each with how it is said, its source, and the words to look for there."""
    items = []
    for said in claims:
        iri = CLAIM + said.claim.removeprefix("claim:")
        hedges = "".join(f" “{markup.text_html(hedge)}”" for hedge in said.hedges)
        source = markup.node_link(source_iri(said.source), said.source, language)
        anchors = "; ".join(f"<q>{markup.text_html(anchor)}</q>" for anchor in said.anchors)
        items.append(
            f"{markup.node_link(iri, said.label, language)} <span>[{markup.text_html(said.modality)}{hedges}]</span> "
            f"<cite>{source}</cite>, {markup.text_html(said.place)}{f': {anchors}' if anchors else ''}"
        )
    return markup.html_list(items)


def _table(hosted: Hosted, name: str, triples: list[Triple], node: NamedNode, language: str) -> str:
    """Triples as rows of a table, the node itself left out; what is inferred leads to why."""
    data = hosted.wide
    rows = []
    for one in triples[:SHOWN]:
        others = [part for part in (one.subject, one.object) if part != node] or [node]
        cells = [_term(data.store, other, data.prefixes, language) for other in others]
        inferred = ""
        ends = (one.subject, one.predicate, one.object)
        if all(isinstance(end, NamedNode) for end in ends) and grounds.is_inferred(data.store, one):
            asked = {name: str(end) for name, end in zip(("subject", "predicate", "value"), ends, strict=True)}
            whence = markup.local_link("/why", markup.word("why", language), **asked, lang=language)
            inferred = f" ({markup.word('inferred', language)}: {whence})"
        verb = _term(data.store, one.predicate, data.prefixes, language)
        rows.append(f"<tr><th>{verb}</th><td>{' → '.join(cells)}{inferred}</td></tr>")
    more = len(triples) - SHOWN
    note = f'<p class="note">{markup.word("more", language, n=more)}</p>' if more > 0 else ""
    return markup.section(name, language, f"<table><tbody>{''.join(rows)}</tbody></table>{note}" if rows else "")


def _term(store: Readable, term: Term, prefixes: Mapping[str, str], language: str) -> str:
    if isinstance(term, NamedNode):
        named = (
            label_or_name(store, term.value, language) if term.value.startswith(BASE) else compact(term.value, prefixes)
        )
        return markup.node_link(term.value, named, language)
    return markup.term_html(term, prefixes)


OPERATIONS: Final = (
    Operation("/.well-known/void", "What is in the dataset.", void_document, media=tuple(TRIPLES)),
    Operation(
        "/store",
        "A graph, by the Graph Store Protocol.",
        graph_document,
        (OperationParameter("graph", "The IRI of a graph."), OperationParameter("default", "The view that is served.")),
        tuple(TRIPLES),
    ),
    Operation(
        "/{path:path}",
        "What there is about an IRI.",
        linked_document,
        (*_COMMON, OperationParameter("term", "The part behind the #.")),
        MEDIA,
    ),
)
"""Where IRIs answer; the last takes every path that nothing else takes."""
