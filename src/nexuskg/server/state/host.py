"""What a server has at hand while it runs: the view, the wider dataset, the pool of workers, the limits."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple

from nexuskg.answers.plain_words import Index, Understood
from nexuskg.base.namespaces import DEFAULT_GRAPH, GRAPH
from nexuskg.base.version import __version__
from nexuskg.errors import NexuskgError, NotPushed, Refused
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Local, of_view
from nexuskg.pipeline.views import View
from nexuskg.queries import shacl_executables
from nexuskg.rdf import void
from nexuskg.rdf.void import DatasetPart
from nexuskg.server.sandbox.jobs import Content, Limits
from nexuskg.server.sandbox.pool import POSSIBLE, Pool
from nexuskg.server.state.withdrawals import Withdrawals
from nexuskg.stores import disk, layout, published_parts

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Hosted:
    """What a server serves. `wide` is the dataset in which every claim counts: pages are about all there is, and mark
    what the view that is served has not.

    `graphs` are the names of the views, each with its dataset; `hosts` those by which the server may be addressed, all
    where there are none. Without a pool, ad hoc queries are refused: the system cannot confine them. `lying` is a store
    of the user, whose graphs are served as they lie in it; without one they are those of the dataset.
    """

    data: Local
    wide: Local
    graphs: dict[str, Local]
    limits: Limits = field(default_factory=Limits)
    pool: Pool | None = None
    hosts: frozenset[str] = frozenset(LOOPBACK)
    lying: Store | None = None
    withdrawals: Withdrawals = field(default_factory=Withdrawals, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @cached_property
    def digest(self) -> str:
        """What changes whenever the data or the program does, in hexadecimal."""
        hashed = hashlib.blake2b(f"{__version__} {self.data.view} {self.wide.view}".encode(), digest_size=16)
        for store in (self.data.store, self.wide.store):
            lines = sorted(_stable(store.dump(format=RdfFormat.N_QUADS)).splitlines())
            hashed.update(b"\n".join(lines))
        return hashed.hexdigest()

    @property
    def wider_view(self) -> str:
        """The name of the graph of the dataset in which every claim counts."""
        return layout.space_of(self.wide.view).view(self.wide.view.accept).value

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the named graphs, but for those of the views, sorted."""
        return tuple(name for name in graph_names(self.lying or self.data.store) if name not in self.graphs)

    def quads(self, name: str | None) -> Iterator[Quad]:
        """The quads of a graph by its name, None for the view that is served; raises Refused."""
        if name is None or name in self.graphs:
            of = self.data if name is None else self.graphs[name]
            return of.store.quads_for_pattern(None, None, None, DEFAULT_GRAPH)
        if name not in self.names:
            raise Refused(404, f"There is no graph {name[:300]} here. All: /api/views")
        return (self.lying or self.data.store).quads_for_pattern(None, None, None, NamedNode(name))

    @cached_property
    def void(self) -> list[Triple]:
        """What is in the dataset, as VoID: both grades where both are here, else the one, or the excerpt."""
        return void.void_description(self._parts, {})

    @property
    def dataset(self) -> str:
        """The IRI of the dataset that is here, or of the part of it."""
        return void.described_iri(self._parts)

    @cached_property
    def _parts(self) -> list[DatasetPart]:
        found = [published_parts.published_part(self.data, published_parts.merged_views(self.data))]
        if self.wide is not self.data:  # of which only the view is here
            whole = {self.wide.view.accept: published_parts.merged_views(self.wide)[self.wide.view.accept]}
            found.append(replace(published_parts.published_part(self.wide, whole), graphs=()))
        return found

    @cached_property
    def publication(self) -> list[Triple]:
        """What a publication tells beside the graph: of the dataset, and of the stored queries."""
        return [*self.void, *shacl_executables.executable_triples(self.data.queries.values(), self.data.prefixes)]

    def understand(self, words: str) -> Understood:
        """Which stored questions plain words may mean."""
        with self._lock:
            return self._index.understand(words)

    @cached_property
    def _index(self) -> Index:
        return Index(self.wide)

    def among_views(self, data: Local) -> Local:
        """One of the datasets, which then finds other views among those that are served, else in the files."""
        served = {of.view: of for of in (*self.graphs.values(), self.wide, self.data)}

        def beside(view: View) -> Local:
            if view not in served and self.lying is None:
                return compilation.compiled(view, data.home)
            return served.get(view, self.wide)

        return replace(data, beside=beside)

    def over(self, data: Local, wide: Local, graphs: dict[str, Local]) -> Hosted:
        """The same server of other datasets, with the same processes, which know nothing of that yet."""
        return replace(self, data=data, wide=wide, graphs=graphs)

    def close(self) -> None:
        """End every process of the server."""
        if self.pool is not None:
            self.pool.close()


def host_view(view: View, limits: Limits | None = None, hosts: Sequence[str] = LOOPBACK) -> Hosted:
    """The view made ready to be served, its workers started; raises NexuskgError.

    A restricted view is served by itself; beside the default one, pages tell of claims with a locator, too.
    """
    data, whole = compilation.compiled(view), replace(views.WHOLE, accept=view.accept)
    wide = data if view.is_restricted or view == whole else compilation.compiled(whole)
    space = layout.space_of(view)
    graphs = {
        space.view(accept).value: data if accept == view.accept else compilation.compiled(replace(view, accept=accept))
        for accept in views.VIEWS
    }
    graphs |= {layout.space_of(wide.view).view(view.accept).value: wide}

    def content() -> Content:
        return Content(_quads(data.store, graphs), graph_names(data.store), list(graphs))

    return _with_pool(Hosted(data, wide, graphs, limits or Limits(), hosts=frozenset(hosts)), content)


def host_store(
    store: Store, folder: Path, view: View, limits: Limits | None = None, hosts: Sequence[str] = LOOPBACK
) -> Hosted:
    """The view as it lies in a store of the user, made ready to be served; raises NexuskgError.

    The view is held in memory; so is everything in the store, by the process that answers queries.
    """
    now = Hosted(*from_store(store, folder, view), limits or Limits(), hosts=frozenset(hosts), lying=store)
    return _with_pool(now, lambda: store_content(store, view))


def from_store(store: Store, folder: Path, view: View) -> tuple[Local, Local, dict[str, Local]]:
    """The dataset of a view in a store, the wider one if that is there, and those of the views by name."""
    space, source = layout.space_of(view), disk.Folder(store, folder)
    read = disk.dataset_in_memory(source, view)
    graphs = {space.view(accept).value: of_view(read, replace(view, accept=accept)) for accept in views.VIEWS}
    data = graphs[space.view(view.accept).value]
    try:
        whole = replace(views.WHOLE, accept=view.accept)
        wide = data if view.is_restricted or view == whole else of_view(disk.dataset_in_memory(source, whole), whole)
        graphs[layout.space_of(whole).view(view.accept).value] = wide
    except NotPushed:
        wide = data
    return data, wide, graphs


def store_content(store: Store, view: View) -> Content:
    """Everything in a store as it lies there, and the view as the default graph."""
    shown = store.dump(format=RdfFormat.N_TRIPLES, from_graph=layout.space_of(view).view(view.accept)) or b""
    names = graph_names(store)
    return Content((store.dump(format=RdfFormat.N_QUADS) or b"") + shown, names, hidden_graphs(names, view))


def hidden_graphs(names: Sequence[str], view: View) -> list[str]:
    """The graphs that say again what others say: merged ones, and those of other datasets of this project."""
    space = layout.space_of(view)
    again = {space.view(accept).value for accept in views.VIEWS}
    return [
        name
        for name in names
        if name in again
        or (name.startswith(GRAPH) and space.inner(NamedNode(name)) is None and not name.endswith("/manifest"))
    ]


def graph_names(store: Store) -> list[str]:
    """The names of the named graphs of a store, sorted."""
    return sorted(graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode))


def _with_pool(now: Hosted, content: Callable[[], Content]) -> Hosted:
    if not POSSIBLE:
        return now
    try:
        return replace(now, pool=Pool(content, now.data.prefixes, now.limits))
    except OSError as error:
        raise NexuskgError(f"The processes that answer queries cannot be started ({error}).") from None


def _quads(store: Store, graphs: dict[str, Local]) -> bytes:
    """The graphs of the store, and the default graph of each view as a graph of its own."""
    parts = [store.dump(format=RdfFormat.N_QUADS)]
    whole = Store()
    for name, of in graphs.items():
        graph = NamedNode(name)
        whole.extend(
            Quad(q.subject, q.predicate, q.object, graph)
            for q in of.store.quads_for_pattern(None, None, None, DEFAULT_GRAPH)
        )
    parts.append(whole.dump(format=RdfFormat.N_QUADS))
    return b"".join(part or b"" for part in parts)


def _stable(quads: bytes | None) -> bytes:
    """The quads without the names of blank nodes, which are new in every process."""
    return re.sub(rb"_:\w+", b"_:b", quads or b"")
