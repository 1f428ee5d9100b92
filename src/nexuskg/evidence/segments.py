"""A text -> the segments of its source's record, numbered by paragraph, without a gap between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from nexuskg.evidence.anchors import text_parts
from nexuskg.evidence.coverage import LINE_BREAKS

FURNITURE: Final = 9
"""The paragraph that page furniture counts as, where the text does not have as many."""


@dataclass(frozen=True, slots=True)
class TextSegment:
    """A segment of a text: its kind (a concept of segment-kind), offsets and paragraph ("1", a heading "1h")."""

    kind: str
    start: int
    end: int
    paragraph: str


def text_segments(text: str, body: tuple[int, int] | None = None) -> list[TextSegment]:
    """The segments of a text, in order; nothing of it lies outside them but a few line breaks.

    Header lines are paragraph 0, a heading takes the number of the paragraph before it and an h, what comes after the
    body is page furniture of a paragraph beyond the last. `body` are the offsets of the body; without it all is body.

    >>> [(s.kind, s.paragraph) for s in text_segments("One. Two.\\n\\nA heading\\n\\nThree.")]
    [('sentence', '1'), ('sentence', '1'), ('heading', '1h'), ('sentence', '2')]
    """
    found = text_parts(text, body=body)
    if not found:
        return []
    bounds = [[part.start, part.end] for part in found]
    for here, after in zip(bounds, [*bounds[1:], [len(text), len(text)]], strict=True):
        if after[0] - here[1] > LINE_BREAKS:  # no gap, only white space: it goes with what stands before it
            here[1] = after[0]
    if bounds[0][0] > LINE_BREAKS:
        bounds[0][0] = 0
    numbers: list[str] = []
    paragraph, reached, fresh = 0, 0, True
    for part in found:
        fresh = fresh or bool(re.search(r"\n\s*\n", text[reached : part.start]))
        reached = part.end
        if part.kind == "header":
            numbers.append("0")
        elif part.kind == "heading":
            numbers.append(f"{paragraph}h")
            fresh = True
        elif part.kind == "page-furniture":
            numbers.append(str(max(FURNITURE, paragraph + 1)))
        else:
            paragraph, fresh = (paragraph + 1, False) if fresh or not paragraph else (paragraph, False)
            numbers.append(str(paragraph))
    return [
        TextSegment(part.kind, start, end, number)
        for part, (start, end), number in zip(found, bounds, numbers, strict=True)
    ]
