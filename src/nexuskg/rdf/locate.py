"""Where a node is written: the file and line that a finding about it names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from pyoxigraph import NamedNode, Store

from nexuskg.base.data_home import display_path
from nexuskg.base.namespaces import GRAPH, NX, prefixes
from nexuskg.errors import Finding
from nexuskg.rdf.load import graph_file
from nexuskg.rdf.sssom import SUFFIX, read_table
from nexuskg.rdf.turtle import line_of

_SECONDARY: Final = ("alignments/", "dl/", "links/")
FilePlace: TypeAlias = tuple[str, int | None] | None
"""File as shown to a person, and line; None where a node stands in no file."""


def place_finder(store: Store, home: Path) -> Callable[[str], FilePlace]:
    """A function from an IRI to the place of its block; a node that stands in no file is where its first claim is."""
    table = prefixes(home)
    derived = NamedNode(NX + "derivedFrom")

    def where(iri: str) -> FilePlace:
        try:
            node = NamedNode(iri)
        except ValueError:
            return None
        quads = list(store.quads_for_pattern(node, None, None))
        graphs = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}
        # A file that describes the node comes before one that only aligns or links it.
        for name in sorted(graphs, key=lambda name: (name.removeprefix(GRAPH).startswith(_SECONDARY), name)):
            path = graph_file(NamedNode(name), home)
            if path is not None:
                return display_path(path, home), line_of(path, iri, table)
            links = home / "ontology" / (name.removeprefix(GRAPH) + SUFFIX)
            if links.is_file():
                lines = [link.line for link in read_table(links).links if link.subject == node]
                return display_path(links, home), min(lines, default=None)
        claims = {
            quad.object.value for quad in quads if quad.predicate == derived and isinstance(quad.object, NamedNode)
        }
        return where(min(claims)) if claims - {iri} else None

    return where


def with_place(finding: Finding, where: Callable[[str], FilePlace]) -> Finding:
    """The finding with the file and line of its focus."""
    file, line = where(finding.focus) or (None, None)
    return Finding(finding.severity, finding.focus, finding.message, finding.rule, file, line)
