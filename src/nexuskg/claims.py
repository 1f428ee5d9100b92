"""Claims -> facts, nodes, observations, labels and annotations, by the stored CONSTRUCTs of queries/derive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store, Triple

from nexuskg import edtf
from nexuskg.catalogue import StoredQuery, bind
from nexuskg.errors import BadDate
from nexuskg.namespaces import BASE, XSD, nx
from nexuskg.store import construct

STATED: Final = ("facts", "nodes", "observations")
"""The derivations that take the modalities that count as a parameter."""

_IMPLIED: Final = NamedNode(BASE + "vocab/modality/implied")
_BOUNDS: Final = (nx("earliest"), nx("latest"))


def derive(store: Store, queries: Mapping[str, StoredQuery], implied: bool = False) -> list[Triple]:
    """What the claims in the default graph (terms and data) state: facts, nodes, observations, and the bounds of dates.

    Without `implied` from the modalities that count as facts, with it from implied claims only. Sorted, each once.
    """
    triples: set[Triple] = set()
    for name in STATED:
        query = queries[name]
        text = bind(query, {"modality": [_IMPLIED]}) if implied else query.text
        triples.update(construct(store, text, name))
    dated = [triple for triple in triples if triple.predicate == nx("edtf")]
    if not implied:
        stated = store.quads_for_pattern(None, nx("edtf"), None, DefaultGraph())
        dated.extend(Triple(quad.subject, quad.predicate, quad.object) for quad in stated)
    triples.update(dates(dated))
    return sorted(triples, key=str)


def confidence(store: Store, queries: Mapping[str, StoredQuery]) -> list[Triple]:
    """The confidence score of each claim in the default graph, by its modality and hedge; sorted."""
    return sorted(set(construct(store, queries["confidence"].text, "confidence")), key=str)


def labels(store: Store, queries: Mapping[str, StoredQuery]) -> list[Triple]:
    """An rdfs:label for all in the default graph that has a preferred label or is named after its claim; sorted."""
    return sorted(set(construct(store, queries["labels"].text, "labels")), key=str)


def web_annotations(store: Store, queries: Mapping[str, StoredQuery]) -> list[Triple]:
    """The Web Annotation form of the spans in the default graph; sorted."""
    return sorted(set(construct(store, queries["annotations"].text, "annotations")), key=str)


def dates(dated: Iterable[Triple]) -> list[Triple]:
    """nx:earliest and nx:latest of everything dated, as xsd:dateTime without a zone; an open end has none.

    A date that is not EDTF yields nothing here: that it is wrong is for the checks to say, with file and line.
    """
    triples: list[Triple] = []
    for triple in dated:
        if not isinstance(triple.object, Literal):
            continue
        try:
            ends = edtf.bounds(triple.object.value)
        except BadDate:
            continue
        for predicate, end in zip(_BOUNDS, ends, strict=True):
            if end is not None:
                value = Literal(end.isoformat(), datatype=NamedNode(XSD + "dateTime"))
                triples.append(Triple(triple.subject, predicate, value))
    return triples
