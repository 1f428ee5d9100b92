"""Digests, anchor phrases and segments of a text, for whoever prepares a source or looks for its spans.

Offsets are Unicode code points, 0-based, end exclusive. Nothing here knows of the graph.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

ANCHOR_WORDS = 5
"""Most words an anchor phrase may have."""

_WORD = re.compile(r"\w+(?:[^\w\s]+\w+)*")


class SpanDigests(NamedTuple):
    """The three values a span keeps of its characters."""

    sha256: str
    normalized_sha256: str
    normalized_length: int


class Anchor(NamedTuple):
    """A short phrase that leads to a span; occurrence (1-based) where the phrase stands more than once in the text."""

    phrase: str
    occurrence: int | None


class TextPart(NamedTuple):
    """A part of a text as `text_parts` proposes it: kind is a concept of the scheme segment-kind."""

    kind: str
    start: int
    end: int


def sha256(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in hexadecimal.

    >>> sha256("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def normalize(text: str) -> str:
    r"""The text with every white-space run as one space, and none at its ends.

    >>> normalize(" one\n two ")
    'one two'
    """
    return " ".join(text.split())


def span_digests(text: str, start: int, end: int) -> SpanDigests:
    r"""The digests of the characters from start to end (code points, end exclusive).

    Raises ValueError where the offsets do not lie in the text in this order.

    >>> span_digests("a  b", 0, 4).normalized_length
    3
    """
    if not 0 <= start < end <= len(text):
        raise ValueError(f"span {start}-{end} does not lie in a text of {len(text)} characters")
    exact = text[start:end]
    return SpanDigests(sha256(exact), sha256(normalize(exact)), len(normalize(exact)))


def occurrences(phrase: str, text: str) -> list[int]:
    """Every offset at which the phrase begins in the text, overlapping ones too.

    >>> occurrences("aa", "aaa")
    [0, 1]
    """
    found = []
    at = text.find(phrase)
    while at >= 0:
        found.append(at)
        at = text.find(phrase, at + 1)
    return found


def shortest_anchor(text: str, start: int, end: int) -> Anchor | None:
    """The phrase of fewest words that lies in the span and stands once in the text: two words, five at most.

    A single word does only where the span has no second one. Among phrases of as many words that one is taken which
    has fewest short words, then fewest characters, then comes first. Where no phrase stands once, it is the one that
    stands fewest times, with its occurrence number in the text. None where the span has no word. White space in a
    phrase is one space, and phrases are looked for in the text so normalized.

    >>> shortest_anchor("the cat saw a brown horse", 8, 25)
    Anchor(phrase='brown horse', occurrence=None)
    >>> shortest_anchor("so it is so", 9, 11)
    Anchor(phrase='so', occurrence=2)
    """
    whole, span = normalize(text), normalize(text[start:end])
    words = [(m.start(), m.end()) for m in _WORD.finditer(span)]
    best: tuple[int, int, int, int, int] | None = None  # times, words, short words, characters, offset in the span
    for count in range(min(2, max(1, len(words))), min(ANCHOR_WORDS, len(words)) + 1):
        for chosen in (words[i : i + count] for i in range(len(words) - count + 1)):
            first, last = chosen[0][0], chosen[-1][1]
            times = len(occurrences(span[first:last], whole))
            rank = (times, count, sum(right - left < 4 for left, right in chosen), last - first, first)
            best = rank if best is None or rank < best else best
        if best is not None and best[0] == 1:
            break
    if best is None:
        return None
    times, _, _, length, first = best
    phrase = span[first : first + length]
    if times == 1:
        return Anchor(phrase, None)
    before = normalize(text[:start])
    # a space between what stands before and the span belongs to neither of them
    apart = bool(before) and (text[start - 1].isspace() or text[start].isspace())
    return Anchor(phrase, occurrences(phrase, whole).index(len(before) + apart + first) + 1)


def text_parts(text: str, *, body: tuple[int, int] | None = None) -> list[TextPart]:
    """A proposal of the parts of a text: header, headings, sentences, ellipses, page furniture, in order.

    Paragraphs end at empty lines, sentences at a full stop, question or exclamation mark (with closing quotes and a
    footnote mark glued to it) before white space and a capital; not after an initial or a one-letter abbreviation.
    Lines outside `body` are header before it and page-furniture after it. A person must read the result.

    >>> [s.kind for s in text_parts("What now\\n\\nOne thing. Another of the U.S. kind.2 …")]
    ['heading', 'sentence', 'sentence', 'ellipsis']
    """
    first, last = body or (0, len(text))
    found: list[TextPart] = []
    for paragraph in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text):
        start, end = paragraph.start(), paragraph.start() + len(paragraph.group().rstrip())
        if start < first or start >= last:
            kind = "header" if start < first else "page-furniture"
            lines = re.finditer(r"\S[^\n]*", text[start:end])
            found += [TextPart(kind, start + m.start(), start + m.start() + len(m.group().rstrip())) for m in lines]
            continue
        for left, right in _sentences(text, start, end):
            part = text[left:right]
            if not _WORD.search(part):
                kind = "ellipsis"
            else:
                kind = "sentence" if re.search(r"[.?!…:;][\"'\u201d\u2019)\]]*\d*$", part) else "heading"
            found.append(TextPart(kind, left, right))
    return found


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    left = start
    for stop in re.finditer(r"[.?!][\"'\u201d\u2019)\]]*\d*(\s+)(?=[\"'\u201c\u2018(\[]?[A-ZÀ-Þ…])", text[start:end]):
        if re.search(r"(?:^|[\s.(])[A-Z]$", text[left : start + stop.start()]) and text[start + stop.end()] != "…":
            continue
        yield left, start + stop.start(1)
        left = start + stop.end()
    yield left, end
