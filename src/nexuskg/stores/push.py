"""A dataset into a store of the user, graph by graph, so that it can be asked there.

A graph is replaced as a whole, and recorded in the manifest once it is there; the manifest names the dataset as whole
only at the end, when the counts were found right. So a push that was interrupted is completed by the next one, which
leaves alone what is right already. Graphs that are not of this dataset are never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from nexuskg.pipeline.dataset import Local
from nexuskg.rdf.store import as_quads
from nexuskg.stores import layout
from nexuskg.stores.layout import Manifest, Space, StoredGraph


class Target(Protocol):
    """A store that can be written."""

    def manifest(self, names: Space) -> Manifest | None:
        """The manifest of a dataset there; None where there is none."""

    def count(self, graph: NamedNode) -> int:
        """How many triples a named graph has, 0 where there is none."""

    def replace(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Give the graph these triples (N-Triples, one a line) and no others; none: remove it."""

    def add(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Add these triples to the graph."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A graph that does not have as many triples as it should after a push."""

    graph: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did, or (dry) would do: names of graphs that are loaded, kept as they are, dropped; what is wrong."""

    loaded: tuple[str, ...]
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    triples: int
    wrong: tuple[Wrong, ...] = ()
    dry: bool = False


Note = Callable[[str], None]
"""Is told what is done next."""


def _quiet(_: str) -> None:
    """Say nothing."""


def push(data: Local, target: Target, *, dry: bool = False, anew: bool = False, note: Note = _quiet) -> Pushed:
    """What the push of a dataset did: every graph and view of it is then in the store; raises EndpointError.

    With `anew` every graph is loaded, also those that are right by the manifest and their count; with `dry` none is.

    Where a count is wrong afterwards, the graph is named, and the manifest does not call the dataset whole.
    """
    names = layout.space_of(data.view)
    note("Preparing")
    wanted = {graph.name.value: graph for graph in layout.stored_graphs(data)}
    whole = layout.manifest_of(data, wanted.values())
    before = target.manifest(names)
    there = {} if before is None else dict(before.graphs)
    kept = {name for name in wanted if not anew and _is_right(target, wanted[name], there)}
    dropped = sorted(name for name in there if name not in wanted and names.inner(NamedNode(name)) is not None)
    missing = [name for name in wanted if name not in kept]
    if dry:
        sizes = sum(wanted[name].triples for name in missing)
        return Pushed(tuple(missing), tuple(sorted(kept)), tuple(dropped), sizes, dry=True)
    if not missing and not dropped and before == whole:
        return Pushed((), tuple(sorted(kept)), (), 0)

    # First of all: nobody is to take for whole what is being replaced. What lies there stays known to be ours.
    listed = dict.fromkeys([*whole.graphs, *dropped], (0, None)) | {name: whole.graphs[name] for name in kept}
    under_way = replace(whole, digest=None, graphs=listed)
    target.replace(names.manifest, _lines(under_way, names))
    for name in dropped:
        note(f"Dropping {name}")
        target.replace(NamedNode(name), ())
    for number, name in enumerate(missing, 1):
        graph = wanted[name]
        note(f"Loading {number} of {len(missing)}: {name} ({graph.triples} triples)")
        target.replace(graph.name, graph.lines())
        target.add(names.manifest, _triples(whole.record(name)))
    note("Counting")
    wrong = tuple(_wrong(target, wanted.values()))
    if wrong:  # not to be kept by the next push
        bad = {one.graph for one in wrong}
        right = {name: (0, None) if name in bad else entry for name, entry in whole.graphs.items()}
        target.replace(names.manifest, _lines(replace(whole, digest=None, graphs=right), names))
    else:
        target.replace(names.manifest, _lines(whole, names))
    size = sum(wanted[name].triples for name in missing)
    return Pushed(tuple(missing), tuple(sorted(kept)), tuple(dropped), size, wrong)


def push_nquads(data: Local) -> Iterator[bytes]:
    """The dataset as a push lays it, as N-Quads, for the loader of a store; a piece a graph."""
    found = []
    for graph in layout.stored_graphs(data):
        found.append(graph)
        yield b"".join(as_quads(graph.lines(), str(graph.name)))
    names = layout.space_of(data.view)
    yield b"".join(as_quads(_lines(layout.manifest_of(data, found), names), str(names.manifest)))


def _is_right(target: Target, graph: StoredGraph, there: dict[str, tuple[int, str | None]]) -> bool:
    """Whether the graph is known to be there as it should, and has as many triples."""
    recorded = there.get(graph.name.value)
    return recorded == (graph.triples, graph.digest) and target.count(graph.name) == graph.triples


def _wrong(target: Target, graphs: Iterable[StoredGraph]) -> Iterator[Wrong]:
    for graph in graphs:
        found = target.count(graph.name)
        if found != graph.triples:
            yield Wrong(graph.name.value, graph.triples, found)


def _lines(manifest: Manifest, names: Space) -> list[bytes]:
    return _triples(manifest.triples(names))


def _triples(triples: Sequence[Triple]) -> list[bytes]:
    data = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
    return sorted(data.splitlines())
