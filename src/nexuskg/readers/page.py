"""The page on which a second reader marks claims: one file of HTML that works offline and asks nobody for anything.

What is marked is kept in the browser and saved as a file by a button (see `page.js`); without JavaScript the page can
be read and printed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Final

from nexuskg.evidence.anchors import sha256
from nexuskg.readers.claim_cards import JUDGED, ClaimCard
from nexuskg.readers.marks import FORMAT, place_notes
from nexuskg.readers.source_sheet import SheetPlace, SourceSheet
from nexuskg.server.pages.markup import text_html

_HOW: Final = (
    "Read the sentence, then each claim beside it. A claim is right if every field says what the source says, no more "
    "and no less; a field that is empty is right if the source says nothing of the kind. Tick each field that is "
    "wrong, or that you cannot judge, and say why. Then say of the sentence whether a claim is missing. Your marks "
    "stay in this browser; save them as a file at the end."
)
_NOT_GIVEN: Final = "The text was not given to this page: have it beside you."


def reading_page(sheets: Sequence[SourceSheet]) -> str:
    """The page for the sources of the sheets, in their order, as one HTML document."""
    style, script = (files("nexuskg.readers").joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    title = f"Second reading: {', '.join(sheet.key for sheet in sheets)}"
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    body = "".join(_source(sheet) for sheet in sheets)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{text_html(title)}</title>\n<style>\n{style}</style></head>\n<body>"
        f'<a class="skip" href="#first">To the claims</a><h1>{text_html(title)}</h1><p>{text_html(_HOW)}</p>'
        "<noscript><p><strong>Without JavaScript this page can be read and printed; marks then go into the CSV file of "
        "nexuskg source read.</strong></p></noscript>"
        '<form id="marks" autocomplete="off"><div class="who">'
        '<label>Your name<input type="text" name="reader" maxlength="100"></label>'
        '<label>Date<input type="date" name="date"></label>'
        '<label>Go on with a file of marks<input type="file" id="load" accept=".json,application/json"></label></div>'
        f'<main id="first">{body}</main></form>{_BAR}'
        f'<script type="application/json" id="page">{_data(sheets)}</script>\n<script>{script}</script></body></html>\n'
    )


_BAR: Final = (
    '<div class="bar" role="region" aria-label="Your marks"><p><span id="count"></span> '
    '<span id="told" role="status" class="note"></span></p>'
    '<button type="button" id="next">Next unmarked claim</button>'
    '<button type="button" id="save">Save marks</button></div>'
)


def _data(sheets: Sequence[SourceSheet]) -> str:
    """What the script needs to know, as JSON that no HTML can end."""
    keys = [sheet.key for sheet in sheets]
    what = sha256("\n".join(f"{sheet.key} {sheet.digest}" for sheet in sheets))
    name = keys[0] if len(keys) == 1 else f"{len(keys)}-sources"
    sources = [{"source": sheet.key, "text": sheet.digest} for sheet in sheets]
    data = json.dumps({"format": FORMAT, "name": name, "store": f"{FORMAT}:{what}", "sources": sources})
    for sign in "<>&":
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    return data


def _source(sheet: SourceSheet) -> str:
    without = f'<p class="note">{_NOT_GIVEN}</p>' if sheet.digest and not sheet.given else ""
    places = "".join(_place(place) for place in sheet.places)
    title = f"<p><strong>{text_html(sheet.title)}</strong></p>"
    return f'<section aria-label="{text_html(sheet.key)}">{title}{without}{places}</section>'


def _place(place: SheetPlace) -> str:
    name = text_html(place.name)
    words = f'<p class="sentence">{text_html(place.words)}</p>' if place.words else ""
    own = "".join(_claim(place, card) for card in place.cards)
    return (
        f'<section class="place" aria-label="{name}"><h2>{text_html(place_notes(place))}</h2>'
        f"{words}{own}"
        f'<fieldset class="place-mark claim-missing" data-place="{name}"><legend>Is a claim missing here?</legend>'
        f"{_box('radio', f'm {place.name}', 'mark', 'complete', 'no, it is complete')}"
        f"{_box('radio', f'm {place.name}', 'mark', 'missing', 'a claim is missing')}"
        f'<label>Which? One a line<textarea rows="1" maxlength="2000"></textarea></label></fieldset></section>\n'
    )


def _box(kind: str, group: str, of: str, value: str, words: str) -> str:
    return (
        f'<label class="box"><input type="{kind}" name="{escape(group)}" data-of="{of}" value="{value}">'
        f"{text_html(words)}</label>"
    )


def _claim(place: SheetPlace, card: ClaimCard) -> str:
    name = text_html(card.claim)
    rows = "".join(_field(card, field) for field in JUDGED)
    notes = "".join(f'<p class="note">{text_html(part.with_name)}</p>' for part in card.notes)
    beyond = [s for s in card.spans if not (place.start <= s.start and s.end <= place.end)]
    more = [f"{s.start}-{s.end}, at: {s.anchor or '…'}" for s in beyond]
    also = f'<p class="note">Rests on words of another sentence, too: {text_html("; ".join(more))}</p>' if more else ""
    title = text_html(card.field_text("label") or card.claim)
    return (
        f'<article class="claim" data-claim="{name}" data-state="{card.state}" aria-label="{name}">'
        f'<h3>{title}</h3><p class="name"><code>{name}</code></p>{_words(place, card)}{also}'
        f"<fieldset><legend>This claim is</legend>"
        f"{_box('radio', card.claim, 'mark', 'right', 'right')}{_box('radio', card.claim, 'mark', 'wrong', 'wrong')}"
        f'</fieldset><ul class="fields">{rows}</ul>{notes}'
        f'<label>Remark<textarea rows="1" maxlength="2000"></textarea></label></article>\n'
    )


def _words(place: SheetPlace, card: ClaimCard) -> str:
    if not place.words or not card.spans:
        return ""
    pieces = (f"<mark>{text_html(w)}</mark>" if held else text_html(w) for w, held in place.pieces(card))
    return f'<p class="sentence">{"".join(pieces)}</p>'


def _field(card: ClaimCard, field: str) -> str:
    shown = "<br>".join(text_html(part.with_name) for part in card.parts[field]) or '<span class="none">none</span>'
    boxes = "".join(
        f'<label class="box"><input type="checkbox" data-of="{of}" value="{field}" '
        f'aria-label="{text_html(f"{field} of {card.claim}: {words}")}">{words}</label>'
        for of, words in (("wrong", "wrong"), ("unsure", "cannot say"))
    )
    return f'<li><span class="name">{field}</span><span>{shown}</span><span class="judge">{boxes}</span></li>'
