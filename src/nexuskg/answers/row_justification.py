"""The basis of rows, found: the claims without which it would not be there, by minimal justifications of what it says.

A justification of a row is a set of stated triples from which all that its patterns ask for follows, and from no part
of which it does. The row rests on its strongest one, each of whose triples all the claims state that are named with it;
what only the others take is told as well, and apart from both what the row was found by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import product
from typing import Final, NamedTuple, TypeAlias

from pyoxigraph import NamedNode, Triple

from nexuskg.answers.row_basis import RowBasis
from nexuskg.base.namespaces import TYPE
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries.evidence_trace import Ground, Trace
from nexuskg.reasoning import grounds, justifications, steps
from nexuskg.reasoning.rules import order

_MOST: Final = 64
"""Most justifications of a row that are sought."""

_Item: TypeAlias = Triple | NamedNode
_Items: TypeAlias = frozenset[_Item]


class _Way(NamedTuple):
    """A justification of a row: what it takes for what the row says, and besides for how it was found; its ground."""

    said: _Items
    found_by: _Items
    ground: Ground

    @property
    def items(self) -> _Items:
        return self.said | self.found_by


class RowBases:
    """What finds the basis of rows in a dataset; what is behind a triple is looked for once."""

    def __init__(self, data: Compiled) -> None:
        self.store = store = data.store
        # The axioms are read at most once, and only if something inferred is asked for.
        heads = cache(lambda: steps.by_head(data.clauses))
        self.inferred = cache(lambda triple: grounds.is_inferred(store, triple))
        self.stated_by = cache(lambda triple: grounds.stated_by(store, triple))
        self.score = cache(self._score)
        self.sets: Callable[[Triple], tuple[frozenset[Triple], ...]] = cache(
            lambda triple: justifications.premise_sets(store, triple, heads())
        )

    def basis(self, trace: Trace) -> RowBasis:
        """The basis of a row with this trace."""
        if not trace.grounds:
            return RowBasis(absence=trace.absence)
        needs = [self._ways_of(alternatives) for alternatives in trace.grounds]
        chosen = [ways[0] for ways in needs]  # of each need by itself: to weigh all together would take too long
        claims = self._needed_claims({item for way in chosen for item in way.said})
        found_by = self._needed_claims({item for way in chosen for item in way.found_by}, claims)
        also = self._claims(item for ways in needs for way in ways for item in way.items) - claims - found_by
        said = (item for way in chosen for item in way.ground.said)
        return RowBasis(
            claims,
            found_by,
            also,
            trace.absence,
            self._follows(said, claims),
            tuple(tuple(frozenset(map(self._claims_of, way.items)) for way in ways) for ways in needs),
            tuple(item for way in chosen for item in (*way.ground.said, *way.ground.found_by)),
        )

    def _ways_of(self, grounds_of: Iterable[Ground]) -> list[_Way]:
        """The minimal justifications of what has any of these grounds."""
        return self._least_ways(
            [
                _Way(said, by - said, ground)
                for ground in grounds_of
                for said, by in product(self._sets_of(ground.said), self._sets_of(ground.found_by))
            ]
        )

    def _least_ways(self, found: list[_Way]) -> list[_Way]:
        """Those of them that contain no other, each once and in order; at most _MOST."""
        if len(found) == 1:
            return found
        least = justifications.antichain(way.items for way in found)
        ways = {way.items: way for way in sorted(found, key=self._rank, reverse=True)}
        return sorted((ways[items] for items in least), key=self._rank)[:_MOST]

    def _sets_of(self, items: _Items) -> list[_Items]:
        """The minimal sets of stated triples, and of claims, from which all of these items follow."""
        every = [self._sets(item) for item in sorted(items, key=str)]
        # Those with one set first: what they take makes sets of the others needless.
        sets: list[_Items] = [frozenset[_Item]().union(*(sets[0] for sets in every if len(sets) == 1))]
        for several in every:
            if len(several) > 1:
                joined = justifications.antichain(one | other for one in sets for other in several)
                sets = sorted(joined, key=_by_size)[:_MOST]
        return sets

    def _sets(self, item: _Item) -> tuple[_Items, ...]:
        if isinstance(item, NamedNode):
            return (frozenset({item}),)
        return tuple(frozenset[_Item](one) for one in self.sets(item))

    def _claims_of(self, item: _Item) -> frozenset[NamedNode]:
        return frozenset({item}) if isinstance(item, NamedNode) else self.stated_by(item)

    def _needed_claims(self, items: Iterable[_Item], given: frozenset[NamedNode] = frozenset()) -> frozenset[NamedNode]:
        """The claims that state these, less those needed for nothing: another one that is needed states it as well.

        Of two activities that one arrangement taxes, each by a claim, either says that there is the arrangement.
        """
        stating = [claims for item in items if (claims := self._claims_of(item))]
        needed = given.union(*(claims for claims in stating if len(claims) == 1))
        return needed.union(*(claims for claims in stating if not claims & needed)) - given

    def _claims(self, items: Iterable[_Item]) -> frozenset[NamedNode]:
        return frozenset(claim for item in items for claim in self._claims_of(item))

    def _rank(self, way: _Way) -> tuple[object, ...]:
        """Where a justification stands among others: the strongest first, then that of fewest premises and inferences.

        No two stand alike, so that stores that answer in another order tell the same.
        """
        scores = [score for item in way.said if (score := self.score(item)) is not None]
        return (
            -min(scores, default=justifications.CERTAIN),
            len(way.said),
            len(way.found_by),
            _by_size(way.said),
            _by_size(way.items),
            sum(self.inferred(item) for item in way.ground.said if isinstance(item, Triple)),
            _by_size(way.ground.said),
        )

    def _score(self, item: _Item) -> int | None:
        """The confidence of the strongest claim that states it."""
        found = (grounds.confidence(self.store, claim) for claim in self._claims_of(item))
        return max((score for score in found if score is not None), default=None)

    def _follows(self, items: Iterable[_Item], claims: frozenset[NamedNode]) -> tuple[Triple, ...]:
        """What is inferred of what the row says, but for kinds that go without saying beside the rest."""
        said = list(dict.fromkeys(item for item in items if isinstance(item, Triple)))
        behind = {triple: self._least(triple, claims) for triple in said}
        return tuple(
            sorted(
                (triple for triple in said if self.inferred(triple) and not _goes_without_saying(triple, behind)),
                key=str,
            )
        )

    def _least(self, triple: Triple, claims: frozenset[NamedNode]) -> frozenset[NamedNode]:
        """The claims behind a triple, of those that the row rests on."""
        return min((self._claims(one) for one in self.sets(triple)), key=lambda one: (len(one - claims), len(one)))


def _goes_without_saying(triple: Triple, behind: Mapping[Triple, frozenset[NamedNode]]) -> bool:
    """Whether a kind follows from another statement behind the row: by its domain or range, from the same claims."""
    return triple.predicate == TYPE and any(
        other.predicate != TYPE and triple.subject in (other.subject, other.object) and behind[triple] <= claims
        for other, claims in behind.items()
    )


def _by_size(items: _Items) -> tuple[int, list[tuple[str, ...]]]:
    return len(items), sorted((item.value,) if isinstance(item, NamedNode) else order(item) for item in items)
