"""A dataset as a part of what is published: its IRI, and its graphs and views by the names that they have in stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyoxigraph import NamedNode, Store

from nexuskg.base.namespaces import DEFAULT_GRAPH
from nexuskg.pipeline import views
from nexuskg.pipeline.dataset import Local
from nexuskg.pipeline.views import WHOLE, View
from nexuskg.rdf.void import DATASET, CountedGraph, DatasetPart
from nexuskg.stores.layout import RESTRICTED, restriction, space_of

GRADED: Final = {
    "": "claims that are fixed to a span of a text (evidence span)",
    WHOLE.key: "all claims, also those with a locator only (evidence locator)",
}
"""What the parts are that together are the whole dataset, by the key of their view."""


def part_iri(view: View) -> str:
    """The IRI of the part of the dataset that a view is asked of.

    >>> part_iri(views.FACTS), part_iri(views.view("implied", evidence="locator"))
    ('https://w3id.org/nexuskg/dataset/evidence-span', 'https://w3id.org/nexuskg/dataset/evidence-locator')
    >>> part_iri(views.view(sources="ellis-2015")).startswith("https://w3id.org/nexuskg/dataset/source-ellis-2015-")
    True
    """
    name = space_of(view).prefix.removeprefix(RESTRICTED).strip("/") if view.key else "evidence-span"
    return f"{DATASET}/{name}"


def published_part(data: Local, merged: Mapping[str, Store], files: Mapping[str, str] | None = None) -> DatasetPart:
    """The dataset as a part: `merged` has its views by what they accept, `files` the names of files of them."""
    space = space_of(data.view)
    graphs = sorted((g for g in data.store.named_graphs() if isinstance(g, NamedNode)), key=lambda g: g.value)
    told = GRADED.get(data.view.key, restriction(data.view))
    named = (files or {}).get
    return DatasetPart(
        part_iri(data.view),
        told,
        tuple(CountedGraph(space.outer(graph).value, data.store, graph) for graph in graphs),
        tuple(
            CountedGraph(space.view(accept).value, store, DEFAULT_GRAPH, f"{accept}; {told}", named(accept) or "")
            for accept, store in merged.items()
        ),
    )


def merged_views(data: Local) -> dict[str, Store]:
    """The views of a dataset by what they accept, each as the default graph of a store."""
    return {accept: views.merge(data.store, views.member_graphs(data.store, accept)) for accept in views.VIEWS}
