"""Agreement against values of the literature, against itself, and where there is none to be told."""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nexuskg.errors import BadMarks, NexuskgError
from nexuskg.readers.agreement import AgreementReport, field_agreement, marks_agreement, nominal_alpha
from nexuskg.readers.claim_cards import JUDGED, ClaimCard
from nexuskg.readers.claim_files import ClaimFile, read_claim_file, segments_of
from nexuskg.readers.claim_pairs import COMPARED, claim_pairs, claims_agreement
from nexuskg.readers.marks import ClaimMark, Marks, PlaceMark
from support import needs
from support.recorded import KEY, Recorded

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def library() -> None:
    """The library for alpha is there."""
    with needs.or_skip():
        try:
            import krippendorff  # noqa: F401
        except ImportError:
            raise needs.Missing("krippendorff is not installed: pip install krippendorff") from None


def units(*judges: str) -> list[str]:
    """Each unit with the values that judges gave it; a judge's values are letters, a dot is none."""
    return ["".join(said).replace(".", "") for said in zip(*judges, strict=True)]


LITERATURE = {
    # Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, A to C, nominal.
    "two observers, binary": (units("0100000000", "1110010100"), 0.095),
    "two observers, five values": (units("aabbdcccedda", "babbbccceddd"), 0.692),
    "four observers": (units("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 0.743),
    # The example of the library, which is that of Wikipedia.
    "three coders": (units(".....34121133.3", "1.213343.......", "..21344.21133.4"), 0.691),
}


@pytest.mark.parametrize("name", LITERATURE)
@pytest.mark.usefixtures("library")
def test_alpha_is_that_of_the_literature(name: str) -> None:
    said, alpha = LITERATURE[name]
    assert nominal_alpha(said) == pytest.approx(alpha, abs=0.0006)


@given(st.lists(st.tuples(*2 * [st.sampled_from(["right", "wrong", "nan", ""])])))
@pytest.mark.usefixtures("library")
def test_alpha_is_one_without_disagreement_and_that_of_its_definition_else(pairs: list[tuple[str, str]]) -> None:
    found = field_agreement("x", pairs)
    values = [value for pair in pairs for value in pair]
    if len(set(values)) < 2:
        assert (found.alpha, bool(found.why_not)) == (None, True)
        return
    n = len(values)
    seen = sum(one != other for one, other in pairs) * 2 / n
    expected = sum(values.count(v) * (n - values.count(v)) for v in set(values)) / (n * (n - 1))
    assert found.alpha == pytest.approx(1 - seen / expected)
    assert (found.alpha == 1) is (found.agreed == found.units)
    assert found.alpha == field_agreement("x", [(b, a) for a, b in pairs]).alpha


# ---- marks -----------------------------------------------------------------------------------------------------------


def a_mark(wrong: set[str], unsure: set[str], state: str) -> ClaimMark:
    return ClaimMark("wrong" if wrong else "right", state, frozenset(wrong), frozenset(unsure - wrong), "why")


FIELD_SETS = st.sets(st.sampled_from(list(JUDGED)), max_size=3)
CLAIM_MARKS = st.builds(a_mark, FIELD_SETS, FIELD_SETS, st.sampled_from(["s", "t"]))
PLACES = st.sampled_from([PlaceMark("complete"), PlaceMark("missing", ("A claim.",))])
MARKS = st.builds(
    Marks,
    st.just("m.json"),
    st.sampled_from(["Ana", "Luis"]),
    st.just("2026-12-01"),
    st.just({"x": "d" * 64}),
    st.dictionaries(st.sampled_from([f"claim:x.c{n}" for n in range(6)]), CLAIM_MARKS),
    st.dictionaries(st.sampled_from([f"segment:x.{n}" for n in range(3)]), PLACES),
)


@given(MARKS)
@pytest.mark.usefixtures("library")
def test_a_reader_agrees_with_himself(marks: Marks) -> None:
    assume(marks.claims or marks.places)
    report = marks_agreement(marks, marks)
    for found in report.fields:
        assert found.agreed == found.units
        assert found.alpha in (None, pytest.approx(1))
        assert (found.alpha is None) is bool(found.why_not)
    assert all(one.first == one.second and one.decision for one in report.disputes)
    assert any("agrees with himself" in note for note in report.notes)


@given(MARKS, MARKS)
@pytest.mark.usefixtures("library")
def test_what_is_to_be_settled_is_what_the_figures_count(first: Marks, second: Marks) -> None:
    shared = [n for n in first.claims if n in second.claims and first.claims[n].state == second.claims[n].state]
    places = set(first.places) & set(second.places)
    if not shared and not places:
        with pytest.raises(BadMarks, match="no claim and no place is marked in both"):
            marks_agreement(first, second)
        return
    report, back = marks_agreement(first, second), marks_agreement(second, first)
    by_field = {found.field: found for found in report.fields}
    assert list(by_field) == ["claim", *JUDGED, "place"]
    assert by_field["claim"].units == len(shared)
    assert by_field["place"].units == len(places)
    for name in (*JUDGED, "place"):
        apart = [one for one in report.disputes if one.field == name and one.first != one.second]
        assert len(apart) == by_field[name].units - by_field[name].agreed
        assert not any(one.decision for one in apart)
    both = {one.item for one in report.disputes if one.field != "place" and one.first != one.second}
    assert {n for n in shared if first.claims[n].mark != second.claims[n].mark} <= both
    assert [(f.units, f.agreed) for f in report.fields] == [(f.units, f.agreed) for f in back.fields]


def some(reader: str = "Ana", **more: Any) -> Marks:
    claims = {f"claim:x.c{n}": ClaimMark("right", "s") for n in range(4)}
    return replace(Marks(f"{reader}.json", reader, "2026-12-01", {"x": "d" * 64}, claims, {}, 4), **more)


def test_marks_of_other_texts_or_sources_are_not_compared() -> None:
    with pytest.raises(BadMarks, match=r"x: the two read different texts \(Ana.json: SHA-256 dddd"):
        marks_agreement(some(), some("Luis", sources={"x": "e" * 64}))
    with pytest.raises(BadMarks, match=r"Luis\.json: no text"):
        marks_agreement(some(), some("Luis", sources={"x": ""}))
    with pytest.raises(BadMarks, match=r"Ana.json marks x, Luis.json marks y: no source is the same"):
        marks_agreement(some(), some("Luis", sources={"y": "d" * 64}))
    with pytest.raises(BadMarks, match="changed between the readings: 4"):
        marks_agreement(some(), some("Luis", claims={n: ClaimMark("right", "t") for n in some().claims}))


def test_of_a_part_and_of_what_changed_it_is_told() -> None:
    other = dict(list(some().claims.items())[1:])
    other["claim:x.c3"] = ClaimMark("right", "t")
    report = marks_agreement(some(), some("Luis", claims=other))
    assert report.fields[0].units == 2
    assert [found.why_not for found in report.fields if found.field != "place"] == 13 * ["undefined: one value only"]
    assert report.notes == (
        "Marked by Ana, and not counted, as the other reading does not have them: 2.",
        "Luis marked 3 of 4 claims; only what both marked counts.",
        "Marked by Luis, and not counted, as the other reading does not have them: 1.",
        "Left out, because they say something else in one reading than in the other: 1.",
    )


def test_what_one_cannot_judge_is_left_to_the_other_and_settled_as_a_whole() -> None:
    wrong = {"claim:x.c0": ClaimMark("wrong", "s", frozenset({"hedge"}))}
    unsure = {"claim:x.c0": ClaimMark("right", "s", frozenset(), frozenset({"hedge"}))}
    report = marks_agreement(some(claims=wrong), some("Luis", claims=unsure))
    assert [(one.field, one.first, one.second) for one in report.disputes] == [("claim", "wrong", "right")]
    assert next(found for found in report.fields if found.field == "hedge").units == 0


def test_without_the_library_there_is_all_but_alpha(monkeypatch: pytest.MonkeyPatch) -> None:
    true_import = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name == "krippendorff":
            raise ImportError(name)
        return true_import(name, *more)

    monkeypatch.delitem(sys.modules, "krippendorff", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NexuskgError, match=r"pip install 'nexuskg\[agreement\]'"):
        nominal_alpha(["ab", "ba"])
    pairs = [("right", "wrong"), ("right", "right")]
    found = field_agreement("kind", pairs)
    assert (found.per_cent, found.alpha, found.why_not) == (50, None, "not installed")


# ---- claims ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def drafted(pisco: Recorded) -> ClaimFile:
    """The drafts of the made-up source, as cards."""
    return read_claim_file(pisco.drafts, pisco.vocabulary, KEY, pisco.text)


def of(report: AgreementReport, field: str) -> tuple[int, int]:
    found = next(found for found in report.fields if found.field == field)
    return found.units, found.agreed


@pytest.mark.usefixtures("library")
def test_a_file_of_claims_agrees_with_itself(pisco: Recorded, drafted: ClaimFile, home: Path) -> None:
    paths = sorted((home / "ontology/data/claims").glob("*.ttl"))
    files = [drafted, *(read_claim_file(path, pisco.vocabulary, None, None) for path in paths)]
    assert len(files) > 30
    for file in files:
        report = claims_agreement(file, file, segments_of(pisco.vocabulary.store, file.key))
        assert report.disputes == ()
        assert of(report, "claim") == (len(file.cards), len(file.cards))
        assert all(found.agreed == found.units for found in report.fields), file.file
        assert all(found.alpha in (None, pytest.approx(1)) for found in report.fields)
        assert {found.field for found in report.fields} - {"sentence"} == {"claim", *COMPARED}


def test_what_one_reader_does_not_claim_is_missing_there(drafted: ClaimFile) -> None:
    for left_out in range(len(drafted.cards)):
        fewer = tuple(card for at, card in enumerate(drafted.cards) if at != left_out)
        for pair in ((drafted, replace(drafted, cards=fewer)), (replace(drafted, cards=fewer), drafted)):
            report = claims_agreement(*pair)
            assert of(report, "claim") == (8, 7)
            assert [(one.item, one.field) for one in report.disputes] == [(drafted.cards[left_out].claim, "claim")]
            assert report.disputes[0].choices == ("kept", "dropped")


@given(st.permutations(range(8)))
def test_claims_find_each_other_in_any_order(drafted: ClaimFile, order: list[int]) -> None:
    pairs = claim_pairs(drafted.cards, [drafted.cards[at] for at in order])
    assert [(one.claim, other.claim) for one, other in pairs] == [(c.claim, c.claim) for c in drafted.cards]


@pytest.mark.parametrize("field", [name for name in COMPARED if name != "span"])
def test_claims_that_differ_in_one_field_are_still_one(drafted: ClaimFile, field: str) -> None:
    other = "<urn:other>"

    def changed(card: ClaimCard) -> ClaimCard:
        parts = tuple(part._replace(term=other) for part in card.parts[field])
        return replace(card, parts={**card.parts, field: parts})

    report = claims_agreement(drafted, replace(drafted, cards=tuple(changed(card) for card in drafted.cards)))
    has = sum(bool(card.parts[field]) for card in drafted.cards)
    assert of(report, "claim") == (8, 8)
    assert of(report, field) == (8, 8 - has)
    assert [one.field for one in report.disputes] == has * [field]


def test_claims_of_other_places_or_texts_are_not_one(drafted: ClaimFile, pisco: Recorded, home: Path) -> None:
    moved = [
        replace(card, spans=tuple(replace(span, start=span.start + 5000, end=span.end + 5000) for span in card.spans))
        for card in drafted.cards
    ]
    report = claims_agreement(drafted, replace(drafted, cards=tuple(moved)))
    assert of(report, "claim") == (16, 0)
    assert report.notes == ("No claim of one file is a claim of the other, so no field can be compared.",)
    altered = [replace(c, spans=tuple(replace(span, sha256="0" * 64) for span in c.spans)) for c in drafted.cards]
    with pytest.raises(BadMarks, match="different texts of pisco-2025"):
        claims_agreement(drafted, replace(drafted, cards=tuple(altered)))
    article = read_claim_file(home / "ontology/data/claims/ellis-2015.ttl", pisco.vocabulary, None, None)
    with pytest.raises(BadMarks, match="not of one text"):
        claims_agreement(drafted, article)


def test_drafts_that_cannot_be_read_are_left_out_and_told(pisco: Recorded, tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    bad = {"says": "X.", "subject": "nobody at all", "predicate": "taxes", "object": "cocaine", "phrase": "Behind"}
    path.write_text(pisco.drafts.read_text(encoding="utf-8") + f"  - {json.dumps(bad)}\n", encoding="utf-8")
    found = read_claim_file(path, pisco.vocabulary, KEY, pisco.text)
    assert len(found.cards) == 8
    assert len(found.problems) == 1
    assert "draft 9" in found.problems[0]
    with pytest.raises(BadMarks, match="give --source KEY"):
        read_claim_file(path, pisco.vocabulary, None, None)


# ---- the commands ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("library")
def test_two_files_of_claims_are_compared_by_command(call: Call, home: Path, tmp_path: Path) -> None:
    path = home / "ontology/data/claims/state-crt-2014.ttl"
    text = path.read_text(encoding="utf-8")
    other = tmp_path / "other.ttl"
    other.write_text(text.replace("modality:asserted", "modality:reported", 1), encoding="utf-8")
    code, out, _ = call("source", "agreement", path, other, "--format", "json", "-o", tmp_path / "list.csv")
    assert code == 0
    report = json.loads(out)
    assert [one["field"] for one in report["disputes"]] == ["modality"]
    assert "first|second|other" in (tmp_path / "list.csv").read_text(encoding="utf-8")
    code, out, err = call("source", "agreement", path, home / "ontology/data/claims/state-crt-2015.ttl")
    assert (code, out) == (2, "")
    assert "not of one text" in err


def test_what_cannot_be_compared_is_told_in_a_line(call: Call, home: Path, tmp_path: Path) -> None:
    claims = home / "ontology/data/claims/state-crt-2014.ttl"
    table = tmp_path / "blank.csv"
    assert call("source", "read", "state-crt-2014", "-o", table)[0] == 0
    for words, hint in {
        ("agreement", claims, table): "give two of a kind",
        ("agreement", table, table): "does not say the reader",
        ("agreement", claims, tmp_path / "none.ttl"): "cannot be read",
        ("agreement", home / "ontology/terms", claims): "cannot be read",
        ("agreement", claims, claims, "-o", table): "is there already",
        ("agreement", claims, claims, "--source", "ellis-2015"): "none of ellis-2015",
        ("agreement", home / "ontology/prefixes.ttl", claims): "there is no claim in it",
        ("read", "state-crt-2014", "-o", table): "is there already",
        ("read", "state-crt-2014", "-o", tmp_path / "x.pdf"): "end its name in .html",
        ("read", "state-crt-2014", "state-crt-2015", "--text", claims, "-o", tmp_path / "x.html"): "name one",
        ("read", "state-crt-2041", "-o", tmp_path / "x.html"): "There is no source",
        ("read", "state-crt-2014", "--text", claims, "-o", tmp_path / "x.html"): "known without a text",
        ("read", "ellis-2015", "--text", claims, "-o", tmp_path / "x.html"): "is not the text of ellis-2015",
    }.items():
        code, out, err = call("source", *words)
        assert (code, out) == (2, ""), words
        assert hint in err, words
        assert err.count("\n") == 1, words
    assert not list(tmp_path.glob("x.*"))
