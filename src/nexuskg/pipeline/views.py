"""Which claims count and whether axioms apply, and the named graphs that a question then reads as one.

A view has two independent parts, `accept` and `inference`, and may be restricted to some of the claims. A restricted
view is a dataset of its own, derived from the claims that are left (see `restrict` and `compilation`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from nexuskg.base import edtf
from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH, GRAPH
from nexuskg.errors import BadDate, BadParameter, closest

Axiom: TypeAlias = tuple[NamedNode | None, NamedNode | None, NamedNode | Literal | None]
"""An axiom as a pattern of the triple it begins with; None stands for anything, such as a class expression."""

VIEWS: Final = ("facts", "implied")
"""What may be accepted: claims that are made, or also those that the source implies."""

GRADES: Final = ("span", "locator")
"""Down to which grade of evidence claims count: characters of a hashed text, or also a place given in words."""

POLICIES: Final = ("latest", "most-corroborated")
"""By what rivals may be set aside, beside the key of a source that is preferred."""

_FILES: Final = ("terms/", "vocab/", "data/", "links/")
_COMPUTED: Final = {
    "facts": ("facts", "labels", "loops", "readings", "confidence", "inferred"),
    "implied": ("facts", "labels", "loops", "readings", "confidence", "inferred", "implied", "inferred-implied"),
}


@dataclass(frozen=True, slots=True)
class View:
    """What counts: claims of which modality, with or without inferences, and of those claims only some.

    `evidence` is the lowest grade that counts, `sources` are keys (none: all), `as_of` a date on or before which the
    source was published, `min_confidence` a number from 1 to 100 or a word of the confidence scheme, `prefer` by what a
    claim sets aside those that contradict it (none: rivals stand side by side), `without` what is withdrawn: claims,
    sources, spans and axioms. Made by `view`, which checks the values.
    """

    accept: str = "facts"
    inference: bool = True
    evidence: str = "span"
    sources: frozenset[str] = frozenset()
    as_of: str | None = None
    min_confidence: int | str | None = None
    prefer: str | None = None
    without: frozenset[NamedNode | Axiom] = frozenset()

    def __str__(self) -> str:
        parts = [self.accept]
        if not self.inference:
            parts.append("no inference")
        if self.evidence != "span":
            parts.append(f"evidence {self.evidence}")
        if self.sources:
            parts.append(f"source {' or '.join(sorted(self.sources))}")
        if self.as_of is not None:
            parts.append(f"as of {self.as_of}")
        if self.min_confidence is not None:
            parts.append(f"confidence {self.min_confidence} or more")
        if self.prefer is not None:
            parts.append(f"prefer {self.prefer}")
        parts.extend(f"without {name}" for name in sorted(map(_name, self.without)))
        return ", ".join(parts)

    @property
    def is_restricted(self) -> bool:
        """Whether some claims or axioms are left out that have evidence of a grade that counts."""
        return replace(self, accept="facts", inference=True, evidence="span") != FACTS

    @property
    def key(self) -> str:
        """What tells its dataset from that of other views, fit for a file name; empty for the whole dataset.

        >>> FACTS.key, IMPLIED.key, len(View(inference=False).key)
        ('', '', 16)
        """
        whole = replace(self, accept="facts")
        return "" if whole == FACTS else hashlib.blake2b(str(whole).encode(), digest_size=8).hexdigest()


FACTS: Final = View()
IMPLIED: Final = View("implied")
WHOLE: Final = View(evidence="locator")
"""Every claim there is, whatever its grade of evidence: what the checks look at."""


class ViewParts(TypedDict, total=False):
    """The parts of a view but `accept`, by name, for whoever hands them on to `view`."""

    inference: bool
    evidence: str
    sources: str | Iterable[str]
    as_of: str | None
    min_confidence: int | str | None
    prefer: str | None


def view(
    accept: str | View = "facts",
    *,
    inference: bool = True,
    evidence: str = "span",
    sources: str | Iterable[str] = (),
    as_of: str | None = None,
    min_confidence: int | str | None = None,
    prefer: str | None = None,
    without: Iterable[NamedNode | Axiom] = (),
) -> View:
    """The view of these parts; one that is a view already is given back. Raises BadParameter.

    >>> str(view("implied", sources="ellis-2015", min_confidence="55"))
    'implied, source ellis-2015, confidence 55 or more'
    """
    if isinstance(accept, View):
        return accept
    if accept not in VIEWS:
        raise BadParameter("accept", f"{accept!r} is no view; write facts or implied.", closest(accept, VIEWS))
    if evidence not in GRADES:
        raise BadParameter("evidence", f"{evidence!r} is no grade; write span or locator.", closest(evidence, GRADES))
    if as_of is not None:
        published_by(as_of)
    if isinstance(min_confidence, str) and re.fullmatch(r"\s*[+-]?\d+\s*", min_confidence, re.ASCII):
        min_confidence = int(min_confidence)
    if isinstance(min_confidence, int) and not 0 <= min_confidence <= 100:
        raise BadParameter("min_confidence", f"{min_confidence} is no confidence; write a number from 0 to 100.")
    keys = frozenset([sources] if isinstance(sources, str) else sources)
    return View(accept, inference, evidence, keys, as_of, min_confidence, prefer, frozenset(without))


def published_by(as_of: str) -> str:
    """The last second of the date, in ISO form, on or before which a source counts; raises BadParameter.

    >>> published_by("2015-06")
    '2015-06-30T23:59:59'
    """
    try:
        end = edtf.bounds(as_of)[1]
    except BadDate as error:
        raise BadParameter("as_of", f"{error}") from None
    if end is None:
        raise BadParameter("as_of", f"{as_of!r} has no end; write the last date that counts, such as 2015 or 2015-06.")
    return end.isoformat()


def member_graphs(store: Store, accept: str) -> list[NamedNode]:
    """The named graphs of the store that make up what is accepted (facts, implied), sorted."""
    names = {graph.value.removeprefix(GRAPH): graph for graph in store.named_graphs() if isinstance(graph, NamedNode)}
    computed = _COMPUTED[accept]
    return [graph for name, graph in sorted(names.items()) if name.startswith(_FILES) or name in computed]


def merge(store: Store, graphs: Iterable[NamedNode]) -> Store:
    """A store whose default graph is the union of those graphs, and which has no named one."""
    out = Store()
    default = DEFAULT_GRAPH
    for graph in graphs:
        out.extend(
            Quad(quad.subject, quad.predicate, quad.object, default)
            for quad in store.quads_for_pattern(None, None, None, graph)
        )
    return out


def compose(store: Store, accept: str) -> Store:
    """A store with what is accepted as its default graph and all named graphs of the given one."""
    out = merge(store, member_graphs(store, accept))
    out.extend(quad for quad in store if quad.graph_name != DEFAULT_GRAPH)
    return out


def add_triples(store: Store, triples: Iterable[Triple], graph: NamedNode | DefaultGraph | None = None) -> None:
    """Add the triples to that graph of the store (the default graph if none is named)."""
    where = graph or DEFAULT_GRAPH
    store.extend(Quad(triple.subject, triple.predicate, triple.object, where) for triple in triples)


def _name(withdrawn: NamedNode | Axiom) -> str:
    """What is withdrawn, in a form that differs for different things and is short for ours."""
    if isinstance(withdrawn, NamedNode):
        return withdrawn.value.removeprefix(BASE)
    return " ".join("any" if part is None else str(part) for part in withdrawn)
