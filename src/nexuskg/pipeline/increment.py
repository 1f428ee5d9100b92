"""Going on from a closed dataset: new claims are added, and only what they touch is derived again.

What is taken away is another matter: what else still supports a conclusion only the whole can tell, so whoever removes
or changes anything compiles from scratch (see nexuskg.pipeline.compilation). The result is the same in every graph as
from scratch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyoxigraph import NamedNode, Quad, Store, Triple

from nexuskg.base.namespaces import DEFAULT_GRAPH, GRAPH, RDFS, SKOS, graph_iri, nx
from nexuskg.pipeline import derivation, views
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.rdf.store import holds
from nexuskg.reasoning import causal_loops, closure, domain_rules, steps

_LONG_FORM: Final = tuple(map(nx, ("nodeClass", "nodeKind", "subjectRole", "objectRole")))
_SPEAKERS: Final = (nx("UnnamedGroup"), nx("SourceDocument"))
_UNITS: Final = tuple(map(nx, ("baseUnit", "leastFactor", "greatestFactor", "reliesOn")))
_RATED: Final = frozenset(map(nx, ("modality", "hedge", "fromSource", "originator")))
_LABEL: Final = NamedNode(RDFS + "label")
_PREFERRED: Final = NamedNode(SKOS + "prefLabel")


def is_addition(store: Store, added: Iterable[Quad]) -> bool:
    """Whether the quads only add new nodes to the data files: nothing that is described already is changed by them.

    Nor is it by what is said for the first time of a source or speaker to whom claims point already.
    """
    added = list(added)
    if any(
        quad.object in _SPEAKERS and next(store.quads_for_pattern(None, None, quad.subject, None), None) is not None
        for quad in added
    ):
        return False
    return all(
        isinstance(quad.graph_name, NamedNode)
        and quad.graph_name.value.startswith(GRAPH + "data/")
        and next(store.quads_for_pattern(quad.subject, None, None, None), None) is None
        for quad in added
    )


def extend(store: Store, queries: Mapping[tuple[str, str], StoredQuery], added: Iterable[Quad]) -> None:
    """Add the quads to the closed dataset, and to its computed graphs all that follows.

    The store is as the build composes it for the implied view; the quads are an addition (see `is_addition`).
    """
    added = list(added)
    derive = {name: query for (kind, name), query in queries.items() if kind == "derive"}
    store.extend(added)
    scratch = Store()
    views.add_triples(scratch, (quad.triple for quad in added))
    for predicate in (*_LONG_FORM, *_UNITS):
        views.add_triples(
            scratch, (quad.triple for quad in store.quads_for_pattern(None, predicate, None, DEFAULT_GRAPH))
        )
    facts = derivation.derive(scratch, derive)
    implied = derivation.derive(scratch, derive, implied=True)
    views.add_triples(store, facts, graph_iri("facts"))
    views.add_triples(store, derivation.web_annotations(scratch, derive), graph_iri("annotations"))
    # What their sources and speakers are, to tell whose voice and of what time they are.
    told: set[Any] = {quad.object for quad in added if quad.predicate in (nx("fromSource"), nx("claimedBy"))}
    told |= {quad.object for quad in scratch.quads_for_pattern(None, nx("reliesOn"), None, DEFAULT_GRAPH)}
    for node in told:
        views.add_triples(scratch, (quad.triple for quad in store.quads_for_pattern(node, None, None, DEFAULT_GRAPH)))
    mine = {quad.subject for quad in added}
    readings = [triple for triple in derivation.comparables(scratch, derive) if triple.subject in mine]
    views.add_triples(store, readings, graph_iri("readings"))

    stated = [*(quad.triple for quad in added), *facts, *readings]
    for triple in stated:
        _remove(store, triple, "implied", "inferred", "inferred-implied")
    new_implied = [t for t in implied if not holds(store, t) or _in(store, t, "inferred-implied")]
    new_implied = [t for t in new_implied if t not in set(stated)]
    for triple in new_implied:
        _remove(store, triple, "inferred-implied")
    views.add_triples(store, new_implied, graph_iri("implied"))
    labels = _relabel(store, derive, added, facts, implied)
    fresh = [triple for triple in dict.fromkeys([*stated, *new_implied, *labels]) if not holds(store, triple)]
    views.add_triples(store, fresh)
    known = domain_rules.all_clauses(store, queries)
    inferred = closure.infer(store, graph_iri("inferred-implied"), known, fresh)
    _rescore(store, derive, mine.union(t.subject for t in inferred if t.predicate in derivation.RELATIONS))
    _settle(store, steps.by_head(known))
    _loops_again(store)


def _relabel(
    store: Store,
    derive: Mapping[str, StoredQuery],
    added: Iterable[Quad],
    facts: Iterable[Triple],
    implied: Iterable[Triple],
) -> list[Triple]:
    """The labels of what is new and of the nodes that got a new claim, whose first claim may be another one now."""
    out: list[Triple] = []
    made = {triple.subject for triple in (*facts, *implied) if triple.predicate == nx("derivedFrom")}
    told = Store()
    views.add_triples(told, (quad.triple for quad in added))
    for name, where in (("labels", "facts"), ("implied", "implied")):
        for node in made:
            views.add_triples(told, (q.triple for q in store.quads_for_pattern(node, _PREFERRED, None, DEFAULT_GRAPH)))
            for quad in store.quads_for_pattern(node, nx("derivedFrom"), None, graph_iri(where)):
                told.add(Quad(*quad.triple))
                of: Any = quad.object
                views.add_triples(told, (q.triple for q in store.quads_for_pattern(of, _PREFERRED, None, None)))
        # A claim that was there before bears its label among the labels, whatever is derived from it now.
        found = [t for t in derivation.labels(told, derive) if name == "labels" or not _in(store, t, "labels")]
        for node in made:
            for quad in store.quads_for_pattern(node, _LABEL, None, graph_iri(name)):
                store.remove(quad)
                store.remove(Quad(*quad.triple))
        views.add_triples(store, found, graph_iri(name))
        out += found
    return out


def _rescore(store: Store, derive: Mapping[str, StoredQuery], touched: Iterable[Any]) -> None:
    """Give the claims among the touched nodes the scores that they deserve by now."""
    scratch, rated = Store(), set[Any]()
    for node in touched:
        told = [quad.triple for quad in store.quads_for_pattern(node, None, None, DEFAULT_GRAPH)]
        if not any(triple.predicate == nx("modality") for triple in told):
            continue
        rated.add(node)
        for triple in told:
            if triple.predicate in _RATED or triple.predicate in derivation.RELATIONS:
                scratch.add(Quad(*triple))
            if triple.predicate in derivation.RELATIONS or triple.predicate == nx("fromSource"):
                other: Any = triple.object
                for name in (nx("originator"), nx("reliability")):
                    views.add_triples(
                        scratch, (q.triple for q in store.quads_for_pattern(other, name, None, DEFAULT_GRAPH))
                    )
    for node in rated:
        for quad in list(store.quads_for_pattern(node, None, None, graph_iri("confidence"))):
            store.remove(quad)
            store.remove(Quad(*quad.triple))
    found = [triple for triple in derivation.scores(scratch, derive) if triple.subject in rated]
    views.add_triples(store, found, graph_iri("confidence"))
    views.add_triples(store, found)


def _settle(store: Store, heads: steps.Heads) -> None:
    """Take what follows from facts alone by now out of the graphs of what needs an implied claim."""
    while True:
        open_ = {
            quad.triple: name
            for name in ("implied", "inferred-implied")
            for quad in store.quads_for_pattern(None, None, None, graph_iri(name))
            if quad.predicate != _LABEL
        }
        settled = [
            triple
            for triple in open_
            if any(
                not any(premise in open_ for premise in step.premises) for step in steps.steps_to(store, triple, heads)
            )
        ]
        if not settled:
            return
        for triple in settled:
            _remove(store, triple, open_[triple])
        views.add_triples(store, settled, graph_iri("inferred"))


def _loops_again(store: Store) -> None:
    for quad in list(store.quads_for_pattern(None, None, None, graph_iri("loops"))):
        store.remove(quad)
        store.remove(Quad(*quad.triple))
    found = causal_loops.loops(store)
    views.add_triples(store, found, graph_iri("loops"))
    views.add_triples(store, found)


def _in(store: Store, triple: Triple, name: str) -> bool:
    return Quad(triple.subject, triple.predicate, triple.object, graph_iri(name)) in store


def _remove(store: Store, triple: Triple, *names: str) -> None:
    for name in names:
        store.remove(Quad(triple.subject, triple.predicate, triple.object, graph_iri(name)))
