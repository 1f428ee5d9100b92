"""What a stranger's query may not have, found by its words before anything of it is evaluated."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping
from typing import Final

from nexuskg.errors import Refused
from nexuskg.queries.tokens import Token, tokenize, too_deep

NOT_FETCHED: Final = "here, and none is fetched"
"""What is said of a graph that is not there; by this a push to such a server knows that it has it still to make."""
FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH")
_CODED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_REMOTE: Final = re.compile("SERVICE", re.IGNORECASE)
_LOAD: Final = re.compile("LOAD", re.IGNORECASE)


def check_query(text: str, graphs: Collection[str], prefixes: Mapping[str, str], nesting: int = 200) -> str:
    """The form of the query: SELECT, ASK, CONSTRUCT or DESCRIBE; raises Refused, with a status of HTTP.

    Refused are updates, SERVICE however it is written, a graph in FROM that is none of `graphs`, and brackets more than
    `nesting` deep, on which the engine runs out of stack. What is no SPARQL otherwise is left to the engine to say.

    >>> check_query("PREFIX a: <urn:a> select * { a:service ?p 'SERVICE' }", (), {})
    'SELECT'
    """
    if "\0" in text:
        raise Refused(400, "The query has a NUL character in it, which SPARQL does not allow.")
    words = tokenize(text)
    # The engine resolves \u escapes in IRIs only; should that change, a keyword written so is still found.
    for version in {text, _CODED.sub(_character, text)}:
        if _REMOTE.search(version):
            _local(version, _REMOTE)
    _shallow(text, words, nesting)
    form = _form(text, words)
    _datasets(text, words, graphs, prefixes)
    return form


def check_update(text: str, nesting: int = 200) -> None:
    """Raise Refused where an update would fetch something (SERVICE, LOAD), or is too complex.

    >>> check_update("PREFIX a: <urn:a> INSERT DATA { GRAPH a:b { a:LOAD a:c 'LOAD <x>' } }")
    """
    if "\0" in text:
        raise Refused(400, "The update has a NUL character in it, which SPARQL does not allow.")
    for version in {text, _CODED.sub(_character, text)}:
        for keyword in (_REMOTE, _LOAD):
            if keyword.search(version):
                _local(version, keyword)
    words = tokenize(text)
    _shallow(text, words, nesting)
    first = next((word for word in words if word.kind == "word" and word.key.startswith((*FORMS, *UPDATES))), words[0])
    if first.key.startswith(FORMS):
        raise Refused(
            400, f"{line_and_column(text, first.start)}: {first.key} is a query; send it as query=, not as update=."
        )


def names_dataset(text: str) -> bool:
    """Whether the query says itself, by FROM, which graphs it reads.

    >>> names_dataset("ASK FROM <urn:g> {}"), names_dataset("ASK { ?from ?p 'FROM' }")
    (True, False)
    """
    return any(word.kind == "word" and word.key == "FROM" for word in tokenize(text))


def line_and_column(text: str, at: int) -> str:
    """Where in the text a character is, as line and column, both from 1.

    >>> line_and_column("ASK\\n{", 4)
    'line 2, column 1'
    """
    line = text.count("\n", 0, at) + 1
    return f"line {line}, column {at - text.rfind(chr(10), 0, at)}"


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= sys.maxunicode else match[0]


def _local(text: str, keyword: re.Pattern[str]) -> None:
    """Raise Refused where SERVICE or LOAD may be a keyword.

    The engine takes it without a space on either side (SERVICE:x, SERVICESILENT<x>), so a word that only has it in it
    is refused, too. A backslash outside of strings is where our reading of the words and the engine's part, and behind
    it nothing is certain.
    """
    name = keyword.pattern
    for word in tokenize(text):
        possible = word.kind == "word" or (word.kind == "pname" and keyword.search(word.text.partition(":")[0]))
        if possible and keyword.search(word.text):
            raise Refused(
                400, f"{line_and_column(text, word.start)}: {name} is not allowed here: this server asks no other."
            )
        if word.text == "\\":
            raise Refused(
                400,
                f"{line_and_column(text, word.start)}: what has a backslash outside of quotes may not have the word "
                f"{name}: this server asks no other.",
            )


def _shallow(text: str, words: list[Token], nesting: int) -> None:
    found = too_deep(words, nesting)
    if found is not None:
        where = line_and_column(text, found.start)
        raise Refused(400, f"{where}: the query is too complex: more than {nesting} brackets deep.")


def _form(text: str, words: list[Token]) -> str:
    # Some engines take a keyword and what follows without a space between, as in SELECT?x, which reads as two words.
    # An IRI with an escape in it reads as several, so what comes before the keyword is left to the engine.
    heads = (word for word in words if word.kind == "word" and word.key.startswith((*FORMS, *UPDATES)))
    first = next(heads, words[0])
    form = next((name for name in FORMS if first.key.startswith(name)), "")
    if form:
        return form
    where = line_and_column(text, first.start)
    if first.kind == "word" and first.key.startswith(UPDATES):
        raise Refused(403, f"{where}: {first.key} is an update, and a query only reads.")
    said = repr(first.text) if first.text else "nothing more"
    raise Refused(400, f"{where}: {', '.join(FORMS[:-1])} or {FORMS[-1]} was expected where it says {said}.")


def _datasets(text: str, words: list[Token], graphs: Collection[str], prefixes: Mapping[str, str]) -> None:
    table = dict(prefixes)
    for at, word in enumerate(words[:-2]):
        if word.key == "PREFIX" and words[at + 1].text.endswith(":"):
            table[words[at + 1].text[:-1]] = words[at + 2].text[1:-1]
    for at, word in enumerate(words[:-1]):
        if word.kind != "word" or word.key != "FROM":
            continue
        name = words[at + 1] if words[at + 1].key != "NAMED" else words[min(at + 2, len(words) - 1)]
        start, _, rest = name.text.partition(":")
        iri = name.text[1:-1] if name.kind == "iri" else table.get(start, start + ":") + rest
        if name.kind in ("iri", "pname") and iri not in graphs:
            raise Refused(
                400, f"{line_and_column(text, name.start)}: there is no graph {iri} {NOT_FETCHED}. All: /api/views"
            )
