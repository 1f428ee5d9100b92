"""What the bibliographic record of a source says, by the names of its fields.

A record is from catalogues and title pages, and says so: none of it is a claim of the source. Records are made in
nexuskg.authoring and told in nexuskg.formats, both by the same fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.base import edtf
from nexuskg.base.namespaces import DCTERMS, DEFAULT_GRAPH, ISSUED, NX, SKOS, TYPE, nx, source_iri
from nexuskg.base.safe_text import one_line
from nexuskg.errors import BadDate
from nexuskg.rdf.labels import label
from nexuskg.rdf.store import Readable, first_value, holds

FIELDS: Final[Mapping[str, str]] = {
    "title": DCTERMS + "title",
    "language": DCTERMS + "language",
    "provenance": DCTERMS + "provenance",
    "issued": DCTERMS + "issued",
    "creator": DCTERMS + "creator",
    "publisher": DCTERMS + "publisher",
    "container": DCTERMS + "isPartOf",
    "url": DCTERMS + "identifier",
    "licence": DCTERMS + "license",
    "citation": DCTERMS + "bibliographicCitation",
    "note": SKOS + "scopeNote",
    "document-type": NX + "documentType",
    "reliability": NX + "reliability",
}
"""The fields of a record by their names, with the property of each; a DOI is an identifier as an address is."""

_Value: TypeAlias = NamedNode | Literal
# "PRISM 5(4), 2015, page 188 onward", as the record of an article has it beside its author.
_CITED: Final = re.compile(
    r"(?:^|, )([^,]+?) (\d+)(?:\((\d+(?:[-/]\d+)?)\))?, \d{4}(?:, pages? (\d+)(?:[-\u2013](\d+)|( onward))?)?"
)


def field_value(store: Readable, key: str, name: str) -> str | None:
    """The first value of a field of a source's record, by the name of the field; None where it has none."""
    return first_value(store, source_iri(key), FIELDS[name])


def date_of_issue(store: Readable, source: Any) -> datetime | None:
    """The last second at which a source can have appeared, by the earliest of its dates; None where it has no end.

    Dates in all graphs of the store count: a view is cut to size before there is a default graph.
    """
    ends = []
    for quad in store.quads_for_pattern(source, ISSUED, None):
        try:
            ends.append(edtf.bounds(quad.object.value if isinstance(quad.object, Literal) else "")[1])
        except BadDate:  # that it is wrong is for the checks to say
            continue
    return min((end for end in ends if end is not None), default=None)


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a source: a person by names, or a body by its name alone."""

    family: str
    given: str = ""

    def __str__(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class BibliographicRecord:
    """The bibliographic record of a source; what is not recorded is empty. `kind` is a concept's name or empty."""

    key: str
    title: str
    authors: tuple[Author, ...] = ()
    kind: str = ""
    container: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    """188, 188-199, or 188+ where only the first is known."""
    publisher: str = ""
    issued: str = ""
    doi: str = ""
    url: str = ""
    issn: str = ""
    language: str = ""

    @property
    def year(self) -> str:
        """The year of publication; empty where no date is recorded."""
        found = re.match(r"\d{4}", self.issued)
        return found[0] if found else ""

    @property
    def who(self) -> str:
        """By whom the source is cited: family names, else the publisher, else the title."""
        names = [author.family for author in self.authors]
        if len(names) > 2:
            return f"{names[0]} et al."
        return " and ".join(names) or self.publisher or f"“{self.title}”"


def bibliographic_record(store: Readable, key: str, language: str = "en") -> BibliographicRecord:
    """The record of the source with this key, bodies by their names in the language; the title is as published.

    >>> from nexuskg import load
    >>> found = bibliographic_record(load().data.store, "ellis-2015")
    >>> found.who, found.container, found.volume, found.issue, found.pages, found.year
    ('Ellis', 'PRISM', '5', '4', '188+', '2015')
    """
    node = NamedNode(source_iri(key))
    kinds = _values(store, node, "document-type")
    parents = _values(store, node, "container")
    containers = [_name(store, parent, language) for parent in parents]
    identifiers = [term.value for term in _values(store, node, "url")]
    of_parent = [term.value for parent in parents for term in _values(store, parent, "url")]
    cited = next((_CITED.search(term.value) for term in _values(store, node, "citation")), None)
    doi = next((found[0] for name in identifiers if (found := re.search(r"10\.\d{4,9}/\S+", name))), "")
    kind = kinds[0].value.rsplit("/", 1)[-1] if kinds else "journal-article" if parents else ""
    return BibliographicRecord(
        key=key,
        title=one_line(label(store, node) or key),
        authors=tuple(_author(store, term, language) for term in _values(store, node, "creator")),
        kind=kind,
        container=cited[1] if cited else containers[0] if containers else "",
        volume=cited[2] if cited else "",
        issue=(cited[3] or "") if cited else "",
        pages=_pages(cited) if cited else "",
        publisher=next((_name(store, term, language) for term in _values(store, node, "publisher")), ""),
        issued=next((term.value for term in _values(store, node, "issued")), ""),
        doi=doi.rstrip(".,;)"),
        url=next((name for name in identifiers if re.match("https?://", name)), ""),
        issn=next((name.removeprefix("ISSN ") for name in of_parent if name.startswith("ISSN ")), ""),
        language=next((term.value for term in _values(store, node, "language")), ""),
    )


def _pages(cited: re.Match[str]) -> str:
    first, last, onward = cited[4] or "", cited[5], cited[6]
    return f"{first}-{last}" if last else f"{first}+" if onward else first


def _values(store: Readable, node: _Value, name: str) -> list[_Value]:
    if isinstance(node, Literal):
        return []
    quads = store.quads_for_pattern(node, NamedNode(FIELDS[name]), None, DEFAULT_GRAPH)
    return sorted((quad.object for quad in quads if isinstance(quad.object, NamedNode | Literal)), key=str)


def _name(store: Readable, term: _Value, language: str) -> str:
    return one_line(
        term.value if isinstance(term, Literal) else label(store, term, language) or term.value.rsplit("/", 1)[-1]
    )


def _author(store: Readable, term: _Value, language: str) -> Author:
    """A person's last word is the family name; what is no person has no other."""
    name = _name(store, term, language)
    is_person = isinstance(term, NamedNode) and holds(store, Triple(term, TYPE, nx("Person")))
    given, _, family = name.rpartition(" ")
    return Author(family, given) if is_person and given else Author(name)
