"""Phrases: whatever an editor does to words on their way, they are found at their place; and segments leave no gap."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuskg.evidence.anchors import shortest_anchor
from nexuskg.evidence.coverage import LINE_BREAKS
from nexuskg.evidence.phrases import SearchableText, TextRange, fold_phrase, longest_quotation, nearest, phrase_ranges
from nexuskg.evidence.segments import text_segments

TEXT = (Path(__file__).parents[1] / "authoring" / "pisco-2025.txt").read_text(encoding="utf-8")
WORDS = [match.span() for match in re.finditer(r"\w+", TEXT)]
QUOTES = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb"
LETTERS = "abc \n\t.,?!-\u2013\u2014\u2019\u201c\u201d'\"\u00e9e\u0301\u00df\ufb01\u2026\u00a0AÉ1"


@st.composite
def cut(draw: st.DrawFn) -> tuple[int, int]:
    """Where a phrase of whole words stands in the text."""
    first = draw(st.integers(0, len(WORDS) - 1))
    last = draw(st.integers(first, min(first + 30, len(WORDS) - 1)))
    return WORDS[first][0], WORDS[last][1]


@st.composite
def mangled(draw: st.DrawFn, phrase: str) -> str:
    """The phrase with other white space, quotes, dashes and case, and letters composed or not."""
    out = []
    for char in phrase:
        if char.isspace():
            out.append(draw(st.sampled_from([" ", "\n", "  ", "\u00a0", "\t\n"])))
        elif char in QUOTES:
            out.append(draw(st.sampled_from(QUOTES)))
        elif char == "-":
            out.append(draw(st.sampled_from("-\u2010\u2013\u2014")))
        else:
            out.append(draw(st.sampled_from([char, char, char, char.upper(), char.lower(), char + "\u00ad"])))
    text = draw(st.sampled_from(["", " ", "\n"])) + "".join(out)
    form = draw(st.sampled_from(["NFC", "NFD"]))
    return unicodedata.normalize(form, text)


@given(st.data())
def test_a_phrase_is_found_at_its_place_however_it_was_mangled(data: st.DataObject) -> None:
    start, end = data.draw(cut())
    phrase = data.draw(mangled(TEXT[start:end]))
    found = phrase_ranges(phrase, SearchableText(TEXT))
    assert TextRange(start, end) in found or any(
        # in its own case it may be elsewhere exactly, and that counts before what is only alike
        TEXT[place.start : place.end] == phrase.strip()
        for place in found
    )
    assert all(fold_phrase(TEXT[place.start : place.end]) == fold_phrase(phrase) for place in found)


@given(st.text(LETTERS, max_size=60), st.data())
def test_any_text_finds_what_is_cut_from_it(text: str, data: st.DataObject) -> None:
    words = [match.span() for match in re.finditer(r"\S+", text)]
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    start, end = words[first][0], words[last][1]
    found = phrase_ranges(text[start:end], SearchableText(text))
    assert any(place.start <= start and end <= place.end for place in found)
    for place in found:
        assert 0 <= place.start < place.end <= len(text)
        shortest_anchor(text, place.start, place.end)  # whatever is found can be a span


@given(st.text(LETTERS, max_size=80), st.text(LETTERS, max_size=20))
def test_looking_for_what_is_not_there_never_fails(text: str, phrase: str) -> None:
    readable = SearchableText(text)
    for place in phrase_ranges(phrase, readable):
        assert 0 <= place.start < place.end <= len(text)
    for near in nearest(phrase, readable):
        assert 0 <= near.place.start < near.place.end <= len(text)
        assert 0 < near.alike < 100
    longest_quotation(phrase, readable)


@given(st.text(LETTERS + "\n\n\n ", max_size=120), st.data())
def test_segments_hold_the_whole_text(text: str, data: st.DataObject) -> None:
    bounds = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    body = (bounds[0], bounds[1]) if bounds[0] < bounds[1] else None
    found = text_segments(text, body)
    if not text.strip():
        assert found == []
        return
    reached = 0
    for part in found:
        assert part.start >= reached
        assert part.start < part.end
        assert part.start - reached <= LINE_BREAKS
        assert not text[reached : part.start].strip()
        assert re.fullmatch(r"[0-9]+[a-z]?", part.paragraph)
        reached = part.end
    assert len(text) - reached <= LINE_BREAKS


def test_a_misspelt_phrase_is_met_with_the_passage_it_is_like() -> None:
    (near, *_) = nearest("Weak prot security has contributed", SearchableText(TEXT))
    assert near.words.startswith("Weak port security has")
    assert near.alike > 85
    assert nearest("quite another thing altogether, wholly", SearchableText(TEXT)) == []


def test_of_a_long_text_the_likeliest_sentences_are_compared() -> None:
    filler = " ".join(f"Sentence {i} speaks of nothing much." for i in range(500))
    (near, *_) = nearest("paid dockworker to move the container", SearchableText(filler + "\n\n" + TEXT))
    assert near.words == "paid dockworkers to move the container"


@pytest.mark.parametrize(("phrase", "found"), [("tax", "taxed"), ("artel", "Cartel"), ("Cartel,", "Cartel,")])
def test_a_place_within_a_word_is_that_word(phrase: str, found: str) -> None:
    (place,) = phrase_ranges(phrase, SearchableText(TEXT))
    assert TEXT[place.start : place.end] == found


def test_an_exact_place_counts_before_one_in_another_case() -> None:
    readable = SearchableText("The port. The PORT.")
    assert phrase_ranges("port", readable) == [TextRange(4, 8)]
    assert phrase_ranges("Port", readable) == [TextRange(4, 8), TextRange(14, 18)]
