"""What the rows of an answer rest on: the triples behind the instantiated patterns of each (see evidence_plan).

A group rests on the union of its members, a path on a shortest witness, a negation on absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode, Quad, Triple, Variable

from nexuskg.base.namespaces import DEFAULT_GRAPH
from nexuskg.queries import evidence_plan
from nexuskg.queries.catalogue import Value, bind_text
from nexuskg.queries.pattern_parser import PlanPattern
from nexuskg.queries.property_paths import witness
from nexuskg.rdf.store import Readable, Table, Term, claim_of, patterns_with_rows, select

_Solution: TypeAlias = Mapping[str, Term | None]


@dataclass(frozen=True, slots=True)
class Trace:
    """What a row rests on: triples of the default graph, claims that it is about, and whether on absence too."""

    triples: frozenset[Triple]
    claims: frozenset[NamedNode]
    absence: bool


def traces(
    store: Readable, plan: evidence_plan.Plan, values: Mapping[str, Sequence[Value]], table: Table
) -> list[Trace]:
    """For each row of the answer to a planned query, with these parameter values, what it rests on."""
    query = plan.text
    for name, terms in values.items():
        query = bind_text(query, name, terms)
    full = select(store, query, "evidence")
    solutions: list[_Solution] = [dict(zip(full.columns, row, strict=True)) for row in full.rows]
    keys = [key for key in plan.keys if key in full.columns]
    by_key: dict[tuple[Term | None, ...], list[int]] = {}
    for number, solution in enumerate(solutions):
        by_key.setdefault(tuple(solution[key] for key in keys), []).append(number)
    extended = [_extensions(store, plan.prologue, part, solutions) for part in plan.exists]

    @cache
    def behind(number: int) -> tuple[frozenset[Triple], frozenset[NamedNode]]:
        found = [(plan.main, solutions[number])]
        for part, more in zip(plan.exists, extended, strict=True):
            if not part.branch or solutions[number].get(part.branch) is not None:
                found += [(part, solution) for solution in more[number]]
        triples = {
            triple
            for part, solution in found
            for pattern in part.patterns
            for triple in _instances(store, pattern, solution)
        }
        claims = {claim for _, solution in found for term in solution.values() if (claim := claim_of(term))}
        return frozenset(triples), frozenset(claims)

    out = []
    for row in table.rows:
        key = tuple(row[table.columns.index(name)] for name in keys)
        members = by_key.get(key, [])
        negation = any(not at or any(solutions[number].get(at) for number in members) for at in plan.negations)
        triples = frozenset(triple for number in members for triple in behind(number)[0])
        claims = frozenset(claim for number in members for claim in behind(number)[1])
        # No solution behind a row: an ASK that fails, a count of nothing.
        out.append(Trace(triples, claims, negation or not members))
    return out


def _extensions(
    store: Readable, prologue: str, part: evidence_plan.PlanPart, solutions: Sequence[_Solution]
) -> list[list[_Solution]]:
    """For each solution the solutions of a positive EXISTS with the variables it shares."""
    if not solutions:
        return []
    shared = sorted(part.variables & set(solutions[0]))
    given = [tuple(solution[name] for name in shared) for solution in solutions]
    different = list(dict.fromkeys(given))
    patterns = patterns_with_rows(store, part.body, shared, different) if shared else [part.body]
    texts = [f"SELECT * WHERE {{ {pattern} }}" for pattern in patterns]
    tables = [select(store, prologue + text, "evidence") for text in texts]
    found = [dict(zip(table.columns, row, strict=True)) for table in tables for row in table.rows]
    groups: dict[tuple[Term | None, ...], list[_Solution]] = {}
    for solution in found:
        groups.setdefault(tuple(solution.get(name) for name in shared), []).append(solution)
    if any(term is None for row in given for term in row):  # an unbound variable is shared with every value of it
        return [[item for key in groups if _agrees(key, row) for item in groups[key]] for row in given]
    return [groups.get(row, []) for row in given]


def _agrees(key: Sequence[Term | None], row: Sequence[Term | None]) -> bool:
    return all(want is None or want == have for want, have in zip(row, key, strict=True))


def _instances(store: Readable, pattern: PlanPattern, solution: _Solution) -> Iterable[Triple]:
    """The triples that the pattern stands for in a solution; none where it did not match (OPTIONAL, another branch)."""

    def value(slot: object) -> Term | None:
        if isinstance(slot, Variable):
            return solution.get(slot.value)
        return slot if isinstance(slot, NamedNode | Literal) else None

    if pattern.branch and solution.get(pattern.branch) is None:
        return ()
    subject, end = value(pattern.subject), value(pattern.object)
    if subject is None or end is None or isinstance(subject, Literal | Triple):
        return ()
    predicate = pattern.predicate
    if isinstance(predicate, Variable):
        bound = value(predicate)
        if not isinstance(bound, NamedNode):
            return ()
        predicate = bound
    if not isinstance(predicate, NamedNode):
        return witness(store, subject, predicate, end) or ()
    present = Quad(subject, predicate, end, DEFAULT_GRAPH) in store
    return (Triple(subject, predicate, end),) if present else ()
