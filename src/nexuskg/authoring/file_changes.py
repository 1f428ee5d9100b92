"""Changes of files -> what the checks would newly find, on a trial copy of the home; and the writing of them.

Nothing is written before it has been checked. All texts are on the disk before the first file is replaced, and files
are replaced in an order in which every prefix is a graph that loads: curators, entities, sources, then claims.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pyoxigraph import Quad, RdfFormat, Store, Triple, parse, serialize

from nexuskg.base import data_home, input_limits
from nexuskg.errors import Finding, NotWritable, ParseFailure, parser_message
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import View
from nexuskg.rdf.turtle import canonical_turtle, write_together
from nexuskg.validation import checks

UNFINISHED: Final = ("segment-without-claim-or-reason", "source-without-claims")
"""Rules that a source under work breaks until all of it is read: no reason to refuse what is there."""

VIEW: Final[View] = views.WHOLE
"""The view that authoring reads and checks: every claim of the files is in it, whatever its grade of evidence."""

_ORDER: Final = ("data/curation", "data/entities/", "data/sources/", "data/claims/")


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file below ontology/, what it holds (None: there is none yet) and what it is to hold."""

    file: str
    before: bytes | None
    after: str


@dataclass(frozen=True)
class Trial:
    """What changes would make of a home: the graph, and the findings that are not there without them."""

    changes: tuple[FileChange, ...]
    compiled: Compiled = field(repr=False)
    findings: tuple[Finding, ...]

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The violations that speak against writing the changes."""
        return tuple(f for f in self.findings if f.severity == "violation" and not _is_unfinished(f))

    @property
    def remainder(self) -> tuple[Finding, ...]:
        """What is left to be done after the changes, beside the segments that are not read yet."""
        return tuple(f for f in self.findings if f.severity == "warning" and not _is_unfinished(f))


def _is_unfinished(finding: Finding) -> bool:
    # The same rule tells of a segment that has both, claims and a reason: that is no matter of time.
    return finding.rule in UNFINISHED and "and yet" not in finding.message


def writable_home(home: Path) -> Path:
    """The home itself; raises NotWritable where it is the package's own data, which an upgrade would replace."""
    if data_home.is_packaged(home):
        raise NotWritable(
            f"{home} belongs to the installed package, and what is written there is lost with the next upgrade. Make "
            "a copy of your own and work in that: nexuskg copy DIR, then set NEXUSKG_HOME=DIR."
        )
    return home


def change(
    home: Path,
    prefixes: Mapping[str, str],
    file: str,
    add: Iterable[Triple],
    remove: Iterable[Triple] = (),
) -> FileChange:
    """The change of a file below ontology/ that adds and removes triples; its text is canonical.

    Raises ParseFailure where the file cannot be read.
    """
    path = home / "ontology" / file
    try:
        before = input_limits.turtle_bytes(path) if path.exists() else None
        there = {quad.triple for quad in parse(before or b"", RdfFormat.TURTLE)}
    except OSError as error:
        raise ParseFailure(path, None, None, f"cannot be read ({error.strerror})") from None
    except SyntaxError as error:
        raise ParseFailure(path, error.lineno, error.offset, parser_message(error)) from None
    gone = {as_stored(triple) for triple in remove}
    about = {triple.subject for triple in gone}
    left = {triple for triple in there if triple.subject not in about or as_stored(triple) not in gone}
    data = serialize(sorted(left | set(add), key=str), format=RdfFormat.N_TRIPLES) or b""
    return FileChange(file, before, canonical_turtle(data, prefixes, file))


def as_stored(triple: Triple) -> Triple:
    """The triple as a store gives it back: it knows the integers of all types as xsd:integer."""
    store = Store()
    store.add(Quad(triple.subject, triple.predicate, triple.object))
    (quad,) = store
    return Triple(quad.subject, quad.predicate, quad.object)


def trial(home: Path, changes: Sequence[FileChange]) -> Trial:
    """What the changes would make of the home, found out on a copy of it; nothing is written to the home."""
    with tempfile.TemporaryDirectory(prefix="nexuskg-") as folder:
        stage = Path(folder)
        copy_files(home, stage)
        for one in changes:
            path = stage / "ontology" / one.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(one.after, encoding="utf-8", newline="\n")
        # Cached by what the files hold, wherever they lie: once they are written, the next command has it ready.
        after = compilation.compiled(VIEW, stage)
        found = [finding for finding in checks.check_dataset(after) if finding.severity != "info"]
        known = set()
        if found:  # told by what they say, as a line moves when a block is put before it
            before = compilation.compiled(VIEW, home)
            rules = {finding.rule for finding in found}
            known = {_messages(finding) for finding in checks.check_dataset(before, rules=rules)}
        return Trial(tuple(changes), after, tuple(finding for finding in found if _messages(finding) not in known))


def _messages(finding: Finding) -> tuple[str, ...]:
    return finding.severity, finding.focus, finding.message, finding.rule


def write_changes(home: Path, changes: Sequence[FileChange], entities_last: bool = False) -> list[str]:
    """The files written, all or, if anything fails, so many of them that the graph still loads.

    Where an entity goes rather than comes, those of entities are the last.

    Raises NotWritable where a file is not what it was when the changes were prepared, or cannot be written.
    """
    writable_home(home)
    ready = sorted((one for one in changes if one.after.encode() != one.before), key=_rank)
    if entities_last:
        ready.sort(key=lambda one: one.file.startswith("data/entities/"))
    texts = []
    for one in ready:
        path = home / "ontology" / one.file
        if (path.read_bytes() if path.exists() else None) != one.before:
            raise NotWritable(f"{path} was changed by somebody else meanwhile; nothing was written. Run this again.")
        texts.append((path, one.after))
    try:
        for path, _ in texts:
            path.parent.mkdir(parents=True, exist_ok=True)
        write_together(texts)
    except OSError as error:
        raise NotWritable(f"{error.filename or home}: cannot be written ({error.strerror}).") from None
    return [data_home.display_path(path, home) for path, _ in texts]


def _rank(one: FileChange) -> tuple[int, str]:
    return next((i for i, start in enumerate(_ORDER) if one.file.startswith(start)), len(_ORDER)), one.file


def copy_files(home: Path, target: Path) -> None:
    """Copy the ontology and the queries of the home to the target, without hidden files."""
    for part in ("ontology", "queries"):
        shutil.copytree(home / part, target / part, ignore=shutil.ignore_patterns(".*"))


def copy_home(home: Path, target: Path) -> Path:
    """The target, which then is a home of the analyst's own; raises NotWritable where there is something already."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise NotWritable(f"{target} is there already and not empty; name a folder that is not there yet.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            copy_files(home, Path(folder) / "home")
            if target.exists():
                target.rmdir()
            (Path(folder) / "home").rename(target)
    except OSError as error:
        raise NotWritable(f"{error.filename or target}: cannot be written ({error.strerror}).") from None
    return target
