"""The words of a SPARQL query: what its parsers in `pattern_parser` and `evidence_plan` read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<skip>\s+|\#[^\n\r]*)
    |(?P<iri><[^<>"{}|^`\\\s]*>)
    |(?P<string>\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<var>[?$]\w+)
    |(?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<pname>(?:[A-Za-z][\w-]*)?:(?:[\w-]+(?:\.+[\w-]+)*)?)
    |(?P<number>(?:\d*\.\d+|\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<sign>\^\^|&&|\|\||[!<>]=|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENING: Final = ("(", "[", "{")
_CLOSING: Final = (")", "]", "}")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a query: its kind, its text as written, and where it stands."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """The text by which the grammar knows it: keywords in capitals."""
        return self.text.upper() if self.kind == "word" else self.text


def tokenize(text: str) -> list[Token]:
    """The words of the query without space and comments; the last is of the kind "end".

    >>> [token.text for token in tokenize("ASK { ?a nx:p 1.5 } # so")]
    ['ASK', '{', '?a', 'nx:p', '1.5', '}', '']
    """
    words = [
        Token(str(match.lastgroup), match[0], match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "skip"
    ]
    return [*words, Token("end", "", len(text), len(text))]


def without_comments(text: str) -> str:
    """The query with a blank in the place of every character of a comment, so that its words stay where they are.

    >>> without_comments("ASK { ?a <urn:#p> '#' } # so")
    "ASK { ?a <urn:#p> '#' }     "
    """
    return _TOKEN.sub(lambda match: " " * len(match[0]) if match[0].startswith("#") else match[0], text)


def too_deep(words: Iterable[Token], most: int) -> Token | None:
    """The first bracket that stands within more than `most` others; None where there is none.

    >>> too_deep(tokenize("ASK { { } }"), 1).start, too_deep(tokenize("ASK { { } }"), 2)
    (6, None)
    """
    depth = 0
    for word in words:
        if word.kind == "sign":
            depth += (word.text in _OPENING) - (word.text in _CLOSING)
        if depth > most:
            return word
    return None


def unescape(text: str) -> str:
    r"""The inside of a quoted string with its escapes resolved.

    >>> unescape(r"a\u00e9\n")
    'aé\n'
    """
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[3])
