"""What rests on a claim, source, span or axiom: everything that falls when it is withdrawn.

`without` compiles the dataset again without it and compares: whatever stands on it, by whatever way, is found. What
most rests on is in `linchpins`. Analysts call it a key-assumptions check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pyoxigraph import NamedNode, Triple

from nexuskg.base.namespaces import BASE, RDFS, TYPE, compact, expand, graph_iri, nx
from nexuskg.errors import BadParameter
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Compiled, of_view
from nexuskg.pipeline.views import Axiom
from nexuskg.rdf.labels import term_text
from nexuskg.rdf.store import object_nodes, select
from nexuskg.reasoning import verbalize

_LABEL: Final = NamedNode(RDFS + "label")
_CLAIM: Final = f"<{BASE}claim/"
_CLOSURE: Final = nx("loopClosure")
_GRAPHS: Final = {"fact": ("facts", "implied"), "inference": ("inferred", "inferred-implied")}


@dataclass(frozen=True, slots=True, order=True)
class Effect:
    """Something that falls, or appears: a fact, an inference, a loop or a row; whether it needs implied claims."""

    kind: str
    text: str
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What becomes of the graph without something: what falls, and what appears instead."""

    withdrawn: tuple[str, ...]
    falls: tuple[Effect, ...]
    appears: tuple[Effect, ...]


def without(data: Compiled, withdrawn: Iterable[NamedNode | Axiom], cached: bool = True) -> Withdrawal:
    """What falls in a view, and what appears, if claims, sources, spans or axioms are withdrawn; raises BadParameter.

    Facts and inferences are those of both what sources state and what they imply; rows are those of the stored
    questions with their defaults, in the view. What is compiled for it is cached, unless a stranger asks.
    """
    gone = frozenset(withdrawn)
    left = replace(data.view, without=data.view.without | gone)
    other = (
        compilation.compiled(left, data.home) if cached else of_view(compilation.compile_dataset(data.home, left), left)
    )
    table = data.prefixes
    names = [compact(one.value, table) if isinstance(one, NamedNode) else _pattern(one, table) for one in gone]
    return difference(data, other, sorted(names))


def difference(before: Compiled, after: Compiled, names: Iterable[str] = ()) -> Withdrawal:
    """What falls from one dataset to another, and what appears; the names are of what was withdrawn or changed."""
    old, new = _effects_of_whole(before), _effects_of_whole(after)
    return Withdrawal(tuple(names), tuple(sorted((old - new).elements())), tuple(sorted((new - old).elements())))


def parse_withdrawal(data: Compiled, words: Sequence[str]) -> NamedNode | Axiom:
    """What is to be withdrawn: one word names a claim, source or span, two or three an axiom; raises BadParameter.

    In an axiom "any" stands for anything, such as a class expression, and the object may be left out.
    """
    from nexuskg.search.find import resolve_name

    def node(word: str) -> NamedNode:
        return resolve_name(data.store, word, prefixes=data.prefixes)

    if len(words) == 1:
        return node(words[0])
    if len(words) > 3:
        raise BadParameter("without", "write one claim, source or span, or an axiom of two or three terms.")

    def term(word: str) -> NamedNode | None:
        if word in ("any", "a"):
            return None if word == "any" else TYPE
        full = expand(word, data.prefixes)  # a term of OWL, which the graph itself does not describe
        return node(word) if full is None else NamedNode(full)

    subject, predicate, value = [*map(term, words), None][:3]
    return subject, predicate, value


def withdrawal_text(found: Withdrawal) -> str:
    """What falls and what appears, a line each."""
    changes = [("falls", change) for change in found.falls] + [("appears", change) for change in found.appears]
    lines = [f"{how}: {c.kind}{' (implied)' if c.implied else ''}: {c.text}\n" for how, c in changes]
    return "".join(lines) or f"Nothing rests on {' '.join(found.withdrawn)}.\n"


def view_triples(data: Compiled, kind: str, implied: bool) -> set[Triple]:
    """The facts or inferences ("fact", "inference") of a dataset, without or with those that need implied claims.

    What a node is made from, what it is called, and how claims stand to each other, is no statement of its own.
    """
    names = _GRAPHS[kind] if implied else _GRAPHS[kind][:1]
    quads = (quad for name in names for quad in data.store.quads_for_pattern(None, None, None, graph_iri(name)))
    own = (_LABEL, nx("derivedFrom"))
    return {quad.triple for quad in quads if quad.predicate not in own and not str(quad.subject).startswith(_CLAIM)}


def _effects_of_whole(data: Compiled) -> Counter[Effect]:
    """Everything that stands, in words; equal words stand as often as they are said."""
    found: Counter[Effect] = Counter()
    seen: set[Triple] = set()
    for implied in (False, True):
        for kind in _GRAPHS:
            for triple in view_triples(data, kind, implied) - seen:
                seen.add(triple)
                found[Effect(kind, verbalize.statement_text(data.store, triple, data.prefixes), implied)] += 1
    for loop in data.store.quads_for_pattern(None, TYPE, nx("CausalLoop"), graph_iri("loops")):
        closure = ", ".join(
            term_text(at, data.store, data.prefixes) for at in object_nodes(data.store, loop.subject, _CLOSURE)
        )
        found[Effect("loop", f"{term_text(loop.subject, data.store, data.prefixes)} ({closure})")] += 1
    for name, query in data.catalogue.items():
        for row in select(data.store, query.text, name).rows:
            cells = (term_text(cell, data.store, data.prefixes) for cell in row)
            found[Effect("row", f"{name}: {' | '.join(filter(None, cells))}")] += 1
    return found


def _pattern(axiom: Axiom, table: Any) -> str:
    return " ".join("any" if part is None else compact(part.value, table) for part in axiom)
