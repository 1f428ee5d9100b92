"""What was measured, for people: a table and targets in Markdown, everything in CSV, and a plot in SVG."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

from measure import Measured
from targets import Target, targets

COLOURS = ("#0b6e4f", "#c1292e", "#2e5eaa", "#e08e1b", "#7b4fa3", "#5c5c5c", "#d157a0", "#1aa6b7")
PANEL, MARGIN, GAP = (250, 190), 50, 34
INTRODUCTION = """\
# Benchmark

Each line is the median of its runs, each peer in a process of its own, all in one run on one machine: read the ratios.
Time is that on the wall; the ratio of the closure is that of CPU time. Memory is the peak of the process.
"""


def write(folder: Path, measured: Sequence[Measured], small: str) -> str:
    """The report as Markdown; the folder then has it, the CSV and the plot. `small`: the table of the real graph."""
    text = "\n".join(
        (
            INTRODUCTION,
            table(measured),
            "\n## Stored questions\n",
            questions(measured),
            "\n## Targets\n",
            table_of_targets(targets({(one.size, one.task, one.peer): one for one in measured})),
            *(("\n## The real graph, whole processes\n", small) if small else ()),
        )
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.md").write_text(text + "\n", encoding="utf-8")
    (folder / "bench.svg").write_text(plot(measured), encoding="utf-8")
    with (folder / "bench.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["size", "task", "peer", "wall_s", "cpu_s", "memory_kb", "count", "runs", "same_result", "skipped"]
        )
        for one in measured:
            rows.writerow(
                [
                    one.size,
                    one.task,
                    one.peer,
                    one.wall,
                    one.cpu,
                    one.memory,
                    one.count,
                    one.runs,
                    one.equal,
                    one.skipped,
                ]
            )
            rows.writerows(
                [one.size, f"{one.task}: {name}", one.peer, value] for name, value in sorted(one.detail.items())
            )
    return text


def table(measured: Sequence[Measured]) -> str:
    """A line a measurement."""
    ours = {(one.size, one.task): one for one in measured if one.peer == "nexuskg"}
    lines = [
        "| triples | task | by | time | CPU | ratio | memory | runs | same result |",
        "|--:|---|---|--:|--:|--:|--:|--:|---|",
    ]
    for one in measured:
        what = (
            f"| {one.size:,} | {one.task} | {one.peer} |" if one.size else f"| real graph | {one.task} | {one.peer} |"
        )
        if one.wall is None:
            lines.append(f"{what} {one.skipped} | | | | | |")
            continue
        own = ours.get((one.size, one.task))
        ratio = _ratio(one, own) if own and own is not one else ""
        lines.append(
            f"{what} {seconds(one.wall)} | {seconds(one.cpu or 0)} | {ratio} | {one.memory / 1024:,.0f} MB "
            f"| {one.runs} | {one.equal} |"
        )
    return "\n".join(lines)


def _ratio(one: Measured, own: Measured) -> str:
    mine, theirs = (own.cpu, one.cpu) if one.task == "closure" else (own.wall, one.wall)
    return f"{theirs / mine:,.1f}x" if mine and theirs else ""


def questions(measured: Sequence[Measured]) -> str:
    """The slowest questions at each size, beside the peers'."""
    found = {(one.size, one.peer): one for one in measured if one.task == "questions" and one.wall is not None}
    lines = ["| triples | question | rows | nexuskg | rdflib | oxrdflib |", "|--:|---|--:|--:|--:|--:|"]
    for (size, peer), ours in found.items():
        if peer != "nexuskg":
            continue
        names = [name for name in ours.detail if f"rows of {name}" in ours.detail]
        for name in sorted(names, key=lambda n: -ours.detail[n])[:12]:
            peers = [found.get((size, other)) for other in ("rdflib", "oxrdflib")]
            times = [seconds(one.detail[name]) if one and name in one.detail else "" for one in peers]
            rows = ours.detail[f"rows of {name}"]
            lines.append(f"| {size:,} | {name} | {rows:,.0f} | {seconds(ours.detail[name])} | {' | '.join(times)} |")
    return "\n".join(lines)


def table_of_targets(every: Sequence[Target]) -> str:
    """A line a target: what is promised, the figure of this run, and whether it is met."""
    words = {True: "met", False: "**missed**", None: "not measured at these sizes"}
    lines = ["| target | measured | | remark |", "|---|--:|---|---|"]
    for one in every:
        figure = "" if one.figure is None else f"{_plain(one.figure)}{one.unit}"
        lines.append(f"| {one.what} | {figure} | {words[one.kept]} | {one.remark} |")
    return "\n".join(lines)


def seconds(value: float) -> str:
    """A time as people read it.

    >>> seconds(0.0123), seconds(12.3)
    ('12.3 ms', '12.30 s')
    """
    return f"{1000 * value:,.1f} ms" if value < 1 else f"{value:,.2f} s"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"


# ---- the plot: a panel a task, both axes logarithmic ----------------------------------------------------------------


def plot(measured: Sequence[Measured]) -> str:
    """An SVG with a panel a task: seconds by triples, a line a peer."""
    told = [one for one in measured if one.size and one.wall]
    tasks = list(dict.fromkeys(one.task for one in told))
    peers = list(dict.fromkeys(one.peer for one in told))
    width = MARGIN + len(tasks) * (PANEL[0] + GAP) + 20
    height = PANEL[1] + 110
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"',
        ' font-size="11">',
    ]
    parts.append(f'<rect width="{width}" height="{height}" fill="white"/>')
    for number, task in enumerate(tasks):
        parts += _panel(MARGIN + number * (PANEL[0] + GAP), task, [one for one in told if one.task == task], peers)
    for number, peer in enumerate(peers):
        at, colour = MARGIN + number * 110, COLOURS[number % len(COLOURS)]
        parts.append(f'<rect x="{at}" y="{height - 22}" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{at + 20}" y="{height - 16}">{peer}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _short(size: int) -> str:
    """A number of triples as it fits under an axis."""
    return f"{size // 1_000_000}M" if size >= 1_000_000 else f"{size // 1_000}k"


def _panel(left: int, task: str, told: Sequence[Measured], peers: Sequence[str]) -> list[str]:
    sizes = sorted({one.size for one in told})
    low, high = (
        math.floor(math.log10(min(one.wall or 1 for one in told))),
        math.ceil(math.log10(max(one.wall or 1 for one in told))),
    )
    high = max(high, low + 1)
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])
    top = 36

    def across(size: int) -> float:
        return left + (PANEL[0] / 2 if first == last else PANEL[0] * (math.log10(size) - first) / (last - first))

    def down(value: float) -> float:
        return top + PANEL[1] * (high - math.log10(value)) / (high - low)

    parts = [f'<text x="{left}" y="20" font-weight="bold">{task} (seconds)</text>']
    for power in range(low, high + 1):
        at = down(10.0**power)
        parts.append(f'<line x1="{left}" x2="{left + PANEL[0]}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 4}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    parts += [
        f'<text x="{across(size):.1f}" y="{top + PANEL[1] + 16}" text-anchor="middle">{_short(size)}</text>'
        for size in sizes
    ]
    for peer in peers:
        colour = COLOURS[list(peers).index(peer) % len(COLOURS)]
        points = [(across(one.size), down(one.wall or 1)) for one in told if one.peer == peer]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in sorted(points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    return parts
