"""Answers as tables of text: cells by label, then the evidence; as CSV, TSV, Markdown, HTML and JSON."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from nexuskg.base import headings
from nexuskg.base.namespaces import BASE
from nexuskg.base.safe_text import one_line, printable

if TYPE_CHECKING:
    from nexuskg.answers.answer import Answer, Evidence, Row

FORMATS: Final = ("table", "csv", "tsv", "json", "md", "geojson", "graphml", "ttl", "cite", "bibtex", "csl")
"""Every format of an answer; table is the one for the eye, which the console lays out."""

EVIDENCE: Final = ("hedge", "source", "paragraph", "anchor")
"""The columns of evidence that every table has."""

_CLAIMS: Final[dict[str, Callable[[Row], Sequence[Evidence]]]] = {
    "claims": lambda row: row.evidence,
    "also": lambda row: row.also,
    "foundBy": lambda row: row.found_by,
}

Text = tuple[tuple[str, ...], list[tuple[str, ...]]]


def answer_table(found: Answer, limit: int | None = None, spans: bool = False, variables: bool = False) -> Text:
    """Column headings and rows of text: labels for nodes, literals as said, then the evidence.

    The grade is shown where claims that are known by a locator only may be among it; with `spans`, the claims and the
    spans that each row rests on, what else justifies it and what it was found by. With a limit, at most that many
    values of the evidence are written out, and a column of a stored question that names the claim is left out where the
    others tell the rows apart. With `variables`, the columns of the query are named as it names them.
    """
    of_claims = "claim" in found.columns
    columns = list(found.columns)
    if of_claims and limit is not None and not found.own and _told_apart_without_claims(found):
        columns.remove("claim")
    extra = [name for name in EVIDENCE if name not in found.columns]
    if found.view.evidence == "locator" and "grade" not in found.columns:
        extra.append("grade")
    if spans:
        extra += ["claims", "spans"]
        # A program finds the same columns whatever the rows have.
        told = (name for name in ("also", "foundBy") if limit is None or any(_values(row, name) for row in found.rows))
        extra += told
    if any(row.rests_on != "claims" for row in found.rows):
        extra.append("restsOn")
    if not of_claims and "hedge" in extra and not any(_values(row, "hedge") for row in found.rows):
        extra.remove("hedge")
    rows = []
    for row in found.rows:
        cells = [
            cell.curie if name == "claim" and cell.curie else cell.label
            for name, cell in zip(found.columns, row, strict=True)
            if name in columns
        ]
        rows.append((*cells, *(_extra(row, name, limit, found.language) for name in extra)))
    # A question may count claims in a column of that name.
    ours = ["evidenceClaims" if name in columns and name == "claims" else name for name in extra]
    own = columns if variables else [headings.heading(name, found.language) for name in columns]
    return (*own, *(headings.heading(name, found.language) for name in ours)), rows


def _told_apart_without_claims(found: Answer) -> bool:
    others = [at for at, name in enumerate(found.columns) if name != "claim"]
    return len({tuple(row[at].label for at in others) for row in found}) == len(found)


def defaults_text(found: Answer) -> str:
    """What narrows the answer though nobody asked for it, as a sentence; empty where nothing does.

    >>> from nexuskg import ask
    >>> defaults_text(ask("who-operates-where")), defaults_text(ask("who-taxes-what"))
    ('With tie = operates in, is concentrated in, is confined to (default).', '')
    """
    said = (f"{name} = {', '.join(cell.label for cell in cells)}" for name, cells in found.defaults)
    values = "; ".join(headings.message("default", found.language, value=value) for value in said)
    return headings.message("with defaults", found.language, values=values) if values else ""


def unknown_texts(unknown: Iterable[tuple[str, Sequence[str]]], language: str = "en") -> list[str]:
    """What a query names that is nowhere in the graph, a sentence each.

    >>> unknown_texts([("nx:taxed", ["nx:taxes"])])
    ['nx:taxed is nowhere in this view of the graph. The closest: nx:taxes.']
    """
    said = []
    for name, close in unknown:
        nearest = headings.message("closest", language, names=", ".join(close)) if close else ""
        said.append(f"{headings.message('nowhere', language, names=name)} {nearest}".rstrip())
    return said


def remarks(found: Answer) -> list[str]:
    """What is to be said beside the rows: the defaults that narrow them, and names that are nowhere in the graph."""
    return [*filter(None, [defaults_text(found)]), *unknown_texts(found.unknown, found.language)]


def _extra(row: Row, name: str, limit: int | None, language: str) -> str:
    if name == "restsOn":
        return headings.basis(row.rests_on, language)
    values = _values(row, name)
    # What is asked for by name is given whole: a claim left out could not be looked up.
    if limit is not None and len(values) > limit and name not in (*_CLAIMS, "spans"):
        values = [*values[:limit], f"+{len(values) - limit}"]
    return "; ".join(values)


def _values(row: Row, name: str) -> list[str]:
    if name in _CLAIMS:
        return [item.curie for item in _CLAIMS[name](row)]
    if name == "spans":
        return list(dict.fromkeys(place for item in row.evidence for place in item.places))
    # Claims often share a paragraph or an anchor: each is written once.
    said = (value for item in row.evidence for value in str(getattr(item, name)).split("; "))
    return list(dict.fromkeys(value for value in said if value))


def csv_text(found: Answer, spans: bool = False, delimiter: str = ",") -> str:
    """The table as CSV, or TSV with a tab for the delimiter; a cell is quoted where it has to be.

    In English the columns have the names of their variables, for programs read them.

    >>> from nexuskg import ask
    >>> csv_text(ask("who-taxes-what")).partition(",")[0]
    'group'
    """
    columns, rows = answer_table(found, spans=spans, variables=found.language == "en")
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(
        [printable(cell, keep="\n\t") for cell in row] for row in (columns, *rows)
    )
    return out.getvalue()


def markdown_text(found: Answer, spans: bool = False) -> str:
    """The table as GitHub Markdown, one line a row.

    >>> print(_escape_pipes(("a", "b"), [("x|y", "two\\nlines")]), end="")
    | a | b |
    |---|---|
    | x\\|y | two lines |
    """
    said = "".join(f"\n{_mark(remark)}\n" for remark in remarks(found))
    return _escape_pipes(*answer_table(found, 3, spans)) + said


def _escape_pipes(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(_mark(cell) for cell in cells)} |\n"

    return line(columns) + f"|{'---|' * len(columns)}\n" + "".join(map(line, rows))


def _mark(cell: str) -> str:
    # A backslash before the pipe would take back its escape; markup in a label is text.
    plain = one_line(cell).replace("\\", "\\\\").replace("|", "\\|")
    plain = re.sub(r"&(?=#?\w+;)", "&amp;", plain)
    return plain.replace("<", "&lt;").replace("*", "\\*").replace("`", "\\`").replace("[", "\\[")


def html_text(found: Answer, link: Callable[[str, str], str] | None = None) -> str:
    """The table as HTML that asks nothing of the network: labels, the IRI of a node as a tip, the evidence last.

    On a page `link` makes of an IRI and its label a link, and each cell has the heading of its column by it.

    >>> from nexuskg import ask
    >>> "<code>claim:ellis-2015.c082</code> 3, residual elements" in html_text(ask("who-taxes-what"))
    True
    """

    def heading(name: str) -> str:
        return escape(headings.heading(name, found.language))

    names = [heading(name) for name in (*found.columns, "evidence")]

    def cell(name: str, label: str, iri: str | None) -> str:
        if link is None:
            return f'<td title="{escape(iri or "")}">{_plain(label)}</td>'
        return f'<td data-label="{name}">{link(iri, label) if iri else _plain(label)}</td>'

    def claim(curie: str) -> str:
        return link(f"{BASE}claim/{curie.removeprefix('claim:')}", curie) if link else f"<code>{escape(curie)}</code>"

    body = []
    for row in found.rows:
        cells = [cell(name, each.label, each.iri) for name, each in zip(names[:-1], row, strict=True)]
        places = [
            f"{claim(item.curie)} {_plain(', '.join(filter(None, (item.paragraph, item.anchor))))}"
            for item in row.evidence
        ]
        places += [escape(headings.basis(row.rests_on, found.language))] if row.rests_on != "claims" else []
        for told, items in (("also", row.also), ("foundBy", row.found_by)):
            places += [f"{heading(told)}: {', '.join(claim(item.curie) for item in items)}"] if items else []
        last = f' data-label="{names[-1]}"' if link else ""
        body.append(f"<tr>{''.join(cells)}<td{last}>{'<br>'.join(places)}</td></tr>")
    head = "".join(f"<th>{name}</th>" for name in names)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    notes = [*filter(None, [found.untraced]), *remarks(found)]
    return "".join(f"<p>{_plain(note)}</p>" for note in notes) + table


def _plain(words: str) -> str:
    return escape(printable(words, keep="\n\t"))


def plain_values(found: Answer) -> dict[str, object]:
    """The answer as plain values for JSON: a cell with its text and, for a node, its IRI; a row with its evidence.

    >>> from nexuskg import ask
    >>> plain_values(ask("who-taxes-what"))["columns"]
    ['group', 'activity', 'place', 'claim']
    """
    rows = []
    for row in found.rows:
        cells: dict[str, object] = {}
        for name, cell in zip(found.columns, row, strict=True):
            about = {"text": cell.label} | ({"iri": cell.iri} if cell.iri else {})
            cells[name] = about if cell.term is not None else None
        evidence = [
            {
                "claim": item.curie,
                "hedge": item.hedge,
                "source": item.source,
                "paragraph": item.paragraph,
                "anchor": item.anchor,
                "grade": item.grade,
                "spans": [{"span": span.curie, "start": span.start, "end": span.end} for span in item.spans],
            }
            for item in row.evidence
        ]
        others = {
            name: [item.curie for item in told] for name, told in (("also", row.also), ("found_by", row.found_by))
        }
        rows.append({"cells": cells, "rests_on": row.rests_on, "evidence": evidence, **others})
    return {
        "question": found.question,
        "view": str(found.view),
        "language": found.language,
        "defaults": {
            name: [{"text": cell.label} | ({"iri": cell.iri} if cell.iri else {}) for cell in cells]
            for name, cells in found.defaults
        },
        "unknown": {name: list(close) for name, close in found.unknown},
        "columns": list(found.columns),
        "rows": rows,
    }
