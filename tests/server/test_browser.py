"""The pages in a browser: on a small screen, on paper, in the dark, in each language; they ask nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from support import browsers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SPARQL = "/sparql?query=SELECT+%3Fs+%3Fp+%3Fo+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+100"
PAGES = {
    "start": "/",
    "entity": "/id/actor/sendero-luminoso",
    "place": "/id/place/callao",
    "claim": "/claim/ellis-2015.c082",
    "span": "/span/ellis-2015.2108-2143",
    "source": "/source/ellis-2015",
    "concept": "/vocab/modality/asserted",
    "class": "/ontology?term=HybridActor",
    "property": "/ontology?term=taxes",
    "ontology": "/ontology",
    "graph": "/graph/nexus",
    "answer": "/answers/who-taxes-what",
    "wide answer": "/answers/what-does-the-source-say-about",
    "find": "/find?q=shining+path",
    "ask": "/ask?q=Who+taxes+drug+trafficking%3F",
    "why": "/why?subject=actor:sendero-luminoso&predicate=a&value=nx:NarcoTaxingTerroristGroup",
    "sparql": SPARQL,
}
LANGUAGES = ("en", "es", "pt")
RATIO = 4.5
"""The contrast that WCAG 2 asks of text at level AA."""

_SEEN = """selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility()).length"""
_COLOURS = """() => {
  const canvas = document.createElement('div');
  canvas.style.cssText = 'background: Canvas';
  document.body.append(canvas);
  const ground = getComputedStyle(canvas).backgroundColor;
  canvas.remove();
  const texts = document.querySelectorAll('h1, h2, p, li, td, th, dd, dt, code, a, summary, button, input, textarea');
  return [...texts].filter(e => e.checkVisibility()).map(e => {
    let behind = ground;
    for (let at = e; at; at = at.parentElement) {
      const own = getComputedStyle(at).backgroundColor;
      if (own !== 'rgba(0, 0, 0, 0)') { behind = own; break; }
    }
    return [e.tagName, getComputedStyle(e).color, behind];
  });
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    with browsers.chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of the width and with the preferences that the test asks for, as what it is called with."""
    wanted = {"viewport": {"width": 380, "height": 800}, **getattr(request, "param", {})}
    context = browser.new_context(**wanted)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def in_language(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}" if not path.startswith("/sparql") else path


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [380, 700, 1200])
def test_a_page_fits_and_asks_nobody_else(browser: Browser, address: str, name: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    asked, said = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for language in LANGUAGES:
        reply = page.goto(address + in_language(PAGES[name], language), wait_until="load")
        assert reply is not None
        assert reply.status == 200
        wide, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= shown == width, (name, language)
        # What is wider than the text scrolls by itself; nothing does so on a small screen.
        if width == 380:
            inner = page.evaluate("(e => [e.scrollWidth, e.clientWidth])(document.querySelector('main'))")
            assert inner[0] <= inner[1], (name, language)
    assert said == []
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(address).netloc}
    assert any(url.endswith("/style.css") for url in asked)
    context.close()


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_everything_is_there_without_javascript(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("header input[name=q]").fill("sendero luminoso")
    page.locator("header button").click()
    assert urlsplit(page.url).path == "/find"
    page.get_by_role("link", name="Sendero Luminoso", exact=True).first.click()
    assert urlsplit(page.url).path == "/id/actor/sendero-luminoso"
    page.get_by_role("link", name="es", exact=True).first.click()
    assert "organización terrorista" in page.locator("main").inner_text()
    page.goto(address)
    page.locator("main form input").fill("Who taxes drug trafficking?")
    page.locator("main form button").click()
    assert "Sendero Luminoso" in page.locator("td").first.inner_text()
    page.goto(address + PAGES["answer"])
    page.get_by_label("activity").fill("drug trafficking")
    page.locator("main form button").click()
    assert page.locator("tbody tr").count() == 1
    page.goto(address + "/sparql")
    page.get_by_label("SPARQL").fill("SELECT ?who { ?who nx:concentratedIn place:vraem }")
    page.locator("main form button").click()
    assert page.locator("td").all_inner_texts() == ["actor:sendero-luminoso"]


def test_the_keyboard_reaches_the_content_first(page: Page, address: str) -> None:
    page.goto(address + PAGES["entity"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert urlsplit(page.url).fragment == "content"


@pytest.mark.parametrize("name", PAGES)
def test_on_paper_there_is_only_what_is_read(page: Page, address: str, name: str) -> None:
    page.goto(address + PAGES[name])
    assert page.evaluate(_SEEN, "header, footer") == 2
    page.emulate_media(media="print")
    assert page.evaluate(_SEEN, "header, footer, form, input, textarea, button, nav") == 0
    assert page.evaluate(_SEEN, "h1") == 1
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_text_stands_out_from_what_is_behind_it(page: Page, address: str, name: str, scheme: str) -> None:
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    page.goto(address + PAGES[name])
    found = page.evaluate(_COLOURS)
    assert found
    ground = brightness(next(behind for tag, _, behind in found if tag == "H1"))
    assert ground > 0.8 if scheme == "light" else ground < 0.2
    for tag, colour, behind in {tuple(one) for one in found}:
        lighter, darker = sorted((brightness(colour), brightness(behind)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= RATIO, (tag, colour, behind)


def brightness(colour: str) -> float:
    """The relative luminance of a colour, as WCAG 2 defines it."""
    parts = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
