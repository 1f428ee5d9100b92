"""What a reader fills in comes back as it was meant; what cannot be meant is refused, with its place."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuskg.authoring.drafts import QUALIFIERS
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base.namespaces import NX
from nexuskg.corrections.claim_record import LIFE
from nexuskg.errors import BadMarks, TextMismatch
from nexuskg.evidence import sources
from nexuskg.rdf.store import select
from nexuskg.readers import claim_cards, marks
from nexuskg.readers.claim_cards import JUDGED
from nexuskg.readers.marks import COLUMNS, FORMAT, ClaimMark, Marks, PlaceMark, blank_marks, is_marks_file, read_marks
from nexuskg.readers.source_sheet import source_sheet
from support.recorded import Recorded

Fill = Callable[[dict[str, str]], None]


def filled(text: str, fill: Fill, name: str = "Ana") -> str:
    """A blank table with a reader's name and date, and each other row as it is filled in."""
    rows = list(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for row in rows:
        if row["item"] in ("reader", "date"):
            row["mark"] = name if row["item"] == "reader" else "2026-12-01"
        elif row["item"].partition(":")[2].count(".") or ": " in row["item"]:
            fill(row)
        writer.writerow(row)
    return out.getvalue()


def right(row: dict[str, str]) -> None:
    row["mark"] = "right" if row["item"].startswith("claim:") else "complete"


def written(tmp_path: Path, text: str, name: str = "m.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sheet_holds_every_claim_once_at_the_place_where_it_begins(graph: Vocabulary, pisco: Recorded) -> None:
    sheets = [source_sheet(graph, key) for key in sources.source_keys(graph.store)] + [pisco.sheet]
    claims = 0
    for sheet in sheets:
        names = [card.claim for card in sheet.cards]
        assert len(names) == len(set(names))
        everything = sources.claims_from(pisco.vocabulary.store, sheet.key)
        assert {f"claim:{iri.rpartition('/')[2]}" for iri in everything} == set(names)
        claims += len(names)
        for place in sheet.places:
            assert all(place.start < 0 or place.holds_part_of(card) for card in place.cards)
    assert claims >= 450


def test_a_card_shows_whatever_qualifies_a_claim(graph: Vocabulary) -> None:
    """Of what a claim has in its file the reader sees all but where it belongs, and what became of it in the graph."""
    used = select(
        graph.store,
        f"SELECT DISTINCT ?p {{ GRAPH ?g {{ ?c a <{NX}Claim> ; ?p ?o }} FILTER(STRSTARTS(STR(?g), "
        f'"https://w3id.org/nexuskg/graph/data/claims/")) }}',
    )
    frame = {"fromSource", "evidenceGrade", "type", "prefLabel"}
    shown = {name for names in JUDGED.values() for name in names.split()} | {q.prop for q in QUALIFIERS.values()}
    locals_ = {name.partition(":")[2] for name in shown} | {"footnoteNear"}
    properties = {str(row[0].value) for row in used.rows if row[0]} - LIFE
    assert {prop.rpartition("#")[2].rpartition("/")[2] for prop in properties} <= locals_ | frame


def test_the_pieces_of_a_sentence_are_the_sentence_and_those_marked_are_the_spans(pisco: Recorded) -> None:
    text = pisco.text.read_text(encoding="utf-8")
    marked = 0
    for place in pisco.sheet.places:
        assert place.words == text[place.start : place.end]
        for card in place.cards:
            pieces = place.pieces(card)
            assert "".join(words for words, _ in pieces) == place.words
            assert all(one[1] != other[1] for one, other in pairwise(pieces))
            for span in card.spans:
                assert text[span.start : span.end] in [words for words, held in pieces if held]
                marked += 1
    assert marked == 8


def test_a_claim_that_says_something_else_is_in_another_state(graph: Vocabulary) -> None:
    """Of one source; two sources that are known by locators may say the very same."""
    for key in sources.source_keys(graph.store):
        states = [card.state for card in source_sheet(graph, key).cards]
        assert len(set(states)) == len(states), key
        assert all(len(state) == claim_cards.STATE for state in states)


@pytest.mark.parametrize("with_text", [True, False])
def test_a_blank_table_that_is_filled_in_is_read_back(pisco: Recorded, tmp_path: Path, with_text: bool) -> None:
    sheet = source_sheet(pisco.vocabulary, "pisco-2025", pisco.text if with_text else None)
    blank = blank_marks([sheet])
    assert ("Behind the squid" in blank) is with_text
    with pytest.raises(BadMarks, match="does not say the reader"):
        read_marks(written(tmp_path, blank))

    def fill(row: dict[str, str]) -> None:
        right(row)
        if row["item"].endswith("c001"):
            row |= {"mark": "wrong", "wrong": "modality, kind", "unsure": "label", "remark": "one\ntwo"}
        if row["item"].startswith("segment:") and "63-152" in row["item"]:
            row |= {"mark": "missing", "remark": "There was squid."}

    path = written(tmp_path, filled(blank, fill))
    assert is_marks_file(path)
    found = read_marks(path)
    assert (found.reader, found.date, found.sources) == ("Ana", "2026-12-01", {"pisco-2025": sheet.digest})
    assert found.listed == len(found.claims) == len(sheet.cards) == 8
    one = found.claims["claim:pisco-2025.c001"]
    assert one == ClaimMark("wrong", one.state, frozenset({"modality", "kind"}), frozenset({"label"}), "one\ntwo")
    assert [one.of(name) for name in ("modality", "label", "subject")] == ["wrong", None, "right"]
    assert found.places["segment:pisco-2025.63-152"] == PlaceMark("missing", ("There was squid.",))
    assert len(found.places) == 16


def test_a_source_known_by_locators_is_listed_by_locator(graph: Vocabulary, tmp_path: Path) -> None:
    sheet = source_sheet(graph, "state-crt-2014")
    assert sheet.digest == ""
    assert all(place.words == "" and place.start == -1 for place in sheet.places)
    found = read_marks(written(tmp_path, filled(blank_marks([sheet]), right)))
    assert found.sources == {"state-crt-2014": ""}
    assert set(found.claims) == {card.claim for card in sheet.cards}
    assert set(found.places) == {place.name for place in sheet.places}


def test_many_sources_fit_into_one_table(graph: Vocabulary, tmp_path: Path) -> None:
    sheets = [source_sheet(graph, key) for key in sources.source_keys(graph.store)]
    found = read_marks(written(tmp_path, filled(blank_marks(sheets), right)))
    assert len(found.sources) == len(sheets)
    assert len(found.claims) == sum(len(sheet.cards) for sheet in sheets)


def test_the_text_of_a_page_is_the_one_that_spans_count_in(pisco: Recorded, tmp_path: Path) -> None:
    with pytest.raises(TextMismatch, match="not the text"):
        source_sheet(pisco.vocabulary, "pisco-2025", written(tmp_path, "Another text.", "t.txt"))


def saved(**more: object) -> dict[str, object]:
    """What the page saves, with one claim and one place."""
    return {
        "format": FORMAT,
        "reader": "Luis",
        "date": "2026-12-01",
        "sources": [{"source": "x", "text": ""}],
        "claims": [{"claim": "claim:x.c1", "state": "1", "mark": "right", "wrong": [], "unsure": [], "remark": ""}],
        "places": [{"place": "source:x: page 1", "mark": "complete", "missing": []}],
        **more,
    }


def one_claim(**more: object) -> dict[str, object]:
    return saved(claims=[{"claim": "claim:x.c1", "state": "1", **more}])


BAD = {
    "no name": (saved(reader=" "), "does not say the reader"),
    "no date": (saved(date=""), "does not say the date"),
    "no day": (saved(date="yesterday"), "date: "),
    "no source": (saved(sources=[]), "which source"),
    "nothing marked": (saved(claims=[], places=[]), "nothing is marked"),
    "other format": (saved(format="x"), "no marks file"),
    "list": ([], "no marks file"),
    "mark": (one_claim(mark="perhaps"), "'perhaps'; a claim is right, wrong, or not marked"),
    "field": (one_claim(mark="wrong", wrong=["modalty"]), "no field 'modalty'. Did you mean modality"),
    "wrong without field": (one_claim(mark="wrong"), "name the fields"),
    "right with a wrong field": (one_claim(mark="right", wrong=["kind"]), "marked right, but its kind wrong"),
    "field without mark": (one_claim(mark="", wrong=["kind"]), "neither right nor wrong"),
    "both": (one_claim(mark="wrong", wrong=["kind"], unsure=["kind"]), "cannot be judged"),
    "twice": (saved(claims=2 * [{"claim": "claim:x.c1", "mark": "right"}]), "marked twice"),
    "number": (one_claim(mark=1), "a text was expected"),
    "text": (one_claim(mark="wrong", wrong="kind"), "a list of texts"),
    "claims": (saved(claims={"claim": "x"}), "a list of objects"),
    "place": (saved(places=[{"place": "p", "mark": "right"}]), "a place is complete, missing"),
    "missing what": (saved(places=[{"place": "p", "mark": "missing"}]), "say which claim"),
    "complete": (saved(places=[{"place": "p", "mark": "complete", "missing": ["x"]}]), "lacks no claim"),
    "words": (saved(places=[{"place": "p", "mark": "", "missing": ["x"]}]), "not marked missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_meant_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    data, words = BAD[name]
    path = written(tmp_path, json.dumps(data), "m.json")
    with pytest.raises(BadMarks) as caught:
        read_marks(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "item,mark\n", "item,mark,wrong\n\x00", "\ufeff{}", '{"a":NaN']
)
@pytest.mark.parametrize("name", ["m.json", "m.csv"])
def test_what_is_no_marks_file_is_refused(text: str, name: str, tmp_path: Path) -> None:
    with pytest.raises(BadMarks):
        read_marks(written(tmp_path, text, name))
    (tmp_path / name).write_bytes(b"\xff\xfe")
    with pytest.raises(BadMarks, match="not UTF-8"):
        read_marks(tmp_path / name)
    with pytest.raises(BadMarks, match="cannot be read"):
        read_marks(tmp_path / "nowhere" / name)


def _objects(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    names = st.sampled_from(["claim", "place", "mark", "wrong", "unsure", "missing", "source", "text"])
    return st.dictionaries(names, values | st.sampled_from(["right", "wrong", "missing", ["kind"]]))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | _objects(x)))
def test_nothing_that_json_can_be_breaks_the_reading(data: object) -> None:
    for value in (data, {**saved(), "claims": data}, {**saved(), "places": [data]}, {**saved(), "sources": data}):
        try:
            found = marks._from_json(json.dumps(value), "m.json")
        except BadMarks:
            continue
        assert isinstance(found, Marks)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_spreadsheet_may_part_columns_its_own_way(pisco: Recorded, tmp_path: Path, sign: str) -> None:
    rows = list(csv.reader(io.StringIO(filled(blank_marks([pisco.sheet]), right))))
    out = io.StringIO()
    csv.writer(out, delimiter=sign).writerows(rows)
    path = written(tmp_path, "\ufeff" + out.getvalue())
    assert is_marks_file(path)
    assert len(read_marks(path).claims) == 8


def test_drafts_are_no_marks(pisco: Recorded) -> None:
    assert not is_marks_file(pisco.drafts)
