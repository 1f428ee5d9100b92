"""The basis of a row as a value: the claims it rests on, those it was found by, and those that justify it otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode, Triple


@dataclass(frozen=True, slots=True)
class RowBasis:
    """The claims that a row rests on, those it was found by, those that justify it otherwise, and what is inferred.

    `needs` are what it needs, one but for a row that counts: each as its minimal justifications, of which any is
    enough, and these as their premises, each as the claims any of which states it. `patterns` are the triples
    that its query asked for, and the claims, those it says and those it was found by.
    """

    claims: frozenset[NamedNode] = frozenset()
    found_by: frozenset[NamedNode] = frozenset()
    also: frozenset[NamedNode] = frozenset()
    absence: bool = False
    follows: tuple[Triple, ...] = ()
    needs: tuple[tuple[frozenset[frozenset[NamedNode]], ...], ...] = ()
    patterns: tuple[Triple | NamedNode, ...] = ()

    def holds_with(self, claims: frozenset[NamedNode]) -> bool:
        """Whether these claims are enough for the row.

        >>> a, b, c = (NamedNode(f"urn:{name}") for name in "abc")
        >>> basis = RowBasis(needs=((frozenset({frozenset({a, b}), frozenset({c})}),),))
        >>> basis.holds_with(frozenset({b, c})), basis.holds_with(frozenset({a, b}))
        (True, False)
        """
        return all(any(all(premise & claims for premise in way) for way in ways) for ways in self.needs)


def basis_of_claim(claim: NamedNode) -> RowBasis:
    """The basis of a row about a claim: the claim."""
    one = frozenset({claim})
    return RowBasis(one, needs=((frozenset({one}),),), patterns=(claim,))
