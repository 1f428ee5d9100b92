"""Views: which named graphs make up the default graph that a question reads, no triple twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from nexuskg.namespaces import GRAPH

VIEWS: Final = ("facts", "implied")

_FILES: Final = ("terms/", "vocab/", "data/", "links/")
_COMPUTED: Final = {
    "facts": ("facts", "labels", "loops", "inferred"),
    "implied": ("facts", "labels", "loops", "inferred", "implied", "inferred-implied"),
}


def members(store: Store, view: str) -> list[NamedNode]:
    """The named graphs of the store that make up the view, sorted."""
    names = {graph.value.removeprefix(GRAPH): graph for graph in store.named_graphs() if isinstance(graph, NamedNode)}
    computed = _COMPUTED[view]
    return [graph for name, graph in sorted(names.items()) if name.startswith(_FILES) or name in computed]


def merged(store: Store, graphs: Iterable[NamedNode]) -> Store:
    """A store whose default graph is the union of those graphs, and which has no named one."""
    out = Store()
    default = DefaultGraph()
    for graph in graphs:
        out.extend(
            Quad(quad.subject, quad.predicate, quad.object, default)
            for quad in store.quads_for_pattern(None, None, None, graph)
        )
    return out


def compose(store: Store, view: str) -> Store:
    """A store with the view as its default graph and all named graphs of the given one."""
    out = merged(store, members(store, view))
    out.extend(quad for quad in store if quad.graph_name != DefaultGraph())
    return out


def add(store: Store, triples: Iterable[Triple], graph: NamedNode | DefaultGraph | None = None) -> None:
    """Nothing; the triples are then in that graph of the store (the default graph if none is named)."""
    where = graph or DefaultGraph()
    store.extend(Quad(triple.subject, triple.predicate, triple.object, where) for triple in triples)
