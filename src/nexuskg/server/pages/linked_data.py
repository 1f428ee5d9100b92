"""Linked data: every IRI of ours answers here under its path, as a page or as triples.

The document is given directly, without a 303: w3id.org redirects from the IRI to this server, so that the thing and
the document about it have different addresses already, and a second round trip would tell nobody anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.base.media_types import TRIPLES
from nexuskg.base.namespaces import (
    BASE,
    CLAIM,
    DEFAULT_GRAPH,
    NX,
    SKOS,
    compact,
    source_iri,
)
from nexuskg.errors import NexuskgError, Refused
from nexuskg.pipeline.dataset import Local
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable, Term
from nexuskg.reasoning import grounds
from nexuskg.search import describe
from nexuskg.search.description import ClaimSummary, Description
from nexuskg.server.api.operation import Call, Operation, OperationParameter, Reply
from nexuskg.server.pages import documents, markup, schema_org
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
    triples = list(_ontology(hosted)) if whole else list(documents.triples_about(hosted, hosted.data, node))
    beyond = [] if whole else documents.triples_beyond(hosted, node, triples)
    if not (triples or beyond) and call.path["path"].startswith("api/"):
        raise Refused(404, "There is no such operation. All of them: /api/openapi.json")
    if not (triples or beyond):
        raise Refused(404, f"The graph knows nothing of {iri[:300]}. Search: /find?q=…")
    if media != "text/html":
        return documents.as_triples(hosted, [*triples, *documents.described_statements(hosted, iri, beyond)], media)
    language = call.language
    query = {name: values[0] for name, values in call.query.items() if name != "format"}
    title, body = _terms(hosted, language) if whole else _thing(hosted, node, triples, beyond, language)
    path = "/" + call.path["path"]
    forms = [(name, of, markup.href(path, {**query, "format": name})) for name, of in schema_org.DISTRIBUTED.items()]
    return Reply(media, markup.html_page(title, body, language, path, query, forms))


def void_document(hosted: Hosted, call: Call) -> Reply:
    """What is in the dataset, as VoID."""
    media = call.media(tuple(TRIPLES))
    return documents.as_triples(hosted, hosted.void, media)


def graph_document(hosted: Hosted, call: Call) -> Reply:
    """The triples of one graph, by its name in the query or the default one: the Graph Store Protocol, for reading."""
    media = call.media(tuple(TRIPLES))
    name, default = call.one("graph"), "default" in call.query
    if default == (name is not None):
        raise Refused(400, "Name one graph: …?graph=IRI, or …?default for the view that is served.")
    return documents.as_triples(hosted, (quad.triple for quad in hosted.quads(name)), media)


def _ontology(hosted: Hosted) -> Iterator[Triple]:
    for quad in hosted.data.store.quads_for_pattern(None, None, None, DEFAULT_GRAPH):
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


def _thing(
    hosted: Hosted, node: NamedNode, triples: list[Triple], beyond: list[Triple], language: str
) -> tuple[str, str]:
    data, iri = hosted.wide, node.value
    label = label_or_name(data.store, iri, language)
    parts = [
        f"<p><code>{markup.text_html(compact(iri, data.prefixes))}</code> <code>{markup.text_html(iri)}</code></p>"
    ]
    bare = Description(iri, compact(iri, data.prefixes), "", label)  # what only files have, such as shapes and graphs
    told = _description(data, iri, language) or bare
    if told.kind:
        parts.append(f"<p>{markup.text_html(told.kind)}</p>")
    parts += [f"<p>{markup.text_html(value)}</p>" for name, value in told.texts]
    parts.append(markup.section("axioms", language, markup.html_list(map(markup.text_html, told.axioms))))
    parts.append(markup.section("claims", language, _claims_html(told.claims, language)))
    details = (*told.labels, *told.details)
    parts.append(markup.section("details", language, markup.definition_list(details)))
    ordered = sorted({*triples, *beyond}, key=lambda one: (one.predicate.value, str(one)))
    inward = [one for one in ordered if one.object == node and one.subject != node]
    parts.append(
        _table(hosted, "links out", [one for one in ordered if one not in set(inward)], node, beyond, language)
    )
    parts.append(_table(hosted, "links in", inward, node, beyond, language))
    if data is not hosted.data:
        parts.append(f'<p class="note">{markup.word("wide", language)}</p>')
    for_programs = told if data is hosted.data else _description(hosted.data, iri, language) or told
    return label, "".join(parts) + markup.schema_org_block(schema_org.about_node(hosted, node, for_programs, language))


def _description(data: Local, iri: str, language: str) -> Description | None:
    """What a dataset has to say of a node; None where that is nothing."""
    try:
        return describe.describe(data.store, {}, f"<{iri}>", prefixes=data.prefixes, language=language)
    except NexuskgError:
        return None


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


def _table(
    hosted: Hosted, name: str, triples: list[Triple], node: NamedNode, beyond: Iterable[Triple], language: str
) -> str:
    """Triples as rows of a table, the node itself left out; what is inferred leads to why.

    Those that only the wider view has are marked.
    """
    data, wider = hosted.wide, set(beyond)
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
        if one in wider:
            inferred += f' <span class="note">[{markup.word("beyond", language)}]</span>'
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
