"""Rivals: the claims that a view sets aside by what it prefers, and those that it does not count at all, and why."""

from __future__ import annotations

from dataclasses import replace

from pyoxigraph import NamedNode

from nexuskg import preference, views
from nexuskg.build import compiled
from nexuskg.dataset import Compiled
from nexuskg.namespaces import BASE, compact, nx
from nexuskg.preference import SetAside
from nexuskg.restrict import lowest
from nexuskg.store import objects

LOCATOR = NamedNode(BASE + "vocab/evidence-grade/locator")


def yielding(data: Compiled) -> dict[NamedNode, SetAside]:
    """The claims that give way in the view by what it prefers; empty where it prefers nothing."""
    if data.view.prefer is None:
        return {}
    before = compiled(replace(data.view, prefer=None, min_confidence=None), data.home).store
    gone: set[object] = set()
    if data.view.min_confidence is not None:
        least = lowest(before, data.view.min_confidence)
        scores = before.quads_for_pattern(None, nx("confidenceScore"), None, None)
        gone = {quad.subject for quad in scores if int(getattr(quad.object, "value", 0)) < least}
    return preference.set_aside(before, data.view.prefer, gone)


def everything(data: Compiled) -> Compiled:
    """The view in which every claim counts that may count at all, with what this one accepts."""
    return compiled(replace(views.WHOLE, accept=data.view.accept), data.home)


def why_uncounted(data: Compiled, whole: Compiled, claim: NamedNode) -> str:
    """Why a claim of the whole graph does not count in the view, as the rest of a sentence about it."""
    if (found := yielding(data).get(claim)) is not None:
        name = compact(found.preferred.value, data.prefixes)
        return f"it is set aside (--prefer {data.view.prefer}): {name} contradicts it, and {found.reason}"
    if data.view.evidence == "span" and LOCATOR in objects(whole.store, claim, nx("evidenceGrade")):
        return "its place is known by a locator only; --evidence locator counts it"
    return f"it does not count in this view ({data.view})"
