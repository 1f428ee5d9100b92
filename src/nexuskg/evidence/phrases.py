"""Where words pasted from a text stand in it, and what is most like them where they do not.

What editors, browsers and PDF readers change is seen through: white space, case, the kind of quotes and dashes,
ligatures, composed or decomposed letters, invisible characters. Offsets are Unicode code points of the text as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from nexuskg.evidence.anchors import normalize, occurrences, text_parts

WEAKEST: Final = 55
"""Per cent of likeness below which a passage is not worth showing."""
SENTENCES: Final = 400
"""Of a longer text only the sentences that share most words with a phrase are compared with it."""

# Written by number: to a reader of this file many of them look alike.
_QUOTES: Final = dict.fromkeys(
    "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u2032\u2033\uff02\uff07",
    "'",
)
_DASHES: Final = dict.fromkeys("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
_UNSEEN: Final = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_PLAIN: Final = {**_QUOTES, **_DASHES, **dict.fromkeys(_UNSEEN, "")}
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class TextRange:
    """Where a phrase stands in a text: offsets, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Near:
    """A passage like a phrase: where it stands, its words with single spaces, and how many per cent are alike."""

    place: TextRange
    words: str
    alike: int


class SearchableText:
    """A text with what looking for phrases in it needs, made once: it folded, and the offsets behind that."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def folded_text(self) -> tuple[str, list[int], list[int]]:
        """The folded text, and for each of its characters where in the text that begins and ends."""
        return _fold(self.text)

    @cached_property
    def sentences(self) -> list[tuple[TextRange, str]]:
        """The sentences, headings and other segments of the text, each with its folded words."""
        return [(TextRange(s.start, s.end), fold_phrase(self.text[s.start : s.end])) for s in text_parts(self.text)]


def fold_phrase(text: str) -> str:
    """The text as phrases are compared: one case, one kind of quote, dash and space, none at its ends.

    >>> fold_phrase(" The \u201cSendero\\n Luminoso\u201d \u2013 1980 ")
    "the 'sendero luminoso' - 1980"
    """
    return _fold(text)[0].strip()


def _fold(text: str) -> tuple[str, list[int], list[int]]:
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    size, at = len(text), 0
    while at < size:
        end = at + 1
        while end < size and unicodedata.combining(text[end]):
            end += 1
        cluster = text[at:end]
        plain = _PLAIN.get(cluster)
        if plain is None:
            plain = cluster.casefold() if cluster.isascii() else unicodedata.normalize("NFKC", cluster).casefold()
            plain = "".join(" " if c.isspace() else _PLAIN.get(c, c) for c in plain)
        for char in plain:
            if parts and char in " -" and parts[-1] == char:  # a run of white space or of dashes counts as one
                ends[-1] = end
                continue
            parts.append(char)
            starts.append(at)
            ends.append(end)
        at = end
    return "".join(parts), starts, ends


def phrase_ranges(phrase: str, readable: SearchableText) -> list[TextRange]:
    """Every place of a phrase in a text, in order: exact ones, else with what editors change seen through.

    Places that begin or end within a word count only where there are no others, and then as far as that word goes.

    >>> phrase_ranges("SENDERO  luminoso's", SearchableText("Today Sendero\\nLuminoso\u2019s men"))
    [TextRange(start=6, end=24)]
    """
    text, wanted = readable.text, phrase.strip()
    if not wanted:
        return []
    found = [TextRange(at, at + len(wanted)) for at in occurrences(wanted, text)]
    whole = [place for place in found if _whole(text, place)]
    if whole:
        return whole
    folded, starts, ends = readable.folded_text
    key = fold_phrase(wanted)
    seen = [TextRange(starts[at], ends[at + len(key) - 1]) for at in occurrences(key, folded)] if key else []
    return [place for place in seen if _whole(text, place)] or list(
        dict.fromkeys(_widen(text, place) for place in found or seen)
    )


def nearest(phrase: str, readable: SearchableText, limit: int = 3) -> list[Near]:
    """The passages of a text most like a phrase that is not in it, best first; none where nothing is alike.

    >>> text = SearchableText("They took a cargo of cocaine.")
    >>> [(near.words, near.alike) for near in nearest("a cargo of cocain", text)]
    [('a cargo of cocaine', 97)]
    """
    from rapidfuzz import fuzz

    key = fold_phrase(phrase)
    if not key:
        return []
    sentences = readable.sentences
    if len(sentences) > SENTENCES:
        asked = Counter(_WORD.findall(key))
        sentences = sorted(sentences, key=lambda s: -sum((asked & Counter(_WORD.findall(s[1]))).values()))[:SENTENCES]
    found = []
    for place, words in sentences:
        hit = fuzz.partial_ratio_alignment(key, words, score_cutoff=WEAKEST) if words else None
        if hit is None:
            continue
        near = place
        if len(key) <= len(words):
            folded, starts, ends = _fold(readable.text[place.start : place.end])
            shift = len(folded) - len(folded.lstrip())
            first, last = hit.dest_start + shift, max(hit.dest_end + shift - 1, hit.dest_start + shift)
            inside = TextRange(place.start + starts[first], place.start + ends[min(last, len(ends) - 1)])
            near = _trim(readable.text, _widen(readable.text, inside))
        said = readable.text[near.start : near.end]
        alike = round(fuzz.ratio(key, fold_phrase(said)))
        if alike >= WEAKEST:
            found.append(Near(near, normalize(said), min(alike, 99)))
    return sorted(found, key=lambda near: (-near.alike, near.place.start))[:limit]


def longest_quotation(words: str, readable: SearchableText) -> str:
    """The longest run of words that stands in a text word by word, folded; empty where not even one does.

    >>> longest_quotation("We say that the cat sat there.", SearchableText("Now the cat sat down."))
    'the cat sat'
    """
    mine = _WORD.findall(fold_phrase(words))
    theirs = " " + " ".join(_WORD.findall(readable.folded_text[0])) + " "
    best: list[str] = []
    for first in range(len(mine)):
        while first + len(best) < len(mine) and f" {' '.join(mine[first : first + len(best) + 1])} " in theirs:
            best = mine[first : first + len(best) + 1]
    return " ".join(best)


def _letter(char: str) -> bool:
    return char.isalnum() or char == "_" or bool(unicodedata.combining(char))


def _whole(text: str, place: TextRange) -> bool:
    """Whether the place cuts no word in two."""
    left = place.start > 0 and _letter(text[place.start - 1]) and _letter(text[place.start])
    right = place.end < len(text) and _letter(text[place.end]) and _letter(text[place.end - 1])
    return not left and not right


def _widen(text: str, place: TextRange) -> TextRange:
    start, end = place.start, place.end
    while start > 0 and _letter(text[start - 1]) and _letter(text[start]):
        start -= 1
    while end < len(text) and _letter(text[end]) and _letter(text[end - 1]):
        end += 1
    return TextRange(start, end)


def _trim(text: str, place: TextRange) -> TextRange:
    said = text[place.start : place.end]
    return TextRange(place.start + len(said) - len(said.lstrip()), place.end - (len(said) - len(said.rstrip())))
