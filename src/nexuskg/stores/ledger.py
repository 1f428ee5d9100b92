"""The ledger of a store on disk: how many triples each graph has, and their digest, in a file beside the store's own.

The store does not notice when its log has lost its end: it opens, and the last writes are gone. The ledger does. Before
a change it says what the graphs have and what they will have, after it the latter alone; so what is found on opening is
the one or the other, or the store is damaged. The digest of a graph is the sum of those of its triples, so that a
change costs what it changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, DefaultGraph, RdfFormat, Store

from nexuskg.base import atomic
from nexuskg.base.namespaces import DEFAULT_GRAPH
from nexuskg.errors import EndpointError, StoreDamaged

NAME: Final = "nexuskg-ledger.json"
"""The file, in the folder of the store."""
DEFAULT: Final = ""
"""What stands for the default graph, beside the IRIs of the others."""

_FORMAT: Final = 1
_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """How many triples a graph has, and the sum of their digests."""

    triples: int = 0
    digest: int = 0

    def with_changes(self, added: Iterable[bytes], removed: Iterable[bytes]) -> Entry:
        """The entry once these triples, each a line of N-Triples without its end, have come and gone."""
        triples, digest = self.triples, self.digest
        for line in added:
            triples, digest = triples + 1, digest + _digest(line)
        for line in removed:
            triples, digest = triples - 1, digest - _digest(line)
        return Entry(triples, digest % (1 << 8 * _BYTES))


Graphs = Mapping[str, Entry]
"""Every graph that has a triple, by its IRI."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the graphs have; `coming` is what a change that is under way makes of some, none of a graph that goes."""

    graphs: Graphs
    coming: Mapping[str, Entry] = field(default_factory=dict)

    def after(self) -> Ledger:
        """The ledger once the change is done."""
        graphs = {name: entry for name, entry in {**self.graphs, **self.coming}.items() if entry.triples}
        return Ledger(graphs)

    def resolve(self, found: Graphs) -> Ledger | None:
        """The ledger of a store in which this is found: before the change or after it; None where it is neither."""
        return next((one for one in (Ledger(self.graphs), self.after()) if dict(one.graphs) == dict(found)), None)

    def amiss(self, found: Graphs) -> list[Difference]:
        """The graphs that are neither as they were nor as they should become."""
        names = sorted({*self.graphs, *self.after().graphs, *found})
        none = Entry()
        return [
            Difference(name, self.graphs.get(name, none).triples, found.get(name, none).triples)
            for name in names
            if found.get(name, none) not in (self.graphs.get(name, none), self.after().graphs.get(name, none))
        ]


@dataclass(frozen=True, slots=True)
class Difference:
    """A graph in which something else is found than was recorded: how many triples there were, and are."""

    graph: str
    recorded: int
    found: int

    def __str__(self) -> str:
        name = self.graph or "the default graph"
        if self.recorded == self.found:
            return f"{name}: {self.found} triples, but others than were recorded"
        return f"{name}: {self.recorded} triples were recorded, {self.found} are there"


def lines_of(store: Store, graph: Any) -> list[bytes]:
    """The triples of a graph, each a line of N-Triples without its end."""
    return (store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph) or b"").splitlines()


def graph_entries(store: Store) -> dict[str, Entry]:
    """What the graphs of a store have; raises OSError where it cannot be read."""
    found = {graph_name(graph): Entry().with_changes(lines_of(store, graph), ()) for graph in store.named_graphs()}
    found[DEFAULT] = Entry().with_changes(lines_of(store, DEFAULT_GRAPH), ())
    return {name: entry for name, entry in found.items() if entry.triples}


def graph_name(graph: Any) -> str:
    """The name of a graph in the ledger: its IRI; a blank node as it is written."""
    if isinstance(graph, DefaultGraph):
        return DEFAULT
    return str(graph) if isinstance(graph, BlankNode) else str(graph.value)


def read_ledger(folder: Path) -> Ledger | None:
    """The ledger of the store in a folder; None where it has none; raises StoreDamaged where it is no ledger.

    Raises EndpointError where it cannot be read, or is of a newer nexuskg.
    """
    path = folder / NAME
    try:
        given = json.loads(path.read_bytes())
        if given["format"] != _FORMAT:
            raise EndpointError(f"{path}: a newer nexuskg has written it (format {given['format']}); use that one.")
        return Ledger(_entries(given["graphs"]), _entries(given["coming"]))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EndpointError(f"{path}: cannot be read ({error.strerror}).") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StoreDamaged(folder, [f"{path.name} is damaged, by which the others are checked"]) from None


def version(folder: Path) -> tuple[int, int] | None:
    """What every writing of the ledger changes; None where there is none."""
    try:
        found = (folder / NAME).stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def write_ledger(folder: Path, ledger: Ledger) -> None:
    """Bring the ledger to the disk; raises OSError, and the one before is there then."""
    said = {"format": _FORMAT, "graphs": _entries_as_json(ledger.graphs), "coming": _entries_as_json(ledger.coming)}
    atomic.write_file(folder / NAME, [json.dumps(said, sort_keys=True).encode() + b"\n"])


def _digest(line: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(line, digest_size=_BYTES).digest(), "big")


def _entries(given: Mapping[str, tuple[int, str]]) -> dict[str, Entry]:
    return {name: Entry(int(triples), int(digest, 16)) for name, (triples, digest) in given.items()}


def _entries_as_json(graphs: Graphs) -> dict[str, tuple[int, str]]:
    return {name: (entry.triples, f"{entry.digest:032x}") for name, entry in graphs.items()}
