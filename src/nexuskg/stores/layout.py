"""How a dataset lies in a store of the user: names of graphs, nodes without a name, and the manifest.

Every named graph of the default dataset has its own IRI there, and each view is one merged graph. A dataset of another
view has its graphs in a space of their own, so that it can lie beside it. Nodes without a name (class expressions,
lists of shapes) get IRIs, as RDF 1.1 has it: only so can they be followed over a network. The manifest says which
graphs there are, how many triples each has, and the digest of each that is whole; the digest of the dataset is in it
only once all of it is there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    serialize,
)

from nexuskg.base.namespaces import DCTERMS, DEFAULT_GRAPH, GRAPH, TYPE, XSD
from nexuskg.base.version import __version__
from nexuskg.pipeline import views
from nexuskg.pipeline.dataset import Local
from nexuskg.pipeline.views import FACTS, View
from nexuskg.rdf import turtle
from nexuskg.rdf.void import VOID
from nexuskg.reasoning.contradiction_texts import WordedContradiction

RESTRICTED: Final = GRAPH + "restricted/"
SKOLEM: Final = "https://w3id.org/.well-known/genid/nexuskg/"
"""What the IRI of a node without a name begins with."""

DATASET: Final = NamedNode(VOID + "Dataset")
_SUBSET: Final = NamedNode(VOID + "subset")
_TRIPLES: Final = NamedNode(VOID + "triples")
_DIGEST: Final = NamedNode(DCTERMS + "identifier")
_VIEW: Final = NamedNode(DCTERMS + "description")
_VERSION: Final = NamedNode(DCTERMS + "hasVersion")
_CLASH: Final = NamedNode(DCTERMS + "abstract")


@dataclass(frozen=True, slots=True)
class Space:
    """The names that the graphs of a dataset have in a store."""

    prefix: str

    def outer(self, graph: NamedNode) -> NamedNode:
        """The name in the store of a graph of the dataset."""
        return NamedNode(self.prefix + graph.value.removeprefix(GRAPH)) if self.prefix != GRAPH else graph

    def inner(self, graph: NamedNode) -> NamedNode | None:
        """The graph of the dataset that has this name in the store; None where it is of no graph of this dataset."""
        name = graph.value
        if not name.startswith(self.prefix) or (self.prefix == GRAPH and name.startswith(RESTRICTED)):
            return None
        return NamedNode(GRAPH + name[len(self.prefix) :])

    def view(self, accept: str) -> NamedNode:
        """The merged graph of what is accepted."""
        return NamedNode(f"{self.prefix}view/{accept}")

    @property
    def manifest(self) -> NamedNode:
        """The graph of the manifest, which is also the name of the dataset."""
        return NamedNode(f"{self.prefix}manifest")


@dataclass(frozen=True, slots=True)
class StoredGraph:
    """A graph as it is to lie in a store: its name there, its triples as sorted N-Triples, how many, their digest."""

    name: NamedNode
    data: bytes = field(repr=False)
    triples: int
    digest: str

    def lines(self) -> list[bytes]:
        """The triples, one a line, without the line ends."""
        return self.data.splitlines()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store has of a dataset: triples and digest of each graph by name (no digest: it is not known to be whole).

    `digest` is that of the dataset, None while a push is not done.
    """

    view: str
    version: str
    digest: str | None
    graphs: Mapping[str, tuple[int, str | None]]
    clashes: tuple[str, ...] = ()

    def triples(self, space: Space) -> list[Triple]:
        """The manifest as the triples of its graph."""
        me = space.manifest
        out = [
            Triple(me, TYPE, DATASET),
            Triple(me, _VIEW, Literal(self.view)),
            Triple(me, _VERSION, Literal(self.version)),
            Triple(me, _TRIPLES, _count(sum(count for count, _ in self.graphs.values()))),
        ]
        for name in self.graphs:
            out += [Triple(me, _SUBSET, NamedNode(name)), *self.record(name)]
        out += [Triple(me, _CLASH, Literal(clash)) for clash in self.clashes]
        if self.digest is not None:
            out.append(Triple(me, _DIGEST, Literal(self.digest)))
        return out

    def record(self, name: str) -> list[Triple]:
        """What the manifest says of one graph."""
        node, (count, digest) = NamedNode(name), self.graphs[name]
        if digest is None:
            return []
        return [
            Triple(node, TYPE, DATASET),
            Triple(node, _TRIPLES, _count(count)),
            Triple(node, _DIGEST, Literal(digest)),
        ]

    def contradictions(self) -> tuple[WordedContradiction, ...]:
        """What contradicts itself in the dataset."""
        return tuple(WordedContradiction(**json.loads(clash)) for clash in self.clashes)


def space_of(view: View) -> Space:
    """The names of the graphs of the dataset that a view is asked of.

    >>> space_of(FACTS).view("implied").value
    'https://w3id.org/nexuskg/graph/view/implied'
    >>> space_of(views.view("implied", evidence="locator")).view("implied").value
    'https://w3id.org/nexuskg/graph/restricted/evidence-locator/view/implied'
    """
    if not view.key:
        return Space(GRAPH)
    said = re.sub(r"[^a-z0-9.]+", "-", restriction(view).lower()).strip("-.")
    plain = replace(view, evidence="span", inference=True, accept="facts") == FACTS
    # What the user wrote freely may lose by being put like this what tells it from another.
    return Space(f"{RESTRICTED}{said if plain else f'{said}-{view.key[:6]}'}/")


def restriction(view: View) -> str:
    """What tells the dataset of a view from others, in words; "all" for the default one, whatever it accepts."""
    return str(replace(view, accept="facts")).removeprefix("facts").removeprefix(", ") or "all"


def stored_graphs(dataset: Local) -> Iterator[StoredGraph]:
    """The graphs of a dataset as they lie in a store, by name: each of its own, and one merged graph a view."""
    names = space_of(dataset.view)
    own = sorted((g for g in dataset.store.named_graphs() if isinstance(g, NamedNode)), key=lambda g: g.value)
    for graph in own:
        yield _graph(names.outer(graph), dataset.store.quads_for_pattern(None, None, None, graph))
    for accept in views.VIEWS:
        merged = views.merge(dataset.store, views.member_graphs(dataset.store, accept))
        yield _graph(names.view(accept), merged.quads_for_pattern(None, None, None, DEFAULT_GRAPH))


def manifest_of(dataset: Local, found: Iterable[StoredGraph]) -> Manifest:
    """The manifest of a dataset that is wholly in a store."""
    listed = {graph.name.value: (graph.triples, graph.digest) for graph in found}
    total = hashlib.blake2b(json.dumps(sorted(listed.items())).encode(), digest_size=16).hexdigest()
    clashes = tuple(json.dumps(asdict(clash), sort_keys=True) for clash in dataset.clashes)
    return Manifest(restriction(dataset.view), __version__, total, listed, clashes)


def read_manifest(triples: Iterable[Triple], names: Space) -> Manifest | None:
    """The manifest that the triples of its graph are; None where there is none."""
    values: dict[tuple[str, str], list[str]] = {}
    for triple in triples:
        subject, value = triple.subject, triple.object
        if isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal):
            values.setdefault((subject.value, triple.predicate.value), []).append(value.value)

    def first(node: str, predicate: NamedNode) -> str | None:
        return min(values.get((node, predicate.value), []), default=None)

    me = names.manifest.value
    view = first(me, _VIEW)
    if view is None:
        return None
    listed = {}
    for name in sorted(values.get((me, _SUBSET.value), [])):
        count = first(name, _TRIPLES)
        listed[name] = (int(count) if count and count.isdecimal() else 0, first(name, _DIGEST))
    clashes = tuple(sorted(values.get((me, _CLASH.value), [])))
    return Manifest(view, first(me, _VERSION) or "", first(me, _DIGEST), listed, clashes)


# ---- nodes without a name --------------------------------------------------------------------------------------------


def skolemize(node: Any) -> Any:
    """The IRI that stands in a store for a node without a name; any other term as it is."""
    return NamedNode(SKOLEM + node.value) if isinstance(node, BlankNode) else node


def unskolemize(node: Any) -> Any:
    """The node without a name that an IRI stands for in a store; any other term as it is."""
    if isinstance(node, NamedNode) and node.value.startswith(SKOLEM):
        return BlankNode(node.value[len(SKOLEM) :])
    return node


def _graph(name: NamedNode, quads: Iterable[Quad]) -> StoredGraph:
    # Named within the graph alone: what another graph holds does not change this one. Fit for the name of a variable.
    local = re.sub(r"[^a-z0-9]+", "_", name.value.removeprefix(GRAPH).lower())
    triples = set()
    for quad in turtle.canonical_dataset(quads):
        ends = (
            BlankNode(f"{local}_{end.value}") if isinstance(end, BlankNode) else end
            for end in (quad.subject, quad.object)
        )
        subject, value = (skolemize(end) for end in ends)
        triples.add(Triple(subject, quad.predicate, value))
    return stored_graph(name, (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").splitlines())


def stored_graph(name: NamedNode, lines: Iterable[bytes]) -> StoredGraph:
    """A graph of these triples, each a line of N-Triples without its end: sorted, counted, with their digest."""
    ordered = sorted(line + b"\n" for line in lines)
    data = b"".join(ordered)
    return StoredGraph(name, data, len(ordered), hashlib.blake2b(data, digest_size=16).hexdigest())


def _count(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(XSD + "integer"))
