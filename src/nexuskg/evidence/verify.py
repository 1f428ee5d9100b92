"""The spans of a source's text, and what became of them in the user's own copy of it.

The source texts are not in the project. A span knows its offsets (Unicode code points, 0-based, end exclusive), the
SHA-256 of its characters, the SHA-256 and length of the same characters with every white-space run as one space, and an
anchor phrase. That is enough to find it again in any copy, and to say what became of it where it is not there.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Literal

from nexuskg.base.namespaces import compact
from nexuskg.errors import TextMismatch
from nexuskg.evidence.anchors import normalize, occurrences, sha256
from nexuskg.evidence.sources import SourceSpan, SourceText, source_spans, source_text, source_texts
from nexuskg.rdf.store import Readable


class SpanState(StrEnum):
    """What became of a span in another copy of its text."""

    IN_PLACE = "in place"
    MOVED = "moved"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True)
class SpanCheck:
    """A span in the user's copy: its state and the offset where it (changed: its anchor) stands, None where missing."""

    span: SourceSpan
    state: SpanState
    at: int | None

    @property
    def shift(self) -> int:
        """By how many characters the span moved."""
        return 0 if self.at is None or self.state is SpanState.CHANGED else self.at - self.span.start


@dataclass(frozen=True)
class VerifyReport:
    """Every span of a text against one copy; adjustments say how the copy had to be read, offsets are after them."""

    text: SourceText
    length: int
    sha256: str
    adjustments: tuple[str, ...]
    checks: tuple[SpanCheck, ...]
    reading: str = field(repr=False)
    """The copy as it was read."""

    @property
    def identical(self) -> bool:
        """Whether the copy is the very text used."""
        return (self.length, self.sha256) == (self.text.length, self.text.sha256)

    @cached_property
    def counts(self) -> dict[SpanState, int]:
        """How many spans are in each state, none left out."""
        found = Counter(c.state for c in self.checks)
        return {state: found[state] for state in SpanState}

    @property
    def differs_from(self) -> SpanCheck | None:
        """The first span, in the order of the text, whose words are changed or missing."""
        return next((c for c in self.checks if c.state in (SpanState.CHANGED, SpanState.MISSING)), None)

    @property
    def exit_code(self) -> int:
        """0 where every span is in place or moved, else 1."""
        return 0 if self.differs_from is None else 1


def read_copy(path: Path) -> str:
    """The text of a file in UTF-8, its line ends and byte-order mark as they are.

    Raises TextMismatch where the file cannot be read or is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TextMismatch(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        guess = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "another encoding, or no text at all"
        raise TextMismatch(
            f"{path}, line {line}: byte {error.start} is not UTF-8 (the file looks like {guess}); save it as UTF-8"
        ) from None


def verify(store: Readable, text: str, source: str | None) -> VerifyReport:
    """Every span of a source's text held against a copy: in place, moved, changed or missing.

    In place: the exact characters at the exact offsets. Moved: the same words elsewhere, or with other white space.
    Changed: the anchor phrase is there, but not the words around it. Missing: not even the anchor phrase. A byte-order
    mark, CRLF line ends and composed or decomposed letters are seen through, and reported. Source is a key
    ("ellis-2015"), CURIE or IRI; None means the text with this digest, or the only text there is.
    """
    readings = list(readings_of(text))
    mine = {sha256(reading): reading for reading, _ in readings}
    known = next((t.sha256 for t in source_texts(store) if t.sha256 in mine), "")
    wanted = source_text(store, source, known)
    all_spans = source_spans(store, wanted.iri)
    best: tuple[tuple[int, int], VerifyReport] | None = None
    for reading, adjustments in readings:
        checks = tuple(_locate(_Copy(reading), all_spans))
        report = VerifyReport(wanted, len(reading), sha256(reading), adjustments, checks, reading)
        rank = (report.counts[SpanState.IN_PLACE] + report.counts[SpanState.MOVED], report.counts[SpanState.IN_PLACE])
        if best is None or rank > best[0]:
            best = rank, report
        if rank[1] == len(all_spans):
            break
    assert best is not None  # there is always the copy as it is
    return best[1]


def passages(report: VerifyReport) -> dict[str, str]:
    """The words of each span that is in place or moved, by its IRI, every white-space run as one space."""
    out = {}
    for check in report.checks:
        if check.at is None or check.state not in (SpanState.IN_PLACE, SpanState.MOVED):
            continue
        words = normalize(report.reading[check.at : check.at + check.span.end - check.span.start])
        if check.state is SpanState.MOVED:  # with other white space it may be longer or shorter in this copy
            longest = report.reading[check.at : check.at + 2 * (check.span.end - check.span.start)]
            words = normalize(longest)[: check.span.normalized_length]
        out[check.span.iri] = words
    return out


def readings_of(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The copy as it is, then with what editors and browsers change seen through, each with what was done."""
    yield text, ()
    plain, done = text, list[str]()
    if plain.startswith("\ufeff"):
        plain, done = plain[1:], [*done, "the byte-order mark is left out"]
    if "\r" in plain:
        plain, done = plain.replace("\r\n", "\n").replace("\r", "\n"), [*done, "CRLF line ends are read as LF"]
    if done:
        yield plain, tuple(done)
    forms: tuple[tuple[Literal["NFC", "NFD"], str], ...] = (
        ("NFC", "decomposed letters are read as composed"),
        ("NFD", "composed letters are read as decomposed"),
    )
    for form, words in forms:
        other = unicodedata.normalize(form, plain)
        if other != plain:
            yield other, (*done, f"{words} ({form})")


class _Copy:
    """A text, the same with white space normalized, and for each character of that its offset in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offsets: list[int] = []
        parts: list[str] = []
        for word in re.finditer(r"\S+", text):
            if parts:
                self.offsets.append(word.start() - 1)
            parts.append(word.group())
            self.offsets.extend(range(word.start(), word.end()))
        self.normal = " ".join(parts)

    def windows(self, span: SourceSpan) -> Iterator[int]:
        """The offsets in the normalized text at which the span may begin."""
        size, last = span.normalized_length, len(self.normal) - span.normalized_length
        if size <= 0:
            return
        if span.anchor is None:  # no word in it: only wordless windows can be it
            yield from (m.start() for m in re.finditer(rf"(?=[^\w]{{{size}}})", self.normal))
            return
        anchor = normalize(span.anchor)
        seen: set[int] = set()
        for at in occurrences(anchor, self.normal):
            for start in range(max(0, at + len(anchor) - size), min(at, last) + 1):
                if start not in seen:
                    seen.add(start)
                    yield start

    def matches(self, span: SourceSpan) -> list[int]:
        """The offsets in the text at which the words of the span stand."""
        size, digest = span.normalized_length, span.normalized_sha256
        return [self.offsets[w] for w in self.windows(span) if sha256(self.normal[w : w + size]) == digest]


def _locate(copy: _Copy, wanted: list[SourceSpan]) -> Iterator[SpanCheck]:
    at: dict[int, int] = {}
    several: dict[int, list[int]] = {}
    in_place: set[int] = set()
    for i, span in enumerate(wanted):
        if 0 <= span.start < span.end and sha256(copy.text[span.start : span.end]) == span.sha256:
            at[i] = span.start
            in_place.add(i)
            continue
        found = copy.matches(span)
        if len(found) == 1:
            at[i] = found[0]
        elif found:
            several[i] = found
    sure = sorted(at)
    for i, found in several.items():  # words that stand twice: the place that moved as its neighbors did
        expected = _expected_offset(wanted, at, sure, i)
        at[i] = min(found, key=lambda place: abs(place - expected))
    sure = sorted(at)
    for i, span in enumerate(wanted):
        if i in at:
            yield SpanCheck(span, SpanState.IN_PLACE if i in in_place else SpanState.MOVED, at[i])
        else:
            anchor = _anchor_place(copy, wanted, at, sure, i)
            yield SpanCheck(span, SpanState.MISSING if anchor is None else SpanState.CHANGED, anchor)


def _expected_offset(wanted: list[SourceSpan], at: dict[int, int], sure: list[int], i: int) -> int:
    """Where span i should stand if it moved as the nearest span that was found."""
    if not sure:
        return wanted[i].start
    k = bisect.bisect(sure, i)
    near = min(sure[max(0, k - 1) : k + 1], key=lambda j: abs(i - j))
    return wanted[i].start + at[near] - wanted[near].start


def _anchor_place(copy: _Copy, wanted: list[SourceSpan], at: dict[int, int], sure: list[int], i: int) -> int | None:
    """The offset of the anchor of span i, whose words are not there, or None.

    An anchor that stands more than once counts only between the spans found before and behind it: elsewhere it is
    part of other words.
    """
    span = wanted[i]
    if span.anchor is None:
        return None
    places = [copy.offsets[w] for w in occurrences(normalize(span.anchor), copy.normal)]
    if span.occurrence is not None or len(places) > 1:
        low = max((at[j] for j in sure if wanted[j].end <= span.start), default=0)
        high = min((at[j] for j in sure if wanted[j].start >= span.end), default=len(copy.text))
        places = [p for p in places if low <= p < high]
    expected = _expected_offset(wanted, at, sure, i)
    return min(places, key=lambda place: abs(place - expected), default=None)


def render_verify(report: VerifyReport, prefixes: Mapping[str, str]) -> str:
    """The report as lines of text: the copy, the counts, from where on it differs, and every span that changed."""
    text, counts = report.text, report.counts
    name, total = text.key, len(report.checks)
    lines = [
        f"{name}: this is the very text used ({text.length} characters)."
        if report.identical
        else f"{name}: not the very text used: {report.length} characters here, {text.length} there; "
        f"SHA-256 {report.sha256[:12]}… here, {text.sha256[:12]}… there."
    ]
    lines += [f"Read with a change: {done}." for done in report.adjustments]
    lines.append(f"{total} spans: " + ", ".join(f"{n} {state}" for state, n in counts.items()) + ".")
    shifts = Counter(c.shift for c in report.checks if c.state is SpanState.MOVED)
    lines += [f"Moved by {shift:+d} characters: {n}" for shift, n in sorted(shifts.items()) if shift]
    if shifts[0]:
        lines.append(f"At the same place with other white space: {shifts[0]}")
    first = report.differs_from
    if first is not None and counts[SpanState.MISSING] + counts[SpanState.CHANGED] == total:
        lines.append("No span is there: this is another text, or another edition of it.")
    elif first is not None:
        lines.append(f"The words differ from character {first.span.start} of the text used on:")
        for check in report.checks:
            if check.state in (SpanState.CHANGED, SpanState.MISSING):
                where = "" if check.at is None else f", anchor at {check.at} here"
                anchor = f' "{check.span.anchor}"' if check.span.anchor else ""
                curie = compact(check.span.iri, prefixes)
                lines.append(f"  {check.state:8} {curie} (paragraph {check.span.paragraph}){anchor}{where}")
    return "\n".join(lines) + "\n"
