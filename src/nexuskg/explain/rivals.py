"""The claims that a view sets aside by what it prefers, and those that it does not count at all, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from nexuskg.base.namespaces import compact, nx
from nexuskg.pipeline import preference, views
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.preference import SetAside
from nexuskg.pipeline.restrict import LOCATOR, too_weak
from nexuskg.pipeline.views import View
from nexuskg.rdf.store import object_nodes


@dataclass(frozen=True)
class ViewAgainstWhole:
    """A view beside the whole graph: every claim that may count at all, and the claims that give way in the view."""

    view: Compiled
    whole: Compiled
    yielding: Mapping[NamedNode, SetAside]

    def why_uncounted(self, claim: NamedNode) -> str:
        """Why a claim of the whole graph does not count in the view, as the rest of a sentence about it."""
        view = self.view.view
        if (found := self.yielding.get(claim)) is not None:
            name = compact(found.preferred.value, self.view.prefixes)
            return f"it is set aside (--prefer {view.prefer}): {name} contradicts it, and {found.reason}"
        if view.evidence == "span" and LOCATOR in object_nodes(self.whole.store, claim, nx("evidenceGrade")):
            return "its place is known by a locator only; --evidence locator counts it"
        return f"it does not count in this view ({view})"


def against_whole(data: Compiled) -> ViewAgainstWhole:
    """The view beside the whole graph, of which it accepts the same."""
    whole = sibling_view(data, replace(views.WHOLE, accept=data.view.accept))
    return ViewAgainstWhole(data, whole, _claims_giving_way(data))


def _claims_giving_way(data: Compiled) -> dict[NamedNode, SetAside]:
    """The claims that give way in the view by what it prefers; empty where it prefers nothing."""
    if data.view.prefer is None:
        return {}
    before = sibling_view(data, replace(data.view, prefer=None, min_confidence=None)).store
    weak = set() if data.view.min_confidence is None else too_weak(before, data.view.min_confidence)
    return preference.set_aside(before, data.view.prefer, weak)


def sibling_view(data: Compiled, view: View) -> Compiled:
    """Another view of what the data are from."""
    return data.beside(view) if data.beside else compiled(view, data.home)
