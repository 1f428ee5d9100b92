"""Links to foreign vocabularies: SSSOM tables (ontology/links) -> quads, one named graph a table.

A row with an object_id becomes a mapping triple. A row whose object is a bare code (object_type `rdfs literal`, the
code in object_label, its scheme in object_source) becomes a typed notation; where the code is of something broader or
merely near, a notation would be false, so it becomes a note. What is the same elsewhere bears its name there, as the
record of that name: schema:name, of the object, by its object_label.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from pyoxigraph import Literal, NamedNode, Quad

from nexuskg.base import input_limits
from nexuskg.base.namespaces import RDFS, RECORD_NAME, SKOS, graph_iri
from nexuskg.errors import BYTE_ORDER_MARK, ParseFailure

SUFFIX: Final = ".sssom.tsv"

# What a match says of a code that is no IRI. Only an exact one makes the code a notation of ours.
_NEARNESS: Final = {
    "closeMatch": "near to",
    "broadMatch": "narrower than",
    "narrowMatch": "broader than",
    "relatedMatch": "related to",
}
# No owl:sameAs: it would smear foreign properties over our entities.
PREDICATES: Final = frozenset(
    {SKOS + "exactMatch", SKOS + "notation", RDFS + "seeAlso"} | {SKOS + name for name in _NEARNESS}
)
_COLUMNS: Final = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "object_type",
    "mapping_justification",
    "object_source",
    "confidence",
    "comment",
)
_REQUIRED: Final = ("subject_id", "predicate_id", "mapping_justification")
_METADATA: Final = ("mapping_set_id", "license", "curie_map")
_BUILT_IN: Final = {
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": RDFS,
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": SKOS,
}
_CURIE: Final = re.compile(r"([A-Za-z][\w.-]*):(\S+)")
_ALLOWED_IRI: Final = re.compile(r"(https?://|urn:)\S+")


@dataclass(frozen=True, slots=True)
class Link:
    """One row of a table: subject, predicate, and an IRI or a code as object; the evidence stands in the comment.

    `name` is what the object is called where it is from, if it is the same thing.
    """

    subject: NamedNode
    predicate: NamedNode
    object: NamedNode | Literal
    comment: str
    line: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class LinkTable:
    """One SSSOM file: the graph it is compiled to, its prefixes, and its links in the order of the rows."""

    graph: NamedNode
    prefixes: Mapping[str, str]
    links: tuple[Link, ...]


def link_files(home: Path) -> list[Path]:
    """Every link table below ontology/, sorted by path."""
    return sorted((home / "ontology" / "links").glob("*" + SUFFIX))


def table_graph(path: Path) -> NamedNode:
    """The named graph of a link table.

    >>> table_graph(Path("ontology/links/wikidata.sssom.tsv")).value
    'https://w3id.org/nexuskg/graph/links/wikidata'
    """
    return graph_iri("links/" + path.name.removesuffix(SUFFIX))


def read_sssom(path: Path) -> list[Quad]:
    """The quads of a link table, in its named graph, sorted; raises ParseFailure with the line."""
    table = read_table(path)
    quads = [Quad(*triple_of(link), table.graph) for link in table.links]
    quads += [
        Quad(link.object, RECORD_NAME, Literal(link.name), table.graph)
        for link in table.links
        if link.name and isinstance(link.object, NamedNode)
    ]
    return sorted(set(quads), key=str)


def triple_of(link: Link) -> tuple[NamedNode, NamedNode, NamedNode | Literal]:
    """The triple that a link is compiled to: as it stands, except for a code that is matched.

    >>> code = Literal("0601", datatype=NamedNode("https://w3id.org/nexuskg/vocab/notation/iccs"))
    >>> triple_of(Link(NamedNode("urn:x:s"), NamedNode(SKOS + "broadMatch"), code, "", 9))[2].value
    'narrower than iccs 0601'
    >>> triple_of(Link(NamedNode("urn:x:s"), NamedNode(SKOS + "exactMatch"), code, "", 9))[1].value
    'http://www.w3.org/2004/02/skos/core#notation'
    """
    name = link.predicate.value.removeprefix(SKOS)
    if isinstance(link.object, NamedNode) or name == "notation":
        return link.subject, link.predicate, link.object
    if name == "exactMatch":
        return link.subject, NamedNode(SKOS + "notation"), link.object
    scheme = re.split("[/#]", link.object.datatype.value)[-1]
    note = f"{_NEARNESS[name]} {scheme} {link.object.value}"
    return link.subject, NamedNode(SKOS + "note"), Literal(note, language="en")


def read_table(path: Path) -> LinkTable:
    """A link table with its rows; raises ParseFailure with the line for anything that is not as it should be."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ParseFailure(path, None, None, "not UTF-8") from None
    except OSError as error:
        raise ParseFailure(path, None, None, f"cannot be read ({error.strerror})") from None
    if text.startswith("\ufeff"):
        raise ParseFailure(path, 1, None, BYTE_ORDER_MARK)
    lines = text.splitlines(keepends=True)
    size = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    prefixes = _metadata(path, lines[:size])
    return LinkTable(table_graph(path), prefixes, tuple(_links(path, lines[size:], size, prefixes)))


def _metadata(path: Path, lines: Iterable[str]) -> dict[str, str]:
    """The prefixes of the metadata block, the built-in ones included; raises ParseFailure."""
    try:
        metadata = input_limits.yaml_value("".join(line[1:] for line in lines))
    except (yaml.YAMLError, ValueError) as error:  # a ValueError: a date that the calendar does not have
        mark = getattr(error, "problem_mark", None)
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ParseFailure(
            path, mark.line + 1 if mark else None, None, f"the metadata are not YAML: {problem}"
        ) from None
    if not isinstance(metadata, dict):
        raise ParseFailure(path, 1, None, "the metadata block (lines with #) is missing")
    missing = [name for name in _METADATA if name not in metadata]
    if missing:
        raise ParseFailure(path, 1, None, f"the metadata lack {', '.join(missing)}")
    if metadata["mapping_set_id"] != table_graph(path).value:
        raise ParseFailure(path, 1, None, f"mapping_set_id is not the graph of the file, {table_graph(path).value}")
    given = metadata["curie_map"]
    if not isinstance(given, dict) or not all(isinstance(value, str) for item in given.items() for value in item):
        raise ParseFailure(path, 1, None, "curie_map is not a table of prefixes and IRIs")
    return {**_BUILT_IN, **given}


def _links(path: Path, lines: Iterable[str], offset: int, prefixes: Mapping[str, str]) -> Iterator[Link]:
    """The links of the rows below the metadata, which take up the first `offset` lines."""
    reader = csv.reader(lines, dialect="excel-tab", strict=True)
    seen: dict[tuple[str, ...], int] = {}
    try:
        header = next(reader, [])
        _check_header(path, offset + 1, header)
        for cells in reader:
            line = offset + reader.line_num
            if len(cells) != len(header):
                raise ParseFailure(path, line, None, f"{len(cells)} cells where the header has {len(header)}")
            link = _link(path, line, dict(zip(header, cells, strict=True)), prefixes)
            key = (link.subject.value, link.predicate.value, str(link.object))
            if key in seen:
                raise ParseFailure(path, line, None, f"the same link stands in line {seen[key]}")
            seen[key] = line
            yield link
    except csv.Error as error:
        raise ParseFailure(path, offset + reader.line_num, None, f"not a table: {error}") from None


def _check_header(path: Path, line: int, header: list[str]) -> None:
    """Raise ParseFailure where a column is missing, unknown or there twice."""
    missing = [name for name in _REQUIRED if name not in header]
    if missing:
        raise ParseFailure(path, line, None, f"missing column: {', '.join(missing)}")
    unknown = [name for name in header if name not in _COLUMNS]
    if unknown:
        raise ParseFailure(path, line, None, f"unknown column: {', '.join(unknown)}")
    if len(set(header)) != len(header):
        raise ParseFailure(path, line, None, "a column is there twice")


def _link(path: Path, line: int, row: Mapping[str, str], prefixes: Mapping[str, str]) -> Link:
    """The link of one row; raises ParseFailure."""
    for name in _REQUIRED:
        if not row[name]:
            raise ParseFailure(path, line, None, f"{name} is empty")
    subject, predicate, _ = (_iri(path, line, name, row[name], prefixes) for name in _REQUIRED)
    if predicate.value not in PREDICATES:
        hint = " (write skos:exactMatch)" if row["predicate_id"] == "owl:sameAs" else ""
        raise ParseFailure(path, line, None, f"predicate {row['predicate_id']} is not allowed{hint}")
    kind, foreign = row.get("object_type", ""), row.get("object_id", "")
    target: NamedNode | Literal
    if kind == "rdfs literal":
        target = _code(path, line, row, prefixes)
    elif kind:
        raise ParseFailure(path, line, None, f"object_type {kind!r} is not allowed: leave it empty, or 'rdfs literal'")
    elif predicate.value == SKOS + "notation":
        raise ParseFailure(path, line, None, "a notation needs object_type 'rdfs literal'")
    elif not foreign:
        raise ParseFailure(path, line, None, "object_id is empty, and object_type is not 'rdfs literal'")
    else:
        target = _iri(path, line, "object_id", foreign, prefixes)
    same = isinstance(target, NamedNode) and predicate.value == SKOS + "exactMatch"
    return Link(subject, predicate, target, row.get("comment", ""), line, row.get("object_label", "") if same else "")


def _code(path: Path, line: int, row: Mapping[str, str], prefixes: Mapping[str, str]) -> Literal:
    """The code of a literal row, typed by its scheme; raises ParseFailure."""
    code, scheme = row.get("object_label", ""), row.get("object_source", "")
    if not code or not scheme or row.get("object_id"):
        problem = "a literal row has the code in object_label, its scheme in object_source, and no object_id"
        raise ParseFailure(path, line, None, problem)
    if row["predicate_id"] == "rdfs:seeAlso":
        raise ParseFailure(path, line, None, "rdfs:seeAlso needs a page, not a code")
    return Literal(code, datatype=_iri(path, line, "object_source", scheme, prefixes))


def _iri(path: Path, line: int, column: str, curie: str, prefixes: Mapping[str, str]) -> NamedNode:
    """The IRI of a CURIE, of a scheme that may be shown as a link; raises ParseFailure."""
    match = _CURIE.fullmatch(curie)
    if match is None:
        raise ParseFailure(path, line, None, f"{column} {curie!r} is not a CURIE")
    if match[1] not in prefixes:
        raise ParseFailure(path, line, None, f"{column} {curie}: curie_map has no prefix {match[1]!r}")
    iri = prefixes[match[1]] + match[2]
    if not _ALLOWED_IRI.fullmatch(iri):
        raise ParseFailure(path, line, None, f"{column} {curie}: {iri} is not an http, https or urn IRI")
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise ParseFailure(path, line, None, f"{column} {curie}: {iri} is not an IRI ({error})") from None
