"""The evidence plan of a stored question: which patterns its rows rest on, and the queries that instantiate them.

An answer row rests on triples that the row itself no longer shows: it may be grouped, or project two variables of ten.
The plan's main part selects every variable of the pattern without grouping; each positive EXISTS adds a part, asked
with the variables it shares with the main one. A branch of a UNION and an OPTIONAL bind a variable of their own there,
so that a pattern counts only where its branch matched. What stands in NOT EXISTS or MINUS has no triples to show: it
rests on their absence. A row that its filter lets through without an EXISTS does not rest on it: the plan without
some of them (`Plan.without`) tells. An OPTIONAL that brings nothing of what a row says is no ground of it either.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Variable

from nexuskg.queries.catalogue import StoredQuery
from nexuskg.queries.plan_parts import Negation, PlanPart
from nexuskg.queries.query_clauses import ClauseParser


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

    def without(self, tests: frozenset[int]) -> str:
        """The same query where these EXISTS and NOT EXISTS of its filters are false."""
        return Plan(self.query, *ClauseParser(self.query, tests).clauses()).text


def plan(query: StoredQuery) -> Plan:
    """The evidence plan of a stored SELECT or ASK; raises Untraceable where its evidence could not be found.

    >>> text = "PREFIX nx: <urn:nx:> SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a nx:p+ ?b MINUS { ?b nx:q ?a } } GROUP BY ?a"
    >>> found = plan(StoredQuery("q", "", "", (), (), text, "question"))
    >>> found.keys, found.counted, len(found.negations), len(found.main.patterns)
    (('a',), ('a', 'b'), 1, 1)
    """
    return Plan(query, *ClauseParser(query).clauses())
