"""Restricting a dataset: the claims, spans and axioms that a view leaves out are taken from the graphs of the files.

What is left is as if those claims had never been written: what the files say of them and what other claims say about
them is gone too, and so are the entities that only claims used which the view does not admit by evidence, source or
date. Sources stay described, for their record is no claim.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad, Store

from nexuskg.base.namespaces import (
    BASE,
    DEFAULT_GRAPH,
    ENTITY,
    GRAPH,
    ISSUED,
    OWL,
    SKOS,
    TYPE,
    VOCAB,
    WITHDRAWN,
    nx,
    source_key,
)
from nexuskg.errors import BadParameter, closest
from nexuskg.evidence.records import date_of_issue
from nexuskg.pipeline.preference import set_aside
from nexuskg.pipeline.views import POLICIES, Axiom, View, published_by
from nexuskg.rdf.store import Readable

SCHEME: Final = VOCAB + "confidence"
COMPARISON: Final = ENTITY + "comparison/"
LOCATOR: Final = NamedNode(VOCAB + "evidence-grade/locator")
OUT_OF_USE: Final = tuple(NamedNode(f"{VOCAB}claim-status/{name}") for name in ("rejected", "superseded"))
"""The statuses of claims that count no longer."""


def take_out_withdrawn(store: Store) -> list[Quad]:
    """Take from the graphs of the files what counts no longer; gives it back, in graphs that no view is made of.

    That is the claims whose status says so, and with each what only it used: its spans, entities, comparisons; and the
    entities that were merged into others. A graph of it is called after that of the file.
    """
    claims = {quad.subject for status in OUT_OF_USE for quad in store.quads_for_pattern(None, nx("status"), status)}
    deprecated = store.quads_for_pattern(None, NamedNode(OWL + "deprecated"), None)
    merged = {quad.subject for quad in deprecated if str(quad.subject).startswith(f"<{ENTITY}")}
    taken = [quad for node in merged for quad in store.quads_for_pattern(node, None, None)]
    _drop(store, taken)
    taken += _withdraw(store, claims, set(), _entities(store, claims)) if claims else []
    return [Quad(q.subject, q.predicate, q.object, _withdrawn_graph(q.graph_name)) for q in taken]


def _withdrawn_graph(graph: object) -> NamedNode:
    name = graph.value if isinstance(graph, NamedNode) else GRAPH
    return NamedNode(WITHDRAWN + name.removeprefix(GRAPH))


def restrict(store: Store, view: View) -> None:
    """Leave in the named graphs of the store only what the view admits by evidence, source and date.

    Neither what it asks of confidence nor what it prefers is looked at: see `drop_weak_and_set_aside`. A source without
    a date, or whose date has an open end, is left out where the view has a date. A claim stands as long as one of its
    spans does. Raises BadParameter where the view names what the dataset does not have.
    """
    made = {claim: str(source) for claim, source in _pairs(store, "fromSource")}
    claims = {quad.subject for quad in store.quads_for_pattern(None, TYPE, nx("Claim"))} | set(made)
    kept = set(claims)
    spans: dict[Any, set[Any]] = defaultdict(set)
    for claim, span in _pairs(store, "supportedBy"):
        spans[claim].add(span)
    if view.evidence == "span":
        kept -= {quad.subject for quad in store.quads_for_pattern(None, nx("evidenceGrade"), LOCATOR)}
    if view.sources:
        wanted = _sources(set(made.values()), view.sources)
        kept = {claim for claim in kept if made.get(claim) in wanted}
    if view.as_of is not None:
        published = _sources_published(store, view.as_of)
        kept = {claim for claim in kept if made.get(claim) in published}
    _withdraw(store, claims - kept, set(), _entities(store, claims - kept))
    admitted, gone = set(kept), set()
    for withdrawn in view.without:
        if isinstance(withdrawn, tuple):
            _drop_axiom(store, withdrawn)
        elif withdrawn in claims:
            kept.discard(withdrawn)
        elif str(withdrawn) in made.values():
            kept = {claim for claim in kept if made.get(claim) != str(withdrawn)}
        elif any(withdrawn in found for found in spans.values()):
            gone.add(withdrawn)
        else:
            raise BadParameter("without", f"{withdrawn.value} is no claim, span, axiom, or source with claims.")
    kept = {claim for claim in kept if not spans[claim] or spans[claim] - gone}
    _withdraw(store, admitted - kept, gone)


def drop_weak_and_set_aside(store: Store, view: View) -> None:
    """Leave in the named graphs of the store only what is as firm as the view asks, and what it prefers.

    The scores of confidence and what contradicts what are to be there. Raises BadParameter as `restrict` does.
    """
    dropped: set[Any] = set()
    if view.min_confidence is not None:
        dropped |= too_weak(store, view.min_confidence)
    if view.prefer is not None:
        if view.prefer not in POLICIES:
            _sources({str(source) for _, source in _pairs(store, "fromSource")}, frozenset([view.prefer]), "prefer")
        dropped |= set(set_aside(store, view.prefer, dropped))
    _withdraw(store, dropped, set())


def too_weak(store: Readable, confidence: int | str) -> set[Any]:
    """The claims whose score is below a confidence, or that have none; raises BadParameter as `lowest` does."""
    least = lowest(store, confidence)
    scores = {claim: int(score.value) for claim, score in _pairs(store, "confidenceScore")}
    claims = {quad.subject for quad in store.quads_for_pattern(None, TYPE, nx("Claim"))}
    return {claim for claim in claims if scores.get(claim, 0) < least}


def _withdraw(store: Store, dropped: set[Any], gone: set[Any], entities: Iterable[Any] = ()) -> list[Quad]:
    """Remove the claims and spans, the spans and comparisons of theirs, and those idle entities; gives what was said.

    What others say of the claims goes too, and is not given back.
    """
    used: dict[Any, set[Any]] = defaultdict(set)
    for claim in {quad.subject for quad in store.quads_for_pattern(None, TYPE, nx("Claim"))}:
        for span in (quad.object for quad in store.quads_for_pattern(claim, nx("supportedBy"), None)):
            used[span].add(claim)
    unused = {span for span, claims in used.items() if claims <= dropped}
    comparisons = {c for claim in dropped for c in _users(store, claim) if str(c).startswith(f"<{COMPARISON}")}
    nodes = sorted(dropped | unused | gone | comparisons, key=str)
    taken = [quad for node in nodes for quad in store.quads_for_pattern(node, None, None)]
    _drop(store, taken)
    for node in nodes:
        _drop(store, store.quads_for_pattern(None, None, node))
    waiting = sorted(entities, key=str)
    while waiting:
        node = waiting.pop()
        if not _users(store, node) - {node}:
            waiting += _entities(store, [node]) - {node}
            idle = list(store.quads_for_pattern(node, None, None))
            _drop(store, idle)
            taken += idle
    return taken


def _entities(store: Store, nodes: Iterable[Any]) -> set[Any]:
    """The entities of ours to which the nodes refer, and the points of places."""
    found = {quad.object for node in nodes for quad in store.quads_for_pattern(node, None, None)}
    return {other for other in found if str(other).startswith((f"<{BASE}id/", f"<{BASE}point/"))}


def _users(store: Store, node: Any) -> set[Any]:
    return {quad.subject for quad in store.quads_for_pattern(None, None, node)}


def count_of_claims(store: Readable, accept: str) -> int:
    """How many claims of the default graph count where that is accepted: all but, in facts, the implied ones."""
    claims = {quad.subject for quad in store.quads_for_pattern(None, TYPE, nx("Claim"), DEFAULT_GRAPH)}
    if accept == "implied":
        return len(claims)
    implied = store.quads_for_pattern(None, nx("modality"), NamedNode(VOCAB + "modality/implied"))
    return len(claims - {quad.subject for quad in implied})


def lowest(store: Readable, confidence: int | str) -> int:
    """The number that a confidence means: a word of the scheme stands for the lower end of its range.

    The word is a concept's name or label in any language; raises BadParameter with the closest ones.
    """
    if isinstance(confidence, int):
        return confidence
    words: dict[str, int] = {}
    names: list[str] = []
    for quad in store.quads_for_pattern(None, NamedNode(SKOS + "notation"), None):
        if not str(quad.subject).startswith(f"<{SCHEME}/") or not isinstance(quad.object, Literal):
            continue
        number = int(quad.object.value.partition("-")[0])
        name = str(quad.subject).strip("<>").rpartition("/")[2]
        names.append(name)
        labels = store.quads_for_pattern(quad.subject, NamedNode(SKOS + "prefLabel"), None)
        said = [label.object.value for label in labels if isinstance(label.object, Literal)]
        words |= {_word(text): number for text in (name, *said)}
    if _word(confidence) not in words:
        problem = f"{confidence!r} is neither a number from 0 to 100 nor one of {', '.join(sorted(set(names)))}."
        raise BadParameter("min_confidence", problem, closest(confidence, sorted(set(names)), limit=1))
    return words[_word(confidence)]


def _word(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


def _pairs(store: Readable, name: str) -> Iterator[tuple[Any, Any]]:
    """Subject and value of every statement with that property, in any named graph."""
    return ((quad.subject, quad.object) for quad in store.quads_for_pattern(None, nx(name), None))


def _sources(known: set[str], keys: frozenset[str], name: str = "sources") -> set[str]:
    by_key = {source_key(source.strip("<>")): source for source in known}
    for key in sorted(keys - set(by_key)):
        problem = f"no claim is from a source {key!r}. Sources with claims: {', '.join(sorted(by_key)) or 'none'}."
        raise BadParameter(name, problem, closest(key, sorted(by_key)))
    return {by_key[key] for key in keys}


def _sources_published(store: Readable, as_of: str) -> set[str]:
    last = published_by(as_of)
    sources = {quad.subject for quad in store.quads_for_pattern(None, ISSUED, None)}
    return {str(source) for source in sources if (end := date_of_issue(store, source)) and end.isoformat() <= last}


def _drop_axiom(store: Store, pattern: Axiom) -> None:
    found = [
        quad
        for quad in store.quads_for_pattern(*pattern)
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.startswith(GRAPH + "terms/")
    ]
    if not found:
        said = " ".join("any" if part is None else str(part) for part in pattern)
        raise BadParameter("without", f"the ontology has no axiom {said}.")
    _drop(store, found)


def _drop(store: Store, quads: Iterator[Quad] | list[Quad]) -> None:
    for quad in list(quads):
        store.remove(quad)
