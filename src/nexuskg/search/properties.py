"""The properties that members of a class have: those that are made for it, and those that its members use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pyoxigraph import NamedNode

from nexuskg.base.namespaces import DEFAULT_GRAPH, NX, RDFS, TYPE, compact
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable, classes_above, object_nodes, subject_nodes

_DOMAIN = NamedNode(RDFS + "domain")
_RANGE = NamedNode(RDFS + "range")


def class_properties(
    store: Readable, node: NamedNode, table: Mapping[str, str], language: str = "en"
) -> tuple[tuple[str, str], ...]:
    """The properties of a class by CURIE, each with its label, its range and how many members have it; sorted.

    A property is made for a class if that is its domain or below it. Members may use others, such as labels.
    """
    made = {each for kind in classes_above(store, [node]) for each in subject_nodes(store, _DOMAIN, kind)}
    used: Counter[NamedNode] = Counter()
    for member in subject_nodes(store, TYPE, node):
        used.update({quad.predicate for quad in store.quads_for_pattern(member, None, None, DEFAULT_GRAPH)})
    ours = {each for each in (*made, *used) if each.value.startswith(NX)}
    found = []
    for each in sorted(ours, key=str):
        ranges = ", ".join(compact(kind.value, table) for kind in object_nodes(store, each, _RANGE))
        told = f"{label_or_name(store, each.value, language)}{f'; {ranges}' if ranges else ''}; {used[each]} of them"
        found.append((compact(each.value, table), told))
    return tuple(found)
