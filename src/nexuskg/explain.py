"""From a statement back to the claims it rests on: an inference by its shortest derivation, a fact by what states it.

What is inferred is known by its graph (graph/inferred, graph/inferred-implied); everything else in the default graph is
stated. A stated triple rests on the claims that state it, or that its node is made from; where there are none it is an
identity triple (a label, a rigid kind, a concept), which rests on curation alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from nexuskg import rules
from nexuskg.axioms import TYPE
from nexuskg.namespaces import BASE, graph, nx
from nexuskg.rules import Clause, Justification, Rule
from nexuskg.store import objects, subjects

MODALITY: Final = BASE + "vocab/modality/"
FACTUAL: Final = tuple(NamedNode(MODALITY + name) for name in ("asserted", "reported", "estimated", "presupposed"))
"""The modalities of claims that yield facts, as in queries/derive/facts.rq."""
IMPLIED: Final = NamedNode(MODALITY + "implied")

_NEGATIVE: Final = NamedNode(BASE + "vocab/polarity/negative")
_EVALUATION: Final = NamedNode(BASE + "vocab/kind/evaluation")
_INFERRED: Final = (graph("inferred"), graph("inferred-implied"))
_HERE: Final = DefaultGraph()


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a triple comes to be in the graph: by a rule from premises, or (without a rule) stated by claims.

    A stated triple without claims is an identity triple.
    """

    triple: Triple
    rule: Rule | None = None
    axioms: tuple[Triple, ...] = ()
    premises: tuple[Derivation, ...] = ()
    claims: frozenset[NamedNode] = frozenset()

    def leaves(self) -> Iterator[Derivation]:
        """The stated triples that the derivation starts from, as often as it uses them."""
        if self.rule is None:
            yield self
        for premise in self.premises:
            yield from premise.leaves()


def claims_for(store: Store, triple: Triple, known: Sequence[Clause] | None = None) -> frozenset[NamedNode]:
    """The claims that a triple of the default graph rests on; empty for an identity triple.

    An inference has those of its shortest derivation. `known` saves reading the axioms again for each triple.
    """
    if not is_inferred(store, triple):
        return stated_by(store, triple)
    return frozenset(claim for leaf in derivation(store, triple, known).leaves() for claim in leaf.claims)


def derivation(store: Store, triple: Triple, known: Sequence[Clause] | None = None) -> Derivation:
    """The shortest derivation of a triple of the default graph, counted in steps; among equals the first in order.

    Every premise is derived in fewer steps than its conclusion, so nothing supports itself.
    """
    if not is_inferred(store, triple):
        return Derivation(triple, claims=stated_by(store, triple))
    known = rules.clauses(store) if known is None else known
    steps = _steps_back(store, triple, known)
    costs = _costs(steps)

    def tree(at: Triple) -> Derivation:
        if at not in steps:
            return Derivation(at, claims=stated_by(store, at))
        possible = [step for step in steps[at] if all(premise in costs for premise in step.premises)]
        if not possible:
            return Derivation(at)
        # The steps are in a fixed order, and min takes the first of equals.
        best = min(possible, key=lambda step: sum(costs[premise] for premise in step.premises))
        return Derivation(at, best.rule, best.axioms, tuple(tree(premise) for premise in best.premises))

    return tree(triple)


def is_inferred(store: Store, triple: Triple) -> bool:
    """Whether the triple follows from others, and is stated nowhere."""
    return any(Quad(triple.subject, triple.predicate, triple.object, where) in store for where in _INFERRED)


def _steps_back(store: Store, triple: Triple, known: Sequence[Clause]) -> dict[Triple, list[Justification]]:
    """The last steps to the triple and to every inferred triple behind it."""
    steps: dict[Triple, list[Justification]] = {}
    waiting = [triple]
    while waiting:
        at = waiting.pop()
        if at not in steps and is_inferred(store, at):
            steps[at] = rules.justifications(store, at, known)
            waiting.extend(premise for step in steps[at] for premise in step.premises)
    return steps


def _costs(steps: dict[Triple, list[Justification]]) -> dict[Triple, int]:
    """The number of steps that each triple takes at least, a stated one none; nothing for what has no ground."""
    premises = {premise for found in steps.values() for step in found for premise in step.premises}
    costs = dict.fromkeys(premises - set(steps), 0)
    changed = True
    while changed:
        changed = False
        for triple, found in steps.items():
            possible = [step.premises for step in found if all(premise in costs for premise in step.premises)]
            cost = min((1 + sum(costs[premise] for premise in each) for each in possible), default=None)
            if cost is not None and cost != costs.get(triple):
                costs[triple], changed = cost, True
    return costs


# ---- what is stated -----------------------------------------------------------------------------------------------


def stated_by(store: Store, triple: Triple) -> frozenset[NamedNode]:
    """The claims that a stated triple rests on; empty for an identity triple."""
    subject, predicate, value = triple.subject, triple.predicate, triple.object
    found = stating(store, triple)
    if not _holds_implied(store):
        found -= {claim for claim in found if not is_factual(store, claim)}
    if found:
        return found
    if _has(store, subject, TYPE, nx("Claim")):
        return frozenset({subject}) if isinstance(subject, NamedNode) else frozenset()
    if _has(store, subject, TYPE, nx("EvidenceSpan")):
        return frozenset(subjects(store, nx("supportedBy"), subject))
    if predicate in (nx("earliest"), nx("latest")):
        dates = store.quads_for_pattern(subject, nx("edtf"), None, _HERE)
        return frozenset(claim for date in dates for claim in stated_by(store, date.triple))
    makers = frozenset(objects(store, subject, nx("derivedFrom")))
    if not makers or not (predicate.value.startswith(nx("").value) or predicate == TYPE):
        return frozenset()
    if predicate == nx("derivedFrom"):
        return makers & {value}
    # Of the claims that a node is made from, those that speak of this value; all where the value is not theirs to say.
    return frozenset(claim for claim in makers if _speaks_of(store, claim, predicate, value)) or makers


def stating(store: Store, triple: Triple) -> frozenset[NamedNode]:
    """The claims whose plain statement is the triple and that yield it: as a fact, or (implied ones) as a reading."""
    slots = ("claimObject",) if isinstance(triple.object, NamedNode) else ("claimValue",)
    return frozenset(
        claim
        for slot in slots
        for claim in subjects(store, nx(slot), triple.object)
        if _has(store, claim, nx("claimSubject"), triple.subject)
        and _has(store, claim, nx("claimPredicate"), triple.predicate)
        and not _has(store, claim, nx("polarity"), _NEGATIVE)
        and not _has(store, claim, nx("kind"), _EVALUATION)
        and not (slot == "claimValue" and objects(store, claim, nx("claimObject")))
        and (is_factual(store, claim) or _has(store, claim, nx("modality"), IMPLIED))
    )


def is_factual(store: Store, claim: NamedNode) -> bool:
    """Whether the modality of the claim makes its statement a fact."""
    return any(_has(store, claim, nx("modality"), modality) for modality in FACTUAL)


def _holds_implied(store: Store) -> bool:
    """Whether the default graph is of the implied view: nothing that only implied claims yield is in the other one."""
    first = next(store.quads_for_pattern(None, None, None, graph("implied")), None)
    return first is not None and Quad(first.subject, first.predicate, first.object) in store


def _speaks_of(store: Store, claim: NamedNode, predicate: NamedNode, value: Any) -> bool:
    if predicate == TYPE:
        return any(_has(store, made, nx("nodeClass"), value) for made in objects(store, claim, nx("claimPredicate")))
    return any(
        _has(store, claim, slot, value)
        for slot in (predicate, *map(nx, ("claimSubject", "claimObject", "claimValue", "claimedBy")))
    )


def _has(store: Store, subject: Any, predicate: NamedNode, value: Any) -> bool:
    return Quad(subject, predicate, value) in store
