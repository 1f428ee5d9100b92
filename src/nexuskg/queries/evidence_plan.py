"""The evidence plan of a stored question: which patterns its rows rest on, and the queries that instantiate them.

An answer row rests on triples that the row itself no longer shows: it may be grouped, or project two variables of ten.
The plan's main part selects every variable of the pattern without grouping; each positive EXISTS adds a part, asked
with the variables it shares with the main one. A branch of a UNION and an OPTIONAL bind a variable of their own there,
so that a pattern counts only where its branch matched. What stands in NOT EXISTS or MINUS has no triples to show: it
rests on their absence. A row that its filter lets through without an EXISTS does not rest on it: the plan without
some of them (`text_without`) tells. An OPTIONAL that brings nothing of what a row says is no ground of it either.
"""

from __future__ import annotations

from nexuskg.queries.catalogue import StoredQuery
from nexuskg.queries.plan_parts import Plan
from nexuskg.queries.query_clauses import ClauseParser


def plan(query: StoredQuery) -> Plan:
    """The evidence plan of a stored SELECT or ASK; raises Untraceable where its evidence could not be found.

    >>> text = "PREFIX nx: <urn:nx:> SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a nx:p+ ?b MINUS { ?b nx:q ?a } } GROUP BY ?a"
    >>> found = plan(StoredQuery("q", "", "", (), (), text, "question"))
    >>> found.keys, found.counted, len(found.negations), len(found.main.patterns)
    (('a',), ('a', 'b'), 1, 1)
    """
    return ClauseParser(query).plan()


def text_without(found: Plan, tests: frozenset[int]) -> str:
    """The text of a plan where these EXISTS and NOT EXISTS of its filters are false."""
    return ClauseParser(found.query, tests).plan().text
