"""What is decided of a disagreement is kept with who, when and why, is not asked again, and never decided twice."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.cli.main import run
from nexuskg.errors import BadMarks
from nexuskg.readers import decisions
from nexuskg.readers.agreement import AgreementReport, Dispute
from nexuskg.readers.decisions import COLUMNS, Decision, Decisions, decisions_json, decisions_with, read_decisions
from nexuskg.readers.source_sheet import source_sheet

Rows = list[dict[str, str]]


def dispute(number: int, field: str = "kind", **more: str) -> Dispute:
    sides = ("right", "wrong", "", "why,\nindeed")
    return Dispute(f"claim:x.c{number}", "s", field, *sides, ("right", "wrong"), **more)


def report(*disputes: Dispute) -> AgreementReport:
    return AgreementReport(("Ana", "Luis"), {"x": "d" * 64}, (), disputes, ())


def table(path: Path, fill: Callable[[Rows], None]) -> Path:
    """The list with some of its rows filled in."""
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    fill(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def listed(tmp_path: Path, *disputes: Dispute) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(decisions.dispute_list(report(*disputes)), encoding="utf-8")
    return path


def settle_first(rows: Rows) -> None:
    rows[2] |= {"decision": "wrong", "reason": "The scale is the speaker's."}


def test_what_is_filled_in_is_a_decision_and_the_rest_is_open(tmp_path: Path) -> None:
    path = table(listed(tmp_path, dispute(1), dispute(2)), settle_first)
    settled = decisions.read_settled_list(path, "Eva", "2026-12-02")
    assert settled.open == 1
    assert settled.sources == {"x": "d" * 64}
    assert settled.decisions == (
        Decision(
            "claim:x.c1",
            "s",
            "kind",
            "",
            ("Ana", "Luis"),
            ("right", "wrong"),
            ("", "why,\nindeed"),
            "wrong",
            "The scale is the speaker's.",
            "Eva",
            "2026-12-02",
        ),
    )
    assert decisions.open_disputes(report(dispute(1), dispute(2)), settled.decisions) == [dispute(2)]
    changed = dispute(1)._replace(state="t")
    assert decisions.open_disputes(report(changed), settled.decisions) == [changed]


def test_what_both_find_wrong_is_decided_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    path = listed(tmp_path, dispute(1, decision="wrong", reason="Both readers mark it wrong."))
    (found,) = decisions.read_settled_list(path, "Eva", "2026-12-02").decisions
    assert (found.decision, found.reason) == ("wrong", "Both readers mark it wrong.")


BAD: dict[str, tuple[dict[str, str], str]] = {
    "no choice": ({"decision": "perhaps", "reason": "x"}, "'perhaps'; it may be right or wrong"),
    "no reason": ({"decision": "wrong"}, "needs its reason"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_decision_is_one_of_the_choices_and_has_a_reason(name: str, tmp_path: Path) -> None:
    given, words = BAD[name]
    path = table(listed(tmp_path, dispute(1)), lambda rows: rows[2].update(given))
    with pytest.raises(BadMarks, match=r"list\.csv:5") as caught:
        decisions.read_settled_list(path, "Eva", "2026-12-02")
    assert words in str(caught.value)


def test_who_decides_and_when_must_be_told(tmp_path: Path) -> None:
    path = table(listed(tmp_path, dispute(1)), settle_first)
    with pytest.raises(BadMarks, match="Who decided"):
        decisions.read_settled_list(path, " ", "2026-12-02")
    with pytest.raises(BadMarks, match="When was it decided"):
        decisions.read_settled_list(path, "Eva", "soon")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadMarks, match="no list of source agreement"):
        decisions.read_settled_list(tmp_path / "other.csv", "Eva", "2026")
    (tmp_path / "headless.csv").write_text(",".join(COLUMNS) + "\n")
    with pytest.raises(BadMarks, match="whose marks"):
        decisions.read_settled_list(tmp_path / "headless.csv", "Eva", "2026")


def test_nothing_is_decided_twice(tmp_path: Path) -> None:
    path = table(listed(tmp_path, dispute(1)), settle_first)
    settled = decisions.read_settled_list(path, "Eva", "2026-12-02")
    once = decisions_with(Decisions({}, ()), settled, "d.json")
    assert decisions_with(once, settled, "d.json") == once
    table(path, lambda rows: rows[2].update(decision="right"))
    against = decisions.read_settled_list(path, "Max", "2026-12-03")
    with pytest.raises(BadMarks, match="decided as wrong by Eva"):
        decisions_with(once, against, "d.json")
    with pytest.raises(BadMarks, match="another text of x"):
        decisions_with(Decisions({"x": "e" * 64}, ()), settled, "d.json")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
PAIRS = st.tuples(TEXTS, TEXTS)
DECISIONS = st.builds(
    Decision, TEXTS, TEXTS, TEXTS, TEXTS, PAIRS, PAIRS, PAIRS, *2 * [st.just("right")], TEXTS, st.just("2026")
)


@given(st.dictionaries(TEXTS, TEXTS), st.lists(DECISIONS, unique_by=lambda one: one.about))
def test_a_file_of_decisions_is_read_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, sources: dict[str, str], made: list[Decision]
) -> None:
    path = tmp_path_factory.mktemp("decisions") / "d.json"
    ordered = tuple(sorted(made, key=lambda one: one.about))
    path.write_text(decisions_json(Decisions(sources, tuple(made))), encoding="utf-8")
    assert read_decisions(path) == Decisions(sources, ordered)
    assert decisions_json(read_decisions(path)) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "nexuskg-decisions/1"}', "[" * 100_000, '{"format": 1}'])
def test_what_is_no_file_of_decisions_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(text)
    with pytest.raises(BadMarks, match=r"d\.json: (not JSON|no decisions file)"):
        read_decisions(tmp_path / "d.json")


def test_from_two_tables_to_decisions_by_command(
    graph: Vocabulary, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two readers fill in the table of a real source; the list tells the decider what each claim says."""
    key = "state-crt-2014"
    cards = {card.claim: card for card in source_sheet(graph, key).cards}
    first, second = (tmp_path / f"{name}.csv" for name in ("ana", "luis"))
    for path, wrong in ((first, "modality kind"), (second, "modality")):
        assert run(["source", "read", key, "-o", str(path)]) == 0
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        for at, row in enumerate(rows):
            is_claim = row["item"].startswith("claim:")
            head = {"reader": path.stem, "date": "2026-12-01"}.get(row["item"], row["mark"])
            row["mark"] = ("wrong" if at % 5 == 0 else "right") if is_claim else head
            row["wrong"] = wrong if row["mark"] == "wrong" else ""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    out, kept = tmp_path / "list.csv", tmp_path / "decisions.json"
    agreement = ["source", "agreement", str(first), str(second)]
    assert run([*agreement, "-o", str(out)]) == 0
    told = capsys.readouterr()
    wrong_ones = sum(1 for at in range(4, 4 + len(cards)) if at % 5 == 0)
    assert f"To settle: {wrong_ones}; found wrong by both: {wrong_ones}." in told.err
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    disputed = [row for row in rows if row["item"].startswith("claim:")]
    for row in disputed:
        card = cards[row["item"]]
        assert (row["claim"], row["says"]) == (card.field_text("label"), card.field_text(row["field"]))
        assert (row["field"], row["decision"]) in (("modality", "wrong"), ("kind", ""))
    table(out, lambda rows: [row.update(decision="right", reason="It is.") for row in rows if row["field"] == "kind"])  # type: ignore[func-returns-value]
    settle = ["source", "settle", str(out), "--by", "Eva", "--date", "2026-12-02", "--decisions", str(kept)]
    assert run(settle) == 0
    assert f"Decisions added: {2 * wrong_ones}, in all: {2 * wrong_ones}; rows left open" in capsys.readouterr().err
    assert run(settle) == 0
    assert "Decisions added: 0" in capsys.readouterr().err
    found = read_decisions(kept)
    assert {(one.by, one.date, one.readers) for one in found.decisions} == {("Eva", "2026-12-02", ("ana", "luis"))}
    assert json.loads(kept.read_text(encoding="utf-8"))["sources"] == [{"source": key, "text": ""}]
    assert run([*agreement, "--decisions", str(kept)]) == 0
    assert "To settle: 0; found wrong by both: 0." in capsys.readouterr().err
