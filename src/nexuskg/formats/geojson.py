"""Answers as GeoJSON (RFC 7946): a feature a row, at the points of the places in it.

A place has its point as WKT by geo:asWKT, its own or its geo:hasGeometry's; of anything else, such as an event, the
place counts at which it is (nx:atPlace), one step away and no more. The points are curation and not what a source says,
so each feature tells of each of its points whose it is, how finely it shows the place, and where it was taken from.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from nexuskg.answers import table
from nexuskg.base.namespaces import DCTERMS, DEFAULT_GRAPH, nx
from nexuskg.base.safe_text import escape_controls
from nexuskg.rdf.labels import label, term_text
from nexuskg.rdf.store import object_nodes

if TYPE_CHECKING:
    from nexuskg.answers.answer import Answer, Row
    from nexuskg.pipeline.dataset import Compiled

GEO: Final = "http://www.opengis.net/ont/geosparql#"
_NUMBER: Final = r"([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
# Without a CRS, or with the one whose order is longitude, latitude: those of GeoJSON.
_POINT: Final = re.compile(
    rf"(?:<http://www\.opengis\.net/def/crs/OGC/1\.3/CRS84>\s*)?POINT\s*Z?\s*\(\s*{_NUMBER}\s+{_NUMBER}(?:\s+{_NUMBER})?\s*\)",
    re.IGNORECASE,
)

Point = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Spot:
    """A point, the place that it shows, and the node that has it, which says how finely and by which source."""

    at: Point
    place: NamedNode
    bearer: NamedNode


def point(wkt: str) -> Point | None:
    """Longitude, latitude and, if given, height in the WKT of a point; None for anything else or what is not on Earth.

    >>> point("POINT(-74.2 -12.4)"), point("POINT (200 0)"), point("LINESTRING(0 0, 1 1)")
    ((-74.2, -12.4), None, None)
    """
    found = _POINT.fullmatch(wkt.strip())
    if found is None:
        return None
    place = tuple(float(number) for number in found.groups() if number is not None)
    return place if abs(place[0]) <= 180 and abs(place[1]) <= 90 else None


def has_points(data: Compiled, found: Answer) -> bool:
    """Whether any row has a place with a point; an answer without rows has nothing that could be without."""
    return not found.rows or any(_spots(data, row) for row in found.rows)


def geojson_text(data: Compiled, found: Answer) -> str:
    """The answer as a FeatureCollection: a row without a point has no geometry, one with several has them all.

    The property `points` has for each point, in their order, the place, how finely it is shown, and the point's source.

    >>> from nexuskg import load
    >>> graph = load()
    >>> geojson_text(graph.data, graph.ask("who-taxes-what")).count('"geometry": null')
    2
    """
    answer = table.plain_values(found)
    rows = answer["rows"]
    assert isinstance(rows, list)
    features = []
    for row, values in zip(found.rows, rows, strict=True):
        spots = _spots(data, row)
        points = [_place_properties(data, spot, found.language) for spot in spots]
        features.append(
            {"type": "Feature", "geometry": _geometry(spots), "properties": {"points": points, **_properties(values)}}
        )
    whole = {"type": "FeatureCollection", "defaults": answer["defaults"], "features": features}
    return escape_controls(json.dumps(whole, ensure_ascii=False, indent=2)) + "\n"


def _properties(values: dict[str, object]) -> dict[str, object]:
    cells = values["cells"]
    assert isinstance(cells, dict)
    own = {name: cell["text"] if cell else None for name, cell in cells.items()}
    return {**{name: values[name] for name in ("rests_on", "evidence", "also", "found_by")}, **own}


def _place_properties(data: Compiled, spot: _Spot, language: str) -> dict[str, str | None]:
    precision = [
        label(data.store, value, language) for value in object_nodes(data.store, spot.bearer, nx("placePrecision"))
    ]
    sources = [value.value for value in _literals(data, spot.bearer, DCTERMS + "source")]
    return {
        "place": term_text(spot.place, data.store, data.prefixes, language),
        "precision": next(iter(precision), None),
        "source": next(iter(sources), None),
    }


def _geometry(spots: list[_Spot]) -> dict[str, object] | None:
    if not spots:
        return None
    if len(spots) == 1:
        return {"type": "Point", "coordinates": spots[0].at}
    return {"type": "MultiPoint", "coordinates": [spot.at for spot in spots]}


def _spots(data: Compiled, row: Row) -> list[_Spot]:
    """The points of the row, none twice."""
    nodes = [term for term in row.cells if isinstance(term, NamedNode)]
    found: dict[Point, _Spot] = {}
    for node in nodes:
        here = _own(data, node) or [
            spot for place in object_nodes(data.store, node, nx("atPlace")) for spot in _own(data, place)
        ]
        for spot in sorted(here, key=lambda spot: (spot.at, spot.place.value)):
            found.setdefault(spot.at, spot)
    return list(found.values())


def points(data: Compiled, node: NamedNode) -> list[Point]:
    """The points that the node has itself, or its geometries have, sorted."""
    return sorted(spot.at for spot in _own(data, node))


def _own(data: Compiled, node: NamedNode) -> list[_Spot]:
    return [
        _Spot(at, node, bearer)
        for bearer in (node, *object_nodes(data.store, node, NamedNode(GEO + "hasGeometry")))
        for value in _literals(data, bearer, GEO + "asWKT")
        if (at := point(value.value)) is not None
    ]


def _literals(data: Compiled, node: NamedNode, predicate: str) -> list[Literal]:
    quads = data.store.quads_for_pattern(node, NamedNode(predicate), None, DEFAULT_GRAPH)
    return [quad.object for quad in quads if isinstance(quad.object, Literal)]
