"""The exception tree. Each message says what is wrong, where, and what to do.

    NexuskgError
    ├── HomeNotFound          no ontology/ and queries/ to be found
    ├── ParseFailure          a file is not what its format demands (path, line, column)
    ├── QueryFailure          a stored query cannot be read or run (path, line)
    │   └── Untraceable       a query can be run, but not followed to the evidence of its rows
    ├── UnknownQuery          no stored query of that name (name, close_matches)
    ├── UnknownTerm           no term, entity or question of that name (name, close_matches)
    ├── BadParameter          a parameter that the query does not have, or a value it cannot take
    ├── BadDate               a date that is not EDTF level 0 or 1
    ├── NotCanonical          formatting would change what a file says
    ├── TextMismatch          a text is not the one that the spans were made from
    ├── EndpointError         a server or a store on disk that cannot be read or written
    │   ├── Unanswered        a server that refuses a request (url, status)
    │   ├── NotPushed         a store without the dataset of the view, or without the whole of it
    │   ├── StoreInUse        a store that another process has open for writing
    │   ├── StoreFull         a store whose disk has too little space left
    │   └── StoreDamaged      a store that is not as it was left (folder, problems)
    ├── BadDraft              a claim or source as proposed that cannot become part of the graph
    ├── BadMarks              marks or decisions of readers that cannot be read, or not be held against each other
    ├── Refused               a request that the server does not answer (status)
    ├── UnfitFormat           a result that the format asked for cannot hold (form, others)
    └── NotWritable           the home is not to be written to, or changed meanwhile

A failed check is no exception but a :class:`Finding`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

BYTE_ORDER_MARK = "the file starts with a byte-order mark; save it as UTF-8 without one"

Severity = Literal["violation", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found: what is wrong with which node, by which rule, and in which line."""

    severity: Severity
    focus: str
    message: str
    rule: str
    file: str | None = None
    line: int | None = None


def closest(name: str, known: Sequence[str], limit: int = 3) -> tuple[str, ...]:
    """The known names most like the given one, best first; none where nothing is alike.

    >>> closest("who-taxs", ["who-taxes-what", "loops"])
    ('who-taxes-what',)
    """
    from rapidfuzz import fuzz, process

    hits = process.extract(name.casefold(), known, scorer=fuzz.WRatio, processor=str.casefold, limit=limit)
    return tuple(hit[0] for hit in hits if hit[1] >= 60)


def did_you_mean(names: Sequence[str]) -> str:
    """A sentence that offers the names, with a leading space; empty where there are none."""
    return f" Did you mean {' or '.join(names)}?" if names else ""


def parser_message(error: SyntaxError) -> str:
    """What a parser found wrong, without the place, which stands in front of every message anyway.

    >>> parser_message(SyntaxError("Parser error at line 2 column 5: n is not a valid predicate"))
    'n is not a valid predicate'
    """
    if "\ufeff" in str(error.msg):
        return BYTE_ORDER_MARK
    return re.sub(r"^Parser error at line \d+ (?:column \d+|between .*?): ", "", str(error.msg))


class NexuskgError(Exception):
    """Anything that stops a command and that its user can do something about."""


class HomeNotFound(NexuskgError):
    """No ontology/ and queries/ where they should be."""


class ParseFailure(NexuskgError):
    """A file that is not what its format demands."""

    def __init__(self, path: Path | str, line: int | None, column: int | None, problem: str) -> None:
        self.path, self.line, self.column, self.problem = str(path), line, column, problem
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{place}: {problem}")


class QueryFailure(NexuskgError):
    """A stored query that cannot be read or run."""


class Untraceable(QueryFailure):
    """A query whose rows cannot be followed to their evidence."""


class UnknownQuery(NexuskgError):
    """No stored query has this name."""

    def __init__(self, name: str, close_matches: Sequence[str] = ()) -> None:
        self.name, self.close_matches = name, tuple(close_matches)
        hint = did_you_mean(self.close_matches)
        super().__init__(f"There is no question {name!r}.{hint} All of them: nexuskg list")


class UnknownTerm(NexuskgError):
    """No term, entity or question has this name."""

    def __init__(self, name: str, close_matches: Sequence[str] = ()) -> None:
        self.name, self.close_matches = name, tuple(close_matches)
        super().__init__(f"Nothing is called {name!r}.{did_you_mean(self.close_matches)} Search: nexuskg find {name}")


class BadParameter(NexuskgError):
    """A parameter that the query does not have, or a value that it cannot take."""

    def __init__(self, name: str, problem: str, close_matches: Sequence[str] = ()) -> None:
        self.name, self.close_matches = name, tuple(close_matches)
        super().__init__(f"{name}: {problem}{did_you_mean(self.close_matches)}")


class BadDate(NexuskgError):
    """A date that is not EDTF level 0 or 1."""


class NotCanonical(NexuskgError):
    """Formatting would change what a file says, so it was left alone."""


class TextMismatch(NexuskgError):
    """A text that is not the one the spans were made from."""


class EndpointError(NexuskgError):
    """A server, or a store on disk, that cannot be read or written."""


class Unanswered(EndpointError):
    """A server that answers a request with an error."""

    def __init__(self, url: str, status: int, said: str) -> None:
        self.url, self.status, self.said = url, status, said
        super().__init__(f"{url}: {status}: {said}")


class NotPushed(EndpointError):
    """A store in which the dataset of a view is not, or not as a whole."""


class StoreInUse(EndpointError):
    """A store on disk that another process has open for writing."""


class StoreFull(EndpointError):
    """A store on disk that cannot be written, as there is too little space."""


class StoreDamaged(EndpointError):
    """A store on disk that is not as it was left; `problems` has a line for each graph."""

    def __init__(self, folder: Path, problems: Sequence[str]) -> None:
        self.folder, self.problems = folder, tuple(problems)
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(
            f"{folder}: the store is not as it was left: {self.problems[0]}{more}. All: nexuskg store check {folder}"
        )


class BadDraft(NexuskgError):
    """A claim, an entity or a source as somebody proposes it that cannot become part of the graph."""


class BadMarks(NexuskgError):
    """Marks or decisions of readers that cannot be read, or that cannot be held against each other."""


class NotWritable(NexuskgError):
    """A home that is not to be written to, or whose files changed while something was prepared for them."""


class Refused(NexuskgError):
    """A request that the server does not answer; `status` is that of HTTP, `retry` seconds after which to ask again."""

    def __init__(self, status: int, said: str, retry: int = 0, allow: str = "") -> None:
        self.status, self.retry, self.allow = status, retry, allow
        super().__init__(said)


class UnfitFormat(NexuskgError):
    """A result that the format asked for cannot hold; `others` are those that can."""

    def __init__(self, form: str, problem: str, others: Sequence[str]) -> None:
        self.form, self.others = form, tuple(others)
        super().__init__(f"-f {form} does not fit this result: {problem} These do: {', '.join(self.others)}.")
