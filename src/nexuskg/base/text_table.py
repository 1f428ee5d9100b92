"""Tables of text on standard output: fitted to a terminal, or one plain line a row where nobody watches."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from typing import Final

import click

from nexuskg.base.safe_text import one_line

WIDTH: Final = 100
"""The width that a table may have in any case, in characters."""


def print_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that fits the terminal, or a plain one, one line a row, where stdout is no terminal."""
    columns = [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower() for name in names]
    rows = [[one_line(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        click.echo(plain_table(columns, rows))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    width = min(max(WIDTH, shutil.get_terminal_size().columns), 160)
    console = Console(width=width, highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
    widths = _widths([columns, *rows], width - 2 - 2 * len(columns))
    if not widths:  # too many columns: each row as a list of its cells
        margin = max(map(len, columns))
        for row in rows:
            filled = [(name, cell) for name, cell in zip(columns, row, strict=True) if cell]
            grid = Table.grid(padding=(0, 2, 0, 0))
            grid.add_column(style="bold", width=margin)
            for name, cell in filled:
                grid.add_row(name, Text(cell))
            console.print(grid, "")
        return
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for name, size in zip(columns, widths, strict=True):
        table.add_column(name, overflow="fold", width=size)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table as plain text, one line a row.

    >>> print(plain_table(("a", "b"), [("one", "two\\n lines")]))
    a    b
    ---  ---------
    one  two lines
    """
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    lines = (columns, ["-" * width for width in widths], *rows)
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _widths(rows: Sequence[Sequence[str]], total: int) -> list[int]:
    """The width of each column: its words whole, then more for what would be broken most; empty if that is too much."""
    cells = list(zip(*rows, strict=True))
    longest = [max(1, *map(len, column)) for column in cells]
    # No column has to be wider than a web address may be broken at.
    widths = [min(30, max((len(word) for cell in column for word in cell.split()), default=1)) for column in cells]
    if sum(widths) > total:
        return []
    for _ in range(total - sum(widths)):
        most = max(range(len(cells)), key=lambda column: longest[column] / widths[column])
        if longest[most] <= widths[most]:
            break
        widths[most] += 1
    return widths
