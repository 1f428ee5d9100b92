"""The rooms of the package by its real imports, and the picture of them in src/docs/architecture.md.

    python tests/support/room_map.py        # draws src/docs/rooms.svg again, and lists the modules in architecture.md

A room is a folder of src/nexuskg, or one of its three modules at the top. An arrow leads from a room to one that it
imports from, and is drawn only where no longer way of arrows says the same.
"""

from __future__ import annotations

import ast
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Final

import networkx

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "src" / "nexuskg"
PICTURE: Final = ROOT / "src" / "docs" / "rooms.svg"
MAP: Final = ROOT / "src" / "docs" / "architecture.md"
BEGIN, END = "<!-- modules, by tests/support/room_map.py -->\n", "<!-- end of modules -->\n"
"""Between these lines of the map stands what this program writes."""

WIDTH, HEIGHT, ACROSS, DOWN, GAP, MARGIN = 132, 46, 156, 84, 24, 24
"""Of a box, from one box to the next, of an arrow between boxes, and around the picture, in pixels."""

STYLE: Final = (
    "text { font: 14px sans-serif; fill: #1a1a1a } .count { font-size: 11px; fill: #555 } "
    "rect { fill: #eef3f8; stroke: #34567a } path { fill: none; stroke: #7d8fa3 } .sheet { fill: #fff; stroke: none }"
)


@cache
def modules() -> dict[str, Path]:
    """The modules of the package by their names below it; the package itself is ""."""
    paths = sorted(PACKAGE.rglob("*.py"))
    assert len(paths) > 140
    names = {path: path.relative_to(PACKAGE).with_suffix("").parts for path in paths}
    return {".".join(parts[:-1] if parts[-1] == "__init__" else parts): path for path, parts in names.items()}


def room(module: str) -> str:
    """The room that a module is in; the server has five."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "server" and len(parts) > 1 else parts[0]


@cache
def imports(path: Path) -> set[str]:
    """The modules of the package that a module imports when it runs; those for type checkers only are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    skipped = {id(inner) for node in typing for inner in ast.walk(node)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "nexuskg":
            source = str(node.module).removeprefix("nexuskg").removeprefix(".")
            names = {f"{source}.{alias.name}".removeprefix(".") for alias in node.names}
            found |= {name if name in modules() else source for name in names}
        elif isinstance(node, ast.Import):
            assert not any(alias.name.startswith("nexuskg") for alias in node.names), f"{path}: say from ... import"
    return found


def rooms() -> tuple[dict[str, int], set[tuple[str, str]]]:
    """How many modules each room has, and from which room to which imports lead."""
    known = modules()
    sizes: dict[str, int] = {}
    edges = set[tuple[str, str]]()
    for name, path in known.items():
        if name and (path.stem != "__init__"):
            sizes[room(name)] = sizes.get(room(name), 0) + 1
        edges |= {(room(name), room(target)) for target in imports(path) if name}
    return sizes, {(one, other) for one, other in edges if one != other and other}


def table() -> str:
    """The modules in Markdown, room by room, each with the first sentence of its docstring."""
    lines = list[str]()
    last = ""
    for name, path in sorted(modules().items(), key=lambda item: (item[1].parent, item[1])):
        if path.stem == "__init__" or name == "__main__":
            continue
        if room(name) != last:
            last = room(name)
            lines += ["", f"### {last}", "", "| module | what it is |", "| --- | --- |"]
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        first = " ".join(text.partition("\n\n")[0].split()).replace("|", "\\|")
        lines.append(f"| `{path.stem}` | {first} |")
    return "\n".join([*lines, "", ""])


def map_text(text: str) -> str:
    """The text of the map with the modules as they are."""
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + table() + END + rest.partition(END)[2]


def layout(sizes: dict[str, int], edges: set[tuple[str, str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Rows of rooms, those that are imported below; and each arrow drawn, as the rooms and the gaps that it passes.

    A gap is a name with a ">" in it. In each row what is tied to the same rooms of the next stands together.
    """
    web = networkx.DiGraph(sorted(edges))
    web.add_nodes_from(sorted(sizes))
    drawn = sorted(networkx.transitive_reduction(web).edges)
    level: dict[str, int] = {}
    for name in reversed(list(networkx.lexicographical_topological_sort(web))):
        level[name] = 1 + max((level[target] for _, target in web.out_edges(name)), default=-1)
    rows = [sorted(name for name in level if level[name] == at) for at in range(max(level.values()) + 1)]
    ways = []
    for one, other in drawn:
        gaps = [(at, f"{one}>{other}>{at}") for at in range(level[one] - 1, level[other], -1)]
        for at, gap in gaps:
            rows[at].append(gap)
        ways.append([one, *(gap for _, gap in gaps), other])
    ties: dict[str, list[str]] = {}
    for way in ways:
        for upper, lower in pairwise(way):
            ties.setdefault(upper, []).append(lower)
            ties.setdefault(lower, []).append(upper)
    for _ in range(12):
        for order in (range(1, len(rows)), range(len(rows) - 2, -1, -1)):
            for at in order:
                where = {name: (n + 0.5) / len(row) for row in rows for n, name in enumerate(row)}
                rows[at].sort(key=lambda name: (fmean(where[tie] for tie in ties.get(name, [name])), name))
    return rows[::-1], ways


def picture() -> str:
    """The rooms as SVG: what imports stands above what it imports from."""
    sizes, edges = rooms()
    rows, ways = layout(sizes, edges)
    lengths = [sum(GAP if ">" in name else ACROSS for name in row) for row in rows]
    place: dict[str, tuple[float, float]] = {}
    for at, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        x = MARGIN + (max(lengths) - length) / 2
        for name in row:
            step = GAP if ">" in name else ACROSS
            place[name] = (x + step / 2, MARGIN + at * DOWN)
            x += step
    width, height = 2 * MARGIN + max(lengths), 2 * MARGIN + len(rows) * DOWN - (DOWN - HEIGHT)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        'aria-labelledby="title">',
        '<title id="title">The rooms of the package: each imports from rooms below it only</title>',
        f"<style>{STYLE}</style>",
        f'<rect class="sheet" width="{width:g}" height="{height:g}"/>',
    ]
    for way in ways:
        (x, y), parts = place[way[0]], list[str]()
        parts.append(f"M{x:g} {y + HEIGHT:g}")
        for upper, lower in pairwise(way):
            x, y, to_x, to_y = *place[upper], *place[lower]
            y, bend = y + HEIGHT, (DOWN - HEIGHT) / 2
            parts.append(f"C{x:g} {y + bend:g} {to_x:g} {to_y - bend:g} {to_x:g} {to_y:g}")
            if ">" in lower:
                parts.append(f"V{to_y + HEIGHT:g}")
        lines.append(f'<path d="{" ".join(parts)}"/>')
    for name, size in sorted(sizes.items()):
        x, y = place[name]
        count = "1 module" if size == 1 else f"{size} modules"
        lines += [
            f'<rect x="{x - WIDTH / 2:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
            f'<text x="{x:g}" y="{y + 20:g}" text-anchor="middle">{escape(name)}</text>',
            f'<text class="count" x="{x:g}" y="{y + 36:g}" text-anchor="middle">{count}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    MAP.write_text(map_text(MAP.read_text(encoding="utf-8")), encoding="utf-8")
    print(PICTURE.relative_to(ROOT), MAP.relative_to(ROOT))
