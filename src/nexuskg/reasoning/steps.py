"""Single steps of reasoning: a clause with the statements that it was applied to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pyoxigraph import Store, Triple, Variable

from nexuskg.rdf.store import Readable
from nexuskg.reasoning.axioms import Bindings, Part, ground_triples, match, solutions
from nexuskg.reasoning.rules import Clause, Rule, key, order

Heads: TypeAlias = Mapping[Part | None, Sequence[Clause]]
"""Clauses by the predicate or class that they conclude; None where that is a variable."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: by this clause the conclusion follows from these premises."""

    clause: Clause
    premises: tuple[Triple, ...]

    @property
    def rule(self) -> Rule:
        """The rule that the clause specializes."""
        return self.clause.rule

    @property
    def axioms(self) -> tuple[Triple, ...]:
        """The axioms that the rule speaks of; none for a domain rule."""
        return self.clause.axioms


@dataclass(frozen=True, slots=True)
class Contradiction(Step):
    """Premises that cannot hold together by this clause."""


def by_head(known: Iterable[Clause]) -> Heads:
    """The clauses that conclude something, by what they conclude."""
    out: dict[Part | None, list[Clause]] = defaultdict(list)
    for clause in known:
        if clause.head:
            wanted = key(clause.head)
            out[None if isinstance(wanted, Variable) else wanted].append(clause)
    return out


def steps_to(store: Readable, triple: Triple, heads: Heads) -> list[Step]:
    """Every last step by which the triple follows in a closed default graph, sorted; empty where none leads to it.

    >>> from pyoxigraph import NamedNode
    >>> from nexuskg.reasoning.rules import clauses
    >>> store, (a, p, b) = Store(), (NamedNode(f"urn:{name}") for name in "apb")
    >>> both_ways = "<http://www.w3.org/2002/07/owl#SymmetricProperty>"
    >>> store.update(f"INSERT DATA {{ <urn:p> a {both_ways} . <urn:a> <urn:p> <urn:b> }}")
    >>> [str(step.premises[0]) for step in steps_to(store, Triple(b, p, a), by_head(clauses(store)))]
    ['<urn:a> <urn:p> <urn:b>']
    """
    out: dict[Step, None] = {}
    for clause in (*heads.get(key(triple), ()), *heads.get(None, ())):
        start = match(clause.head, triple, {}) if clause.head else None
        for found in () if start is None else ways(store, clause, start):
            premises = ground_triples(clause.premises, found)
            if triple not in premises:  # what supports itself supports nothing
                out[Step(clause, premises)] = None
    return sorted(out, key=step_sort_key)


def ways(store: Readable, clause: Clause, start: Bindings) -> Iterator[Bindings]:
    """Every way in which the premises of the clause hold in the default graph under the given bindings."""
    if not clause.body:
        yield from solutions(store, clause.premises, start)
        return
    # What a domain rule asks beyond its premises only SPARQL can tell, but no store: premises are looked up before, as
    # far away each would be a request, and what the rule mints is compared afterwards.
    rows = list(solutions(store, clause.premises, start))
    if not rows:
        return
    names = sorted({part.value for premise in clause.premises for part in premise if isinstance(part, Variable)})
    given = [name for name in names if name in rows[0]]
    lines = " ".join(f"({' '.join(str(row[name]) for name in given)})" for row in rows)
    table = f"VALUES ({' '.join('?' + name for name in given)}) {{ {lines} }}" if given else ""
    found: Any = Store().query(f"SELECT * WHERE {{ {table} {clause.body} }}")
    columns = [variable.value for variable in found.variables]
    for row in found:
        bindings = {name: row[name] for name in columns}
        if all(bindings.get(name) == term for name, term in start.items()):
            yield bindings


def step_sort_key(step: Step) -> tuple[object, ...]:
    """A sort key of steps that does not depend on the store."""
    return [*map(order, step.premises)], step.rule.name, [*map(order, step.axioms)]
