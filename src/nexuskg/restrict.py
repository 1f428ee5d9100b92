"""Restricting a dataset: the claims, spans and axioms that a view leaves out are taken from the graphs of the files.

What is left is as if those claims had never been written: what the files say of them, and what other claims say about
them, is gone too. Sources stay described, for their record is no claim.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad, Store

from nexuskg import edtf
from nexuskg.errors import BadDate, BadParameter, closest
from nexuskg.namespaces import BASE, GRAPH, RDF, SKOS, nx
from nexuskg.views import Axiom, View, published_by

SOURCE: Final = BASE + "source/"
SCHEME: Final = BASE + "vocab/confidence"

_TYPE: Final = NamedNode(RDF + "type")
_ISSUED: Final = NamedNode("http://purl.org/dc/terms/issued")


def restrict(store: Store, view: View) -> None:
    """Nothing; the named graphs of the store then hold only what counts in the view.

    Their scores of confidence are to be there. A source without a date, or whose date has an open end, is left out
    where the view has a date. A claim stands as long as one of its spans does. Raises BadParameter where the view names
    what the dataset does not have.
    """
    made = {claim: str(source) for claim, source in _pairs(store, "fromSource")}
    claims = {quad.subject for quad in store.quads_for_pattern(None, _TYPE, nx("Claim"))} | set(made)
    kept = set(claims)
    if view.sources:
        wanted = _sources(set(made.values()), view.sources)
        kept = {claim for claim in kept if made.get(claim) in wanted}
    if view.as_of is not None:
        published = _published(store, view.as_of)
        kept = {claim for claim in kept if made.get(claim) in published}
    if view.min_confidence is not None:
        least = lowest(store, view.min_confidence)
        scores = {claim: int(score.value) for claim, score in _pairs(store, "confidenceScore")}
        kept = {claim for claim in kept if scores.get(claim, 0) >= least}
    spans: dict[Any, set[Any]] = defaultdict(set)
    for claim, span in _pairs(store, "supportedBy"):
        spans[claim].add(span)
    gone = set()
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
    dropped = claims - kept
    used = {span for claim in kept for span in spans[claim]} - gone
    unused = {span for claim in dropped for span in spans[claim]} - used
    for node in sorted(dropped | unused | gone, key=str):
        _drop(store, store.quads_for_pattern(node, None, None))
        _drop(store, store.quads_for_pattern(None, None, node))


def counted(store: Store, accept: str) -> int:
    """How many claims of the default graph count where that is accepted: all but, in facts, the implied ones."""
    claims = {quad.subject for quad in store.quads_for_pattern(None, _TYPE, nx("Claim"))}
    if accept == "implied":
        return len(claims)
    implied = store.quads_for_pattern(None, nx("modality"), NamedNode(BASE + "vocab/modality/implied"))
    return len(claims - {quad.subject for quad in implied})


def lowest(store: Store, confidence: int | str) -> int:
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


def _pairs(store: Store, name: str) -> Iterator[tuple[Any, Any]]:
    """Subject and value of every statement with that property, in any named graph."""
    return ((quad.subject, quad.object) for quad in store.quads_for_pattern(None, nx(name), None))


def _sources(known: set[str], keys: frozenset[str]) -> set[str]:
    by_key = {source.strip("<>").removeprefix(SOURCE): source for source in known}
    for key in sorted(keys - set(by_key)):
        problem = f"no claim is from a source {key!r}. Sources with claims: {', '.join(sorted(by_key)) or 'none'}."
        raise BadParameter("sources", problem, closest(key, sorted(by_key)))
    return {by_key[key] for key in keys}


def _published(store: Store, as_of: str) -> set[str]:
    last, found = published_by(as_of), set()
    for quad in store.quads_for_pattern(None, _ISSUED, None):
        try:
            end = edtf.bounds(quad.object.value if isinstance(quad.object, Literal) else "")[1]
        except BadDate:  # that it is wrong is for the checks to say
            continue
        if end is not None and end.isoformat() <= last:
            found.add(str(quad.subject))
    return found


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
