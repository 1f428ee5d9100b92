"""The sources that an answer rests on, as BibTeX and as CSL-JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from nexuskg.base.safe_text import escape_controls, one_line
from nexuskg.evidence.records import BibliographicRecord, bibliographic_record

if TYPE_CHECKING:
    from nexuskg.answers.answer import Answer, Evidence
    from nexuskg.pipeline.dataset import Compiled

_TYPES: Final = {
    "journal-article": ("article", "article-journal"),
    "news-article": ("article", "article-newspaper"),
    "report": ("techreport", "report"),
    "press-release": ("misc", "webpage"),
    "web-page": ("misc", "webpage"),
    "dataset": ("misc", "dataset"),
}
"""What BibTeX and CSL call each type of document."""
_LATEX: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{mark: "\\" + mark for mark in "&%$#_"},
}


# ---- the sources of an answer -------------------------------------------------------------------------------------


def has_sources(found: Answer) -> bool:
    """Whether any row rests on a source; an answer without rows has nothing that could be without."""
    return not found.rows or any(row.evidence for row in found.rows)


def _cited_sources(data: Compiled, found: Answer) -> list[tuple[BibliographicRecord, str]]:
    """The sources of the rows by key, each with a note of the places cited in it."""
    items: dict[str, dict[Evidence, None]] = {}
    for row in found.rows:
        for item in row.evidence:
            items.setdefault(item.source, {})[item] = None
    records = {key: bibliographic_record(data.store, key, found.language) for key in sorted(items) if key}
    return [(record, _note(items[key])) for key, record in records.items()]


def _note(items: Iterable[Evidence]) -> str:
    """Which paragraphs are cited, with the words to look for; a locator where there is only that."""
    places: dict[str, dict[str, None]] = {}
    in_order = sorted({span for item in items for span in item.spans}, key=lambda span: (span.start, span.end))
    for span in in_order:
        places.setdefault(f"paragraph {span.paragraph}", {})[span.anchor] = None
    for item in items:
        if not item.spans and item.paragraph:
            places.setdefault(f"{item.paragraph} [locator only]", {})
    told = []
    for place, anchors in places.items():
        words = ", ".join(f"“{anchor}”" for anchor in anchors if anchor)
        told.append(f"{place}, at {words}" if words else place)
    return one_line(f"Cited: {'; '.join(told)}." if told else "")


# ---- BibTeX -------------------------------------------------------------------------------------------------------


def bibtex_text(data: Compiled, found: Answer) -> str:
    """The sources of the rows as BibTeX in UTF-8, an entry each by its key, with the places cited in its note.

    >>> from nexuskg import load
    >>> graph = load()
    >>> print(bibtex_text(graph.data, graph.ask("who-taxes-what")).splitlines()[1])
      author = {Ellis, R. Evan},
    """
    return "\n".join(_entry(source, note) for source, note in _cited_sources(data, found))


def _entry(source: BibliographicRecord, note: str) -> str:
    kind = _TYPES.get(source.kind, ("misc", ""))[0]
    if kind == "article" and not source.authors:  # an article must have an author; a medium is none
        kind = "misc"
    names = [
        _latex(f"{author.family}, {author.given}") if author.given else f"{{{_latex(author.family)}}}"
        for author in source.authors
    ]
    month = re.fullmatch(r"\d{4}-(\d\d)(?:-(\d\d))?", source.issued)
    if (
        not names and source.kind != "news-article" and source.publisher
    ):  # a body that publishes its own word is its author
        names = [f"{{{_latex(source.publisher)}}}"]
    fields = {
        "author": " and ".join(names),
        "title": f"{{{_latex(source.title)}}}",  # braces keep its capitals
        "journal": _latex(source.container or source.publisher) if kind == "article" else "",
        "institution": _latex(source.publisher) if kind == "techreport" else "",
        "howpublished": _latex(source.publisher) if kind == "misc" and not names else "",
        "key": _latex(source.publisher) if not names else "",  # by which it is sorted
        "volume": source.volume,
        "number": source.issue,
        "pages": source.pages.replace("-", "--"),
        "year": source.year,
        "month": str(int(month[1])) if month else "",
        "day": str(int(month[2])) if month and month[2] else "",
        "issn": source.issn,
        "doi": source.doi,
        "url": _url(source.url),
        "language": {"en": "english", "es": "spanish", "pt": "portuguese"}.get(source.language, source.language),
        "note": _latex(note),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{kind}{{{source.key},\n{lines}}}\n"


def _latex(text: str) -> str:
    r"""The text with what LaTeX takes for its own escaped; letters with accents stay UTF-8.

    >>> _latex("Perú & 17.5% of {a_b} \\ ~")
    'Perú \\& 17.5\\% of \\{a\\_b\\} \\textbackslash{} \\textasciitilde{}'
    """
    return "".join(_LATEX.get(mark, mark) for mark in text)


def _url(url: str) -> str:
    """The address, which BibTeX takes as it is, but for the braces that would end the field."""
    return "".join(f"%{ord(c):02X}" if c in "{}\\" else c for c in url)


# ---- CSL-JSON -----------------------------------------------------------------------------------------------------


def csl_text(data: Compiled, found: Answer) -> str:
    """The sources of the rows as CSL-JSON, an item each by its key, with the places cited in its note.

    >>> from nexuskg import load
    >>> graph = load()
    >>> [item["type"] for item in json.loads(csl_text(graph.data, graph.ask("who-taxes-what")))]
    ['article-journal']
    """
    items = [_item(source, note) for source, note in _cited_sources(data, found)]
    return escape_controls(json.dumps(items, ensure_ascii=False, indent=2)) + "\n"


def _item(source: BibliographicRecord, note: str) -> dict[str, object]:
    kind = _TYPES.get(source.kind, ("", "webpage" if source.url else "document"))[1]
    people = [
        {"family": author.family, "given": author.given} if author.given else {"literal": author.family}
        for author in source.authors
    ]
    if not people and kind in ("report", "webpage", "dataset") and source.publisher:
        people = [{"literal": source.publisher}]
    date = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", source.issued)
    parts = [int(part) for part in date.groups() if part] if date else []
    item: dict[str, object] = {
        "id": source.key,
        "type": kind,
        "title": source.title,
        "author": people,
        "container-title": source.container or (source.publisher if kind.startswith("article") else ""),
        "publisher": source.publisher,
        "genre": "Press release" if source.kind == "press-release" else "",
        "volume": source.volume,
        "issue": source.issue,
        "page": "" if source.pages.endswith("+") else source.pages,
        "page-first": re.split(r"[-+]", source.pages)[0],
        "issued": {"date-parts": [parts]} if parts else {"literal": source.issued} if source.issued else "",
        "ISSN": source.issn,
        "DOI": source.doi,
        "URL": source.url,
        "language": source.language,
        "note": note,
    }
    return {name: value for name, value in item.items() if value}
