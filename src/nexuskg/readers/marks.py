"""What a reader marked of a source's claims, and the files that keeps: JSON from the page, CSV to fill in by hand.

A claim is right or wrong as a whole; of a wrong one the wrong fields are named, and those that the reader cannot judge.
A field of a judged claim that is in neither list is right. A place is complete, or claims are missing there. An empty
mark is no judgement: whoever stops half-way has marked a part, and only that part counts.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nexuskg.base import edtf
from nexuskg.errors import BadDate, BadMarks, closest, did_you_mean
from nexuskg.readers.claim_cards import JUDGED, ClaimCard
from nexuskg.readers.filled_table import filled_rows, filled_text, separator
from nexuskg.readers.source_sheet import SheetPlace, SourceSheet

FORMAT: Final = "nexuskg-marks/1"
"""What a marks file in JSON says that it is."""
COLUMNS: Final = ("item", "mark", "wrong", "unsure", "remark", "state", "sentence", *JUDGED, "notes")
"""The columns of a marks file in CSV: five to fill in, the state of the claim, and what is to be judged."""
CLAIM_MARKS: Final = ("right", "wrong")
PLACE_MARKS: Final = ("complete", "missing")
NO_TEXT: Final = "no text"
"""Stands for the digest of a source that is known by locators only."""


@dataclass(frozen=True, slots=True)
class ClaimMark:
    """What a reader says of one claim: right or wrong, and of its fields; `state` is what the claim then said."""

    mark: str
    state: str
    wrong: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    remark: str = ""

    def of(self, name: str) -> str | None:
        """What that says of a field: right or wrong; None where the reader could not judge it."""
        return "wrong" if name in self.wrong else None if name in self.unsure else "right"


@dataclass(frozen=True, slots=True)
class PlaceMark:
    """What a reader says of one place: complete, or missing claims, each in the reader's words."""

    mark: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Marks:
    """The marks of one reader: who, when, of which sources, and what of each claim and place that was judged."""

    file: str
    reader: str
    date: str
    sources: Mapping[str, str]
    """The SHA-256 of the text of each source read, by its key; empty where the source has none."""
    claims: Mapping[str, ClaimMark]
    places: Mapping[str, PlaceMark]
    listed: int = 0
    """How many claims were there to be judged."""


@dataclass
class _Collection:
    """Marks as they are being read from a file."""

    file: str
    head: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    claims: dict[str, ClaimMark] = field(default_factory=dict)
    places: dict[str, PlaceMark] = field(default_factory=dict)
    listed: int = 0

    def add_claim(
        self, where: str, name: str, mark: str, state: str, names: Sequence[Sequence[str]], words: str
    ) -> None:
        """Take the mark of a claim; raises BadMarks, saying where."""
        self.listed += 1
        wrong, unsure = (_fields(where, given) for given in names)
        if name in self.claims:
            raise BadMarks(f"{where}: {name} is marked twice.")
        if not mark:
            if wrong or unsure:
                raise BadMarks(f"{where}: {name} has fields marked, and is itself neither right nor wrong.")
            return
        if mark not in CLAIM_MARKS:
            raise BadMarks(f"{where}: {name} is marked {mark[:40]!r}; a claim is right, wrong, or not marked.")
        if both := sorted(wrong & unsure):
            raise BadMarks(f"{where}: {name}: {both[0]} is named as wrong, and as one that cannot be judged.")
        if mark == "right" and wrong:
            raise BadMarks(f"{where}: {name} is marked right, but its {', '.join(sorted(wrong))} wrong.")
        if mark == "wrong" and not wrong:
            raise BadMarks(f"{where}: {name} is marked wrong; name the fields that are: {', '.join(JUDGED)}.")
        self.claims[name] = ClaimMark(mark, state, wrong, unsure, words.strip())

    def add_place(self, where: str, name: str, mark: str, missing: Iterable[str]) -> None:
        """Take the mark of a place, which may come in several rows; raises BadMarks, saying where."""
        words = tuple(word.strip() for word in missing if word.strip())
        if not mark:
            if words:
                raise BadMarks(f"{where}: {name} has words of a missing claim, and is not marked missing.")
            return
        if mark not in PLACE_MARKS:
            raise BadMarks(f"{where}: {name} is marked {mark[:40]!r}; a place is complete, missing, or not marked.")
        if (mark == "missing") != bool(words):
            told = "say which claim is missing" if mark == "missing" else "a complete place lacks no claim"
            raise BadMarks(f"{where}: {name} is marked {mark}: {told}.")
        before = self.places.get(name)
        if before is not None and (before.mark != mark or mark == "complete"):
            raise BadMarks(f"{where}: {name} is marked twice.")
        self.places[name] = PlaceMark(mark, (*(before.missing if before else ()), *words))

    def marks(self) -> Marks:
        """The marks; raises BadMarks where it is not said who read what, and when."""
        for name in ("reader", "date"):
            if not self.head.get(name, "").strip():
                raise BadMarks(f"{self.file}: it does not say the {name}; write it beside {name!r}.")
        try:
            edtf.bounds(self.head["date"])
        except BadDate as error:
            raise BadMarks(f"{self.file}: date: {error}") from None
        if not self.sources:
            raise BadMarks(f"{self.file}: it does not say which source was read.")
        if not self.claims and not self.places:
            raise BadMarks(f"{self.file}: nothing is marked in it yet.")
        head = self.head
        return Marks(self.file, head["reader"], head["date"], self.sources, self.claims, self.places, self.listed)


def _fields(where: str, names: Sequence[str]) -> frozenset[str]:
    for name in names:
        if name not in JUDGED:
            hint = did_you_mean(closest(name, list(JUDGED), limit=1))
            raise BadMarks(f"{where}: a claim has no field {name[:40]!r}.{hint} There are: {', '.join(JUDGED)}.")
    return frozenset(names)


def read_marks(path: Path) -> Marks:
    """The marks in a file, .json as the page saves it or .csv as it was filled in; raises BadMarks."""
    return _from_csv(path) if path.suffix.lower() == ".csv" else _from_json(filled_text(path), str(path))


def is_marks_file(path: Path) -> bool:
    """Whether a file begins as marks do, and not as drafts of claims or as Turtle."""
    try:
        with path.open("rb") as file:
            start = file.read(4096).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise BadMarks(f"{path}: cannot be read ({error.strerror}).") from None
    names = [name.strip(' "\r') for name in start.partition("\n")[0].split(separator(start))]
    return FORMAT.partition("/")[0] in start or names[:2] == list(COLUMNS[:2])


# ---- JSON, as the page saves it ------------------------------------------------------------------------------------


def _from_json(text: str, file: str) -> Marks:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadMarks(f"{file}:{error.lineno}:{error.colno}: not JSON: {error.msg}.") from None
    except RecursionError:
        raise BadMarks(f"{file}: not marks: it is nested too deep.") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BadMarks(f"{file}: no marks file: its format is not {FORMAT!r}.")
    found = _Collection(file, {name: _one(data.get(name), file, name) for name in ("reader", "date")})
    for item in _items(data, "sources", file):
        found.sources[_one(item.get("source"), file, "source")] = _one(item.get("text"), file, "text")
    for number, item in enumerate(_items(data, "claims", file), 1):
        where = f"{file}, claim {number}"
        name, mark, state, remark = (_one(item.get(k), where, k) for k in ("claim", "mark", "state", "remark"))
        lists = [_several(item.get(k), where, k) for k in ("wrong", "unsure")]
        found.add_claim(where, name, mark, state, lists, remark)
    for number, item in enumerate(_items(data, "places", file), 1):
        where = f"{file}, place {number}"
        name, mark = (_one(item.get(k), where, k) for k in ("place", "mark"))
        found.add_place(where, name, mark, _several(item.get("missing"), where, "missing"))
    return found.marks()


def _items(data: Mapping[str, Any], name: str, file: str) -> list[Mapping[str, Any]]:
    items = data.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadMarks(f"{file}: {name}: a list of objects was expected.")
    return items


def _one(value: object, where: str, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadMarks(f"{where}: {name}: a text was expected.")
    return value


def _several(value: object, where: str, name: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadMarks(f"{where}: {name}: a list of texts was expected.")
    return value


# ---- CSV, to be filled in by hand or by a program -----------------------------------------------------------------


def _from_csv(path: Path) -> Marks:
    found = _Collection(str(path))
    for where, row in filled_rows(path, COLUMNS[:6], "marks file"):
        _take_row(row, where, found)
    return found.marks()


def _take_row(row: Mapping[str, str], where: str, found: _Collection) -> None:
    item, mark = row["item"], row["mark"]
    if item in ("reader", "date"):
        found.head[item] = mark
    elif item.startswith("claim:"):
        lists = [row[name].replace(",", " ").split() for name in ("wrong", "unsure")]
        found.add_claim(where, item, mark.lower(), row["state"], lists, row["remark"])
    elif item.startswith("source:") and ":" not in item.removeprefix("source:"):
        found.sources[item.removeprefix("source:")] = "" if mark == NO_TEXT else mark
    elif item.startswith(("segment:", "source:")):
        found.add_place(where, item, mark.lower(), [row["remark"]])
    elif any(row.values()):
        raise BadMarks(f"{where}: {item[:40]!r} is no claim, no place and no source.")


def blank_marks(sheets: Sequence[SourceSheet]) -> str:
    """A marks file in CSV to be filled in: a row a claim, and one a place, before the claims that begin there."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({"item": name} for name in ("reader", "date"))
    for sheet in sheets:
        writer.writerow({"item": f"source:{sheet.key}", "mark": sheet.digest or NO_TEXT, "notes": sheet.title})
    for sheet in sheets:
        for place in sheet.places:
            writer.writerow({"item": place.name, "sentence": place.words, "notes": place_notes(place)})
            writer.writerows(_claim_row(card) for card in place.cards)
    return out.getvalue()


def place_notes(place: SheetPlace) -> str:
    """What a reader is told of a place beside its sentence: its kind, why it yields no claim, and claims elsewhere."""
    told = [place.heading]
    told += [f"No claim, because: {place.reason}"] if place.reason else []
    told += [f"Also here: {', '.join(place.elsewhere)}"] if place.elsewhere else []
    return "; ".join(told)


def _claim_row(card: ClaimCard) -> dict[str, str]:
    shown = {name: card.field_text(name) for name in JUDGED}
    return {"item": card.claim, "state": card.state, **shown, "notes": "; ".join(part.with_name for part in card.notes)}
