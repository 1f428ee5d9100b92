"""A table in CSV that somebody filled in, by hand, in a spreadsheet or by a program. Nothing in it is trusted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from nexuskg.errors import BadMarks


def filled_text(path: Path) -> str:
    """The text of a file in UTF-8; raises BadMarks where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadMarks(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise BadMarks(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8.") from None


def separator(text: str) -> str:
    """What stands between the columns of a table, by its first line: a comma, semicolon or tab."""
    return max(",;\t", key=text.partition("\n")[0].count)


def filled_rows(path: Path, columns: Sequence[str], what: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table by the names of its columns, each with the file and line where it ends.

    Columns may be apart by commas, semicolons or tabs, as spreadsheets write them. Raises BadMarks where it has not all
    of the `columns`, and is so not `what` was expected.
    """
    text = filled_text(path)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator(text), strict=True)
    try:
        if absent := [name for name in columns if name not in (rows.fieldnames or ())]:
            raise BadMarks(f"{path}: no {what}: it has no column {absent[0]!r}.")
        for row in rows:
            where = f"{path}:{rows.line_num}"
            if None in row:
                raise BadMarks(f"{where}: more cells than columns; quote a cell that has a comma in it.")
            yield where, {name: (cell or "").strip() for name, cell in row.items()}
    except csv.Error as error:
        raise BadMarks(f"{path}:{rows.line_num}: not CSV: {error}.") from None
