"""A store on disk that is open for writing: each change is whole, on the disk and in the ledger before it is told of.

Nodes without a name get IRIs, as in every store of this project (`layout`): only so can they be spoken of again.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, serialize

from nexuskg.base import atomic
from nexuskg.errors import EndpointError, StoreDamaged, StoreFull, StoreInUse
from nexuskg.stores import ledger
from nexuskg.stores.layout import skolemize
from nexuskg.stores.ledger import Ledger

SPARE: Final = 2
"""So many times its own size a store needs free: with less it may not open for writing again."""
LEAST: Final = 16 << 20
"""Bytes that a store needs free, however small it is."""
PATIENCE: Final = 1.0
"""Seconds that a change waits for those who are just opening the store to read it."""
CURRENT: Final = "CURRENT"
"""The file that a store always has."""
FAULTS: Final = (OSError, ValueError, RuntimeError)
"""What opening or reading a store raises; the last where files of it are damaged."""

_FIRST: Final = re.compile(r"LOCK|LOG(\.old\.\d+)?|IDENTITY|MANIFEST-\d+|\d+\.dbtmp")
"""What is in the folder of a store before there is CURRENT; once it has data, there is a log or a table, too."""


class DiskWriter:
    """A store open for writing; `store` is only read by others. `close` lets another process write."""

    def __init__(self, folder: Path, store: Store, kept: Ledger) -> None:
        self.folder, self.store, self.ledger = folder, store, kept
        self._broken = ""

    def change(self, added: Iterable[Quad], removed: Iterable[Quad]) -> tuple[list[Quad], list[Quad]]:
        """What came and what went, of what was to be added and removed; raises StoreFull, EndpointError.

        All of it is in the store then, and on the disk, or nothing. Quads are of named graphs, and come back as the
        store has them.
        """
        if self._broken:
            raise EndpointError(self._broken)
        check_space(self.folder)
        coming = _as_stored(added)
        going = _as_stored(removed) - coming
        news = [quad for quad in coming if quad not in self.store]
        olds = [quad for quad in going if quad in self.store]
        if not news and not olds:
            return news, olds
        plus, minus = _by_graph(news), _by_graph(olds)
        none = ledger.Entry()
        entries = {
            name: self.ledger.graphs.get(name, none).with_changes(plus.get(name, ()), minus.get(name, ()))
            for name in sorted({*plus, *minus})
        }
        # A graph that has nothing left is no graph any more.
        empty = "".join(f"DROP SILENT GRAPH <{name}> ;\n" for name, entry in entries.items() if not entry.triples)
        update = _update(minus, "DELETE") + _update(plus, "INSERT") + empty
        with atomic.lock(self.folder, patience=PATIENCE):  # who opens it to read sees all of this, or nothing
            self._write(Ledger(self.ledger.graphs, entries), update)
        return news, olds

    def _write(self, under_way: Ledger, update: str) -> None:
        try:
            ledger.write_ledger(self.folder, under_way)
        except OSError as error:
            said = f"{self.folder}: nothing was written ({_engine_message(error)}); try again. Reading works."
            raise (StoreFull if _is_full(error) else EndpointError)(said) from None
        # Until it has gone well, it is not known whether it is in the store: the ledger tells when it is opened next.
        self._broken = (
            f"{self.folder}: a write failed; nothing is written any more until the store is opened anew. What was told "
            "of as written is there. Reading works."
        )
        try:
            self.store.update(update)
            self._settle()
        except (SyntaxError, ValueError) as error:  # it is not in the store; the next change tells the ledger so
            self._broken = ""
            raise EndpointError(f"{self.folder}: this cannot be written ({_engine_message(error)}).") from None
        except (OSError, RuntimeError) as error:
            self._broken = self._broken.replace("failed;", f"failed ({_engine_message(error)});", 1)
            raise (StoreFull if _is_full(error) else EndpointError)(self._broken) from None
        self._broken, self.ledger = "", under_way.after()
        # It is in the store. Without this line in the ledger it still is: only its loss would then not be noticed.
        with contextlib.suppress(OSError):
            ledger.write_ledger(self.folder, self.ledger)

    def _settle(self) -> None:
        """Let what was changed survive a loss of power.

        By its log, as `flush` would have it otherwise: that makes a table of each index, for however little.
        """
        for log in self.folder.glob("*.log"):
            with contextlib.suppress(FileNotFoundError):  # the store has just put it into tables
                atomic.sync(log)

    def flush(self) -> None:
        """Put what was changed into tables, so that it need not be read from the log again; raises StoreFull."""
        if self._broken:
            return
        try:
            self.store.flush()
        except (OSError, RuntimeError) as error:
            reason = _engine_message(error)
            said = f"{self.folder}: the store cannot be brought to the disk ({reason}); what was written is there."
            raise (StoreFull if _is_full(error) else EndpointError)(said) from None

    def close(self) -> None:
        """Let another process write the store, once nobody here has it any more."""
        vars(self).pop("store", None)


def open_for_writing(folder: Path, accept: bool = False) -> DiskWriter:
    """The store in a folder, open for writing, made where there is none; raises EndpointError.

    Raises StoreInUse where another process writes it, StoreFull, and StoreDamaged where it is not as it was left; with
    `accept` what is there is taken as it is.
    """
    if folder.exists() and not is_store(folder) and not _is_unborn(folder):
        raise EndpointError(f"{folder}: there is something else at this place; name another.")
    known = None if accept else ledger.read_ledger(folder)
    new = not folder.exists()
    try:
        check_space(folder)
        if is_store(folder):
            (folder / CURRENT).stat()  # else a new one might be made in the midst of what is left
        folder.mkdir(parents=True, exist_ok=True)
        with atomic.lock(folder, patience=PATIENCE):
            store = Store(str(folder))
            found = ledger.graph_entries(store)
    except FAULTS as error:
        if new:
            shutil.rmtree(folder, ignore_errors=True)
        raise cannot_open(folder, error) from None
    kept = None if known is None else known.resolve(found)
    if known is not None and kept is None:
        del store  # whoever keeps the error does not keep the store
        raise StoreDamaged(folder, [str(one) for one in known.amiss(found)])
    try:
        if kept is None:  # what somebody else has filled
            kept = Ledger(_nameless(store) or found)
        if kept != known:
            ledger.write_ledger(folder, kept)
    except FAULTS as error:
        raise cannot_open(folder, error) from None
    return DiskWriter(folder, store, kept)


def is_store(folder: Path) -> bool:
    """Whether there is a store in a folder, whole or not."""
    return (folder / CURRENT).is_file() or (folder / ledger.NAME).is_file()


def _is_unborn(folder: Path) -> bool:
    """Whether the folder has nothing but what a store begins with: its making was ended by a kill."""
    return folder.is_dir() and all(_FIRST.fullmatch(path.name) for path in folder.iterdir())


def check_space(folder: Path) -> None:
    """Raise StoreFull where too little is free for the store in a folder, or a new one, to be written."""
    needed, place = bytes_needed(folder), folder.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise StoreFull(
            f"{folder}: the disk is too full to write: {_megabytes(free)} are free, {_megabytes(needed)} are needed. "
            "Nothing was written; free some space, and try again. Reading works."
        )


def bytes_needed(folder: Path) -> int:
    """Bytes that must be free for the store in a folder to be written."""
    size = 0
    if folder.is_dir():
        with os.scandir(folder) as files:
            for file in files:
                with contextlib.suppress(FileNotFoundError):  # the store has just put two files together
                    size += file.stat().st_size
    return max(LEAST, SPARE * size)


def cannot_open(folder: Path, error: Exception) -> EndpointError:
    """What is wrong when a store cannot be opened, in a sentence that says what to do."""
    said = _engine_message(error)
    if "lock" in said.lower() and "LOCK" in said:
        return StoreInUse(
            f"{folder}: another process has the store open for writing. One can write, any number read: end that one "
            "(a server with --writable, a push), or leave out --writable."
        )
    if _is_full(error):
        return StoreFull(f"{folder}: the disk is full. Free twice the size of the store, and open it again.")
    if isinstance(error, PermissionError):
        return EndpointError(f"{folder}: the store cannot be opened ({said}).")
    return EndpointError(
        f"{folder}: the store is damaged ({said}). Restore it from a backup: nexuskg store repair {folder} "
        "--from FILE; or fill a new one: nexuskg push --store FOLDER"
    )


def cannot_restore(folder: Path, error: Exception) -> EndpointError:
    """What is wrong when a store cannot be filled from a backup."""
    said = f"{folder}: it cannot be restored here ({_engine_message(error)}); it is as it was."
    return StoreFull(said) if _is_full(error) else EndpointError(said)


def _engine_message(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _is_full(error: Exception) -> bool:
    said = str(error).lower()
    return "no space left" in said or "file too large" in said or "quota" in said


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def _as_stored(quads: Iterable[Quad]) -> set[Quad]:
    """The quads as a store has them, which writes numbers and dates in its own way; nodes without a name have IRIs."""
    store = Store()
    store.extend(_skolemized_quad(quad) for quad in quads)
    return set(store)


def _skolemized_quad(quad: Quad) -> Quad:
    if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
        return Quad(skolemize(quad.subject), quad.predicate, skolemize(quad.object), quad.graph_name)
    return quad


def _nameless(store: Store) -> dict[str, ledger.Entry]:
    """What the graphs of a store have, once the nodes without a name in it have IRIs; empty where it had none."""
    found = [quad for quad in store if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)]
    # First the new, then the old: whenever this is ended, nothing is lost, and the next time does the rest.
    store.extend([_skolemized_quad(quad) for quad in found])
    for quad in found:
        store.remove(quad)
    return ledger.graph_entries(store) if found else {}


def _by_graph(quads: Iterable[Quad]) -> dict[str, list[bytes]]:
    """The triples by graph, each a line of N-Triples without its end."""
    found: dict[str, list[Any]] = {}
    for quad in quads:
        assert isinstance(quad.graph_name, NamedNode), quad.graph_name
        found.setdefault(quad.graph_name.value, []).append(quad.triple)
    return {
        name: (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").splitlines() for name, triples in found.items()
    }


def _update(lines: dict[str, list[bytes]], how: str) -> str:
    """The operation that does it, with the mark between operations behind it; of several the store makes one step."""
    if not lines:
        return ""
    graphs = "\n".join(
        f"GRAPH <{name}> {{ {(b' ' + chr(10).encode()).join(of).decode()} }}" for name, of in lines.items()
    )
    return f"{how} DATA {{ {graphs} }} ;\n"
