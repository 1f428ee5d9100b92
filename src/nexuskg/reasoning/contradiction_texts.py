"""Contradictions in words: what cannot hold together, by which axiom, and by which claims.

A graph that contradicts itself still answers; whoever asks it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Store

from nexuskg.base.namespaces import compact

if TYPE_CHECKING:
    from nexuskg.reasoning.rules import Clause
    from nexuskg.reasoning.steps import Contradiction, Heads


@dataclass(frozen=True, slots=True)
class WordedContradiction:
    """One contradiction: the node it is about, what it is and where it comes from, whether only with implied claims."""

    focus: str
    message: str
    implied: bool = False


def worded_contradictions(
    store: Store,
    known: Sequence[Clause],
    prefixes: Mapping[str, str],
    found: Iterable[Contradiction],
    implied: bool = False,
) -> list[WordedContradiction]:
    """The contradictions found in a closed default graph in words; the named graphs of the dataset are there, too."""
    from nexuskg.reasoning.steps import by_head

    heads = by_head(known)
    return [_wording(store, clash, heads, prefixes, implied) for clash in found]


def _wording(
    store: Store, clash: Contradiction, heads: Heads, prefixes: Mapping[str, str], implied: bool
) -> WordedContradiction:
    from nexuskg.reasoning import justifications, verbalize

    told = "; ".join(verbalize.statement_text(store, triple, prefixes) for triple in clash.premises)
    axioms = "; ".join(verbalize.axiom_text(clash.clause, triple, prefixes) for triple in clash.axioms)
    claims = {claim for triple in clash.premises for claim in justifications.claims_for(store, triple, heads)}
    names = ", ".join(sorted(compact(claim.value, prefixes) for claim in claims))
    message = (
        f"These cannot hold together{' where implied claims count' if implied else ''}: {told}. "
        f"{verbalize.rule_sentence(store, clash.clause, prefixes)} Axiom: {axioms or clash.rule.sentence} "
        + (f"Claims: {names}. Correct one of them." if names else "No claim says so: correct the entities.")
    )
    subject = clash.premises[0].subject
    return WordedContradiction(subject.value if isinstance(subject, NamedNode) else str(subject), message, implied)
