"""What a worker does for a stranger: answer a query, work out an update, read a document.

It happens in a process that can be killed (`holder`), so here is no clock and no count of memory; what is looked at
first is in `query_guard` and `update_guard`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)

from nexuskg.base.media_types import RESULTS, TRIPLES
from nexuskg.base.namespaces import DEFAULT_GRAPH
from nexuskg.errors import Refused
from nexuskg.queries import query_guard, update_guard
from nexuskg.rdf.store import as_quads, syntax_fault


@dataclass(frozen=True, slots=True)
class Settings:
    """What a worker may do: bytes of memory and of a result, depth of brackets; and what the graph has."""

    memory: int
    result: int
    nesting: int
    prefixes: Mapping[str, str]
    graphs: tuple[str, ...]
    hidden: tuple[str, ...]
    """Graphs that are read only where they are asked for by name: the merged ones."""


class _Bounded(io.BytesIO):
    """Bytes up to a limit; what goes beyond it raises Refused."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def write(self, part: Any, /) -> int:
        if self.tell() + len(part) > self.limit:
            raise Refused(400, f"The result is larger than {self.limit:,} bytes. Ask for less of it, or add a LIMIT.")
        return super().write(part)


Asked = Mapping[str, Any]


def evaluate_query(store: Store, asked: Asked, settings: Settings) -> tuple[str, bytes]:
    """The media type and the bytes of the whole result of a query; raises Refused.

    `asked` has the text, the media types that the client would take for solutions and for triples (None: none), and the
    graphs of a dataset that the request names (None: the query's own, else the default).
    """
    text = str(asked["text"])
    known = {*settings.graphs, *settings.hidden}
    form = query_guard.check_query(text, known, settings.prefixes, settings.nesting)
    scope: dict[str, Any] = {}
    if asked["default"] is not None or asked["named"] is not None:
        scope["default_graph"] = [NamedNode(name) for name in asked["default"] or ()]
        scope["named_graphs"] = [NamedNode(name) for name in asked["named"] or ()]
    elif not query_guard.names_dataset(text):
        scope["named_graphs"] = [NamedNode(name) for name in settings.graphs]
    out = _Bounded(settings.result)
    try:
        found = store.query(text, prefixes=dict(settings.prefixes), **scope)
        triples = isinstance(found, QueryTriples)
        media = asked["triples"] if triples else asked["results"]
        if media is None:
            offered = TRIPLES if triples else RESULTS
            raise Refused(406, f"{form} is answered as one of: {', '.join(offered)}. Ask for one of these in Accept.")
        if isinstance(found, QueryTriples):
            found.serialize(out, format=getattr(RdfFormat, TRIPLES[media]))
        else:
            assert isinstance(found, QuerySolutions | QueryBoolean)
            found.serialize(out, format=getattr(QueryResultsFormat, RESULTS[media]))
    except SyntaxError as error:
        raise Refused(400, syntax_fault(text, str(error.msg))) from None
    except (OSError, ValueError) as error:  # no socket can be opened here; a name that is no IRI
        raise Refused(400, f"The query cannot be answered: {' '.join(str(error).split())[:300]}") from None
    return media, out.getvalue()


def evaluate_update(store: Store, asked: Asked, settings: Settings) -> tuple[bytes, bytes]:
    """What an update adds and removes, as N-Quads; the store has it done then; raises Refused.

    Only graphs whose names are not of the project may change: those have the dataset, which only a push may replace.
    """
    text = str(asked["text"])
    query_guard.check_update(text, settings.nesting)
    text = update_guard.update_with_dataset(text, asked["default"], asked["named"])
    kind, inserting = update_guard.data_alone(text)
    before = {} if kind else _graphs(store)
    changed = Store() if kind else store
    try:
        changed.update(inserting or text, prefixes=dict(settings.prefixes))
    except SyntaxError as error:
        raise Refused(400, syntax_fault(text, str(error.msg))) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise Refused(400, f"The update cannot be done: {' '.join(str(error).split())[:300]}") from None
    after = _graphs(changed)
    added, removed = list[bytes](), list[bytes]()
    for name in sorted({*before, *after}):
        olds, news = (set(of.get(name, b"").splitlines()) for of in (before, after))
        if olds != news:
            update_guard.check_graph(name)
            added += as_quads(sorted(news - olds), f"<{name}>")
            removed += as_quads(sorted(olds - news), f"<{name}>")
    _no_triple_terms(b"".join(added), RdfFormat.N_QUADS)
    added, removed = (removed, added) if kind == "DELETE" else (added, removed)
    return b"".join(added), b"".join(removed)


def _graphs(store: Store) -> dict[str, bytes]:
    """Every graph as N-Triples, by its name; the default one has none."""
    found = {graph.value: store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph) for graph in store.named_graphs()}
    found[""] = store.dump(format=RdfFormat.N_TRIPLES, from_graph=DEFAULT_GRAPH)
    return {name: data or b"" for name, data in found.items()}


def _no_triple_terms(data: bytes, form: RdfFormat) -> None:
    if b"<<(" in data and any(isinstance(quad.object, Triple) for quad in parse(data, form)):
        raise Refused(400, "Triples about triples are not taken: not every store that is asked has them.")


def evaluate_document(asked: Asked, data: bytes) -> bytes:
    """The triples of a document as N-Triples, its nodes without a name named anew; raises Refused."""
    form: RdfFormat = getattr(RdfFormat, TRIPLES[asked["media"]])
    if form == RdfFormat.RDF_XML:
        update_guard.check_xml(data)
    try:
        triples = [quad.triple for quad in parse(data, form, base_iri=asked["base"], rename_blank_nodes=True)]
    except (SyntaxError, OSError, ValueError) as error:
        said = " ".join(str(getattr(error, "msg", None) or error).split())[:300]
        raise Refused(400, f"The body is not what its type says: {said}") from None
    found = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
    _no_triple_terms(found, RdfFormat.N_TRIPLES)
    return found
