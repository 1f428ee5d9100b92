"""Files -> one dataset, a named graph a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store

from nexuskg.base import input_limits
from nexuskg.base.data_home import turtle_files
from nexuskg.base.namespaces import GRAPH, WITHDRAWN, graph_iri
from nexuskg.errors import ParseFailure, parser_message


def file_graph(path: Path, home: Path) -> NamedNode:
    """The named graph of a file below ontology/.

    >>> file_graph(Path("/x/ontology/data/claims/ellis-2015.ttl"), Path("/x")).value
    'https://w3id.org/nexuskg/graph/data/claims/ellis-2015'
    """
    return graph_iri(path.relative_to(home / "ontology").with_suffix("").as_posix())


def graph_file(graph: NamedNode, home: Path) -> Path | None:
    """The file that a named graph was read from; None for a computed graph."""
    name = graph.value.removeprefix(WITHDRAWN) if graph.value.startswith(WITHDRAWN) else graph.value.removeprefix(GRAPH)
    path = home / "ontology" / (name + ".ttl")
    return path if path.is_file() else None


def load_files(home: Path, paths: Iterable[Path] | None = None) -> Store:
    """A store with each Turtle file below ontology/ in a named graph of its own, never partial; raises ParseFailure."""
    store = Store()
    for path in turtle_files(home) if paths is None else paths:
        load_file(store, path, file_graph(path, home))
    return store


def load_file(store: Store, path: Path, graph: NamedNode) -> None:
    """Load the file's triples into that graph of the store; raises ParseFailure with the line."""
    try:
        store.load(input=input_limits.turtle_bytes(path), format=RdfFormat.TURTLE, to_graph=graph)
    except SyntaxError as error:
        raise ParseFailure(path, error.lineno, error.offset, parser_message(error)) from None
    except OSError as error:
        raise ParseFailure(path, None, None, f"cannot be read ({error.strerror})") from None
