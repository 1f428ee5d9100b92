"""Keeping a store on disk: is it as it was left, a copy of it in one file, and what to do when it is damaged."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import DefaultGraph, RdfFormat, Store, parse

from nexuskg import atomic, build, disk, durable, layout, ledger
from nexuskg.dataset import Local
from nexuskg.errors import EndpointError, StoreDamaged, StoreInUse
from nexuskg.layout import Manifest, Space
from nexuskg.push import push

HEAD: Final = b"# nexuskg store backup 1\n"
_END: Final = b"# end "


@dataclass(frozen=True, slots=True)
class State:
    """What was found in a store: how much, what is wrong with it, and what there is to know beside."""

    graphs: int
    triples: int
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def check(folder: Path) -> State:
    """What there is to say of the store in a folder, all of which is read; raises EndpointError where it cannot be."""
    problems = list[str]()
    try:
        store = disk.read_only(folder, anew=True)
    except StoreDamaged as error:
        problems += error.problems
        store = Store.read_only(str(folder))
    found = ledger.count(store)
    notes = [] if ledger.read(folder) else ["it has no ledger: no nexuskg has written it yet"]
    for _, manifest in _datasets(store):
        if manifest.digest is None:
            notes.append(f"the dataset “{manifest.view}” is not whole: a push of it was not finished")
        problems += [
            f"{name}: not as the manifest of “{manifest.view}” has it" for name in disk.unlike(store, manifest)
        ]
    return State(len(found), sum(entry.triples for entry in found.values()), tuple(problems), tuple(notes))


def repair(folder: Path) -> list[str]:
    """What was done to make a store one again that can be used; raises EndpointError where nothing can.

    What is in it is taken as it is. Of the dataset of this installation the graphs that are wrong are loaded again; of
    other graphs nobody knows more than what is there.
    """
    done = list[str]()
    try:
        known = ledger.read(folder)
    except EndpointError:
        known = None
        done.append("the ledger could not be read, and was written anew")
    path = folder / ledger.NAME
    if path.exists():
        shutil.copyfile(path, path.with_suffix(".before-repair.json"))
    kept = durable.opened(folder, accept=True)
    try:
        if known is not None and known.settled(kept.ledger.graphs) is None:
            amiss = known.amiss(kept.ledger.graphs)
            done += [f"{one}; it was taken as it is" for one in amiss]
        home = build.compiled()
        for names, manifest in list(_datasets(kept.store)):
            wrong = disk.unlike(kept.store, manifest)
            if not wrong and manifest.digest is not None:
                continue
            if names == layout.space(home.view):
                done += _loaded(home, disk.Target(kept))
            else:
                done.append(f"the dataset “{manifest.view}” is not whole: push it again, with the options of its view")
    finally:
        kept.flush()
        kept.close()
    return done


def backup(folder: Path, file: Path) -> int:
    """How many quads the file then has, which is a copy of the store at one time; raises EndpointError, OSError.

    It is N-Quads, with a first and a last line by which a reader sees that it has all of it; compressed where its name
    ends in .gz. The store may be written meanwhile.
    """
    store = disk.read_only(folder, anew=True)
    data = b"".join(_lines(store))
    quads = data.count(b"\n")
    end = {"quads": quads, "digest": hashlib.blake2b(data, digest_size=16).hexdigest()}
    whole = HEAD + data + _END + json.dumps(end).encode() + b"\n"
    atomic.write(file, [gzip.compress(whole, mtime=0) if file.suffix == ".gz" else whole])
    return quads


def restore(folder: Path, file: Path) -> Path | None:
    """Where the store is now that was in the folder, None where there was none; the folder has what a backup has.

    Raises EndpointError, and leaves the folder as it was, where the backup is not whole or the store is in use.
    """
    quads = _read(file)
    if durable.is_store(folder):
        try:
            durable.opened(folder, accept=True).close()
        except StoreInUse:
            raise
        except EndpointError:  # it is damaged, and therefore replaced
            pass
    elif folder.exists() and any(folder.iterdir()):
        raise EndpointError(f"{folder}: there is something else at this place; name another.")
    aside, old = _free(folder, "new"), _free(folder, "damaged")
    try:
        store = Store(str(aside))
        store.bulk_extend(quads)
        store.flush()
        ledger.write(aside, ledger.Ledger(ledger.count(store)))
        del store
        if folder.exists():
            folder.rename(old)
        aside.rename(folder)
        atomic.settle(folder.parent)
    except OSError as error:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise durable.cannot_open(folder, error) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return old if old.exists() else None


def _datasets(store: Store) -> Iterator[tuple[Space, Manifest]]:
    """The datasets of this project in a store, whole or not."""
    for graph in disk.Folder(store, Path()).manifests():
        names = Space(graph.value.removesuffix("manifest"))
        quads = store.quads_for_pattern(None, None, None, names.manifest)
        manifest = layout.read((quad.triple for quad in quads), names)
        if manifest is not None:
            yield names, manifest


def _loaded(home: Local, target: disk.Target) -> list[str]:
    done = push(home, target, anew=True)
    return [f"the default dataset was loaded again: {len(done.loaded)} graphs, {done.triples} triples"]


def _lines(store: Store) -> Iterator[bytes]:
    """Every quad, a line of N-Quads each, graph by graph."""
    yield store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()) or b""
    for graph in sorted(store.named_graphs(), key=str):
        end = f" {graph} .\n".encode()
        yield b"".join(line.removesuffix(b".").rstrip() + end for line in ledger.lines_of(store, graph))


def _read(file: Path) -> list[Any]:
    """The quads of a backup; raises EndpointError where it is none, or not whole."""
    try:
        whole = file.read_bytes()
        if file.suffix == ".gz":
            whole = gzip.decompress(whole)
    except (OSError, EOFError, gzip.BadGzipFile) as error:
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


def _free(folder: Path, what: str) -> Path:
    """A name beside the folder that nothing has."""
    number = 1
    while (path := folder.with_name(f"{folder.name}.{what}-{os.getpid()}-{number}")).exists():
        number += 1
    return path
