"""Claims -> facts, nodes, observations, labels and annotations, by the stored CONSTRUCTs of queries/derive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from nexuskg.base import edtf
from nexuskg.base.namespaces import DCTERMS, DEFAULT_GRAPH, ENTITY, ISSUED, TYPE, VOCAB, XSD, nx
from nexuskg.errors import BadDate
from nexuskg.queries.catalogue import StoredQuery, bind
from nexuskg.rdf.store import construct

STATED: Final = ("facts", "nodes", "observations")
"""The derivations that take the modalities that count as a parameter."""

COMPARED: Final = ("figures", "originators")
"""The derivations that make claims comparable."""

SCORED: Final = ("credibility", "confidence")
"""The derivations that grade claims, in their order."""

RELATIONS: Final = frozenset(map(nx, ("contradicts", "agreesWith", "corroborates")))
"""How claims stand to each other."""

EVENT: Final = ENTITY + "event/"

_IMPLIED: Final = NamedNode(VOCAB + "modality/implied")
_PRESUPPOSED: Final = NamedNode(VOCAB + "modality/presupposed")
_NOW: Final = frozenset(
    (
        *("now", "today", "currently", "nowadays", "presently", "still"),
        *("ahora", "hoy", "actualmente", "todavía", "aún"),
        *("agora", "hoje", "atualmente", "ainda"),
    )
)
"""The words by which a source says that something holds when it is written, in English, Spanish and Portuguese."""
_BOUNDS: Final = (nx("earliest"), nx("latest"))
_PERIOD: Final = (nx("comparedFrom"), nx("comparedTo"))
_WEIGHED: Final = frozenset(map(nx, ("modality", "hedge", "fromSource", "reliability")))
_LINK: Final = nx("claimPredicate")
_COVERED: Final = NamedNode(DCTERMS + "temporal")


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
        stated = store.quads_for_pattern(None, nx("edtf"), None, DEFAULT_GRAPH)
        dated.extend(Triple(quad.subject, quad.predicate, quad.object) for quad in stated)
    triples.update(date_bounds(dated))
    return sorted(triples, key=str)


def comparables(store: Store, queries: Mapping[str, StoredQuery]) -> list[Triple]:
    """How the claims in the default graph are compared: values in a base unit, the time they speak of, originators."""
    found = {triple for name in COMPARED for triple in construct(store, queries[name].text, name)}
    return sorted(found | set(periods(store)), key=str)


def periods(store: Store) -> list[Triple]:
    """nx:comparedFrom and nx:comparedTo of each claim in the default graph that speaks of a time.

    That of its date, of the date that it states, any where it is about an event, else the period that its source
    covers (dcterms:temporal), else the year up to the date of its source. A date with an open begin is read as its end,
    one with an open end as lasting. What has no date and is not said to hold now speaks of no time that could be told:
    words of time other than "now" and the like (once, in the past decade, most recently), and a figure that is only
    taken for granted, as one that has been overtaken is.
    """
    issued, covered = _texts(store, ISSUED), _texts(store, _COVERED)
    triples: list[Triple] = []
    for claim in (quad.subject for quad in store.quads_for_pattern(None, TYPE, nx("Claim"), DEFAULT_GRAPH)):
        told: dict[NamedNode, Any] = {
            quad.predicate: quad.object for quad in store.quads_for_pattern(claim, None, None, DEFAULT_GRAPH)
        }
        dated = told.get(nx("edtf")) or (told.get(nx("claimValue")) if told.get(_LINK) == nx("edtf") else None)
        try:
            if dated is not None:
                ends = edtf.period(dated.value)
            elif str(told.get(nx("claimSubject"))).startswith(f"<{EVENT}"):
                ends = (datetime.min, datetime.max.replace(microsecond=0))
            elif (source := told.get(nx("fromSource"))) in issued.keys() | covered and _is_of_its_source(told):
                ends = edtf.period(covered[source]) if source in covered else edtf.year_before(issued[source])
            else:
                continue
        except (BadDate, AttributeError):  # that it is no date is for the checks to say
            continue
        for predicate, end in zip(_PERIOD, ends, strict=True):
            value = Literal(end.isoformat(), datatype=NamedNode(XSD + "dateTime"))
            triples.append(Triple(claim, predicate, value))
    return triples


def _texts(store: Store, link: NamedNode) -> dict[Any, str]:
    """The literal that each node has by this property."""
    found = store.quads_for_pattern(None, link, None, DEFAULT_GRAPH)
    return {quad.subject: quad.object.value for quad in found if isinstance(quad.object, Literal)}


def _is_of_its_source(told: Mapping[NamedNode, Any]) -> bool:
    """Whether a claim without a date, given by its properties, speaks of the time at which its source appeared."""
    words = told.get(nx("timeAsStated"))
    if isinstance(words, Literal):
        return words.value.casefold().strip() in _NOW
    return not (told.get(nx("modality")) == _PRESUPPOSED and nx("measures") in told)


def scores(store: Store, queries: Mapping[str, StoredQuery]) -> list[Triple]:
    """The credibility and the confidence score of each claim in the default graph; sorted.

    Its readings, and what contradicts and corroborates what, are to be there, and the ratings of sources.
    """
    found = set(construct(store, queries["credibility"].text, "credibility"))
    rated = Store()
    for quad in store.quads_for_pattern(None, None, None, DEFAULT_GRAPH):
        if quad.predicate in _WEIGHED:
            rated.add(quad)
    rated.extend(Quad(*triple) for triple in found)
    return sorted(found.union(construct(rated, queries["confidence"].text, "confidence")), key=str)


def labels(store: Store, queries: Mapping[str, StoredQuery]) -> list[Triple]:
    """An rdfs:label for all in the default graph that has a preferred label or is named after its claim; sorted."""
    return sorted(set(construct(store, queries["labels"].text, "labels")), key=str)


def web_annotations(store: Store, queries: Mapping[str, StoredQuery]) -> list[Triple]:
    """The Web Annotation form of the spans in the default graph; sorted."""
    return sorted(set(construct(store, queries["annotations"].text, "annotations")), key=str)


def date_bounds(dated: Iterable[Triple]) -> list[Triple]:
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
