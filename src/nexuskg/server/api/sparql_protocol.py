"""The SPARQL 1.1 Protocol: what a request asks, by GET or either kind of POST; and what the service is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from nexuskg.base.media_types import RESULTS, TRIPLES, negotiate
from nexuskg.base.namespaces import TYPE, XSD
from nexuskg.errors import Refused
from nexuskg.queries.query_guard import NOT_FETCHED
from nexuskg.rdf.void import VOID
from nexuskg.server.sandbox.jobs import QueryJob, UpdateJob

if TYPE_CHECKING:
    from nexuskg.server.state.host import Hosted

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
FORMATS: Final = "http://www.w3.org/ns/formats/"
_WRITTEN: Final = (
    *(f"SPARQL_Results_{name}" for name in ("JSON", "XML", "CSV", "TSV")),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML"),
)
METHODS: Final = "GET, HEAD, POST, OPTIONS"
_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"


def parse_request(
    hosted: Hosted, given: Mapping[str, Sequence[str]], media: str | None, body: bytes, accept: str
) -> QueryJob | UpdateJob | None:
    """The query or update that a request has, None where it has neither.

    `given` is from its URL, `media` and `body` from a POST; `media` is None for GET. Raises Refused.
    """
    values = {name: list(several) for name, several in given.items()}
    if media == _FORM:
        try:
            form = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=100, errors="strict")
        except ValueError:  # UnicodeDecodeError is one
            raise Refused(400, "The form in the body is not UTF-8 text of at most 100 fields.") from None
        for name, several in form.items():
            values.setdefault(name, []).extend(several)
    elif media in (_QUERY, _UPDATE):
        name = "query" if media == _QUERY else "update"
        if name in values:
            raise Refused(400, f"The {name} is given twice, in the URL and in the body.")
        try:
            values[name] = [body.decode()]
        except UnicodeDecodeError as error:
            raise Refused(400, f"The {name} is not UTF-8 text ({error.reason} at byte {error.start}).") from None
    elif media is not None:
        raise Refused(
            415, f"A query is posted as {_FORM} or {_QUERY}, an update as {_UPDATE}; not as {media or 'no type'}."
        )
    if "update" in values:
        return _update(values, by_get=media is None)
    queries = values.get("query", [])
    if not queries:
        if media is not None:
            raise Refused(400, "The request has no query.")
        return None
    if len(queries) > 1:
        raise Refused(400, f"One query is answered at a time; the request has {len(queries)}.")
    default, named = values.get("default-graph-uri"), values.get("named-graph-uri")
    known = {*hosted.names, *hosted.graphs} if default or named else set()
    for name in (*(default or ()), *(named or ())):
        if name not in known:
            raise Refused(400, f"There is no graph {name[:300]} {NOT_FETCHED}. All: /api/views")
    return QueryJob(
        queries[0],
        negotiate(accept, RESULTS),
        negotiate(accept, TRIPLES),
        None if default is None and named is None else tuple(default or ()),
        None if default is None and named is None else tuple(named or ()),
    )


def _update(values: Mapping[str, Sequence[str]], by_get: bool) -> UpdateJob:
    if by_get:
        raise Refused(400, "An update is posted, never sent by GET.")
    if "query" in values or len(values["update"]) != 1:
        raise Refused(400, "A request has one update, or one query.")
    default, named = (tuple(values.get(f"using-{kind}-uri", ())) for kind in ("graph", "named-graph"))
    for name in (*default, *named):
        try:
            NamedNode(name)
        except ValueError:
            raise Refused(400, f"{name[:300]!r} is no IRI that a graph can have as its name.") from None
    return UpdateJob(values["update"][0], default or None, named or None)


def query_result(hosted: Hosted, asked: QueryJob) -> tuple[str, bytes]:
    """The media type and the bytes of the result, whole; raises Refused."""
    if hosted.pool is None:
        raise Refused(501, "Queries of your own need a system with fork and resource limits; the API answers anyway.")
    return hosted.pool.answer(asked)


def service_description(hosted: Hosted, here: str, accept: str, writes: bool = False) -> tuple[str, bytes]:
    """The service description at that address in the wanted form of RDF: its media type and its bytes."""
    media = negotiate(accept, TRIPLES)
    if media is None:
        raise Refused(406, f"The service is described as one of: {', '.join(TRIPLES)}.")
    form: RdfFormat = getattr(RdfFormat, TRIPLES[media])
    prefixes = {"sd": SD, "void": VOID, "formats": FORMATS} if form == RdfFormat.TURTLE else None
    return media, serialize(_service_triples(hosted, here, writes), format=form, prefixes=prefixes) or b""


def _service_triples(hosted: Hosted, here: str, writes: bool) -> list[Triple]:
    me, dataset, default = NamedNode(here), NamedNode(here + "#dataset"), NamedNode(here + "#default")
    kind = TYPE
    found = [
        Triple(me, kind, NamedNode(SD + "Service")),
        Triple(me, NamedNode(SD + "endpoint"), me),
        Triple(me, NamedNode(SD + "supportedLanguage"), NamedNode(SD + "SPARQL11Query")),
        Triple(me, NamedNode(SD + "defaultDataset"), dataset),
        Triple(dataset, kind, NamedNode(SD + "Dataset")),
        Triple(dataset, NamedNode(SD + "defaultGraph"), default),
        Triple(default, kind, NamedNode(SD + "Graph")),
    ]
    if writes:
        found.append(Triple(me, NamedNode(SD + "supportedLanguage"), NamedNode(SD + "SPARQL11Update")))
    found += [Triple(me, NamedNode(SD + "resultFormat"), NamedNode(FORMATS + name)) for name in _WRITTEN]
    sizes: list[tuple[NamedNode, str | None]] = [(default, None)]
    for name in hosted.names:
        entry = BlankNode()
        found.append(Triple(dataset, NamedNode(SD + "namedGraph"), entry))
        found.append(Triple(entry, kind, NamedNode(SD + "NamedGraph")))
        found.append(Triple(entry, NamedNode(SD + "name"), NamedNode(name)))
        found.append(Triple(entry, NamedNode(SD + "graph"), NamedNode(name)))
        sizes.append((NamedNode(name), name))
    for node, graph in sizes:
        count = sum(1 for _ in hosted.quads(graph))
        found.append(
            Triple(node, NamedNode(VOID + "triples"), Literal(str(count), datatype=NamedNode(XSD + "integer")))
        )
    return found
