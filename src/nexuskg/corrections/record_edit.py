"""What the files of a home gain and lose by a correction, before any of it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Triple

from nexuskg.authoring.curation_record import CURATION_FILE, Act
from nexuskg.authoring.file_changes import FileChange, Trial, change, trial
from nexuskg.base.namespaces import GRAPH
from nexuskg.pipeline.dataset import Compiled
from nexuskg.rdf.store import Readable


@dataclass(slots=True)
class RecordEdit:
    """Triples by file below ontology/ that are to come and to go."""

    add: dict[str, set[Triple]] = field(default_factory=dict)
    remove: dict[str, set[Triple]] = field(default_factory=dict)

    def put(self, file: str, triples: Iterable[Triple]) -> None:
        """Let the file gain the triples."""
        self.add.setdefault(file, set()).update(triples)

    def take(self, file: str, triples: Iterable[Triple]) -> None:
        """Let the file lose the triples."""
        self.remove.setdefault(file, set()).update(triples)

    def enter(self, file: str, act: Act) -> None:
        """Let the file gain an act, and that of the curators whoever did it."""
        self.put(file, act.triples)
        if act.curator:
            self.put(CURATION_FILE, act.curator)

    def exchange(self, quad: Quad, new: Triple) -> None:
        """Let the file of a quad have another triple instead."""
        file = file_of(quad)
        self.take(file, [quad.triple])
        self.put(file, [new])

    def changes(self, home: Path, prefixes: Mapping[str, str]) -> list[FileChange]:
        """The changes of the files, by name; raises ParseFailure where one cannot be read."""
        files = sorted({*self.add, *self.remove})
        return [change(home, prefixes, file, self.add.get(file, ()), self.remove.get(file, ())) for file in files]


def edit_trial(data: Compiled, edit: RecordEdit) -> Trial:
    """The trial of an edit on a copy of the home."""
    return trial(data.home, edit.changes(data.home, data.prefixes))


def file_of(quad: Quad) -> str:
    """The file below ontology/ that a quad was read from."""
    assert isinstance(quad.graph_name, NamedNode)
    return quad.graph_name.value.removeprefix(GRAPH) + ".ttl"


def subject_iri(quad: Quad) -> str:
    """The IRI of the subject of a quad; empty where it has none."""
    return quad.subject.value if isinstance(quad.subject, NamedNode) else ""


def data_quads(
    store: Readable, subject: NamedNode | None = None, prop: NamedNode | None = None, value: NamedNode | None = None
) -> Iterator[Quad]:
    """The quads of that pattern in the files of ontology/data that count."""
    for quad in store.quads_for_pattern(subject, prop, value, None):
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.startswith(GRAPH + "data/"):
            yield quad
