"""Which claims a stated policy sets aside for those that contradict them. Without one, rivals stand.

A claim gives way only to one that stands itself and is strictly better by the policy; where the policy cannot tell two
rivals apart, both stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from pyoxigraph import NamedNode

from nexuskg.base.namespaces import nx, source_iri
from nexuskg.evidence.records import date_of_issue
from nexuskg.rdf.store import Readable

_Level: TypeAlias = "datetime | int | None"


@dataclass(frozen=True, slots=True)
class SetAside:
    """For which claim another one is set aside, and why that one is preferred, in words."""

    preferred: NamedNode
    reason: str


def set_aside(store: Readable, policy: str, gone: Collection[Any] = ()) -> dict[NamedNode, SetAside]:
    """The claims that give way by the policy: latest, most-corroborated, or the key of the source that is preferred.

    What contradicts and corroborates what is to be in the named graphs of the store; `gone` are claims that do not
    count. Under latest, a claim whose source has no date neither gives way nor sets aside.
    """
    rivals: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for one, other in _pairs(store, "contradicts"):
        if one not in gone and other not in gone:
            rivals[one].add(other)
            rivals[other].add(one)
    levels: dict[NamedNode, Any] = {claim: _level(store, claim, policy) for claim in rivals}
    ranked = sorted((claim for claim in rivals if levels[claim] is not None), key=lambda c: c.value)
    found: dict[NamedNode, SetAside] = {}
    for claim in sorted(ranked, key=lambda c: levels[c], reverse=True):
        above = [r for r in rivals[claim] if levels[r] is not None and levels[r] > levels[claim] and r not in found]
        if above:
            best = max(above, key=lambda c: (levels[c], c.value))
            found[claim] = SetAside(best, _reason(policy, levels[best], levels[claim]))
    return found


def _level(store: Readable, claim: NamedNode, policy: str) -> _Level:
    source = _source(store, claim)
    if policy == "latest":
        return None if source is None else date_of_issue(store, source)
    if policy == "most-corroborated":
        return len(_voices(store, claim))
    return int(source is not None and source.value == source_iri(policy))


def _reason(policy: str, best: Any, other: Any) -> str:
    if policy == "latest":
        return f"its source is of {best.date()}, the other of {other.date()}"
    if policy == "most-corroborated":
        return f"{best} other voices corroborate it, {other} the other"
    return f"it is from {policy}"


def _voices(store: Readable, claim: NamedNode) -> set[Any]:
    """The originators of the claims that corroborate a claim."""
    helpers: set[Any] = {quad.object for quad in store.quads_for_pattern(claim, nx("corroborates"), None)}
    return {quad.object for helper in helpers for quad in store.quads_for_pattern(helper, nx("originator"), None)}


def _source(store: Readable, claim: NamedNode) -> NamedNode | None:
    found = {quad.object for quad in store.quads_for_pattern(claim, nx("fromSource"), None)}
    return min((source for source in found if isinstance(source, NamedNode)), key=str, default=None)


def _pairs(store: Readable, name: str) -> Iterator[tuple[NamedNode, NamedNode]]:
    for quad in store.quads_for_pattern(None, nx(name), None):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            yield quad.subject, quad.object
