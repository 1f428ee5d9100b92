"""Answers as GeoJSON (RFC 7946): a feature a row, at the points of the places in it.

A place has its point as WKT by geo:asWKT, its own or its geo:hasGeometry's; of anything else, such as an event, the
place counts at which it is (nx:atPlace), one step away and no more.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, Literal, NamedNode

from nexuskg import tabular
from nexuskg.namespaces import nx
from nexuskg.printing import escaped
from nexuskg.store import objects

if TYPE_CHECKING:
    from nexuskg.answers import Answer, Row
    from nexuskg.dataset import Compiled

GEO: Final = "http://www.opengis.net/ont/geosparql#"
_NUMBER: Final = r"([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
# Without a CRS, or with the one whose order is longitude, latitude: those of GeoJSON.
_POINT: Final = re.compile(
    rf"(?:<http://www\.opengis\.net/def/crs/OGC/1\.3/CRS84>\s*)?POINT\s*Z?\s*\(\s*{_NUMBER}\s+{_NUMBER}(?:\s+{_NUMBER})?\s*\)",
    re.IGNORECASE,
)

Point = tuple[float, ...]


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


def fits(data: Compiled, found: Answer) -> bool:
    """Whether any row has a place with a point; an answer without rows has nothing that could be without."""
    return not found.rows or any(_points(data, row) for row in found.rows)


def written(data: Compiled, found: Answer) -> str:
    """The answer as a FeatureCollection: a row without a point has no geometry, one with several has them all.

    >>> from nexuskg import load
    >>> graph = load()
    >>> written(graph.data, graph.ask("who-taxes-what")).count('"geometry": null')
    2
    """
    answer = tabular.plain_values(found)
    rows = answer["rows"]
    assert isinstance(rows, list)
    features = [
        {"type": "Feature", "geometry": _geometry(_points(data, row)), "properties": _properties(values)}
        for row, values in zip(found.rows, rows, strict=True)
    ]
    return escaped(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=2)) + "\n"


def _properties(values: dict[str, object]) -> dict[str, object]:
    cells = values["cells"]
    assert isinstance(cells, dict)
    own = {name: cell["text"] if cell else None for name, cell in cells.items()}
    return {**{name: values[name] for name in ("rests_on", "evidence")}, **own}


def _geometry(points: list[Point]) -> dict[str, object] | None:
    if not points:
        return None
    if len(points) == 1:
        return {"type": "Point", "coordinates": points[0]}
    return {"type": "MultiPoint", "coordinates": points}


def _points(data: Compiled, row: Row) -> list[Point]:
    nodes = [term for term in row.cells if isinstance(term, NamedNode)]
    found: dict[Point, None] = {}
    for node in nodes:
        here = _own(data, node) or [
            at for place in objects(data.store, node, nx("atPlace")) for at in _own(data, place)
        ]
        found |= dict.fromkeys(sorted(here))
    return list(found)


def _own(data: Compiled, node: NamedNode) -> list[Point]:
    store = data.store
    bearers = [node, *objects(store, node, NamedNode(GEO + "hasGeometry"))]
    values = [
        quad.object.value
        for bearer in bearers
        for quad in store.quads_for_pattern(bearer, NamedNode(GEO + "asWKT"), None, DefaultGraph())
        if isinstance(quad.object, Literal)
    ]
    return [at for value in values if (at := point(value)) is not None]
