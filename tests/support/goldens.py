"""The golden rows of the stored questions: cells, then the claims of each row; written anew to be read.

    python tests/support/goldens.py [QUESTION ...]

writes tests/answers/questions (claims with a span) and tests/answers/whole (all claims). Read every row of the
difference against its claims before it is committed: that they were written says nothing of whether they are true.
"""

from __future__ import annotations

import csv
import sys
from decimal import Decimal
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from nexuskg.answers.answer import Answer
from nexuskg.answers.rows import answer_typed
from nexuskg.base.namespaces import XSD, compact
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled

ANSWERS = Path(__file__).parent.parent / "answers"
GRADES = {"questions": views.FACTS, "whole": views.WHOLE}
"""The folder of golden rows, and the view that they are in."""
EVIDENCE = ["evidence", "also", "foundBy"]
NUMBERS = {XSD + name for name in ("integer", "decimal", "positiveInteger", "nonNegativeInteger")}


def golden_file(folder: str, name: str) -> Path:
    return ANSWERS / folder / f"{name}.csv"


def golden(folder: str, name: str) -> list[list[str]]:
    """The header and the golden rows of a question, with their evidence."""
    with golden_file(folder, name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def cells_of(rows: list[list[str]]) -> list[list[str]]:
    """The golden rows without their evidence."""
    return [row[: -len(EVIDENCE)] for row in rows]


def golden_rows(data: Compiled, found: Answer) -> list[list[str]]:
    """The rows of an answer, as they stand in a golden file."""
    rows = [
        [
            *(rendered(cell, data) for cell in row.cells),
            *(claims(each) for each in (row.evidence, row.also, row.found_by)),
        ]
        for row in found.rows
    ]
    return [[*found.columns, *EVIDENCE], *rows]


def rendered(term: object, data: Compiled) -> str:
    """A term as it stands in a golden file: a CURIE, a bare text, a number without needless zeros."""
    if isinstance(term, NamedNode):
        return compact(term.value, data.prefixes)
    if isinstance(term, Literal):
        return f"{Decimal(term.value).normalize():f}" if term.datatype.value in NUMBERS else term.value
    return "" if term is None else str(term)


def claims(items: tuple[object, ...]) -> str:
    return " ".join(str(getattr(item, "curie", "")).removeprefix("claim:") for item in items)


def main(names: list[str]) -> None:
    for folder, view in GRADES.items():
        data = compilation.compiled(view)
        for old in golden_file(folder, "*").parent.glob("*.csv"):
            if old.stem not in data.catalogue:
                old.unlink()
        for name in names or data.catalogue:
            with golden_file(folder, name).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(golden_rows(data, answer_typed(data, name)))


if __name__ == "__main__":
    main(sys.argv[1:])
