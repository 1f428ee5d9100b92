"""The page: whole in one file, and in a browser what is marked is kept, saved, and read back by the package."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.readers.agreement import marks_agreement
from nexuskg.readers.claim_cards import JUDGED
from nexuskg.readers.marks import blank_marks, read_marks
from nexuskg.readers.page import reading_page
from nexuskg.readers.source_sheet import SheetPlace, SourceSheet, source_sheet
from support import browsers
from support.recorded import Recorded

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTICLE = Path(__file__).parents[3] / "shared/source/ellis-2015-excerpt.txt"
"""A real text, where somebody has it beside the checkout."""
VOID = {"meta", "input", "br", "link"}


class Seen(HTMLParser):
    """What a parser sees of a page: its tags, whether each is closed, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def sheets(graph: Vocabulary, pisco: Recorded) -> dict[str, SourceSheet]:
    """Sources of every kind: with sentences, by locators, with a text that is not at hand; a real text where it is."""
    found = {"made up": pisco.sheet, "by locators": source_sheet(graph, "state-crt-2014")}
    found["without its text"] = source_sheet(graph, "ellis-2015")
    if ARTICLE.is_file():
        found["article"] = source_sheet(graph, "ellis-2015", ARTICLE)
    return found


KINDS = ["made up", "by locators", "without its text", "article"]


@pytest.fixture
def sheet(sheets: dict[str, SourceSheet], request: pytest.FixtureRequest) -> SourceSheet:
    if request.param not in sheets:
        pytest.skip(f"{ARTICLE} is not there")
    return sheets[request.param]


@pytest.mark.parametrize("sheet", KINDS, indirect=True)
def test_every_claim_is_there_once_with_all_its_fields(sheet: SourceSheet) -> None:
    page = reading_page([sheet])
    seen = Seen(page)
    assert seen.open == []
    claims = [of["data-claim"] for tag, of in seen.tags if "data-claim" in of]
    assert claims == [card.claim for card in sheet.cards]
    boxes = [of for tag, of in seen.tags if of.get("data-of") == "wrong" and of.get("type") == "checkbox"]
    assert [of["value"] for of in boxes] == len(claims) * list(JUDGED)
    places = [of["data-place"] for _, of in seen.tags if "data-place" in of]
    assert places == [place.name for place in sheet.places]
    words = " ".join(" ".join(seen.words).split())
    for card in sheet.cards:
        for name in JUDGED:
            for part in card.parts[name]:
                assert " ".join(part.with_name.split()) in words
    for place in sheet.places:
        assert " ".join(place.words.split()) in words


@pytest.mark.parametrize("sheet", KINDS, indirect=True)
def test_a_page_names_no_other_file_and_labels_all_that_is_filled_in(sheet: SourceSheet) -> None:
    page = reading_page([sheet])
    seen = Seen(page)
    assert not [of for _, of in seen.tags if {"src", "srcset", "action"} & set(of)]
    assert {str(of.get("href"))[0] for tag, of in seen.tags if "href" in of} == {"#"}
    assert not re.search(
        r"url\(|@import|https?://(?!w3id|www\.w3\.org)", re.sub(r"<p[ >].*?</p>|<li>.*?</li>", "", page)
    )
    assert "default-src 'none'" in page
    names = [of.get("name") for tag, of in seen.tags if of.get("type") == "radio"]
    assert len(names) == 2 * len(set(names)), "two radio buttons are one choice"


@pytest.mark.parametrize(
    "words", ["</script><script>alert(1)</script>", "<!--", '"><img src=x onerror=alert(1)>', "\x1b[2J"]
)
def test_what_a_source_says_is_never_markup(words: str) -> None:
    place = SheetPlace(f"source:x: {words}", words, 0, len(words), words, words, (), (words,))
    tags = [tag for tag, _ in Seen(reading_page([SourceSheet("x", words, "d", True, (place,))])).tags]
    harmless = SheetPlace("source:x: y", "y", 0, 1, "y", "y", (), ("y",))
    assert tags == [tag for tag, _ in Seen(reading_page([SourceSheet("x", "y", "d", True, (harmless,))])).tags]


# ---- in a browser ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    with browsers.chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must say nothing on the console and ask for no more than itself."""
    context = browser.new_context(viewport={"width": 380, "height": 800}, accept_downloads=True)
    context.set_default_timeout(30_000)
    page = context.new_page()
    said, asked = list[str](), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    assert said == []
    assert all(url.startswith(("file:", "blob:")) for url in asked), asked
    context.close()


def opened(page: Page, sheets: list[SourceSheet], tmp_path: Path) -> None:
    path = tmp_path / "reading.html"
    path.write_text(reading_page(sheets), encoding="utf-8")
    page.goto(path.as_uri())


def box(page: Page, item: str, of: str, value: str) -> str:
    return f'[data-claim="{item}"] input[data-of="{of}"][value="{value}"], [data-place="{item}"] input[value="{value}"]'


@pytest.mark.browser
@pytest.mark.parametrize("sheet", KINDS, indirect=True)
def test_what_is_marked_is_kept_saved_and_read_back(page: Page, sheet: SourceSheet, tmp_path: Path) -> None:
    opened(page, [sheet], tmp_path)
    first, second, third = [card.claim for card in sheet.cards[:3]]
    place = sheet.places[0].name
    page.click("#save")
    assert page.inner_text("#told").startswith("Write your name.")
    page.fill("input[name=reader]", "Ana Díaz")
    page.fill("input[name=date]", "2026-12-01")
    page.check(box(page, first, "mark", "right"))
    page.check(box(page, second, "mark", "wrong"))
    page.click("#save")
    assert page.inner_text("#told") == f"{second} is marked wrong: say which fields are."
    page.check(box(page, second, "wrong", "modality"))
    page.check(box(page, second, "unsure", "hedge"))
    page.check(box(page, third, "wrong", "label"))
    assert page.is_checked(box(page, third, "mark", "wrong")), "a wrong field makes a claim wrong"
    page.check(box(page, third, "mark", "right"))
    assert not page.is_checked(box(page, third, "wrong", "label")), "a right claim has no wrong field"
    page.fill(f'[data-claim="{second}"] textarea', "Reported </script> & “hedged”.")
    page.fill(f'[data-place="{place}"] textarea', "One is missing.\nAnother, too.")
    assert page.is_checked(box(page, place, "mark", "missing"))
    assert page.inner_text("#count") == f"3 of {len(sheet.cards)} claims marked"
    page.reload()
    assert page.inner_text("#count") == f"3 of {len(sheet.cards)} claims marked"
    with page.expect_download() as download:
        page.click("#save")
    saved = tmp_path / "marks.json"
    download.value.save_as(saved)
    assert download.value.suggested_filename == f"marks-{sheet.key}-ana-díaz.json"
    marks = read_marks(saved)
    assert (marks.reader, marks.date, marks.sources) == ("Ana Díaz", "2026-12-01", {sheet.key: sheet.digest})
    assert marks.listed == len(sheet.cards)
    assert {name: mark.mark for name, mark in marks.claims.items()} == {first: "right", second: "wrong", third: "right"}
    states = {card.claim: card.state for card in sheet.cards}
    assert all(mark.state == states[name] for name, mark in marks.claims.items())
    wrong = marks.claims[second]
    assert (wrong.wrong, wrong.unsure) == ({"modality"}, {"hedge"})
    assert wrong.remark == "Reported </script> & “hedged”."
    assert {name: mark.missing for name, mark in marks.places.items()} == {place: ("One is missing.", "Another, too.")}
    # Elsewhere, where nothing is kept, one goes on with the file.
    page.evaluate("localStorage.clear()")
    page.reload()
    assert page.inner_text("#count").startswith("0 of")
    page.set_input_files("#load", saved)
    page.locator("#told", has_text="Read.").wait_for()
    assert page.inner_text("#count").startswith("3 of")
    with page.expect_download() as download:
        page.click("#save")
    assert json.loads(Path(download.value.path()).read_text("utf-8")) == json.loads(saved.read_text("utf-8"))


@pytest.mark.browser
def test_the_page_and_the_table_say_the_same(page: Page, pisco: Recorded, tmp_path: Path) -> None:
    """One reader on the page, the other in the table, of one mind: they agree on all."""
    opened(page, [pisco.sheet], tmp_path)
    page.fill("input[name=reader]", "Ana")
    for card in pisco.sheet.cards:
        page.click("#next")
        page.keyboard.press("Space")
        assert page.is_checked(box(page, card.claim, "mark", "right"))
    page.click("#next")
    assert page.inner_text("#told") == "Every claim is marked."
    with page.expect_download() as download:
        page.click("#save")
    download.value.save_as(tmp_path / "ana.json")
    table = blank_marks([pisco.sheet]).replace("reader,", "reader,Luis", 1).replace("date,", "date,2026-12-01", 1)
    table = re.sub(r"^(claim:[^,]+),", r"\1,right", table, flags=re.MULTILINE)
    (tmp_path / "luis.csv").write_text(table, encoding="utf-8")
    report = marks_agreement(read_marks(tmp_path / "ana.json"), read_marks(tmp_path / "luis.csv"))
    assert [(found.units, found.agreed) for found in report.fields] == [*13 * [(8, 8)], (0, 0)]
    assert report.disputes == ()


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 380, 700, 1200])
@pytest.mark.parametrize("sheet", ["made up", "by locators"], indirect=True)
def test_the_page_fits_a_phone(page: Page, sheet: SourceSheet, width: int, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    opened(page, [sheet], tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    unnamed = page.evaluate(
        "[...document.querySelectorAll('input, textarea')].filter(e => !e.labels.length && !e.ariaLabel).length"
    )
    assert unnamed == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#first"


@pytest.mark.browser
def test_marks_of_another_text_or_of_what_has_changed_are_not_taken(
    page: Page, pisco: Recorded, tmp_path: Path
) -> None:
    opened(page, [pisco.sheet], tmp_path)
    card = pisco.sheet.cards[0]
    claim = {"claim": card.claim, "state": "0" * 12, "mark": "right"}
    good = {"format": "nexuskg-marks/1", "sources": [{"source": pisco.sheet.key, "text": pisco.sheet.digest}]}
    for data, words in (
        ({**good, "claims": [claim]}, "Read; changed since, to be marked again: 1."),
        ({**good, "sources": [{"source": "pisco-2025", "text": "0"}]}, "another source or text"),
        ({"format": "x"}, "no marks file"),
        ([], "no marks file"),
    ):
        (tmp_path / "m.json").write_text(json.dumps(data))
        page.evaluate("document.getElementById('told').textContent = ''")
        page.set_input_files("#load", tmp_path / "m.json")
        page.locator("#told", has_text=words).wait_for()
        assert page.inner_text("#count").startswith("0 of")
