"""A store on disk that is open for writing: each change is whole, on the disk and in the ledger before it is told of.

Nodes without a name get IRIs, as in every store of this project (`layout`): only so can they be spoken of again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, serialize

from nexuskg import ledger
from nexuskg.errors import EndpointError, StoreDamaged, StoreFull, StoreInUse
from nexuskg.layout import named
from nexuskg.ledger import Ledger

SPARE: Final = 2
"""So many times its own size a store needs free: with less it may not open for writing again."""
LEAST: Final = 16 << 20
"""Bytes that a store needs free, however small it is."""
FAULTS: Final = (OSError, ValueError, RuntimeError)
"""What opening or reading a store raises; the last where files of it are damaged."""


class Durable:
    """A store open for writing; `store` is only read by others. `close` lets another process write."""

    def __init__(self, folder: Path, store: Store, kept: Ledger) -> None:
        self.folder, self.store, self.ledger = folder, store, kept
        self._broken = ""

    def change(
        self, added: Iterable[Quad], removed: Iterable[Quad], flush: bool = True
    ) -> tuple[list[Quad], list[Quad]]:
        """What came and what went, of what was to be added and removed; raises StoreFull, EndpointError.

        All of it is in the store then, or nothing. Quads are of named graphs. What is not flushed survives the end of
        this process, and a loss of power only once something later is flushed.
        """
        if self._broken:
            raise EndpointError(self._broken)
        self._spare()
        coming = {_named(quad) for quad in added}
        going = {_named(quad) for quad in removed} - coming
        news = [quad for quad in coming if quad not in self.store]
        olds = [quad for quad in going if quad in self.store]
        if not news and not olds:
            return news, olds
        plus, minus = _by_graph(news), _by_graph(olds)
        none = ledger.Entry()
        entries = {
            name: self.ledger.graphs.get(name, none).changed(plus.get(name, ()), minus.get(name, ()))
            for name in sorted({*plus, *minus})
        }
        under_way = Ledger(self.ledger.graphs, entries)
        try:
            ledger.write(self.folder, under_way)
            # A graph that has nothing left is no graph any more.
            empty = "".join(f"DROP SILENT GRAPH <{name}> ;\n" for name, entry in entries.items() if not entry.triples)
            self.store.update(_update(minus, "DELETE") + _update(plus, "INSERT") + empty)
            if flush:
                self.store.flush()
            ledger.write(self.folder, under_way.after())
        except (
            SyntaxError,
            ValueError,
        ) as error:  # nothing was written, and the ledger is told so with the next change
            raise EndpointError(
                f"{self.folder}: this cannot be written ({' '.join(str(error).split())[:300]})."
            ) from None
        except (OSError, RuntimeError) as error:
            # Whether it is in the store is not known: the ledger tells when it is opened next.
            self._broken = (
                f"{self.folder}: a write failed ({' '.join(str(error).split())}); nothing is written any more until "
                "the store is opened anew. What was told of as written is there."
            )
            raise (StoreFull if _is_full(error) else EndpointError)(self._broken) from None
        self.ledger = under_way.after()
        return news, olds

    def flush(self) -> None:
        """Nothing; all that was changed is on the disk."""
        if not self._broken:
            self.store.flush()

    def close(self) -> None:
        """Nothing; another process may write the store."""
        vars(self).pop("store", None)  # it is closed when nobody holds it any more

    def _spare(self) -> None:
        needed, free = needs(self.folder), shutil.disk_usage(self.folder).free
        if free < needed:
            raise StoreFull(
                f"{self.folder}: the disk is too full to write: {_megabytes(free)} are free, {_megabytes(needed)} are "
                "needed. Nothing was written; free some space, and try again. Reading works."
            )


def opened(folder: Path, accept: bool = False) -> Durable:
    """The store in a folder, open for writing, made where there is none; raises EndpointError.

    Raises StoreInUse where another process writes it, StoreFull, and StoreDamaged where it is not as it was left; with
    `accept` what is there is taken as it is.
    """
    if folder.exists() and not is_store(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise EndpointError(f"{folder}: there is something else at this place; name another.")
    known = None if accept else ledger.read(folder)
    try:
        if is_store(folder):
            needed, free = needs(folder), shutil.disk_usage(folder).free
            if free < needed:
                raise StoreFull(
                    f"{folder}: the disk is too full to open the store for writing: {_megabytes(free)} are free, "
                    f"{_megabytes(needed)} are needed. Reading works."
                )
        store = Store(str(folder))
        found = ledger.count(store)
    except FAULTS as error:
        raise cannot_open(folder, error) from None
    kept = None if known is None else known.settled(found)
    if known is not None and kept is None:
        raise StoreDamaged(folder, [str(one) for one in known.amiss(found)])
    try:
        if kept is None:  # what somebody else has filled
            kept = Ledger(_nameless(store) or found)
        if kept != known:
            ledger.write(folder, kept)
    except OSError as error:
        raise cannot_open(folder, error) from None
    return Durable(folder, store, kept)


def is_store(folder: Path) -> bool:
    """Whether there is a store in a folder."""
    return (folder / "CURRENT").is_file()  # what RocksDB always has


def needs(folder: Path) -> int:
    """Bytes that must be free for the store in a folder to be written."""
    size = 0
    for path in folder.iterdir():
        try:
            size += path.stat().st_size
        except FileNotFoundError:  # the store has just put two files together
            continue
    return max(LEAST, SPARE * size)


def cannot_open(folder: Path, error: Exception) -> EndpointError:
    """What is wrong when a store cannot be opened, in a sentence that says what to do."""
    said = " ".join(str(error).split())
    if "lock" in said.lower() and "LOCK" in said:
        return StoreInUse(
            f"{folder}: another process has the store open for writing. One can write, any number read: end that one "
            "(a server with --writable, a push), or leave out --writable."
        )
    if _is_full(error):
        return StoreFull(f"{folder}: the disk is full. Free twice the size of the store, and open it again.")
    return EndpointError(
        f"{folder}: the store is damaged ({said}). Restore it from a backup: nexuskg store repair {folder} "
        "--from FILE; or fill a new one: nexuskg push --store FOLDER"
    )


def _is_full(error: Exception) -> bool:
    said = str(error).lower()
    return "no space left" in said or "file too large" in said or "quota" in said


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def _named(quad: Quad) -> Quad:
    if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
        return Quad(named(quad.subject), quad.predicate, named(quad.object), quad.graph_name)
    return quad


def _nameless(store: Store) -> dict[str, ledger.Entry]:
    """What the graphs of a store have, once the nodes without a name in it have IRIs; empty where it had none."""
    found = [quad for quad in store if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)]
    # First the new, then the old: whenever this is ended, nothing is lost, and the next time does the rest.
    store.extend([_named(quad) for quad in found])
    for quad in found:
        store.remove(quad)
    return ledger.count(store) if found else {}


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
