"""How often plain words are understood, counted as somebody meets it: a call that leaves out what was asked is wrong.

    python tests/support/plain_words_score.py [FILE.tsv ...]

prints the table of src/docs/benchmarks.md from the sets in tests/answers/words, and a row for each further file with
the columns id, lang, question, intended_question_id, intended_params, kind (several calls that would do apart by ||).
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nexuskg.answers.plain_words import Index, Reading, Understood
from nexuskg.answers.question import question_of
from nexuskg.errors import NexuskgError
from nexuskg.pipeline import compilation, views
from nexuskg.rdf.store import select

WORDS = Path(__file__).resolve().parent.parent / "answers" / "words"
FILES = ("questions", "fresh", "final")
HALVES = ("tune", "score", "fresh", "final")


@dataclass(frozen=True)
class Score:
    """Of so many questions: the answerable, the best reading right, one of those shown right, answered, wrong."""

    asked: int
    answerable: int
    first: int
    near: int
    answered: int
    right: int
    wrong: tuple[str, ...]

    @property
    def cells(self) -> list[str]:
        """The row of the table."""
        share = [f"{100 * n / self.answerable:.0f}%" for n in (self.first, self.near, self.right)]
        return [*share, f"{100 * len(self.wrong) / self.asked:.1f}% ({len(self.wrong)})"]


Call = tuple[str, dict[str, list[str]]]


def calls_wanted(item: dict[str, Any]) -> list[Call]:
    """The calls that answer an item; none where the graph has no answer."""
    if item["question"] is None:
        return []
    wanted = {name: [str(value)] for name, value in (item.get("parameters") or {}).items()}
    return [(name, wanted) for name in (item["question"], *(item.get("also") or ()))]


def items_of_table(path: Path) -> list[dict[str, Any]]:
    """The items of a TSV file; a parameter with a question mark may be given, but need not."""
    found = []
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            names, given = row["intended_question_id"].split("||"), row["intended_params"].split("||")
            calls: list[Call] = []
            for name, pairs in zip(names, [*given, *[""] * len(names)], strict=False):
                wanted: dict[str, list[str]] = {}
                for pair in pairs.split():
                    key, equals, value = pair.partition("=")
                    if equals and not key.startswith("?"):
                        wanted.setdefault(key, []).append(value)
                calls.append((name.strip(), wanted))
            none = row["kind"] == "none"
            several = "++" in row["intended_question_id"]  # no single call answers it
            found.append({"id": row["id"], "text": row["question"], "calls": [] if none or several else calls})
    return found


@cache
def _rows(index: Index, name: str, typed: tuple[tuple[str, tuple[str, ...]], ...]) -> frozenset[str] | None:
    try:
        question = question_of(index.data, name, {key: list(values) for key, values in typed})
        return frozenset(map(str, select(index.data.store, question.text, name).rows))
    except NexuskgError:
        return None


def is_right(index: Index, calls: list[Call], reading: Reading) -> bool:
    """Whether the reading asks one of the calls: the same parameters and no others, or at least the same rows."""
    given = {name: set(values) for name, values in reading.parameters if set(values) != {"any"}}
    every = {value for several in given.values() for value in several}
    for name, wanted in calls:
        if name != reading.question:
            continue
        known = {parameter.name for parameter in index.questions[name].params}
        values = {key: {*several, *(f"scheme:{value}" for value in several)} for key, several in wanted.items()}
        if set(wanted) - known:  # it has no parameter of that name, but may be given the same
            same = all(values[key] & every for key in wanted)
        else:
            same = set(given) == set(wanted) and all(given[key] & values[key] for key in wanted)
        own = tuple((key, tuple(several)) for key, several in wanted.items())
        expected = (
            None if set(wanted) - known else _rows(index, name, own or tuple((k, ("any",)) for k in sorted(known)))
        )
        if same or (expected is not None and expected == _rows(index, name, reading.parameters)):
            return True
    return False


def is_misled(index: Index, calls: list[Call], found: Understood) -> bool:
    """Whether somebody is shown an answer to something else; where nothing is known, only rows would mislead."""
    reading = found.meant
    if reading is None:
        return False
    if not calls:
        return bool(_rows(index, reading.question, reading.parameters))
    return not is_right(index, calls, reading)


def score(index: Index, items: list[dict[str, Any]]) -> Score:
    """How a set of items fares."""
    calls = {item["id"]: item.get("calls", None) for item in items}
    calls = {item["id"]: calls_wanted(item) if calls[item["id"]] is None else calls[item["id"]] for item in items}
    found = {item["id"]: index.understand(item["text"]) for item in items}
    answerable = [item["id"] for item in items if calls[item["id"]]]

    def right(name: str, readings: tuple[Reading, ...]) -> bool:
        return any(is_right(index, calls[name], reading) for reading in readings)

    answered = [name for name in found if found[name].meant]
    return Score(
        len(items),
        len(answerable),
        sum(right(name, found[name].readings[:1]) for name in answerable),
        sum(right(name, found[name].readings) for name in answerable),
        len(answered),
        sum(name in answered and right(name, found[name].readings[:1]) for name in answerable),
        tuple(name for name in found if is_misled(index, calls[name], found[name])),
    )


def own_sets() -> dict[str, list[dict[str, Any]]]:
    """The sets in tests/answers/words by their half."""
    items = [item for name in FILES for item in yaml.safe_load((WORDS / f"{name}.yaml").read_text(encoding="utf-8"))]
    return {half: [item for item in items if item["half"] == half] for half in HALVES}


def print_scores(files: list[str]) -> None:
    """Print the table."""
    index = Index(compilation.compiled(views.WHOLE))
    print("| set | questions | best is right | right among three | answered at once and right | wrong though sure |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, items in {**own_sets(), **{Path(file).stem: items_of_table(Path(file)) for file in files}}.items():
        found = score(index, items)
        print(f"| {name} | {found.asked} | {' | '.join(found.cells)} |")
        if files:
            print(f"  wrong: {' '.join(found.wrong)}", file=sys.stderr)


if __name__ == "__main__":
    print_scores(sys.argv[1:])
