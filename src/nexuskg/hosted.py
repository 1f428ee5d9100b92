"""Hosted: what a server has at hand while it runs: the view, the wider dataset, the pool of workers, the limits."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple

from nexuskg import __version__, build, executables, layout, views, void
from nexuskg.dataset import Local
from nexuskg.errors import NexuskgError
from nexuskg.sandbox import POSSIBLE, Limits, Pool
from nexuskg.understanding import Index, Understood
from nexuskg.views import View

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Hosted:
    """What a server serves. `wide` is the dataset in which every claim counts: pages are about all there is.

    `graphs` are the names of the views, each with its dataset; `hosts` those by which the server may be addressed.
    Without a pool, ad hoc queries are refused: the system cannot confine them.
    """

    data: Local
    wide: Local
    graphs: dict[str, Local]
    limits: Limits = field(default_factory=Limits)
    pool: Pool | None = None
    hosts: frozenset[str] = frozenset(LOOPBACK)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @cached_property
    def digest(self) -> str:
        """What changes whenever the data or the program does, in hexadecimal."""
        hashed = hashlib.blake2b(f"{__version__} {self.data.view} {self.wide.view}".encode(), digest_size=16)
        for store in (self.data.store, self.wide.store):
            lines = sorted(_stable(store.dump(format=RdfFormat.N_QUADS)).splitlines())
            hashed.update(b"\n".join(lines))
        return hashed.hexdigest()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the named graphs, but for those of the views, sorted."""
        return tuple(sorted(g.value for g in self.data.store.named_graphs() if isinstance(g, NamedNode)))

    @cached_property
    def described(self) -> list[Triple]:
        """What is in the dataset, as VoID."""
        return void.description(self.data.store, str(self.data.view), {})

    @cached_property
    def published(self) -> list[Triple]:
        """What a publication tells beside the graph: of the dataset, and of the stored queries."""
        return [*self.described, *executables.triples(self.data.queries.values(), self.data.prefixes)]

    def understand(self, words: str) -> Understood:
        """Which stored questions plain words may mean."""
        with self._lock:
            return self._index.understand(words)

    @cached_property
    def _index(self) -> Index:
        return Index(self.wide)

    def close(self) -> None:
        """Nothing; no process of the server is left then."""
        if self.pool is not None:
            self.pool.close()


def hosted(view: View, limits: Limits | None = None, hosts: Sequence[str] = LOOPBACK) -> Hosted:
    """The view made ready to be served, its workers started; raises NexuskgError.

    A restricted view is served by itself; beside the default one, pages tell of claims with a locator, too.
    """
    limits = limits or Limits()
    data = build.compiled(view)
    wide = data if view.restricted else build.compiled(replace(views.WHOLE, accept=view.accept))
    space = layout.space(view)
    graphs = {
        space.view(accept).value: data if accept == view.accept else build.compiled(replace(view, accept=accept))
        for accept in views.VIEWS
    }
    names = [graph.value for graph in data.store.named_graphs() if isinstance(graph, NamedNode)]

    def quads() -> bytes:
        return _quads(data.store, graphs)

    pool = None
    if POSSIBLE:
        try:
            pool = Pool(quads, names, list(graphs), data.prefixes, limits)
        except OSError as error:
            raise NexuskgError(f"The processes that answer queries cannot be started ({error}).") from None
    return Hosted(data, wide, graphs, limits, pool, frozenset(hosts))


def _quads(store: Store, graphs: dict[str, Local]) -> bytes:
    """The graphs of the store, and the default graph of each view as a graph of its own."""
    parts = [store.dump(format=RdfFormat.N_QUADS)]
    whole = Store()
    for name, of in graphs.items():
        graph = NamedNode(name)
        whole.extend(
            Quad(q.subject, q.predicate, q.object, graph)
            for q in of.store.quads_for_pattern(None, None, None, DefaultGraph())
        )
    parts.append(whole.dump(format=RdfFormat.N_QUADS))
    return b"".join(part or b"" for part in parts)


def _stable(quads: bytes | None) -> bytes:
    """The quads without the names of blank nodes, which are new in every process."""
    return re.sub(rb"_:\w+", b"_:b", quads or b"")
