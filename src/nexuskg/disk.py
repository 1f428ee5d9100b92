"""A store on disk: datasets in a folder of pyoxigraph, which `oxigraph serve` can serve, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryResultsFormat, QueryTriples, RdfFormat, Store

from nexuskg import layout, views
from nexuskg.dataset import Compiled
from nexuskg.errors import EndpointError
from nexuskg.layout import DATASET, TYPE, Manifest, Space
from nexuskg.opening import opened as opened_in
from nexuskg.tokens import read as tokens
from nexuskg.views import FACTS, View


class Folder:
    """A folder with a store, as a Source."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder

    def ask(self, text: str, default: NamedNode, graphs: Iterable[NamedNode]) -> bytes:
        """The answer in SPARQL JSON (of a CONSTRUCT: N-Triples) with one default graph and these named ones."""
        if any(token.key == "FROM" for token in tokens(text) if token.kind == "word"):  # the user's own choice
            found = self.store.query(text)
        else:
            found = self.store.query(text, default_graph=[default], named_graphs=list(graphs))
        if isinstance(found, QueryTriples):
            return found.serialize(format=RdfFormat.N_TRIPLES) or b""
        try:
            return found.serialize(format=QueryResultsFormat.JSON) or b""
        except OSError as error:  # SERVICE reaches out while the rows are read
            raise EndpointError(" ".join(str(error).split())) from None

    def match(self, subject: Any, predicate: Any, value: Any, graph: NamedNode | None) -> Iterator[Quad]:
        """The quads of named graphs that match."""
        found = self.store.quads_for_pattern(subject, predicate, value, graph)
        return (quad for quad in found if quad.graph_name != DefaultGraph())

    def manifests(self) -> list[NamedNode]:
        """The graphs of manifests of this project."""
        found = self.store.quads_for_pattern(None, TYPE, DATASET)
        return sorted({q.graph_name for q in found if q.graph_name == q.subject}, key=str)  # type: ignore[misc]

    def told(self) -> str:
        """The folder."""
        return str(self.folder)


def opened(folder: Path, view: View | str = FACTS, home: Path | None = None) -> Compiled:
    """The dataset of a view as it lies in a store on disk, ready to be asked; raises EndpointError."""
    source = Folder(_read_only(folder), folder)

    return opened_in(lambda *_: source, f"--store {folder}", views.view(view), home)


def _read_only(folder: Path) -> Store:
    if not _is_store(folder):
        raise EndpointError(f"{folder}: there is no store in this folder. Make one: nexuskg push --store {folder}")
    try:
        return Store.read_only(str(folder))
    except (OSError, ValueError) as error:
        raise EndpointError(f"{folder}: the store cannot be opened ({' '.join(str(error).split())}).") from None


def _is_store(folder: Path) -> bool:
    return (folder / "CURRENT").is_file()  # what RocksDB always has


@contextmanager
def writable(folder: Path, dry: bool = False) -> Iterator[Target]:
    """A folder with a store, as the target of a push; it is made where it is not there, unless the run is dry."""
    if folder.exists() and not _is_store(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise EndpointError(f"{folder}: there is something else at this place; name another.")
    try:
        store = (Store.read_only(str(folder)) if _is_store(folder) else Store()) if dry else Store(str(folder))
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise EndpointError(f"{folder}: the store cannot be written ({said}). Is it in use?") from None
    target = Target(store)
    del store  # it is closed when nobody holds it any more
    try:
        yield target
    finally:
        target.close(flush=not dry)


class Target:
    """A store on disk, as the target of a push."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def close(self, flush: bool) -> None:
        """Nothing; what was written is on the disk, and another process may open the store."""
        if flush:
            self._store.flush()
        del self._store

    def manifest(self, names: Space) -> Manifest | None:
        """The manifest of a dataset in the store; None where there is none."""
        quads = self._store.quads_for_pattern(None, None, None, names.manifest)
        return layout.read((quad.triple for quad in quads), names)

    def count(self, graph: NamedNode) -> int:
        """How many triples a named graph has."""
        return sum(1 for _ in self._store.quads_for_pattern(None, None, None, graph))

    def replace(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Nothing; the graph then has these triples and no others."""
        self._store.remove_graph(graph)
        self.add(graph, lines)

    def add(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Nothing; the graph then has these triples, too."""
        if lines:
            self._store.load(b"\n".join(lines), RdfFormat.N_TRIPLES, to_graph=graph)
