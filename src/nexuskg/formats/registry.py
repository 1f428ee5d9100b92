"""In which forms an answer can be written, and the text of it in each.

A table holds every answer. The others need something in it: a place with coordinates, a node, a claim of a source.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from nexuskg.answers import table
from nexuskg.answers.table import FORMATS
from nexuskg.base.safe_text import escape_controls, one_line, printable
from nexuskg.errors import UnfitFormat
from nexuskg.formats import bibliography, cite, geojson, graphml, turtle

if TYPE_CHECKING:
    from nexuskg.answers.answer import Answer
    from nexuskg.pipeline.dataset import Compiled

_Fits = Callable[["Compiled", "Answer"], bool]
_NEEDS: Final[dict[str, tuple[str, _Fits]]] = {
    "geojson": ("no row has a place with coordinates.", geojson.has_points),
    "graphml": ("no cell is a node, so there is nothing to draw.", lambda _, found: graphml.has_nodes(found)),
    "ttl": ("no row rests on a claim or has a node.", lambda _, found: turtle.has_statements(found)),
    "cite": ("its rows cannot be traced to claims.", lambda _, found: not found.untraced),
    "bibtex": ("no row rests on a source.", lambda _, found: bibliography.has_sources(found)),
    "csl": ("no row rests on a source.", lambda _, found: bibliography.has_sources(found)),
}


def fitting_formats(data: Compiled, found: Answer) -> tuple[str, ...]:
    """The formats that can hold the answer.

    >>> from nexuskg import load
    >>> graph = load()
    >>> "geojson" in fitting_formats(graph.data, graph.ask("who-taxes-what"))
    False
    """
    return tuple(form for form in FORMATS if form not in _NEEDS or _NEEDS[form][1](data, found))


def format_answer(data: Compiled, found: Answer, form: str, spans: bool = False) -> str:
    """The text of the answer in a format other than table; raises UnfitFormat, which names those that would do.

    With `spans`, tables have the columns claims and spans; what has no columns carries them anyway.

    >>> from nexuskg import load
    >>> graph = load()
    >>> print(format_answer(graph.data, graph.ask("who-taxes-what"), "csv", True).splitlines()[0])
    group,activity,place,claim,hedge,source,paragraph,anchor,claims,spans,also,found by
    """
    if form in _NEEDS:
        problem, fits = _NEEDS[form]
        if not fits(data, found):
            raise UnfitFormat(form, problem, fitting_formats(data, found))
    said = table.defaults_text(found)  # what is no table tells it in a comment or a last line, where its form has any
    match form:
        case "csv":
            return table.csv_text(found, spans)
        case "tsv":
            return table.csv_text(found, spans, "\t")
        case "json":
            return escape_controls(json.dumps(table.plain_values(found), ensure_ascii=False, indent=2)) + "\n"
        case "md":
            return table.markdown_text(found, spans)
        case "geojson":
            return geojson.geojson_text(data, found)
        case "graphml":
            return graphml.graphml_text(data, found)
        case "ttl":
            return (f"# {one_line(said)}\n" if said else "") + turtle.turtle_text(data, found)
        case "cite":
            return "\n".join(filter(None, (cite.cite_text(data, found), f"{printable(said)}\n" if said else "")))
        case "bibtex":
            return bibliography.bibtex_text(data, found)
        case "csl":
            return bibliography.csl_text(data, found)
    raise UnfitFormat(form, "there is no such format.", fitting_formats(data, found))
