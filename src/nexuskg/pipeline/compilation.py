"""Files -> claims -> facts -> closure -> loops -> a dataset, and a view of it ready to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import Quad, Store, Triple

from nexuskg.base import data_home, namespaces
from nexuskg.base.namespaces import DEFAULT_GRAPH
from nexuskg.errors import QueryFailure
from nexuskg.pipeline import cache, derivation, views
from nexuskg.pipeline.dataset import Dataset, Local, of_view
from nexuskg.pipeline.views import FACTS, IMPLIED, View
from nexuskg.queries import catalogue
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.rdf import load

COMPUTED: Final = (
    "facts",
    "annotations",
    "readings",
    "labels",
    "inferred",
    "confidence",
    "implied",
    "inferred-implied",
    "loops",
)
"""The graphs that the build makes, in their order."""

if TYPE_CHECKING:
    from nexuskg.reasoning.contradiction_texts import WordedContradiction
    from nexuskg.reasoning.rules import Clause
    from nexuskg.reasoning.steps import Contradiction


def compiled(view: View | str = FACTS, home: Path | None = None) -> Local:
    """The compiled dataset of a view, from the cache where that is fresh and whole, else built now and cached."""
    wanted = views.view(view)
    home = home or data_home.home()
    entry = cache.folder_of(home, wanted)
    found = cache.read_entry(entry, home, wanted)
    if found is not None:
        return found
    dataset = (None if wanted.key else _gone_on(home, entry)) or compile_dataset(home, wanted)
    cache.write_entry(entry, dataset)
    return of_view(dataset, wanted)


def _gone_on(home: Path, entry: Path) -> Dataset | None:
    """The dataset, gone on to from an earlier one to which the files only add; None where there is none such."""
    from nexuskg.pipeline import increment, restrict
    from nexuskg.reasoning import closure, domain_rules

    found = cache.earlier(home, entry)
    before = None if found is None else cache.read_entry(found, home, IMPLIED)
    if before is None:
        return None
    store = before.store

    def data_of(any_store: Store) -> set[Quad]:
        names = (name for name in any_store.named_graphs() if str(name).startswith(f"<{namespaces.GRAPH}data/"))
        return {quad for name in names for quad in any_store.quads_for_pattern(None, None, None, name)}

    def withdrawn_of(any_store: Store) -> set[Quad]:
        return {quad for quad in any_store if str(quad.graph_name).startswith(f"<{namespaces.WITHDRAWN}")}

    files = _files(home)
    withdrawn = set(restrict.take_out_withdrawn(files))
    restrict.restrict(files, FACTS)
    now, then = data_of(files), data_of(store)
    added = now - then
    if then - now or withdrawn != withdrawn_of(store) or not increment.is_addition(store, added):
        return None
    increment.extend(store, before.queries, added)
    known = domain_rules.all_clauses(store, before.queries)
    facts = views.merge(store, views.member_graphs(store, "facts"))
    wrong = {"facts": closure.contradictions(facts, known), "implied": closure.contradictions(store, known)}
    store.clear_graph(DEFAULT_GRAPH)
    return Dataset(
        home,
        FACTS,
        store,
        before.queries,
        before.prefixes,
        _contradictions_of_views(store, known, before.prefixes, wrong),
    )


def compile_dataset(home: Path, view: View = FACTS) -> Dataset:
    """The dataset of a home under a view's restriction, made from its files alone, without the cache.

    What the view accepts makes no difference: the graphs of both are there. Raises ParseFailure, QueryFailure; and
    BadParameter where the view names what is not there.
    """
    from nexuskg.pipeline import restrict

    prefixes = namespaces.prefixes(home)
    queries = catalogue.read_catalogue(home)
    derive = _derivations(queries, home)
    store = _files(home)
    withdrawn = restrict.take_out_withdrawn(store)
    restrict.restrict(store, view)
    known, wrong = _compute(store, queries, derive, view.inference)
    if view.min_confidence is not None or view.prefer is not None:
        # What the claims weigh is known by now; the rest is made again from those that stay, which keep their weight.
        restrict.drop_weak_and_set_aside(store, view)
        weights = [
            quad.triple for quad in store.quads_for_pattern(None, None, None, namespaces.graph_iri("confidence"))
        ]
        for name in COMPUTED:
            store.remove_graph(namespaces.graph_iri(name))
        known, wrong = _compute(store, queries, derive, view.inference, weights)
    store.extend(withdrawn)  # beside every view, in none
    return Dataset(home, view, store, queries, prefixes, _contradictions_of_views(store, known, prefixes, wrong))


def _compute(
    store: Store,
    queries: Mapping[tuple[str, str], StoredQuery],
    derive: Mapping[str, StoredQuery],
    inference: bool,
    weights: list[Triple] | None = None,
) -> tuple[Sequence[Clause], dict[str, list[Contradiction]]]:
    """The clauses that were run and what contradicts itself by view; the store then has the computed graphs."""
    from nexuskg.reasoning import closure, domain_rules

    def put(name: str, triples: list[Triple]) -> None:
        views.add_triples(store, triples, namespaces.graph_iri(name))

    # The scratch store grows step by step: what is stated, then what follows, then the same with implied claims.
    scratch = views.merge(store, views.member_graphs(store, "facts"))
    known: Sequence[Clause] = domain_rules.all_clauses(scratch, queries)
    if not inference:  # how claims stand to each other is no matter of what is so
        known = [clause for clause in known if clause.head and clause.head[1] in derivation.RELATIONS]
    facts = derivation.derive(scratch, derive)
    put("facts", facts)
    put("annotations", derivation.web_annotations(scratch, derive))
    views.add_triples(scratch, facts)
    readings = derivation.comparables(scratch, derive)
    put("readings", readings)
    views.add_triples(scratch, readings)
    labels = derivation.labels(scratch, derive)
    put("labels", labels)
    put("inferred" if inference else "readings", closure.close(scratch, known))
    scores = derivation.scores(scratch, derive) if weights is None else weights
    put("confidence", scores)
    views.add_triples(scratch, scores)
    wrong = {"facts": closure.contradictions(scratch, known)}

    before = _default_graph(scratch)
    implied = [triple for triple in derivation.derive(scratch, derive, implied=True) if triple not in before]
    views.add_triples(scratch, implied)
    named = set(labels)
    implied.extend(triple for triple in derivation.labels(scratch, derive) if triple not in named)
    put("implied", implied)
    if inference:
        put("inferred-implied", closure.close(scratch, known))
    wrong["implied"] = closure.contradictions(scratch, known)
    put("loops", _loops(scratch))
    return known, wrong


def _contradictions_of_views(
    store: Store, known: Sequence[Clause], prefixes: Mapping[str, str], wrong: Mapping[str, list[Contradiction]]
) -> tuple[WordedContradiction, ...]:
    """The contradictions of each view in words; those of the facts are not told again."""
    from nexuskg.reasoning.contradiction_texts import worded_contradictions

    told: list[WordedContradiction] = []
    for accept, found in wrong.items():
        new = [clash for clash in found if accept == "facts" or clash not in wrong["facts"]]
        if new:  # to tell where they come from takes the graphs by name
            told += worded_contradictions(views.compose(store, accept), known, prefixes, new, accept == "implied")
    return tuple(told)


def _derivations(queries: Mapping[tuple[str, str], StoredQuery], home: Path) -> dict[str, StoredQuery]:
    """The stored derivations by name; raises QueryFailure where one is missing that the build needs."""
    derive = {name: query for (kind, name), query in queries.items() if kind == "derive"}
    missing = {*derivation.STATED, *derivation.COMPARED, *derivation.SCORED, "labels", "annotations"} - set(derive)
    if missing:
        raise QueryFailure(f"{home / 'queries/derive'}: the build needs {', '.join(sorted(missing))} there.")
    if ("lookup", "evidence") not in queries:
        raise QueryFailure(f"{home / 'queries/lookups'}: the build needs evidence there.")
    return derive


def _files(home: Path) -> Store:
    """A store with a named graph for each Turtle file and each table of links."""
    from nexuskg.rdf import sssom

    store = load.load_files(home)
    for path in sssom.link_files(home):
        store.extend(sssom.read_sssom(path))
    return store


def _default_graph(store: Store) -> set[Triple]:
    quads = store.quads_for_pattern(None, None, None, DEFAULT_GRAPH)
    return {Triple(quad.subject, quad.predicate, quad.object) for quad in quads}


def _loops(scratch: Store) -> list[Triple]:
    from nexuskg.reasoning import causal_loops

    return causal_loops.loops(scratch)
