"""A query on a store -> a frozen table, a yes or no, or triples; and terms as a person reads them.

What only reads takes a `Readable`: the embedded store, a store on disk, or an endpoint at the far end of a network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Final, Protocol, TypeAlias

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Triple,
)

from nexuskg.base.namespaces import CLAIM, DEFAULT_GRAPH, RDFS
from nexuskg.errors import QueryFailure

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple

_ABOVE: Final = NamedNode(RDFS + "subClassOf")


class Readable(Protocol):
    """What reading needs of a store; `pyoxigraph.Store` has it.

    The default graph is the view; the named graphs are those of the files and of the steps of the build, by their IRIs.
    """

    def query(self, query: str, /, *, prefixes: dict[str, str] | None = None) -> object:
        """The solutions of a SELECT, the boolean of an ASK, or the triples of a CONSTRUCT, as pyoxigraph has them."""

    def quads_for_pattern(
        self,
        subject: NamedNode | BlankNode | Triple | None,
        predicate: NamedNode | None,
        object: NamedNode | BlankNode | Literal | Triple | None,  # noqa: A002 - as pyoxigraph calls it
        graph_name: NamedNode | BlankNode | DefaultGraph | None = None,
        /,
    ) -> Iterator[Quad]:
        """The quads that match, None standing for anything; a graph of None is every graph, the default one too."""

    def named_graphs(self) -> Iterator[NamedNode | BlankNode]:
        """The names of the named graphs."""

    def __contains__(self, quad: Any, /) -> bool:
        """Whether the quad is there."""

    def __iter__(self) -> Iterator[Any]:
        """Every quad of every graph."""

    def __len__(self) -> int:
        """How many quads there are in all graphs."""


@singledispatch
def axioms_of(store: Readable) -> Readable:
    """A store in which the axioms of the default graph can be followed, class expressions too: this one, as a rule.

    What differs from store to store is said where the class of the store is (see nexuskg.stores.mapped_store).
    """
    return store


@singledispatch
def patterns_with_rows(
    store: Readable,  # noqa: ARG001 - by its class it is chosen what is done
    body: str,
    names: Sequence[str],
    rows: Sequence[Sequence[Term | None]],
) -> Iterator[str]:
    """The body joined with rows of values for these variables, as one pattern, or several to be asked in turn.

    >>> from pyoxigraph import Store
    >>> list(patterns_with_rows(Store(), "?a ?b ?c", ["a"], [[NamedNode("urn:x")], [None]]))
    ['VALUES (?a) { (<urn:x>)(UNDEF) } ?a ?b ?c']
    """
    lines = "".join(
        f"({' '.join(str(term) if isinstance(term, NamedNode | Literal) else 'UNDEF' for term in row)})" for row in rows
    )
    yield f"VALUES ({' '.join('?' + name for name in names)}) {{ {lines} }} {body}"


@dataclass(frozen=True, slots=True)
class Table:
    """The solutions of a SELECT: column names, and rows of terms in that order (None where unbound)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]


def select(store: Readable, text: str, name: str = "query", prefixes: Mapping[str, str] | None = None) -> Table:
    """The table of a SELECT on the store's default graph; an ASK gives one row, "answer" true or false."""
    result = run_query(store, text, name, prefixes)
    if not isinstance(result, Table):
        raise QueryFailure(f"{name}: a SELECT or ASK was expected, this query constructs triples.")
    return result


def construct(
    store: Readable, text: str, name: str = "query", prefixes: Mapping[str, str] | None = None
) -> list[Triple]:
    """The triples of a CONSTRUCT or DESCRIBE on the store's default graph."""
    result = run_query(store, text, name, prefixes)
    if isinstance(result, Table):
        raise QueryFailure(f"{name}: a CONSTRUCT was expected.")
    return result


def run_query(
    store: Readable, text: str, name: str = "query", prefixes: Mapping[str, str] | None = None
) -> Table | list[Triple]:
    """What a query on the store's default graph gives: a table, or the triples of a CONSTRUCT or DESCRIBE."""
    result = _run(store, text, name, prefixes)
    try:
        if isinstance(result, QueryTriples):
            return list(result)
        if isinstance(result, QueryBoolean):
            return Table(("answer",), ((Literal(bool(result)),),))
        assert isinstance(result, QuerySolutions)
        columns = tuple(variable.value for variable in result.variables)
        return Table(columns, tuple(tuple(solution[column] for column in columns) for solution in result))
    except OSError as error:  # SERVICE reaches out while the rows are read
        raise QueryFailure(f"{name}: {' '.join(str(error).split())}") from None


def _run(store: Readable, text: str, name: str, prefixes: Mapping[str, str] | None = None) -> object:
    try:
        return store.query(text, prefixes=dict(prefixes or {}))
    except SyntaxError as error:
        raise QueryFailure(f"{name}: {syntax_fault(text, str(error.msg))}") from None


def syntax_fault(text: str, message: str) -> str:
    """Where a query is not SPARQL, with the words there; the parser's own list of what may follow fills a screen.

    >>> syntax_fault("ASK { ?a }", "error at 1:10: expected one of many [things]")
    "line 1, column 10: something else was expected where it says '}'."
    """
    place = re.match(r"error at (\d+):(\d+): expected (?:one of )?(.*)", message, re.DOTALL)
    if place is None:
        return " ".join(message.split())
    line, column = int(place[1]), int(place[2])
    rest = (text.splitlines() or [""])[line - 1 : line]
    near = rest[0][column - 1 :].strip()[:30] if rest else ""
    wanted = place[3] if len(place[3]) < 60 and "[" not in place[3] else "something else"
    return f"line {line}, column {column}: {wanted} was expected where it says {near or 'nothing more'!r}."


def as_quads(lines: Iterable[bytes], graph: str) -> list[bytes]:
    """Lines of N-Triples, each with or without its end, as lines of N-Quads of a graph, which is written as there.

    >>> as_quads([b"<urn:a> <urn:b> <urn:c> ."], "<urn:g>")
    [b'<urn:a> <urn:b> <urn:c> <urn:g> .\\n']
    """
    end = f" {graph} .\n".encode()
    return [line.rstrip().removesuffix(b".").rstrip() + end for line in lines]


def holds(store: Readable, triple: Triple) -> bool:
    """Whether the triple is in the default graph."""
    return Quad(triple.subject, triple.predicate, triple.object) in store


def object_nodes(store: Readable, subject: Any, predicate: NamedNode) -> list[NamedNode]:
    """The nodes that are values of a property of a node in the default graph."""
    quads = store.quads_for_pattern(subject, predicate, None, DEFAULT_GRAPH)
    return [quad.object for quad in quads if isinstance(quad.object, NamedNode)]


def property_values(
    store: Readable, subject: NamedNode | BlankNode, predicate: str, graph: NamedNode | DefaultGraph | None = None
) -> list[Term]:
    """The values of a property of a node, sorted; in the default graph where no graph is given."""
    quads = store.quads_for_pattern(subject, NamedNode(predicate), None, graph or DEFAULT_GRAPH)
    return sorted((quad.object for quad in quads), key=str)


def classes_above(store: Readable, classes: Iterable[NamedNode]) -> set[NamedNode]:
    """The classes and those above them, also where the default graph has no inferences."""
    found, todo = set[NamedNode](), list(classes)
    while todo:
        if (each := todo.pop()) not in found:
            found.add(each)
            todo += object_nodes(store, each, _ABOVE)
    return found


def subject_nodes(store: Readable, predicate: NamedNode, value: Any) -> list[NamedNode]:
    """The nodes that have the value for a property in the default graph."""
    quads = store.quads_for_pattern(None, predicate, value, DEFAULT_GRAPH)
    return [quad.subject for quad in quads if isinstance(quad.subject, NamedNode)]


def first_value(store: Readable, subject: str, prop: str) -> str | None:
    """The first value of a property of a node in the default graph, as text; None where it has none."""
    quads = store.quads_for_pattern(NamedNode(subject), NamedNode(prop), None, DEFAULT_GRAPH)
    return min((q.object.value for q in quads if isinstance(q.object, (Literal, NamedNode))), default=None)


def first_number(store: Readable, subject: str, prop: str) -> int:
    """The first value of a property as a whole number; -1 where there is none, which no offset is."""
    found = first_value(store, subject, prop)
    return int(found) if found is not None and found.isdecimal() else -1


def nodes_with(store: Readable, prop: str, target: str) -> list[str]:
    """The IRIs of the nodes that have a node as the value of a property in the default graph, sorted."""
    return sorted(node.value for node in subject_nodes(store, NamedNode(prop), NamedNode(target)))


def claim_of(term: Term | None) -> NamedNode | None:
    """The term where it is a claim, else None.

    >>> claim_of(NamedNode(CLAIM + "t.c1")) is None, claim_of(NamedNode("urn:a")) is None
    (False, True)
    """
    return term if isinstance(term, NamedNode) and term.value.startswith(CLAIM) else None
