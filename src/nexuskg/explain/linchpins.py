"""The claims and axioms on which most rests, each alone. Analysts call it a key-assumptions check.

The steps of reasoning of the closed graph are found once. For each claim and axiom, what could fall is then what they
lead to, and of that falls what cannot be derived again from what is left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import NamedNode, Quad, Store, Triple

from nexuskg.base.namespaces import DEFAULT_GRAPH, compact, nx
from nexuskg.explain.what_if import view_triples
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Compiled
from nexuskg.rdf.labels import label
from nexuskg.reasoning import causal_loops, domain_rules, grounds, steps, verbalize
from nexuskg.reasoning.rules import Clause
from nexuskg.reasoning.steps import Step

_CLOSURE: Final = nx("loopClosure")


@dataclass(frozen=True, slots=True)
class Linchpin:
    """A claim or axiom, in words, and how many facts, inferences and loops fall if it alone is withdrawn."""

    kind: str
    name: str
    text: str
    facts: int
    inferences: int
    loops: int

    @property
    def total(self) -> int:
        """How much rests on it in all."""
        return self.facts + self.inferences + self.loops


@dataclass(frozen=True)
class Web:
    """The closed graph as a web: the claims that state each triple, the steps to it, and the triples it leads to.

    A triple that neither a claim states nor a step leads to is a name or kind of our own, and stands in any case.
    """

    claims: Mapping[Triple, frozenset[NamedNode]]
    steps: Mapping[Triple, Sequence[Step]]
    leads_to: Mapping[Triple, Sequence[Triple]]


def linchpins(data: Compiled) -> list[Linchpin]:
    """Every claim and axiom on which something rests alone, that on which most does first.

    Whatever the view accepts: what needs implied claims counts, too.
    """
    every = compilation.compiled(replace(data.view, accept="implied"), data.home)
    store, table = every.store, every.prefixes
    facts, inferred = view_triples(every, "fact", True), view_triples(every, "inference", True)
    web = web_of(store, facts | inferred, steps.by_head(domain_rules.all_clauses(store, every.queries)))
    by_claim: dict[NamedNode, set[Triple]] = defaultdict(set)
    for triple, claims in web.claims.items():
        for claim in claims:
            by_claim[claim].add(triple)
    by_axiom: dict[Triple, set[Triple]] = defaultdict(set)
    clauses: dict[Triple, Clause] = {}
    for triple, found in web.steps.items():
        for step in found:
            for axiom in step.axioms:
                by_axiom[axiom].add(triple)
                clauses.setdefault(axiom, step.clause)

    scratch, loops = Store(), _closed_loops(store)
    scratch.extend(store)

    def linchpin(kind: str, name: str, text: str, fallen: set[Triple], quads: Sequence[Quad]) -> Linchpin:
        lost = len(loops - _loops_without(scratch, quads, fallen))
        return Linchpin(kind, name, text, len(fallen & facts), len((fallen & inferred) - facts), lost)

    out = []
    for claim, start in by_claim.items():
        quads = list(store.quads_for_pattern(claim, None, None, DEFAULT_GRAPH))
        name, text = compact(claim.value, table), label(store, claim) or ""
        out.append(linchpin("claim", name, text, fall(web, start, claim), quads))
    for axiom, start in by_axiom.items():
        clause = clauses[axiom]
        name, text = verbalize.axiom_text(clause, axiom, table), verbalize.rule_sentence(store, clause, table)
        quad = Quad(axiom.subject, axiom.predicate, axiom.object)
        out.append(linchpin("axiom", name, text, fall(web, start, axiom), [quad]))
    return sorted((one for one in out if one.total), key=lambda one: (-one.total, one.kind, one.name))


def web_of(store: Store, wanted: Iterable[Triple], heads: steps.Heads) -> Web:
    """The web of those triples of a closed default graph, and of whatever leads to them."""
    claims: dict[Triple, frozenset[NamedNode]] = {}
    found: dict[Triple, list[Step]] = {}
    leads_to: dict[Triple, list[Triple]] = defaultdict(list)
    waiting = list(wanted)
    while waiting:
        at = waiting.pop()
        if at in found:
            continue
        found[at] = steps.steps_to(store, at, heads)
        if not grounds.is_inferred(store, at):
            claims[at] = grounds.stated_by(store, at)
        for step in found[at]:
            waiting.extend(step.premises)
            for premise in step.premises:
                leads_to[premise].append(at)
    return Web(claims, found, leads_to)


def fall(web: Web, start: Iterable[Triple], withdrawn: NamedNode | Triple) -> set[Triple]:
    """The triples that no longer stand once a claim or axiom is withdrawn; `start` are those it supports directly."""
    doubtful: set[Triple] = set()
    waiting = [triple for triple in start if not _is_stated_without(web, triple, withdrawn)]
    while waiting:
        at = waiting.pop()
        if at not in doubtful:
            doubtful.add(at)
            waiting.extend(to for to in web.leads_to.get(at, ()) if not _is_stated_without(web, to, withdrawn))
    # Of what is in doubt stands again what a step leads to from what stands; until nothing more does.
    waiting = list(doubtful)
    while waiting:
        at = waiting.pop()
        if at in doubtful and any(
            withdrawn not in step.axioms and not any(premise in doubtful for premise in step.premises)
            for step in web.steps[at]
        ):
            doubtful.discard(at)
            waiting.extend(to for to in web.leads_to.get(at, ()) if to in doubtful)
    return doubtful


def _is_stated_without(web: Web, triple: Triple, withdrawn: NamedNode | Triple) -> bool:
    """Whether the triple is stated without what is withdrawn: by another claim, or as a name or kind of our own."""
    if triple not in web.claims:
        return False
    return web.claims[triple] != {withdrawn}


# ---- loops --------------------------------------------------------------------------------------------------------


def _closed_loops(store: Store) -> set[tuple[object, object]]:
    return {(q.subject, q.object) for q in store.quads_for_pattern(None, _CLOSURE, None, DEFAULT_GRAPH)}


def _loops_without(store: Store, quads: Sequence[Quad], fallen: Iterable[Triple]) -> set[tuple[object, object]]:
    """The loops of the store, each with how it closes, while those quads and triples are not in it."""
    gone = {*quads, *(Quad(triple.subject, triple.predicate, triple.object) for triple in fallen)}
    for claim in {quad.subject for quad in quads}:
        gone |= set(store.quads_for_pattern(None, nx("derivedFrom"), claim, DEFAULT_GRAPH))
    for quad in gone:
        store.remove(quad)
    found: set[tuple[object, object]] = {
        (triple.subject, triple.object) for triple in causal_loops.loops(store) if triple.predicate == _CLOSURE
    }
    store.extend(gone)
    return found
