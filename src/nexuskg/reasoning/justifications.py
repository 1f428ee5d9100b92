"""From an inference back to what it follows from: derivations, and the minimal justifications they rest on.

A justification is a set of stated triples and axioms from which the inference follows, and from no part of which it
does. Its confidence is that of its weakest premise (a stated triple has that of its strongest claim); an inference has
that of its strongest justification, and that is the one shown first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeAlias, TypeVar

from pyoxigraph import NamedNode, Triple

from nexuskg.base.namespaces import TYPE, nx
from nexuskg.rdf.store import Readable, object_nodes
from nexuskg.reasoning import grounds
from nexuskg.reasoning.rules import order
from nexuskg.reasoning.steps import Heads, Step, steps_to

CERTAIN: Final = 100
"""The confidence of what no source need say: axioms, and our own names and kinds."""
MOST: Final = 64
"""Most justifications that are sought for one triple: their number can grow exponentially."""
_HAS_STEP: Final = nx("hasStep")
_LOOP_STEP: Final = nx("LoopStep")
_WIDE: Final = 1000
"""The number of triples behind one beyond which not all of its justifications are sought."""

Member = TypeVar("Member")
Premise: TypeAlias = Triple | str
"""A stated triple or an axiom; or the name of a rule that no axiom calls for."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What may lead to a triple: the last steps to each triple behind it, and which of these are stated, how firmly."""

    steps: Mapping[Triple, Sequence[Step]]
    stated: Mapping[Triple, int]

    def within(self, allowed: frozenset[Premise]) -> Behind:
        """What of it uses nothing but these stated triples and axioms."""
        steps = {at: [step for step in found if _calls_for(step) <= allowed] for at, found in self.steps.items()}
        return Behind(steps, {at: score for at, score in self.stated.items() if at in allowed})

    def as_firm_as(self, least: int) -> Behind:
        """What of it starts from nothing that is stated less firmly."""
        return Behind(self.steps, {at: score for at, score in self.stated.items() if score >= least})


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a triple comes to be in the graph: by a step from premises, or (without a step) stated by claims.

    A stated triple without claims is an identity triple. `confidence` is 0 to 100; `modality` is a word, empty for what
    rests on no claim.
    """

    triple: Triple
    step: Step | None = None
    premises: tuple[Derivation, ...] = ()
    claims: frozenset[NamedNode] = frozenset()
    confidence: int = CERTAIN
    modality: str = ""

    def leaves(self) -> Iterator[Derivation]:
        """The stated triples that the derivation starts from, as often as it uses them."""
        if self.step is None:
            yield self
        for premise in self.premises:
            yield from premise.leaves()

    def support(self) -> frozenset[Premise]:
        """The stated triples and axioms that the derivation uses."""
        if self.step is None:
            return frozenset([self.triple])
        return _calls_for(self.step).union(*(premise.support() for premise in self.premises))


def claims_for(store: Readable, triple: Triple, heads: Heads) -> frozenset[NamedNode]:
    """The claims that a triple of the default graph rests on by its strongest derivation; none where it takes none."""
    return frozenset(claim for leaf in derivation(store, triple, heads).leaves() for claim in leaf.claims)


def derivation(store: Readable, triple: Triple, heads: Heads) -> Derivation:
    """The strongest derivation of a triple of the default graph; among equals the one of fewest steps, then in order.

    What it starts from is minimal: without any one of its stated triples or axioms the triple does not follow from the
    others. A stated triple derives from itself.
    """
    if not grounds.is_inferred(store, triple):
        return _stated_derivation(store, triple)
    every = behind(store, triple, heads)
    able = every.as_firm_as(_strength(every)[triple])
    shortest = _tree(store, triple, able)
    support = shortest.support()
    chosen = min(_minimal(able.within(support), triple)[0], key=_by_size)
    return shortest if len(chosen) == len(support) else _tree(store, triple, able.within(chosen))


def justifications(store: Readable, triple: Triple, heads: Heads) -> tuple[list[Derivation], bool]:
    """A derivation for each minimal justification of a triple, the strongest first, and whether these are all.

    Among equally strong ones the one with the fewest premises comes first. At most MOST are sought.
    """
    every = behind(store, triple, heads)
    sets, complete = _minimal(every, triple)
    if not complete:  # what was left out may be part of what was kept
        sets = {min(_minimal(every.within(chosen), triple)[0], key=_by_size) for chosen in sets}
    found = [_tree(store, triple, every.within(chosen)) for chosen in sorted(sets, key=_by_size)]
    return sorted(found, key=lambda one: -one.confidence), complete


def premise_sets(store: Readable, triple: Triple, heads: Heads) -> tuple[frozenset[Triple], ...]:
    """The minimal sets of stated triples with claims from which a triple of the default graph follows, smallest first.

    One that is empty: it takes no claim. Where more leads to the triple than can be gone through, only the set of its
    strongest derivation. A loop is there by its steps.
    """
    if parts := object_nodes(store, triple.subject, _HAS_STEP):
        return (frozenset(Triple(step, TYPE, _LOOP_STEP) for step in parts),)
    every = behind(store, triple, heads)
    if len(every.steps) > _WIDE:
        leaves = derivation(store, triple, heads).leaves()
        return (frozenset(leaf.triple for leaf in leaves if leaf.claims),)
    free = {at for at in every.stated if not grounds.stated_by(store, at)}
    sets, _ = _minimal(every, triple, lambda premises: frozenset(p for p in premises if p in every.stated) - free)
    return tuple(frozenset(p for p in one if isinstance(p, Triple)) for one in sorted(sets, key=_by_size))


def behind(store: Readable, triple: Triple, heads: Heads) -> Behind:
    """What may lead to a triple of the default graph, at the last step and before; what is stated may follow, too."""
    found: dict[Triple, list[Step]] = {}
    waiting = [triple]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found[at] = steps_to(store, at, heads)
            waiting.extend(premise for step in found[at] for premise in step.premises)
    stated = (at for at in found if not grounds.is_inferred(store, at))
    return Behind(found, {at: _score(store, grounds.stated_by(store, at)) for at in stated})


# ---- derivations --------------------------------------------------------------------------------------------------


def _stated_derivation(store: Readable, triple: Triple) -> Derivation:
    claims = grounds.stated_by(store, triple)
    if not claims:
        return Derivation(triple)
    words = sorted((grounds.modality(store, claim) for claim in claims), key=grounds.modality_rank)
    return Derivation(triple, claims=claims, confidence=_score(store, claims), modality=words[0])


def _score(store: Readable, claims: Iterable[NamedNode]) -> int:
    """The confidence of what these claims state, each by itself: that of the strongest."""
    return max((score for claim in claims if (score := grounds.confidence(store, claim)) is not None), default=CERTAIN)


def _tree(store: Readable, triple: Triple, among: Behind) -> Derivation:
    """The derivation of fewest steps. Every premise takes fewer than its conclusion, so nothing supports itself."""
    costs = _fixpoint(among, lambda premises: 1 + sum(premises), min, dict.fromkeys(among.stated, 0))

    def tree(at: Triple) -> Derivation:
        if at in among.stated:
            return _stated_derivation(store, at)
        possible = [step for step in among.steps[at] if all(premise in costs for premise in step.premises)]
        # The steps are in a fixed order, and min takes the first of equals.
        best = min(possible, key=lambda step: sum(costs[premise] for premise in step.premises))
        premises = tuple(tree(premise) for premise in best.premises)
        words = [premise.modality for premise in premises if premise.modality]
        weakest = min((premise.confidence for premise in premises), default=CERTAIN)
        return Derivation(at, best, premises, frozenset(), weakest, grounds.weakest(words) if words else "")

    return tree(triple)


def _strength(among: Behind) -> dict[Triple, int]:
    """The confidence of each triple: that of its strongest derivation, which has that of its weakest premise."""
    return _fixpoint(among, lambda premises: min(premises, default=CERTAIN), max, among.stated)


def _fixpoint(
    among: Behind,
    combine: Callable[[list[int]], int],
    better: Callable[[int, int], int],
    stated: Mapping[Triple, int],
) -> dict[Triple, int]:
    """The best value of each triple by any derivation; none for what has no ground."""
    values = dict(stated)
    changed = True
    while changed:
        changed = False
        for triple, found in among.steps.items():
            for step in found:
                if all(premise in values for premise in step.premises):
                    value = combine([values[premise] for premise in step.premises])
                    best = value if triple not in values else better(value, values[triple])
                    if values.get(triple) != best:
                        values[triple], changed = best, True
    return values


# ---- minimal sets -------------------------------------------------------------------------------------------------


def _calls_for(step: Step) -> frozenset[Premise]:
    return frozenset(step.axioms or (step.rule.name,))


def _minimal(
    among: Behind, triple: Triple, counted: Callable[[frozenset[Premise]], frozenset[Premise]] = frozenset
) -> tuple[set[frozenset[Premise]], bool]:
    """The minimal sets of stated triples and axioms from which the triple follows, and whether these are all.

    To a fixpoint: the sets of a conclusion are those of the premises of each step, joined in all ways, less those that
    contain another. Of the premises only those that are `counted` make a set.
    """
    found: dict[Triple, set[frozenset[Premise]]] = {
        at: {counted(frozenset([at]))} if at in among.stated else set() for at in among.steps
    }
    complete, changed = True, True
    while changed:
        changed = False
        for at, possible in among.steps.items():
            sets = found[at] | {
                counted(_calls_for(step)).union(*chosen)
                for step in possible
                for chosen in product(*(found[premise] for premise in step.premises))
            }
            least = antichain(sets)
            if len(least) > MOST:
                least, complete = set(sorted(least, key=_by_size)[:MOST]), False
            if least != found[at]:
                found[at], changed = least, True
    return found[triple], complete


def antichain(sets: Iterable[frozenset[Member]]) -> set[frozenset[Member]]:
    """Those of the sets that contain no other one.

    >>> antichain([frozenset("ab"), frozenset("a"), frozenset("bc")]) == {frozenset("a"), frozenset("bc")}
    True
    """
    kept: list[frozenset[Member]] = []
    for one in sorted(sets, key=len):
        if not any(other <= one for other in kept):
            kept.append(one)
    return set(kept)


def _by_size(one: frozenset[Premise]) -> tuple[int, list[tuple[str, ...]]]:
    return len(one), sorted(order(item) if isinstance(item, Triple) else (item,) for item in one)
