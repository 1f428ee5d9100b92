"""What a server serves at the moment, and how that changes: by a write to a store on disk that it may write.

What a write changes is found out in a process that can be killed; it is told of as done when it is on the disk, in the
ledger, and in what queries are answered from. Graphs of others can be written freely. Those of a dataset can be written
only while its manifest says that it is not whole, as during a push; once it says that it is, and it is so, the server
goes over to it. Until then pages, stored questions and the default graph are as they were.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from nexuskg.base.namespaces import DEFAULT_GRAPH, GRAPH
from nexuskg.errors import EndpointError, NotPushed, Refused, StoreFull
from nexuskg.pipeline.dataset import Local
from nexuskg.pipeline.views import View
from nexuskg.queries.update_guard import check_graph
from nexuskg.server.sandbox.jobs import Content, DocumentJob, Limits, UpdateJob
from nexuskg.server.sandbox.pool import Pool
from nexuskg.server.state import host
from nexuskg.server.state.host import Hosted
from nexuskg.stores import disk, disk_writer, layout
from nexuskg.stores.disk_writer import DiskWriter
from nexuskg.stores.layout import RESTRICTED, Manifest, Space, skolemize
from nexuskg.stores.push import push

SPARE: Final = "Write into a graph with another name, or replace the dataset: nexuskg push."


@dataclass
class Live:
    """What a server serves now; with `kept` it can be written. A class, as it changes while the server runs."""

    now: Hosted
    kept: DiskWriter | None = None
    token: str = field(default="", repr=False)
    """What a client must have to write; without one nobody can."""
    revision: int = 0
    """Grows with every write."""
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def update(self, asked: UpdateJob) -> None:
        """Do the update, to last; raises Refused, and nothing is changed then."""
        with self._exclusive_store() as (kept, pool):
            added, removed = pool.update(asked)
            self._commit(kept, *(parse(quads, RdfFormat.N_QUADS) for quads in (added, removed)))

    def replace(self, graph: str, document: DocumentJob) -> bool:
        """Whether the graph is new; it has the triples of the document and no others then; raises Refused."""
        with self._exclusive_store() as (kept, pool):
            name = _name(graph)
            there = set(kept.store.quads_for_pattern(None, None, None, name))
            wanted = disk.in_graph(name, pool.document(document))
            self._write(kept, name, wanted - there, there - wanted)
            return not there

    def add(self, graph: str, document: DocumentJob) -> bool:
        """Whether the graph is new; it has the triples of the document, too, then; raises Refused."""
        with self._exclusive_store() as (kept, pool):
            name = _name(graph)
            new = not any(kept.store.quads_for_pattern(None, None, None, name))
            self._write(kept, name, disk.in_graph(name, pool.document(document)), set())
            return new

    def remove(self, graph: str) -> None:
        """Remove the graph; raises Refused, with 404 where there is none."""
        with self._exclusive_store() as (kept, _):
            name = _name(graph)
            there = set(kept.store.quads_for_pattern(None, None, None, name))
            if not there:
                raise Refused(404, f"There is no graph {graph[:300]} here.")
            self._write(kept, name, set(), there)

    def close(self) -> None:
        """End the processes, so that another may write the store."""
        with self._turn:
            self.now.close()
            if self.kept is not None:
                self.kept.close()

    @contextmanager
    def _exclusive_store(self) -> Iterator[tuple[DiskWriter, Pool]]:
        """The store and the pool, while no other write is under way; raises Refused."""
        if self.kept is None or self.now.pool is None:
            raise Refused(403, "This server only reads.")
        if not self._turn.acquire(timeout=self.now.limits.deadline):
            raise Refused(503, "The server is busy with other writes; try again.", retry=5)
        try:
            yield self.kept, self.now.pool
        finally:
            self._turn.release()

    def _write(self, kept: DiskWriter, graph: NamedNode, added: set[Quad], removed: set[Quad]) -> None:
        space, coming = _space(graph.value), None
        if space is None:
            check_graph(graph.value)
        elif graph != space.manifest:
            known = _manifest(kept, space, (), ())
            if known is not None and known.digest is not None:
                raise Refused(409, f"The graph {graph.value} is of a dataset that is whole. {SPARE}")
        else:
            coming = _manifest(kept, space, added, removed)
            if (
                coming is not None
                and coming.digest is not None
                and (wrong := disk.graphs_that_differ(kept.store, coming))
            ):
                raise Refused(409, f"The manifest calls the dataset whole, but {wrong[0]} is not as it says. {SPARE}")
        self._commit(kept, added, removed)
        if coming is not None and coming.digest is not None:  # else a push is under way, and there is nothing to read
            self._go_over(kept)

    def _commit(self, kept: DiskWriter, added: Iterable[Quad], removed: Iterable[Quad]) -> None:
        try:
            news, olds = kept.change(added, removed)
        except StoreFull as error:
            raise Refused(507, str(error)) from None
        except EndpointError as error:
            raise Refused(500, str(error)) from None
        self._tell(kept, news, olds)

    def _tell(self, kept: DiskWriter, news: Sequence[Quad], olds: Sequence[Quad]) -> None:
        """Answer queries with this from now on."""
        assert self.now.pool is not None
        self.revision += 1
        names = host.graph_names(kept.store)
        content = Content(b"", names, host.hidden_graphs(names, self.now.data.view))
        self.now.pool.change(_lines(news), _lines(olds), content)

    def _go_over(self, kept: DiskWriter) -> None:
        """Serve the dataset in the store, where it is whole."""
        view = self.now.data.view
        try:
            data, wide, graphs = host.from_store(kept.store, kept.folder, view)
        except NotPushed:
            return
        before, after = _default(self.now.data), _default(data)
        self.now = self.now.over(data, wide, graphs)
        self._tell(kept, list(after - before), list(before - after))


def open_live(
    folder: Path,
    view: View,
    limits: Limits,
    hosts: Sequence[str],
    token: str,
    note: Callable[[str], object],
    made: Callable[[], Local],
) -> Live:
    """The view in a store of the user, served for reading and writing; raises NexuskgError.

    Where the store has not the dataset, or not the whole of it, `made` is put there first, which `note` is told.
    """
    kept = disk_writer.open_for_writing(folder)
    try:
        there = _manifest(kept, layout.space_of(view), (), ())
        if there is None or there.digest is None:
            note(f"{folder}: the dataset is not there as a whole; it is put there")
            push(made(), disk.DiskTarget(kept))
            kept.flush()
        return Live(host.host_store(kept.store, folder, view, limits, hosts), kept, token)
    except BaseException:
        kept.close()
        raise


def _name(graph: str) -> NamedNode:
    try:
        return NamedNode(graph)
    except ValueError:
        raise Refused(400, f"{graph[:300]!r} is no IRI that a graph can have as its name.") from None


def _space(graph: str) -> Space | None:
    """Of which dataset a graph is, by its name; None where it is of none."""
    if not graph.startswith(GRAPH):
        return None
    if not graph.startswith(RESTRICTED):
        return Space(GRAPH)
    key, slash, _ = graph[len(RESTRICTED) :].partition("/")
    return Space(f"{RESTRICTED}{key}/") if slash else None


def _manifest(kept: DiskWriter, space: Space, added: Iterable[Quad], removed: Iterable[Quad]) -> Manifest | None:
    """The manifest of a dataset once these have come and gone."""
    there = set(kept.store.quads_for_pattern(None, None, None, space.manifest))
    return layout.read_manifest((quad.triple for quad in (there - set(removed)) | set(added)), space)


def _default(data: Local) -> set[Quad]:
    """The view as it is in the default graph of what queries are answered from: its nodes have IRIs."""
    return {
        Quad(skolemize(quad.subject), quad.predicate, skolemize(quad.object), DEFAULT_GRAPH)
        for quad in data.store.quads_for_pattern(None, None, None, DEFAULT_GRAPH)
    }


def _lines(quads: Sequence[Quad]) -> bytes:
    return serialize(quads, format=RdfFormat.N_QUADS) or b""
