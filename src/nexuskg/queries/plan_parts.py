"""What the evidence plan of a question is made of, as the parser of clauses finds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from nexuskg.queries.pattern_parser import PlanPattern


@dataclass(frozen=True, slots=True)
class PlanPart:
    """A group of patterns: `body` is its SPARQL text without the outer braces; `branch` is that of an EXISTS.

    `test` is the number of the EXISTS of a filter that it is or stands in; 0 where it is in none. `looked_up` are the
    patterns by which a row is found and of which it says nothing, `idle` the branches that it does not need.
    """

    body: str
    patterns: tuple[PlanPattern, ...]
    variables: frozenset[str]
    branch: str = ""
    test: int = 0
    looked_up: frozenset[PlanPattern] = frozenset()
    idle: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Negation:
    """A NOT EXISTS, MINUS or !BOUND: the branch it stands in, and its number where a filter may do without it."""

    branch: str
    test: int = 0


class Clauses(NamedTuple):
    """What a query is made of, as its evidence is found by it; see evidence_plan.Plan."""

    prologue: str
    main: PlanPart
    exists: tuple[PlanPart, ...]
    negations: frozenset[Negation]
    keys: tuple[str, ...]
    counted: tuple[str, ...]
    tests: int


@dataclass
class GroupContent:
    """What a group holds, collected while it is read."""

    patterns: list[PlanPattern] = field(default_factory=list)
    exists: list[PlanPart] = field(default_factory=list)
    inserted: list[tuple[int, int, str]] = field(default_factory=list)
    """What stands in the place of a stretch of the text, which may be empty: where it starts and ends, and what."""
    negations: set[Negation] = field(default_factory=set)
    filters: list[frozenset[str]] = field(default_factory=list)
    """The variables of each filter."""
    bound: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    """The variable of each BIND, and those that its expression has."""
