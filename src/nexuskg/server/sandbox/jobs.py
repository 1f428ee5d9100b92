"""What a sandbox is given to do, a query, an update, a document; on what; and what that may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may take, and how many may be under way; sizes in bytes, times in seconds."""

    deadline: float = 10.0
    memory: int = 1 << 30
    result: int = 10_000_000
    query: int = 64_000
    nesting: int = 200
    body: int = 1_000_000
    upload: int = 16_000_000
    workers: int = 2
    waiting: int = 16


@dataclass(frozen=True, slots=True)
class QueryJob:
    """A query, with the media types that will do for solutions and for triples, and the graphs the request names."""

    text: str
    results: str | None = "application/sparql-results+json"
    triples: str | None = "text/turtle"
    default: tuple[str, ...] | None = None
    named: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class UpdateJob:
    """An update, with the graphs that the request names for its WHERE clauses."""

    text: str
    default: tuple[str, ...] | None = None
    named: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DocumentJob:
    """Triples in the form of a media type; `base` is what relative IRIs in it are relative to."""

    media: str
    base: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Content:
    """What the graph has: N-Quads, the names of its graphs, and of those that are read only if asked for by name."""

    quads: bytes = field(repr=False)
    graphs: Sequence[str] = ()
    hidden: Sequence[str] = ()
