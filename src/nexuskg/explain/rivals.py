"""The claims that a view sets aside by what it prefers, and those that it does not count at all, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode

from nexuskg.base.namespaces import compact, nx, source_key
from nexuskg.evidence.records import date_of_issue
from nexuskg.pipeline import preference, views
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.preference import SetAside
from nexuskg.pipeline.restrict import LOCATOR, too_weak
from nexuskg.pipeline.views import View, published_by
from nexuskg.rdf.store import Readable, object_nodes
from nexuskg.reasoning import grounds


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A claim about a statement that does not make it a fact in a view: every reason why not, as parts of a sentence.

    With the options in `add`, and without those in `drop`, it would; where there are neither, no view counts it.
    """

    claim: str
    label: str
    reasons: tuple[str, ...]
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = f"{self.claim} speaks of it, but {', and '.join(self.reasons)}; "
        ways = [" ".join(self.add)] if self.add else []
        ways += [f"leaving out {' and '.join(self.drop)}"] if self.drop else []
        return f"{told}{', '.join(ways) if ways else 'no option'} counts it: {self.label}"


@dataclass(frozen=True)
class ViewAgainstWhole:
    """A view beside the whole graph: every claim that may count at all, and the claims that give way in the view."""

    view: Compiled
    whole: Compiled
    yielding: Mapping[NamedNode, SetAside]
    _known: dict[View, tuple[set[NamedNode], Mapping[NamedNode, SetAside]]] = field(default_factory=dict, repr=False)
    _stores: dict[View, Readable] = field(default_factory=dict, repr=False)

    def why_uncounted(self, claim: NamedNode, label: str) -> Uncounted:
        """Why a claim of the whole graph does not count in the view, and by which options it would."""
        reasons, drop = list(self._own_reasons(claim)), list[str]()
        never, add = bool(reasons), list[str]()
        wanted = self._widened_view(claim, reasons, add, drop)
        if wanted.min_confidence is not None and claim in self._weak_and_yielding(wanted)[0]:
            score = grounds.confidence(self._before(wanted), claim)
            told = "it has no confidence" if score is None else f"its confidence, {score}, is less"
            reasons.append(f"{told} than --min-confidence {wanted.min_confidence}")
            drop.append("--min-confidence")
            wanted = replace(wanted, min_confidence=None)
        if wanted.prefer is not None and (found := self._weak_and_yielding(wanted)[1].get(claim)) is not None:
            name = compact(found.preferred.value, self.view.prefixes)
            reasons.append(f"it is set aside (--prefer {wanted.prefer}): {name} contradicts it, and {found.reason}")
            drop.append("--prefer")
        name = compact(claim.value, self.view.prefixes)
        if not reasons:  # it is withdrawn
            return Uncounted(name, label, (f"it does not count in this view ({self.view.view})",))
        return Uncounted(name, label, tuple(reasons), *((), ()) if never else (tuple(add), tuple(drop)))

    def _own_reasons(self, claim: NamedNode) -> list[str]:
        """What there is in the claim itself by which it makes its statement a fact in no view."""
        store = self.whole.store
        found = []
        if not grounds.is_positive(store, claim):
            found.append("it denies this")
        if grounds.is_evaluation(store, claim):
            found.append("it is a judgment, and judgments yield no facts")
        modality = grounds.modality(store, claim)
        if modality != "implied" and not grounds.is_factual(store, claim):
            found.append(f"it is {modality}, which yields no fact")
        return found

    def _widened_view(self, claim: NamedNode, reasons: list[str], add: list[str], drop: list[str]) -> View:
        """The view made wide enough for the claim by grade, acceptance, source and date, the reasons noted."""
        wanted, store = self.view.view, self.whole.store
        source = next(iter(object_nodes(store, claim, nx("fromSource"))), None)
        if wanted.accept == "facts" and grounds.modality(store, claim) == "implied":
            reasons.append("it is only implied")
            add.append("--accept implied")
            wanted = replace(wanted, accept="implied")
        if wanted.evidence == "span" and LOCATOR in object_nodes(store, claim, nx("evidenceGrade")):
            reasons.append("its place is known by a locator only")
            add.append("--evidence locator")
            wanted = replace(wanted, evidence="locator")
        if wanted.sources and (key := source_key(source.value) if source else "") not in wanted.sources:
            reasons.append(f"it is from {key}, which --source does not name")
            drop.append("--source")
            wanted = replace(wanted, sources=frozenset())
        if wanted.as_of is not None:
            issued = date_of_issue(store, source) if source else None
            if issued is None or issued.isoformat() > published_by(wanted.as_of):
                told = f"its source is of {issued.date()}" if issued else "its source has no date"
                reasons.append(f"{told}, which is not by --as-of {wanted.as_of}")
                drop.append("--as-of")
                wanted = replace(wanted, as_of=None)
        return wanted

    def _before(self, view: View) -> Readable:
        """A view before it looks at confidence and at what it prefers."""
        bare = replace(view, prefer=None, min_confidence=None)
        if bare not in self._stores:
            self._stores[bare] = sibling_view(self.view, bare).store
        return self._stores[bare]

    def _weak_and_yielding(self, view: View) -> tuple[set[NamedNode], Mapping[NamedNode, SetAside]]:
        """The claims that are too weak for a view, and those that give way in it by what it prefers."""
        if view not in self._known:
            store = self._before(view)
            weak = set() if view.min_confidence is None else too_weak(store, view.min_confidence)
            found = {} if view.prefer is None else preference.set_aside(store, view.prefer, weak)
            self._known[view] = (weak, found)
        return self._known[view]


def against_whole(data: Compiled) -> ViewAgainstWhole:
    """The view beside the whole graph, of which it accepts the same."""
    rest = ViewAgainstWhole(data, sibling_view(data, replace(views.WHOLE, accept=data.view.accept)), {})
    giving_way = {} if data.view.prefer is None else rest._weak_and_yielding(data.view)[1]
    return replace(rest, yielding=giving_way)


def sibling_view(data: Compiled, view: View) -> Compiled:
    """Another view of what the data are from."""
    return data.beside(view) if data.beside else compiled(view, data.home)
