"""Canonical Turtle: one flat block a subject, one predicate a line, sorted; and where a block stands in its file."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse

from nexuskg.base import input_limits
from nexuskg.base.namespaces import XSD, compact
from nexuskg.errors import NotCanonical, ParseFailure, parser_message

if TYPE_CHECKING:
    from rdflib.term import Node

DEEPEST: Final = 200
"""How many blank nodes may stand in one another, the members of a list too."""

# What Turtle may write without quotes, so that reading it gives the same lexical form.
_PLAIN: Final = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "boolean": re.compile("true|false"),
}


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file and whether its text was other than the canonical one."""

    path: Path
    changed: bool


def canonical_turtle(data: bytes, prefixes: Mapping[str, str], path: Path | str = "<text>") -> str:
    """The canonical text of some Turtle; raises ParseFailure, or NotCanonical if it would say something else.

    Comments do not survive: say it in skos:scopeNote or skos:editorialNote.
    """
    try:
        input_limits.check_depth(data)
        quads = list(parse(data, RdfFormat.TURTLE))
    except SyntaxError as error:
        raise ParseFailure(path, error.lineno, error.offset, parser_message(error)) from None
    except ValueError as error:
        raise ParseFailure(path, None, None, str(error)) from None
    try:
        text = _longturtle(quads, prefixes)
        same = set(canonical_dataset(parse(text, RdfFormat.TURTLE))) == set(canonical_dataset(quads))
    except NotCanonical as error:
        raise NotCanonical(f"{path}: {error}") from None
    if not same:
        raise NotCanonical(f"{path}: the canonical form would say something else, so the file was left as it is.")
    return text


def _longturtle(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> str:
    """The triples as rdflib's longturtle, but each literal keeps its lexical form (rdflib writes 200 as 200.0)."""
    from rdflib import BNode, Graph, Literal, URIRef
    from rdflib.plugins.serializers.longturtle import LongTurtleSerializer

    class Lossless(LongTurtleSerializer):
        def get_pname(self, uri: Node, gen_prefix: bool = True) -> str | None:
            """The prefixed name; None, instead of a prefix made up, for a namespace that the table does not have."""
            name: str | None = super().get_pname(uri, False)  # type: ignore[no-untyped-call]
            return name

        def orderSubjects(self) -> list[Node]:  # noqa: N802
            """Subjects by IRI (rdflib goes by how often each is referred to, so that one new link moves a block)."""

            def place(subject: Node) -> tuple[int, str]:
                # A blank node that something refers to stands inside it: only the heads are blocks.
                return (1 + self._references[subject] if isinstance(subject, BNode) else 0), str(subject)

            return sorted(self._subjects, key=place)

        def label(self, node: Node, position: int) -> str:
            if not isinstance(node, Literal) or node.datatype is None:
                return str(super().label(node, position))  # type: ignore[no-untyped-call]
            plain = _PLAIN.get(str(node.datatype))
            if plain is not None and plain.fullmatch(str(node)):
                return str(node)
            name = self.get_pname(node.datatype, False) or f"<{node.datatype}>"
            return node.n3().removesuffix(f"^^<{node.datatype}>") + "^^" + name

    def term(value: object) -> Node:
        if isinstance(value, ox.NamedNode):
            return URIRef(value.value)
        if isinstance(value, ox.BlankNode):
            return BNode(value.value)
        if not isinstance(value, ox.Literal):
            raise NotCanonical("a triple stands as the object of another; name it by an IRI.")
        if value.language or value.datatype.value == XSD + "string":
            return Literal(value.value, lang=value.language)
        return Literal(value.value, datatype=URIRef(value.datatype.value), normalize=False)

    graph = Graph(bind_namespaces="none")
    for prefix, namespace in prefixes.items():
        graph.bind(prefix, namespace, override=True, replace=True)
    # Blank nodes get their canonical names here: rdflib's own way (canon=True) would normalize the literals too.
    for quad in sorted(set(canonical_dataset(quads)), key=str):
        graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    stream = BytesIO()
    Lossless(graph).serialize(stream, encoding="utf-8")  # type: ignore[no-untyped-call]
    return stream.getvalue().decode().strip() + "\n"


def plain_turtle(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    """Turtle in a fixed order: the writer groups what comes together, but lists the prefixes in none."""
    ordered = sorted(set(triples), key=lambda t: (isinstance(t.subject, ox.BlankNode), str(t)))
    data = ox.serialize(ordered, format=RdfFormat.TURTLE, prefixes=dict(prefixes)) or b""
    lines = data.splitlines(keepends=True)
    body = b"".join(line for line in lines if not line.startswith(b"@prefix "))
    used = {name for name in prefixes if f"{name}:".encode() in body}
    heads = sorted(f"@prefix {name}: <{prefixes[name]}> .\n" for name in used)
    return "".join(heads).encode() + b"\n" + body


def canonical_dataset(quads: Iterable[Quad]) -> Dataset:
    """The quads with canonical names (RDFC-1.0) for their blank nodes: equal for isomorphic graphs only.

    Raises NotCanonical where blank nodes stand in one another so deep that naming them could overflow the stack.
    """
    dataset = Dataset(quads)
    inside: dict[object, list[object]] = {}
    for quad in dataset:
        if isinstance(quad.subject, ox.BlankNode) and isinstance(quad.object, ox.BlankNode):
            inside.setdefault(quad.subject, []).append(quad.object)
    level = set(inside)
    for _ in range(DEEPEST):
        level = {each for node in level for each in inside.get(node, ())}
        if not level:
            break
    else:
        raise NotCanonical(f"blank nodes stand in one another more than {DEEPEST} deep; give some of them IRIs.")
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def format_files(paths: Iterable[Path], prefixes: Mapping[str, str], check: bool = False) -> list[Formatted]:
    """What became of each file; with check, nothing is written.

    All files are read before the first is written, so a malformed one stops the run with nothing changed.
    """
    results: list[Formatted] = []
    texts: list[tuple[Path, str]] = []
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ParseFailure(path, None, None, f"cannot be read ({error.strerror})") from None
        text = canonical_turtle(data, prefixes, path)
        changed = text.encode() != data
        results.append(Formatted(path, changed))
        if changed:
            texts.append((path, text))
    if not check:
        for path, text in texts:
            write_atomic(path, text)
    return results


def write_atomic(path: Path, text: str) -> None:
    """Write the text to the file as a whole; if anything fails, the file holds what it held before."""
    write_together([(path, text)])


def write_together(texts: Sequence[tuple[Path, str]]) -> None:
    """Write its text to each file as a whole.

    All texts are on the disk before the first file is replaced. If anything fails after that, the first so many files,
    in the order given, hold the new text and the others what they held before.
    """
    aside: list[Path] = []
    try:
        for path, text in texts:
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            aside.append(Path(name))
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            aside[-1].chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        for ready, (path, _) in zip(aside, texts, strict=True):
            os.replace(ready, path)
    except BaseException:
        for left in aside:
            left.unlink(missing_ok=True)
        raise


def line_of(path: Path, subject: str, prefixes: Mapping[str, str]) -> int | None:
    """The 1-based line on which the subject's block starts; None where the file has no block of its own for it."""
    names = {compact(subject, prefixes), f"<{subject}>"}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line[:1].strip() and line.split(None, 1)[0] in names:
                return number
    return None
