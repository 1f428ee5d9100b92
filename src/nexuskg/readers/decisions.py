"""What was decided where readers disagree: the list to be settled, in CSV, and the decisions made, in JSON.

A decision says who decided what, when and why, of which claim in which state. Nothing is changed by it here: whoever
changes the graph reads decisions from the file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from nexuskg.base import edtf
from nexuskg.errors import BadDate, BadMarks
from nexuskg.readers.agreement import AgreementReport, Dispute
from nexuskg.readers.claim_cards import ClaimCard
from nexuskg.readers.filled_table import filled_rows, filled_text

FORMAT: Final = "nexuskg-decisions/1"
COLUMNS: Final = (
    *("item", "state", "field", "claim", "says", "first", "second", "first-remark", "second-remark", "choices"),
    *("decision", "reason"),
)
"""The columns of a list to be settled; the last two are to be filled in."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of one field of a claim, or of one place."""

    item: str
    """The CURIE of the claim or segment; of two files of claims, what the claim is called in each."""
    state: str
    field: str
    says: str
    """What the claim said in the field; empty where that was not known."""
    readers: tuple[str, str]
    said: tuple[str, str]
    """What each of the readers said."""
    remarks: tuple[str, str]
    decision: str
    reason: str
    by: str
    date: str

    @property
    def about(self) -> tuple[str, str, str]:
        """What is decided, once for good."""
        return self.item, self.state, self.field


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions in a file, with the digests of the texts that they are about, by the keys of the sources."""

    sources: Mapping[str, str]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class SettledList:
    """A list as it was filled in: the decisions in it, and of how many rows there is none yet."""

    sources: Mapping[str, str]
    decisions: tuple[Decision, ...]
    open: int


def dispute_list(report: AgreementReport, known: Iterable[Decision] = (), cards: Mapping[str, ClaimCard] = {}) -> str:
    """The list of what is to be settled, in CSV: who read which text, then a row each, but for what is decided.

    `cards` are the claims as the graph has them, by CURIE; one that is in the state that was read is told in words.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(["readers", "", "", "", "", *report.readers])
    writer.writerows([f"source:{key}", digest] for key, digest in report.sources.items())
    for one in open_disputes(report, known):
        card = cards.get(one.item)
        told = ("", "")
        if card is not None and card.state == one.state:
            told = (card.field_text("label"), card.field_text(one.field) if one.field in card.parts else "")
        row = [one.item, one.state, one.field, *told, one.first, one.second, one.first_remark, one.second_remark]
        writer.writerow([*row, "|".join(one.choices), one.decision, one.reason])
    return out.getvalue()


def open_disputes(report: AgreementReport, known: Iterable[Decision]) -> list[Dispute]:
    """What is to be settled and not decided yet."""
    decided = {decision.about for decision in known}
    return [one for one in report.disputes if (one.item, one.state, one.field) not in decided]


def read_settled_list(path: Path, by: str, date: str) -> SettledList:
    """The decisions in a list that was filled in, made by somebody at a date (EDTF); raises BadMarks."""
    if not by.strip():
        raise BadMarks("Who decided? Give --by NAME.")
    try:
        edtf.bounds(date)
    except BadDate as error:
        raise BadMarks(f"When was it decided? {error}") from None
    sources: dict[str, str] = {}
    readers, found, left = ("", ""), list[Decision](), 0
    for where, row in filled_rows(path, COLUMNS, "list of source agreement"):
        item = row["item"]
        if item == "readers":
            readers = (row["first"], row["second"])
        elif item.startswith("source:") and not row["field"]:
            sources[item.removeprefix("source:")] = row["state"]
        elif not row["decision"]:
            left += 1
        else:
            found.append(_decision(where, row, readers, by.strip(), date))
    if not sources or not all(readers):
        raise BadMarks(
            f"{path}: no list of source agreement: it does not say whose marks of which source were compared."
        )
    _once(found, str(path))
    return SettledList(sources, tuple(found), left)


def _decision(where: str, row: Mapping[str, str], readers: tuple[str, str], by: str, date: str) -> Decision:
    choices = row["choices"].split("|")
    if row["decision"] not in choices:
        raise BadMarks(
            f"{where}: {row['item']}: decided is {row['decision'][:40]!r}; it may be {' or '.join(choices)}."
        )
    if not row["reason"]:
        raise BadMarks(f"{where}: {row['item']}: a decision needs its reason.")
    said, remarks = (row["first"], row["second"]), (row["first-remark"], row["second-remark"])
    what = (row["item"], row["state"], row["field"], row["says"])
    return Decision(*what, readers, said, remarks, row["decision"], row["reason"], by, date)


def _once(decisions: Sequence[Decision], file: str) -> None:
    seen: dict[tuple[str, str, str], Decision] = {}
    for one in decisions:
        other = seen.setdefault(one.about, one)
        if other.decision != one.decision:
            raise BadMarks(
                f"{file}: {one.item}, {one.field}: decided as {other.decision} by {other.by} ({other.date}), and as "
                f"{one.decision} by {one.by} ({one.date}); take one of the two out."
            )


# ---- the file of decisions ------------------------------------------------------------------------------------------


def read_decisions(path: Path) -> Decisions:
    """The decisions in a file; raises BadMarks."""
    try:
        data: Any = json.loads(filled_text(path))
        if data["format"] != FORMAT:
            raise BadMarks(f"{path}: no decisions file: its format is not {FORMAT!r}.")
        sources = {str(item["source"]): str(item["text"]) for item in data["sources"]}
        found = tuple(_from_item(item) for item in data["decisions"])
    except (ValueError, RecursionError) as error:
        raise BadMarks(f"{path}: not JSON: {error}.") from None
    except (KeyError, TypeError) as error:
        raise BadMarks(f"{path}: no decisions file: {error} is not as it should be.") from None
    _once(found, str(path))
    return Decisions(sources, found)


def _from_item(item: Mapping[str, Any]) -> Decision:
    what = [str(item[name]) for name in ("item", "state", "field", "says")]
    pairs = [(str(item[name][0]), str(item[name][1])) for name in ("readers", "said", "remarks")]
    end = [str(item[name]) for name in ("decision", "reason", "by", "date")]
    return Decision(what[0], what[1], what[2], what[3], pairs[0], pairs[1], pairs[2], end[0], end[1], end[2], end[3])


def decisions_with(before: Decisions, settled: SettledList, file: str) -> Decisions:
    """Decisions with those of a list added; raises BadMarks where one speaks against another, or of another text."""
    for key, digest in settled.sources.items():
        if before.sources.get(key, digest) != digest:
            raise BadMarks(f"{file}: its decisions are about another text of {key}; keep these in a file of their own.")
    known = {one.about for one in before.decisions}
    _once([*before.decisions, *settled.decisions], file)
    new = [one for one in settled.decisions if one.about not in known]
    return Decisions({**before.sources, **settled.sources}, (*before.decisions, *new))


def decisions_json(decisions: Decisions) -> str:
    """The decisions as the text of their file, in the order of items and fields: the same bytes for the same ones."""
    ordered = sorted(decisions.decisions, key=lambda one: one.about)
    value = {
        "format": FORMAT,
        "sources": [{"source": key, "text": digest} for key, digest in sorted(decisions.sources.items())],
        "decisions": [asdict(one) for one in ordered],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
