"""What the evidence plan of a question is made of, as the parser of clauses finds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Variable

from nexuskg.queries.catalogue import StoredQuery
from nexuskg.queries.pattern_parser import PlanPattern
from nexuskg.queries.tokens import Token

EXTREMES: Final = frozenset({"MIN", "MAX", "SAMPLE"})


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


@dataclass(frozen=True, slots=True)
class Extreme:
    """The name of a MIN, MAX or SAMPLE, and the expression of which it is."""

    name: str
    expression: str


def lone_extreme(text: str, aggregates: Mapping[str, Sequence[Token]]) -> Extreme | None:
    """The one aggregate of a text if there is but one, and that is an extreme: any solution that has it is enough.

    Each is given by its name, as the words from its own to AS.
    """
    if len(aggregates) != 1:
        return None
    ((name, words),) = aggregates.items()
    depth = [sum((each.text == "(") - (each.text == ")") for each in words[: at + 1]) for at in range(len(words))]
    if words[0].key not in EXTREMES or 0 in depth[1:-2]:
        return None
    inside = words[3 if words[2].key == "DISTINCT" else 2 : -2]
    return Extreme(name, text[inside[0].start : inside[-1].end]) if inside else None


@dataclass(frozen=True, slots=True)
class Plan:
    """How to find what the rows of a question rest on; `keys` are the columns by which solutions belong to a row.

    `counted` are the variables whose values a row counts, or makes one value of; else each of its solutions is enough.
    """

    query: StoredQuery
    prologue: str
    main: PlanPart
    exists: tuple[PlanPart, ...]
    negations: frozenset[Negation]
    keys: tuple[str, ...]
    counted: tuple[str, ...]
    tests: int

    @property
    def text(self) -> str:
        """The query whose solutions instantiate the patterns of the main part."""
        return f"{self.prologue}SELECT * WHERE {{ {self.main.body} }}"

    def speaks_of(self, name: str) -> bool:
        """Whether its patterns all say something of that variable, and nothing else is asked."""
        of = (pattern.subject == Variable(name) for pattern in self.main.patterns)
        return all(of) and not self.exists and not self.negations


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
