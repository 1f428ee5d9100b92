"""A store on disk: datasets in a folder of pyoxigraph, which `oxigraph serve` can serve, too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, Quad, QueryResultsFormat, QueryTriples, RdfFormat, Store, parse

from nexuskg.base import atomic
from nexuskg.base.namespaces import DEFAULT_GRAPH, TYPE
from nexuskg.errors import EndpointError, StoreDamaged
from nexuskg.pipeline import cache, views
from nexuskg.pipeline.dataset import Compiled, Dataset
from nexuskg.pipeline.views import FACTS, View
from nexuskg.queries.tokens import tokenize
from nexuskg.stores import disk_writer, layout, ledger
from nexuskg.stores.disk_writer import FAULTS, DiskWriter, cannot_open, is_store
from nexuskg.stores.layout import DATASET, Manifest, Space, unskolemize
from nexuskg.stores.stored_dataset import open_stored, stored_manifest

TRIES: Final = 5
"""How often a store is read anew that is being written."""
NOTES: Final = 50


class Folder:
    """A folder with a store, as a Source."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder

    def ask(self, text: str, default: NamedNode, graphs: Iterable[NamedNode]) -> bytes:
        """The answer in SPARQL JSON (of a CONSTRUCT: N-Triples) with one default graph and these named ones."""
        if any(token.key == "FROM" for token in tokenize(text) if token.kind == "word"):  # the user's own choice
            found = self.store.query(text)
        else:
            found = self.store.query(text, default_graph=[default], named_graphs=list(graphs))
        try:
            if isinstance(found, QueryTriples):
                return found.serialize(format=RdfFormat.N_TRIPLES) or b""
            return found.serialize(format=QueryResultsFormat.JSON) or b""
        except OSError as error:  # SERVICE reaches out while the rows are read
            raise EndpointError(" ".join(str(error).split())) from None
        except RuntimeError:
            raise self._changed_meanwhile() from None

    def match(self, subject: Any, predicate: Any, value: Any, graph: NamedNode | None) -> Iterator[Quad]:
        """The quads of named graphs that match."""
        try:
            for quad in self.store.quads_for_pattern(subject, predicate, value, graph):
                # By 255, a store on disk gives the numbers up to 510, too; so by every one that ends in such a byte.
                if quad.graph_name != DEFAULT_GRAPH and value in (None, quad.object):
                    yield quad
        except RuntimeError:
            raise self._changed_meanwhile() from None

    def manifests(self) -> list[NamedNode]:
        """The graphs of manifests of this project."""
        found = self.store.quads_for_pattern(None, TYPE, DATASET)
        return sorted({q.graph_name for q in found if q.graph_name == q.subject}, key=str)  # type: ignore[misc]

    def store_name(self) -> str:
        """The folder."""
        return str(self.folder)

    def _changed_meanwhile(self) -> EndpointError:
        """A writer has put files together that are still to be read here, or they are damaged."""
        return EndpointError(
            f"{self.folder}: a file of the store is gone. Ask again; if it stays so: nexuskg store check {self.folder}"
        )


def open_dataset(folder: Path, view: View | str = FACTS, home: Path | None = None) -> Compiled:
    """The dataset of a view as it lies in a store on disk, ready to be asked; raises EndpointError."""
    source = Folder(read_only(folder), folder)
    return open_stored(lambda *_: source, f"--store {folder}", views.view(view), home)


def dataset_in_memory(source: Folder, view: View, home: Path | None = None) -> Dataset:
    """The dataset of a view as it lies in a store, read into memory under the names of home; raises EndpointError."""
    found = open_stored(lambda *_: source, f"--store {source.folder}", view, home)
    names = layout.space_of(view)
    known = stored_manifest(source, names)
    assert known is not None  # else it had not been opened
    store = Store()
    for name in known.graphs:
        inner = names.inner(NamedNode(name))
        if inner is not None and NamedNode(name) not in [names.view(accept) for accept in views.VIEWS]:
            store.extend(
                Quad(unskolemize(quad.subject), quad.predicate, unskolemize(quad.object), inner)
                for quad in source.match(None, None, None, NamedNode(name))
            )
    return Dataset(found.home, view, store, found.queries, found.prefixes, found.clashes)


def graphs_that_differ(store: Store, listed: Manifest) -> list[str]:
    """The graphs that are not as a manifest says they are; those that it does not know to be whole are left out."""

    def size_and_digest(name: NamedNode) -> tuple[int, str]:
        graph = layout.stored_graph(name, ledger.lines_of(store, name))
        return graph.triples, graph.digest

    return [
        name
        for name, (triples, digest) in listed.graphs.items()
        if digest is not None and size_and_digest(NamedNode(name)) != (triples, digest)
    ]


def read_only(folder: Path, anew: bool = False) -> Store:
    """The store in a folder, for reading, as its ledger says it is; raises EndpointError.

    One that was found right is not gone through again before its files change, unless `anew`.
    """
    if not is_store(folder):
        raise EndpointError(f"{folder}: there is no store in this folder. Make one: nexuskg push --store {folder}")
    for last in (*[False] * (TRIES - 1), True):
        try:
            with atomic.lock(folder, shared=True):  # so that no writer is between its ledger and its store
                version, before = ledger.version(folder), ledger.read_ledger(folder)
                state = _state(folder)
                store = Store.read_only(str(folder))
                still = version == ledger.version(folder)
            if not still and not last:  # a writer has lost its patience
                continue
            if before is None or (not anew and _is_known_right(state)):
                return store
            found = ledger.graph_entries(store)
        except FAULTS as error:  # a writer may just have put two files together
            if last:
                raise cannot_open(folder, error) from None
            continue
        if before.resolve(found) is not None:
            _note_right(state)
            return store
        if still:
            raise StoreDamaged(folder, [str(one) for one in before.amiss(found)])
    raise EndpointError(f"{folder}: the store is being written too fast to be read; try again.")


def snapshot(folder: Path) -> Store:
    """What is in the store in a folder at one time, in memory; raises EndpointError."""
    for last in (*[False] * (TRIES - 1), True):
        store, copy = read_only(folder), Store()
        try:
            copy.bulk_extend(store)
        except FAULTS as error:  # a writer may just have put two files together
            if last:
                raise cannot_open(folder, error) from None
            continue
        return copy
    raise AssertionError("the last try returns or raises")


def _state(folder: Path) -> str:
    """What changes when something in the folder is written, by the system's own time, which nobody sets."""
    files = sorted(
        (path.name, path.stat().st_size, path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_ctime_ns)
        for path in folder.iterdir()
        if not path.name.startswith("LO")  # LOCK, and LOG, where the store writes what it does
    )
    return hashlib.blake2b(f"{folder.resolve()} {files}".encode(), digest_size=16).hexdigest()


def _is_known_right(state: str) -> bool:
    return (cache.cache_dir() / "stores" / state).is_file()


def _note_right(state: str) -> None:
    """Note it in the cache, if that can be written, where the notes of the last stores are kept."""
    try:
        notes = cache.cache_dir() / "stores"
        notes.mkdir(parents=True, exist_ok=True)
        (notes / state).touch()
        for old in sorted(notes.iterdir(), key=lambda path: path.stat().st_mtime)[:-NOTES]:
            old.unlink(missing_ok=True)
    except OSError:
        return


@contextmanager
def open_target(folder: Path, dry: bool = False) -> Iterator[DiskTarget]:
    """A folder with a store, as the target of a push; it is made where it is not there, unless the run is dry."""
    if dry:
        yield DiskTarget(read_only(folder) if is_store(folder) else Store())
        return
    kept = disk_writer.open_for_writing(folder)
    try:
        yield DiskTarget(kept)
    finally:
        kept.flush()
        kept.close()


class DiskTarget:
    """A store on disk, as the target of a push; one that is open for reading only is not changed."""

    def __init__(self, kept: DiskWriter | Store) -> None:
        self._kept = kept

    @property
    def _store(self) -> Store:
        return self._kept.store if isinstance(self._kept, DiskWriter) else self._kept

    def manifest(self, names: Space) -> Manifest | None:
        """The manifest of a dataset in the store; None where there is none."""
        quads = self._store.quads_for_pattern(None, None, None, names.manifest)
        return layout.read_manifest((quad.triple for quad in quads), names)

    def count(self, graph: NamedNode) -> int:
        """How many triples a named graph has."""
        return sum(1 for _ in self._store.quads_for_pattern(None, None, None, graph))

    def replace(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Give the graph these triples and no others."""
        wanted = in_graph(graph, b"\n".join(lines))
        there = set(self._store.quads_for_pattern(None, None, None, graph))
        self._change(wanted - there, there - wanted)

    def add(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Add these triples to the graph."""
        self._change(in_graph(graph, b"\n".join(lines)), ())

    def _change(self, added: Iterable[Quad], removed: Iterable[Quad]) -> None:
        assert isinstance(self._kept, DiskWriter), "a dry run writes nothing"
        self._kept.change(added, removed)


def in_graph(graph: NamedNode, data: bytes) -> set[Quad]:
    """The triples, given as N-Triples, as quads of a graph."""
    found = parse(data, RdfFormat.N_TRIPLES)
    return {Quad(one.subject, one.predicate, one.object, graph) for one in found}
