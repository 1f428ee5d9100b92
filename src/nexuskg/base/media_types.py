"""Which of the forms that a resource has a client wants, by its Accept header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

RESULTS: Final = {
    "application/sparql-results+json": "JSON",
    "application/sparql-results+xml": "XML",
    "text/csv": "CSV",
    "text/tab-separated-values": "TSV",
    "application/json": "JSON",
    "application/xml": "XML",
}
"""Media types of solutions and booleans, the preferred first, each with the name of its format in pyoxigraph."""

TRIPLES: Final = {
    "text/turtle": "TURTLE",
    "application/n-triples": "N_TRIPLES",
    "application/ld+json": "JSON_LD",
    "application/rdf+xml": "RDF_XML",
    "text/plain": "N_TRIPLES",
}
"""Media types of triples, the preferred first, each with the name of its format in pyoxigraph."""


def qualities(accept: str) -> dict[str, float]:
    """The media ranges of an Accept header, each with its quality from 0 to 1; what is no number counts as 0.

    >>> qualities("text/csv;q=0.5, */*;q=0.1")
    {'text/csv': 0.5, '*/*': 0.1}
    """
    found: dict[str, float] = {}
    for part in accept.split(",")[:50]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if "/" not in name:
            continue
        given = [value.partition("=")[2] for value in parameters if value.startswith("q=")]
        try:
            quality = float(given[0]) if given else 1.0
        except ValueError:
            quality = 0.0
        found[name] = quality if 0.0 <= quality <= 1.0 else 0.0
    return found


def negotiate(accept: str, offered: Sequence[str] | Mapping[str, str]) -> str | None:
    """The offered media type that the header likes best, the first offered among equals; None where none will do.

    >>> negotiate("text/csv;q=0.5, application/*", RESULTS), negotiate("image/png", RESULTS), negotiate("", TRIPLES)
    ('application/sparql-results+json', None, 'text/turtle')
    """
    ranges = qualities(accept)
    if not ranges:
        return next(iter(offered)) if not accept.strip() else None

    def quality(media: str) -> float:
        # The most specific range that fits decides, so that a type can be excluded from a wildcard.
        for name in (media, f"{media.partition('/')[0]}/*", "*/*"):
            if name in ranges:
                return ranges[name]
        return 0.0

    best = max(offered, key=quality)
    return best if quality(best) > 0.0 else None


def language(given: str | None, header: str, known: Sequence[str]) -> str:
    """The language asked for by name, else by an Accept-Language header, else the first that is known.

    >>> language(None, "fr, pt-BR;q=0.8, es;q=0.5", ("en", "es", "pt"))
    'pt'
    """
    if given in known and given is not None:
        return given
    ranges = []
    for part in header.split(",")[:20]:
        name, _, quality = part.strip().lower().partition(";q=")
        try:
            ranges.append((-float(quality or 1), name.partition("-")[0]))
        except ValueError:
            continue
    return next((name for quality, name in sorted(ranges, key=lambda pair: pair[0]) if name in known), known[0])
