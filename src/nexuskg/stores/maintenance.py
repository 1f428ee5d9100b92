"""Keeping a store on disk: is it as it was left, a copy of it in one file, and what to do when it is damaged."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import RdfFormat, Store, parse

from nexuskg.base import atomic
from nexuskg.base.namespaces import DEFAULT_GRAPH
from nexuskg.errors import EndpointError, StoreDamaged, StoreInUse
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Local
from nexuskg.rdf.store import as_quads
from nexuskg.stores import disk, disk_writer, layout, ledger, stored_dataset
from nexuskg.stores.layout import Manifest, Space
from nexuskg.stores.push import push

HEAD: Final = b"# nexuskg store backup 1\n"
_END: Final = b"# end "


@dataclass(frozen=True, slots=True)
class StoreState:
    """What was found in a store: how much, what is wrong with it, and what there is to know beside."""

    graphs: int
    triples: int
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def store_state(folder: Path) -> StoreState:
    """What there is to say of the store in a folder, all of which is read; raises EndpointError where it cannot be."""
    problems = list[str]()
    try:
        store = disk.read_only(folder, anew=True)
    except StoreDamaged as error:
        problems += error.problems
        try:
            store = Store.read_only(str(folder))
        except disk_writer.FAULTS as fault:
            raise disk_writer.cannot_open(folder, fault) from None
    try:
        found = ledger.graph_entries(store)
        problems += _indexes(store)
        return _state(store, found, problems, (folder / ledger.NAME).exists())
    except disk_writer.FAULTS as fault:
        raise disk_writer.cannot_open(folder, fault) from None


def _state(store: Store, found: ledger.Graphs, problems: list[str], kept: bool) -> StoreState:
    notes = [] if kept else ["it has no ledger: no nexuskg has written it yet"]
    for _, manifest in _datasets(store):
        if manifest.digest is None:
            notes.append(f"the dataset “{manifest.view}” is not whole: a push of it was not finished")
        problems += [
            f"{name}: not as the manifest of “{manifest.view}” has it"
            for name in disk.graphs_that_differ(store, manifest)
        ]
    return StoreState(len(found), sum(entry.triples for entry in found.values()), tuple(problems), tuple(notes))


def repair_store(folder: Path) -> list[str]:
    """What was done to make a store one again that can be used; raises EndpointError where nothing can.

    What is in it is taken as it is. Of the dataset of this installation the graphs that are wrong are loaded again; of
    other graphs nobody knows more than what is there.
    """
    done = list[str]()
    path = folder / ledger.NAME
    before = path.read_bytes() if path.is_file() else None
    try:
        known = ledger.read_ledger(folder)
    except StoreDamaged:
        known = None
        done.append("the ledger could not be read, and was written anew")
    kept = disk_writer.open_for_writing(folder, accept=True)
    try:
        if known is not None and known.resolve(kept.ledger.graphs) is None:
            done += [f"{one}; it was taken as it is" for one in known.amiss(kept.ledger.graphs)]
        if done and before is not None:
            atomic.write_file(path.with_suffix(".before-repair.json"), [before])
        home = compilation.compiled()
        for names, manifest in list(_datasets(kept.store)):
            wrong = disk.graphs_that_differ(kept.store, manifest)
            if not wrong and manifest.digest is not None:
                continue
            if names == layout.space_of(home.view):
                done += _load_datasets(home, disk.DiskTarget(kept))
            else:
                done.append(f"the dataset “{manifest.view}” is not whole: push it again, with the options of its view")
    finally:
        kept.flush()
        kept.close()
    return done


def write_backup(folder: Path, file: Path) -> int:
    """How many quads the file then has, which is a copy of the store at one time; raises EndpointError, OSError.

    It is N-Quads, with a first and a last line by which a reader sees that it has all of it; compressed where its name
    ends in .gz. The store may be written meanwhile.
    """
    store = disk.read_only(folder, anew=True)
    data = b"".join(_lines(store))
    quads = data.count(b"\n")
    end = {"quads": quads, "digest": hashlib.blake2b(data, digest_size=16).hexdigest()}
    whole = HEAD + data + _END + json.dumps(end).encode() + b"\n"
    atomic.write_file(file, [gzip.compress(whole, mtime=0) if file.suffix == ".gz" else whole])
    return quads


def restore_backup(folder: Path, file: Path) -> Path | None:
    """Where the store is now that was in the folder, None where there was none; the folder has what a backup has.

    Raises EndpointError, and leaves the folder as it was, where the backup is not whole or the store is in use.
    """
    quads = _read(file)
    folder = folder.absolute()
    if disk_writer.is_store(folder):
        _check_unused(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise EndpointError(f"{folder}: there is something else at this place; name another.")
    old = _free(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with atomic.new_folder(folder) as aside:
            store = Store(str(aside))
            store.bulk_extend(quads)
            store.flush()
            ledger.write_ledger(aside, ledger.Ledger(ledger.graph_entries(store)))
            del store
            if folder.exists():
                folder.rename(old)  # not in one step with the next: what is damaged is to be kept, whatever happens
            try:
                aside.rename(folder)
            except OSError:
                if old.exists():
                    old.rename(folder)
                raise
            atomic.sync_folder(folder.parent)
    except disk_writer.FAULTS as error:
        raise disk_writer.cannot_restore(folder, error) from None
    return old if old.exists() else None


def _check_unused(folder: Path) -> None:
    """Raise StoreInUse where a process writes the store."""
    if not (folder / disk_writer.CURRENT).exists():
        return
    try:
        Store(str(folder))
    except disk_writer.FAULTS as error:
        said = disk_writer.cannot_open(folder, error)
        if isinstance(said, StoreInUse):
            raise said from None


def _indexes(store: Store) -> list[str]:
    """What is wrong with the indexes of a store: each is to have the same quads; raises OSError for a damaged one."""
    subjects, predicates, values, graphs = set(), set(), set(), set()
    for quad in store:
        subjects.add(quad.subject)
        predicates.add((quad.predicate, quad.graph_name))
        values.add((quad.object, quad.graph_name))
        graphs.add(quad.graph_name)

    def many(patterns: Iterable[tuple[Any, Any, Any, Any]]) -> int:
        # By 255, a store on disk gives other numbers, too.
        return sum(
            pattern[2] in (None, quad.object) for pattern in patterns for quad in store.quads_for_pattern(*pattern)
        )

    everywhere = {
        "graph": many((None, None, None, graph) for graph in graphs),
        "subject": many((one, None, None, None) for one in subjects),
        "predicate": many((None, one, None, None) for one in {predicate for predicate, _ in predicates}),
        "object": many((None, None, one, None) for one in {value for value, _ in values}),
        "predicate in a graph": many((None, one, None, graph) for one, graph in predicates),
        "object in a graph": many((None, None, one, graph) for one, graph in values),
    }
    wanted = len(store)
    return [
        f"the index by {name} has {found} of {wanted} quads" for name, found in everywhere.items() if found != wanted
    ]


def _datasets(store: Store) -> Iterator[tuple[Space, Manifest]]:
    """The datasets of this project in a store, whole or not."""
    return stored_dataset.datasets(disk.Folder(store, Path()))


def _load_datasets(home: Local, target: disk.DiskTarget) -> list[str]:
    done = push(home, target, anew=True)
    return [f"the default dataset was loaded again: {len(done.loaded)} graphs, {done.triples} triples"]


def _lines(store: Store) -> Iterator[bytes]:
    """Every quad, a line of N-Quads each, graph by graph."""
    yield store.dump(format=RdfFormat.N_TRIPLES, from_graph=DEFAULT_GRAPH) or b""
    for graph in sorted(store.named_graphs(), key=str):
        yield b"".join(as_quads(ledger.lines_of(store, graph), str(graph)))


def _read(file: Path) -> list[Any]:
    """The quads of a backup; raises EndpointError where it is none, or not whole."""
    try:
        whole = file.read_bytes()
        if file.suffix == ".gz":
            whole = gzip.decompress(whole)
    except (OSError, EOFError, zlib.error) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise EndpointError(f"{file}: the backup cannot be read ({said}).") from None
    if not whole.startswith(HEAD):
        raise EndpointError(f"{file}: this is no backup that nexuskg store backup has written.")
    data, mark, end = whole[len(HEAD) :].rpartition(_END)
    try:
        said = json.loads(end) if mark else {}
    except ValueError:
        said = {}
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    if not isinstance(said, dict) or said.get("digest") != digest or said.get("quads") != data.count(b"\n"):
        raise EndpointError(f"{file}: the backup is not whole, or was changed; nothing was restored.")
    return list(parse(data, RdfFormat.N_QUADS))


def _free(folder: Path) -> Path:
    """A name beside the folder that nothing has."""
    number = 1
    while (path := folder.with_name(f"{folder.name}.damaged-{number}")).exists():
        number += 1
    return path
