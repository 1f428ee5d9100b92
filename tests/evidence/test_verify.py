"""Spans in other copies of a text, anchors, segments, and the coverage of a text."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from nexuskg.base import namespaces
from nexuskg.base.namespaces import BASE, NX
from nexuskg.errors import TextMismatch
from nexuskg.evidence import anchors, coverage, sources, verify
from nexuskg.evidence.verify import SpanState
from nexuskg.pipeline import views
from nexuskg.rdf import load

EXCERPT = Path(__file__).parents[3] / "shared" / "source" / "ellis-2015-excerpt.txt"
EXCERPT_KEY = "ellis-2015"

# Every word stands once, so that an anchor is nowhere but in its span.
PARAGRAPHS = [" ".join(f"w{p}n{i:02}" for i in range(12)) for p in range(6)]
TEXT = "\n\n".join(PARAGRAPHS) + "\n"
SPANS = [
    (TEXT.index(words[a]), TEXT.index(words[b]) + len(words[b]))
    for words in (paragraph.split() for paragraph in PARAGRAPHS)
    for a, b in ((0, 4), (3, 9), (8, 11))
]


def put(store: Store, subject: str, **values: str | int | NamedNode) -> None:
    for name, value in values.items():
        term = value if isinstance(value, NamedNode) else Literal(value)
        store.add(Quad(NamedNode(BASE + subject), NamedNode(NX + name), term))


def add_source(store: Store, key: str, text: str, spans: list[tuple[int, int]]) -> None:
    this = NamedNode(f"{BASE}text/{key}")
    put(
        store, f"text/{key}", textOf=NamedNode(f"{BASE}source/{key}"), sha256=anchors.sha256(text), textLength=len(text)
    )
    for start, end in spans:
        digests, anchor = anchors.span_digests(text, start, end), anchors.shortest_anchor(text, start, end)
        name = f"span/{key}.{start}-{end}"
        put(store, name, spanOf=this, startOffset=start, endOffset=end, paragraph="1", sha256=digests.sha256)
        put(store, name, normalizedSha256=digests.normalized_sha256, normalizedLength=digests.normalized_length)
        if anchor:
            put(store, name, anchorPhrase=anchor.phrase)
            put(store, name, **({"anchorOccurrence": anchor.occurrence} if anchor.occurrence else {}))


def made(text: str, spans: list[tuple[int, int]]) -> Store:
    store = Store()
    add_source(store, "t", text, spans)
    return store


STORE = made(TEXT, SPANS)


def states(report: verify.VerifyReport) -> dict[tuple[int, int], SpanState]:
    return {(check.span.start, check.span.end): check.state for check in report.checks}


# ---- verify -------------------------------------------------------------------------------------------------------


def test_the_very_text_has_every_span_in_place() -> None:
    report = verify.verify(STORE, TEXT, None)
    assert report.identical
    assert report.exit_code == 0
    assert report.counts == {SpanState.IN_PLACE: 18, SpanState.MOVED: 0, SpanState.CHANGED: 0, SpanState.MISSING: 0}


@given(st.text(alphabet="xyz éß\n\t", min_size=1, max_size=40))
def test_text_put_before_moves_every_span_by_its_length(before: str) -> None:
    report = verify.verify(STORE, f"{before}\n{TEXT}", "t")
    assert {(check.state, check.shift) for check in report.checks} == {(SpanState.MOVED, len(before) + 1)}
    assert report.exit_code == 0


@given(st.lists(st.sampled_from([" ", "\n", "\n\n", "  ", " \n\t"]), min_size=71, max_size=71))
def test_lines_wrapped_otherwise_lose_no_span(spaces: list[str]) -> None:
    words = TEXT.split()
    copy = "".join(word + space for word, space in zip(words, [*spaces, "\n"], strict=True))
    report = verify.verify(STORE, copy, None)
    assert set(states(report).values()) <= {SpanState.IN_PLACE, SpanState.MOVED}
    for check in report.checks:
        assert check.at is not None
        expected = anchors.normalize(TEXT[check.span.start : check.span.end])
        assert anchors.normalize(copy[check.at :]).startswith(expected)


@given(st.integers(0, 71))
def test_a_changed_word_changes_the_spans_that_hold_it_and_no_other(index: int) -> None:
    word = TEXT.split()[index]
    at = TEXT.index(word)
    report = verify.verify(STORE, TEXT.replace(word, "x" * len(word)), None)
    for check in report.checks:
        assert check.span.anchor is not None
        if not check.span.start <= at < check.span.end:
            expected = SpanState.IN_PLACE
        else:
            expected = SpanState.MISSING if word in check.span.anchor else SpanState.CHANGED
        assert check.state is expected
    first = report.differs_from
    assert (first is None) == all(not start <= at < end for start, end in SPANS)
    if first is not None:
        assert first.span.start == min(start for start, end in SPANS if start <= at < end)
        assert report.exit_code == 1


@given(st.integers(0, 5))
def test_a_deleted_paragraph_is_missing_and_what_follows_has_moved(gone: int) -> None:
    copy = "\n\n".join(paragraph for i, paragraph in enumerate(PARAGRAPHS) if i != gone) + "\n"
    report = verify.verify(STORE, copy, None)
    start = TEXT.index(PARAGRAPHS[gone])
    end = start + len(PARAGRAPHS[gone])
    for check in report.checks:
        if check.span.end <= start:
            assert check.state is SpanState.IN_PLACE
        elif check.span.start >= end:
            assert (check.state, check.shift) == (SpanState.MOVED, -len(PARAGRAPHS[gone]) - 2)
        else:
            assert (check.state, check.at) == (SpanState.MISSING, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: "\ufeff" + text, "byte-order mark"),
        (lambda text: text.replace("\n", "\r\n"), "CRLF"),
        (lambda text: unicodedata.normalize("NFD", text), "NFC"),
    ],
)
def test_what_editors_change_is_seen_through_and_said(change, said) -> None:  # type: ignore[no-untyped-def]
    text = "Ñandú señala algo.\n\nY después calla."
    store = made(text, [(0, 5), (6, 18), (20, 36)])
    report = verify.verify(store, change(text), None)
    assert report.identical
    assert said in " ".join(report.adjustments)
    assert said in verify.render_verify(report, {})


def test_a_text_kept_in_decomposed_letters_is_found_in_a_composed_copy() -> None:
    text = unicodedata.normalize("NFD", "Ñandú señala algo.")
    report = verify.verify(made(text, [(0, len(text))]), unicodedata.normalize("NFC", text), None)
    assert report.identical


def test_words_that_stand_twice_are_taken_where_their_neighbours_went() -> None:
    text = "same words\none two three\nsame words\nfour five six"
    store = made(text, [(0, 10), (11, 24), (25, 35), (36, 49)])
    report = verify.verify(store, "new " + text, None)
    assert [check.at for check in report.checks] == [4, 15, 29, 40]


def test_an_anchor_left_over_elsewhere_does_not_hide_that_a_span_is_gone() -> None:
    text = "alpha beta gamma\nalpha beta delta\nlast of all"
    report = verify.verify(made(text, [(0, 10), (17, 27), (34, 45)]), "last of all", None)
    assert [check.state for check in report.checks] == [SpanState.MISSING, SpanState.MISSING, SpanState.MOVED]


def test_a_span_without_words_is_found_too() -> None:
    text = "It goes on. … And on."
    report = verify.verify(made(text, [(12, 13), (14, 21)]), "So " + text, None)
    assert [(check.state, check.shift) for check in report.checks] == [(SpanState.MOVED, 3)] * 2


def test_another_text_is_called_so() -> None:
    report = verify.verify(STORE, "Nothing of it is here.", None)
    assert report.counts[SpanState.MISSING] == len(SPANS)
    assert "another text" in verify.render_verify(report, {})


def test_the_report_says_from_where_on_the_words_differ() -> None:
    table = {"span": BASE + "span/"}
    copy = TEXT.replace("w2n05", "wrong")
    said = verify.render_verify(verify.verify(STORE, copy, None), table)
    start, end = SPANS[7]
    assert f"differ from character {start} of the text used on" in said
    assert f"changed  span:t.{start}-{end} (paragraph 1)" in said
    assert "18 spans: 17 in place, 0 moved, 1 changed, 0 missing." in said


def test_the_source_is_known_by_the_digest_of_its_text_or_has_to_be_named() -> None:
    store = made("One text here.", [(0, 8)])
    add_source(store, "u", "Another text there.", [(0, 12)])
    assert verify.verify(store, "Another text there.", None).text.key == "u"
    for name in ("u", "source:u", BASE + "source/u"):
        assert verify.verify(store, "Something else.", name).text.key == "u"
    with pytest.raises(TextMismatch, match=r"more than one source has a text.*: t, u"):
        verify.verify(store, "Something else.", None)
    with pytest.raises(TextMismatch, match=r"no text of a source 'v'.*: t, u"):
        verify.verify(store, "Something else.", "v")
    with pytest.raises(TextMismatch, match="no source has a text"):
        verify.verify(Store(), "Something else.", None)


def test_a_copy_that_is_no_utf_8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "copy.txt"
    path.write_bytes(b"fine\nse\xf1al\n")
    with pytest.raises(TextMismatch, match=r"copy\.txt, line 2: byte 7 is not UTF-8"):
        verify.read_copy(path)
    path.write_bytes("text".encode("utf-16"))
    with pytest.raises(TextMismatch, match="UTF-16"):
        verify.read_copy(path)
    with pytest.raises(TextMismatch, match="cannot be read"):
        verify.read_copy(tmp_path / "none.txt")
    path.write_bytes("\ufeffsí\r\n".encode())
    assert verify.read_copy(path) == "\ufeffsí\r\n"


# ---- anchors ------------------------------------------------------------------------------------------------------


@given(st.text(alphabet="ab c\n.", min_size=1, max_size=60), st.data())
def test_an_anchor_stands_once_or_says_which_time(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    anchor = anchors.shortest_anchor(text, start, end)
    if anchor is None:
        assert not re.search(r"\w", text[start:end])
        return
    assert 1 <= len(anchor.phrase.split()) <= anchors.ANCHOR_WORDS
    assert anchor.phrase in anchors.normalize(text[start:end])
    places = anchors.occurrences(anchor.phrase, anchors.normalize(text))
    assert len(places) >= 1
    assert (len(places) == 1) == (anchor.occurrence is None)
    assert anchor.occurrence is None or 1 <= anchor.occurrence <= len(places)


def test_digests_of_a_span_outside_the_text_are_refused() -> None:
    with pytest.raises(ValueError, match="does not lie"):
        anchors.span_digests("short", 2, 9)


def test_segments_keep_header_and_page_furniture_apart_from_the_body() -> None:
    text = "Site\nTitle\n\nWhat it is\n\nFirst thing.2 Then the U.S. thing. …\n\nShow more\n\nSorry."
    body = (text.index("What"), text.index("Show"))
    found = anchors.text_parts(text, body=body)
    assert [(s.kind, text[s.start : s.end]) for s in found] == [
        ("header", "Site"),
        ("header", "Title"),
        ("heading", "What it is"),
        ("sentence", "First thing.2"),
        ("sentence", "Then the U.S. thing."),
        ("ellipsis", "…"),
        ("page-furniture", "Show more"),
        ("page-furniture", "Sorry."),
    ]


# ---- coverage -----------------------------------------------------------------------------------------------------


@pytest.fixture
def covered() -> Store:
    text = "One thing holds. Another does not. A third one."
    store = made(text, [(0, 9), (10, 16)])
    this = NamedNode(BASE + "text/t")
    put(store, "claim/t.c1", supportedBy=NamedNode(BASE + "span/t.0-9"))
    put(store, "claim/t.c2", supportedBy=NamedNode(BASE + "span/t.10-16"))
    for start, end in ((0, 16), (17, 34)):
        put(store, f"segment/t.{start}-{end}", segmentOf=this, startOffset=start, endOffset=end, paragraph="1")
        put(store, f"segment/t.{start}-{end}", segmentKind=NamedNode(BASE + "vocab/segment-kind/sentence"))
    return store


def test_coverage_names_claims_gaps_and_what_no_segment_holds(covered: Store) -> None:
    report = coverage.coverage(covered, None)
    assert [row.claims for row in report.rows] == [(BASE + "claim/t.c1", BASE + "claim/t.c2"), ()]
    assert [row.segment for row in report.gaps] == [BASE + "segment/t.17-34"]
    assert report.unsegmented == ((34, 47),)
    table = coverage.coverage_table(report, {"claim": BASE + "claim/"})
    assert "sentence  c1 c2" in table
    assert "GAP: neither a claim nor a reason" in table
    assert "2 gaps" in table


def test_a_reason_closes_a_gap(covered: Store) -> None:
    put(covered, "segment/t.17-34", noClaimReason="Says | nothing.")
    report = coverage.coverage(covered, "t")
    assert report.gaps == ()
    assert "Says \\| nothing." in coverage.coverage_markdown(report, {})
    assert json.loads(coverage.coverage_json(report))["rows"][1]["reason"] == "Says | nothing."


def test_anchor_coverage_counts_a_phrase_once(covered: Store) -> None:
    phrases = {span.anchor for span in sources.source_spans(covered, BASE + "text/t")}
    assert coverage.anchor_coverage(covered, "t") == sum(len(phrase or "") for phrase in phrases) / 47
    put(covered, "span/t.more", spanOf=NamedNode(BASE + "text/t"), anchorPhrase="thing")
    assert coverage.anchor_coverage(covered, "t") == sum(len(phrase or "") for phrase in phrases) / 47


# ---- the article --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def article(home: Path) -> Store:
    """What the files of sources and claims say, in a default graph."""
    loaded = load.load_files(home)
    return views.merge(loaded, [g for g in views.member_graphs(loaded, "facts") if "/data/" in g.value])


@pytest.fixture(scope="module")
def excerpt() -> str:
    """The text of the article, where this machine has it."""
    if not EXCERPT.is_file():
        pytest.skip("the text of the article is not part of the project, and not on this machine")
    return verify.read_copy(EXCERPT)


def test_every_segment_of_the_article_has_claims_or_a_reason(article: Store) -> None:
    report = coverage.coverage(article, EXCERPT_KEY)
    assert len(report.rows) > 20
    assert report.gaps == ()
    assert report.unsegmented == ()


def test_the_anchors_show_no_more_of_the_article_than_allowed(article: Store) -> None:
    assert 0 < coverage.anchor_coverage(article, EXCERPT_KEY) <= coverage.ANCHOR_LIMIT


def test_every_span_of_the_article_is_in_its_text(article: Store, excerpt: str) -> None:
    report = verify.verify(article, excerpt, None)
    assert report.identical
    assert report.counts[SpanState.IN_PLACE] == len(report.checks) > 100


def test_every_anchor_and_digest_of_the_article_is_true(article: Store, excerpt: str) -> None:
    whole = anchors.normalize(excerpt)
    for span in sources.source_spans(article, sources.source_text(article, EXCERPT_KEY).iri):
        digests = anchors.span_digests(excerpt, span.start, span.end)
        assert (span.sha256, span.normalized_sha256, span.normalized_length) == digests
        if span.anchor is None:
            assert anchors.shortest_anchor(excerpt, span.start, span.end) is None
            continue
        assert span.anchor in anchors.normalize(excerpt[span.start : span.end])
        assert (len(anchors.occurrences(span.anchor, whole)) == 1) == (span.occurrence is None)


def test_every_span_of_the_article_is_found_in_a_reflowed_copy(article: Store, excerpt: str) -> None:
    copy = "Saved from a web page.\n\n" + " ".join(excerpt.split())
    report = verify.verify(article, copy, EXCERPT_KEY)
    assert report.exit_code == 0
    assert report.counts[SpanState.MOVED] == len(report.checks)
    said = verify.render_verify(report, namespaces.prefixes(Path(__file__).parents[2]))
    assert "not the very text used" in said
