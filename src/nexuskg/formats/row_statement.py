"""What says a row: of the claims and inferences behind it, those that are made of its own cells.

A row "Sendero Luminoso, operates in, VRAEM" is said by a claim or an inference with just these ends. That the VRAEM
lies in Peru may have helped to find the row; it is no sentence for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.base.namespaces import DEFAULT_GRAPH, NX, TYPE, nx
from nexuskg.rdf.store import Readable

if TYPE_CHECKING:
    from nexuskg.answers.answer import Evidence, Row

_ENDS: Final = (nx("claimObject"), nx("claimValue"))


@dataclass(frozen=True, slots=True)
class RowStatement:
    """What says a row; each claim of its evidence is in one of `own`, `premises` and `rest`."""

    own: tuple[Evidence, ...]
    """The claims that say the row, or a part of it that none of `follows` says."""
    follows: tuple[Triple, ...]
    """The inferences that say the row, or a part of it."""
    premises: tuple[Evidence, ...]
    """Where something follows, the claims from which it does."""
    rest: tuple[Evidence, ...]
    """The other claims of the row."""
    whole: bool
    """Whether the claims that say the row and what follows leave no cell of it out."""


class _Link(NamedTuple):
    """Two cells that a statement joins, and by what."""

    one: Any
    predicate: Any
    other: Any

    @property
    def ends(self) -> frozenset[Any]:
        return frozenset((self.one, self.other))


def row_statement(store: Readable, row: Row, evidence: Iterable[Evidence]) -> RowStatement:
    """What says the row, of its inferences and of the evidence given, which is its own and that of claims it names.

    A statement does where both its ends are cells, and its predicate is, too, if the row has a cell for that and some
    other statement joins the two cells by it.
    """
    evidence = tuple(evidence)
    cells = {cell for cell in row.cells if cell is not None}
    ties = {cell for cell in cells if _is_property(cell)}
    links = {item.claim: _links_of(store, item.claim, cells) for item in evidence}
    inferred = [
        triple
        for triple in row.follows
        if triple.subject in cells and (triple.object in cells or triple.predicate == TYPE)
    ]
    every = [*(link for found in links.values() for link in found), *(_Link(*triple) for triple in inferred)]
    tied = {link.ends for link in every if link.predicate in ties}

    def fits(link: _Link) -> bool:
        return link.predicate in ties or link.ends not in tied

    follows = tuple(sorted((t for t in inferred if fits(_Link(*t))), key=lambda t: (t.object not in cells, str(t))))
    said_by_those = {_Link(*triple).ends for triple in follows}
    own = {
        item.claim
        for item in evidence
        if any(fits(link) and link.ends not in said_by_those for link in links[item.claim])
    }
    # A claim of which something follows is a premise of that, though it says a part of the row, too.
    own -= {end for triple in follows for end in (triple.subject, triple.object)}
    if follows and all(item.claim in own for item in evidence):
        own = set()
    covered = set[Any]().union(*(_cells_of(store, claim, cells) for claim in own), *said_by_those)
    covered |= {link.predicate for link in every if link.predicate in ties and fits(link)}
    mine = tuple(item for item in evidence if item.claim in own)
    others = tuple(item for item in evidence if item.claim not in own)
    if not follows:
        return RowStatement(mine, (), (), others, bool(own) and cells <= covered)
    return RowStatement(mine, follows, others, (), cells <= covered)


def _links_of(store: Readable, claim: NamedNode, cells: set[Any]) -> list[_Link]:
    """The pairs of cells that a claim joins."""
    told = _properties(store, claim)
    ends = [end for prop in _ENDS for end in told.get(prop, ())]
    return [
        _Link(subject, predicate, end)
        for subject in told.get(nx("claimSubject"), ())
        for predicate in told.get(nx("claimPredicate"), ())
        for end in ends
        if subject in cells and end in cells
    ]


def _cells_of(store: Readable, claim: NamedNode, cells: set[Any]) -> set[Any]:
    """The cells that a claim speaks of: whatever it has as a value, and the nodes that are made from it."""
    made = {quad.subject for quad in store.quads_for_pattern(None, nx("derivedFrom"), claim, DEFAULT_GRAPH)}
    told = {value for values in _properties(store, claim).values() for value in values}
    texts = {cell for cell in cells if isinstance(cell, Literal) and any(_same_text(cell, value) for value in told)}
    return cells & (told | made | {claim}) | texts


def _properties(store: Readable, claim: NamedNode) -> Mapping[Any, list[Any]]:
    told: dict[Any, list[Any]] = {}
    for quad in store.quads_for_pattern(claim, None, None, DEFAULT_GRAPH):
        told.setdefault(quad.predicate, []).append(quad.object)
    return told


def _same_text(cell: Literal, value: Any) -> bool:
    """Whether a cell is the value of a claim, though it may have lost its language on the way."""
    return isinstance(value, Literal) and value.value == cell.value


def _is_property(cell: Any) -> bool:
    return isinstance(cell, NamedNode) and cell.value.startswith(NX) and cell.value[len(NX) :][:1].islower()
