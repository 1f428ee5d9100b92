"""Answers as GraphML, for Gephi, yEd and networkx: the nodes of the rows, and an edge for what each row says of them.

Where a row has a relation between a subject and an object (or a thing, an activity), that relation is the edge.
Elsewhere edges lead from the first node of a row to each other node, and are named after the column of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from nexuskg.base import headings
from nexuskg.base.safe_text import one_line
from nexuskg.search.find import kind_of

if TYPE_CHECKING:
    from nexuskg.answers.answer import Answer, Cell, Row
    from nexuskg.pipeline.dataset import Compiled

RELATIONS: Final = ("relation", "verb", "predicate", "property", "tie")
"""The columns that name what joins the ends; where several are filled, the last is the more exact."""
SUBJECTS: Final = ("subject", "cause", "from", "thing", "group", "actor", "event")
OBJECTS: Final = ("object", "effect", "to", "what", "who", "organization", "person", "location", "place")
QUALIFIERS: Final = ("kind", "type", "modality", "polarity", "voice", "comparator", "unit", "sign", "closure")
"""The columns that say how something is, and are no end of a relation."""

_Edge = tuple[str, str, str, str, str]


def has_nodes(found: Answer) -> bool:
    """Whether any row has a node; an answer without rows has nothing that could be none."""
    return not found.rows or any(cell.iri for row in found.rows for cell in row)


def graphml_text(data: Compiled, found: Answer) -> str:
    """The answer as GraphML: nodes with label, kind and CURIE; edges with label, claims and what they rest on.

    >>> from nexuskg import load
    >>> graph = load()
    >>> graphml_text(graph.data, graph.ask("direct-causes")).count("<edge ")
    2
    """
    import networkx

    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    edges: dict[_Edge, None] = {}
    nodes: dict[str, Cell] = {}
    for row in found.rows:
        ends = _ends(found, row)
        here = [cell for _, cell in ends]
        joined = _edges(found, row, ends)
        for cell in here if not joined else [cell for one, other, _ in joined for cell in (one, other)]:
            nodes.setdefault(str(cell.iri), cell)
        claims = "; ".join(item.curie for item in row.evidence)
        for one, other, name in joined:
            edges[str(one.iri), str(other.iri), one_line(name), claims, row.rests_on] = None
    for iri, cell in sorted(nodes.items()):
        kind = kind_of(data.store, iri) or "node"
        graph.add_node(iri, label=one_line(cell.label), kind=kind, curie=cell.curie)
    for number, (one_iri, other_iri, name, claims, rests_on) in enumerate(sorted(edges)):
        # The key becomes the id of the edge, which is to be its own in the whole file.
        graph.add_edge(one_iri, other_iri, key=f"e{number}", label=name, claims=claims, rests_on=rests_on)
    # The writer names the keys in the order in which it meets them: all is sorted above.
    return "\n".join(networkx.generate_graphml(graph)) + "\n"


def _ends(found: Answer, row: Row) -> list[tuple[str, Cell]]:
    """The nodes of a row by column: what is said of, not how, nor the claim that says it."""
    cells = zip(found.columns, row, strict=True)
    return [(name, cell) for name, cell in cells if isinstance(cell.term, NamedNode) and name != "claim"]


def _edges(found: Answer, row: Row, ends: list[tuple[str, Cell]]) -> list[tuple[Cell, Cell, str]]:
    """The edges of a row: from, to, name."""
    by_column = {name: cell for name, cell in ends if name not in (*RELATIONS, *QUALIFIERS)}
    names = [row[name].label for name in RELATIONS if name in found.columns and row[name].label]
    if names:
        # The columns that usually bear the ends, else the first two nodes that there are.
        one = next((by_column[name] for name in SUBJECTS if name in by_column), None)
        one = one or next(iter(by_column.values()), None)
        others = {name: cell for name, cell in by_column.items() if cell is not one}
        other = next((others[name] for name in OBJECTS if name in others), None)
        other = other or next(iter(others.values()), None)
        return [(one, other, names[-1])] if one and other else []
    if not ends or any(name in found.columns for name in RELATIONS):
        return []
    first = ends[0][1]
    rest = [(name, cell) for name, cell in ends[1:] if cell.iri != first.iri]
    return [(first, cell, headings.heading(name, found.language)) for name, cell in rest]
