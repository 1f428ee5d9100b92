"""What each segment of a source's text yields, claims or a reason; and how much of it the anchors show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from nexuskg.base.namespaces import compact
from nexuskg.evidence.sources import SourceText, source_segments, source_spans, source_text, span_claims
from nexuskg.rdf.store import Readable

ANCHOR_LIMIT = 0.30
"""Largest share of a text that all anchor phrases together may show."""

LINE_BREAKS = 4
"""Most characters between two segments that are line breaks, and no gap."""


@dataclass(frozen=True)
class SegmentRow:
    """A segment of a text with the claims whose spans overlap it, or the reason why there are none."""

    segment: str
    kind: str
    paragraph: str
    start: int
    end: int
    claims: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class CoverageReport:
    """A source's text, segment by segment; unsegmented are the stretches that no segment holds."""

    text: SourceText
    rows: tuple[SegmentRow, ...]
    unsegmented: tuple[tuple[int, int], ...]
    anchor_share: float

    @property
    def gaps(self) -> tuple[SegmentRow, ...]:
        """The segments with neither a claim nor a reason."""
        return tuple(row for row in self.rows if not row.claims and not row.reason)


def coverage(store: Readable, source: str | None) -> CoverageReport:
    """What each segment of a source's text yields: claims, or a stated reason.

    Stretches of up to LINE_BREAKS characters between segments are line breaks, and no gap.
    """
    text = source_text(store, source)
    claims = span_claims(store, source_spans(store, text.iri))
    rows = []
    for part in source_segments(store, text.iri):
        here = sorted({claim for span, claim in claims if span.start < part.end and span.end > part.start})
        rows.append(SegmentRow(part.iri, part.kind, part.paragraph, part.start, part.end, tuple(here), part.reason))
    holes, reached = [], 0
    for start, end in [*((row.start, row.end) for row in rows), (text.length, text.length)]:
        if start - reached > LINE_BREAKS:
            holes.append((reached, start))
        reached = max(reached, end)
    return CoverageReport(text, tuple(rows), tuple(holes), anchor_coverage(store, text.iri))


def coverage_json(report: CoverageReport) -> str:
    """The report as JSON, with full IRIs."""
    return json.dumps({**asdict(report), "gaps": [row.segment for row in report.gaps]}, indent=2, sort_keys=True) + "\n"


def coverage_markdown(report: CoverageReport, prefixes: Mapping[str, str]) -> str:
    """The report as a Markdown page: what it sums up to, then a table with a row a segment."""
    lines = [
        f"# Coverage of {report.text.key}",
        "",
        _summary(report),
        "",
        "| characters | paragraph | kind | claims, or the reason why there are none |",
        "| --- | --- | --- | --- |",
    ]
    for row in report.rows:
        what = _what(row, prefixes).replace("|", "\\|")
        lines.append(f"| {row.start}-{row.end} | {row.paragraph} | {row.kind} | {what} |")
    return "\n".join(lines) + "\n"


def coverage_table(report: CoverageReport, prefixes: Mapping[str, str]) -> str:
    """The report as aligned lines of text."""
    width = max((len(row.kind) for row in report.rows), default=0)
    lines = [
        f"{f'{row.start}-{row.end}':>11}  {row.paragraph:>3}  {row.kind:{width}}  {_what(row, prefixes)}"
        for row in report.rows
    ]
    return "\n".join([*lines, _summary(report)]) + "\n"


def _what(row: SegmentRow, prefixes: Mapping[str, str]) -> str:
    names = [compact(claim, prefixes).rsplit(".", 1)[-1] for claim in row.claims]
    return " ".join(names) or row.reason or "GAP: neither a claim nor a reason"


def _summary(report: CoverageReport) -> str:
    claims = {claim for row in report.rows for claim in row.claims}
    reasons = sum(1 for row in report.rows if not row.claims and row.reason)
    gaps = len(report.gaps) + len(report.unsegmented)
    return (
        f"{len(report.rows)} segments of {report.text.length} characters; {len(claims)} claims; {reasons} segments "
        f"without a claim say why; {gaps} gaps. All anchor phrases together show at most {report.anchor_share:.0%} "
        "of the text."
    )


def anchor_coverage(store: Readable, source: str | None) -> float:
    """The largest share (0 to 1) of a source's text that its anchor phrases together can show.

    Without the text their overlaps are not known: a phrase within another one counts once, any other overlap twice.
    """
    text = source_text(store, source)
    phrases = {(s.anchor, s.occurrence) for s in source_spans(store, text.iri) if s.anchor}
    alone = sorted({p for p, n in phrases if n is None and not any(p in q and p != q for q, _ in phrases)})
    numbered = sorted(p for p, n in phrases if n is not None)
    return sum(map(len, alone + numbered)) / text.length if text.length > 0 else 0.0
