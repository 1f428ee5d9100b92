"""What the rows of an answer rest on: the triples behind the instantiated patterns of each (see evidence_plan).

A row that several solutions give has several grounds, each of them enough, unless it counts what they give. What a
pattern only looks up, or an EXISTS of a filter tests, is kept apart from what the row says; a test without which the
filter lets the row through is no ground at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from typing import Final, TypeAlias

from pyoxigraph import Literal, NamedNode, Quad, Triple, Variable

from nexuskg.base.namespaces import DEFAULT_GRAPH
from nexuskg.queries import evidence_plan
from nexuskg.queries.catalogue import Value, bind_text
from nexuskg.queries.pattern_parser import PlanPattern
from nexuskg.queries.plan_parts import Plan, PlanPart
from nexuskg.queries.property_paths import ways_along
from nexuskg.rdf.store import Readable, Table, Term, claim_of, patterns_with_rows, select

_Solution: TypeAlias = Mapping[str, Term | None]
_Items: TypeAlias = "frozenset[Triple | NamedNode]"
_MOST: Final = 16
"""Most grounds that one solution gives: its paths can be gone in many ways."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Triples of the default graph, and claims, on which a row rests: for what it says, and for how it was found."""

    said: frozenset[Triple | NamedNode]
    found_by: frozenset[Triple | NamedNode] = frozenset()


@dataclass(frozen=True, slots=True)
class Trace:
    """What a row needs, each as the grounds of which any is enough; and whether absence is one, too."""

    grounds: tuple[tuple[Ground, ...], ...]
    absence: bool


def traces(store: Readable, plan: Plan, values: Mapping[str, Sequence[Value]], table: Table) -> list[Trace]:
    """For each row of the answer to a planned query, with these parameter values, what it rests on."""

    def solutions_of(text: str) -> list[_Solution]:
        for name, terms in values.items():
            text = bind_text(text, name, terms)
        full = select(store, text, "evidence")
        return [dict(zip(full.columns, row, strict=True)) for row in full.rows]

    solutions = solutions_of(plan.text)
    keys = [key for key in plan.keys if not solutions or key in solutions[0]]
    by_key: dict[tuple[Term | None, ...], list[int]] = {}
    for number, solution in enumerate(solutions):
        by_key.setdefault(tuple(solution[key] for key in keys), []).append(number)
    needless = _needless_tests(plan, solutions, solutions_of)
    extended = [_extensions(store, plan.prologue, part, solutions) for part in plan.exists]

    @cache
    def grounds(number: int) -> tuple[Ground, ...]:
        solution = solutions[number]
        parts: list[tuple[PlanPart, Sequence[_Solution]]] = [(plan.main, [solution])]
        for part, more in zip(plan.exists, extended, strict=True):
            matched = not part.branch or solution.get(part.branch) is not None
            if matched and part.test not in needless[number] and more[number]:
                parts.append((part, more[number]))
        ways_of = [[way for each in some for way in _grounds_of(store, part, each)][:_MOST] for part, some in parts]
        return tuple(map(_common_ground, islice(product(*ways_of), _MOST)))

    out = []
    for row in table.rows:
        key = tuple(row[table.columns.index(name)] for name in keys)
        members = by_key.get(key, [])
        negation = any(
            at.test not in needless[number] and (not at.branch or solutions[number].get(at.branch))
            for at in plan.negations
            for number in members
        )
        # Each solution is enough for a row, but one that counts needs one of each value that it counts.
        counted: dict[tuple[Term | None, ...], list[Ground]] = {}
        for number in members:
            values_of = tuple(solutions[number].get(name) for name in plan.counted)
            counted.setdefault(values_of, []).extend(grounds(number))
        needed = tuple(tuple(dict.fromkeys(each)) for each in counted.values() if each)
        # No solution behind a row: an ASK that fails, a count of nothing.
        out.append(Trace(needed, negation or not members))
    return out


def _common_ground(grounds: Sequence[Ground]) -> Ground:
    said = frozenset(item for each in grounds for item in each.said)
    return Ground(said, frozenset(item for each in grounds for item in each.found_by) - said)


def _needless_tests(
    plan: Plan, solutions: Sequence[_Solution], solutions_of: Callable[[str], list[_Solution]]
) -> list[frozenset[int]]:
    """For each solution the tests of filters without which it is a solution just as well, tried one after another."""
    dropped: list[frozenset[int]] = [frozenset()] * len(solutions)
    places = {frozenset(solution.items()): number for number, solution in enumerate(solutions)}
    for test in range(1, plan.tests + 1):
        for before in dict.fromkeys(dropped):
            tried = before | {test}
            for solution in solutions_of(evidence_plan.text_without(plan, tried)):
                number = places.get(frozenset(solution.items()))
                if number is not None and dropped[number] == before:
                    dropped[number] = tried
    return dropped


def _extensions(
    store: Readable, prologue: str, part: PlanPart, solutions: Sequence[_Solution]
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


def _grounds_of(store: Readable, part: PlanPart, solution: _Solution) -> Iterator[Ground]:
    """The grounds that the patterns of a part have in a solution: one, or one for each way along their paths."""
    said: list[list[frozenset[Triple]]] = []
    found_by: list[list[frozenset[Triple]]] = []
    for pattern in part.patterns:
        if pattern.branch in part.idle:
            continue
        ways_of = list(_instances(store, pattern, solution))
        if ways_of:
            (found_by if part.test or pattern in part.looked_up else said).append(ways_of)
    claims: _Items = frozenset(claim for term in solution.values() if (claim := claim_of(term)))
    for chosen in islice(product(product(*said), product(*found_by)), _MOST):
        told, found = (frozenset[Triple | NamedNode](item for each in some for item in each) for some in chosen)
        if part.test:
            yield Ground(told, (found | claims) - told)
        else:
            yield Ground(told | claims, found - claims - told)


def _instances(store: Readable, pattern: PlanPattern, solution: _Solution) -> Iterable[frozenset[Triple]]:
    """The triples that the pattern stands for in a solution; none where it did not match (OPTIONAL, another branch).

    Those of a path in each way that it can be gone.
    """

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
        return ways_along(store, subject, predicate, end)
    present = Quad(subject, predicate, end, DEFAULT_GRAPH) in store
    return (frozenset({Triple(subject, predicate, end)}),) if present else ()
