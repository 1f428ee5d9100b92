"""EDTF: bounds of what is accepted, and refusal of what is not."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuskg.base.edtf import PLAIN, bounds, year_before
from nexuskg.errors import BadDate


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2014-09", "2014-09-01T00:00:00", "2014-09-30T23:59:59"),
        ("2014-02-28", "2014-02-28T00:00:00", "2014-02-28T23:59:59"),
        ("2012-02", "2012-02-01T00:00:00", "2012-02-29T23:59:59"),
        ("9999-12-31", "9999-12-31T00:00:00", "9999-12-31T23:59:59"),
        ("2015", "2015-01-01T00:00:00", "2015-12-31T23:59:59"),
        ("2014~", "2014-01-01T00:00:00", "2014-12-31T23:59:59"),
        ("201X", "2010-01-01T00:00:00", "2019-12-31T23:59:59"),
        ("2014-XX", "2014-01-01T00:00:00", "2014-12-31T23:59:59"),
        ("2014-24", "2014-12-01T00:00:00", "2015-02-28T23:59:59"),
        ("../2014", None, "2014-12-31T23:59:59"),
        ("2014/..", "2014-01-01T00:00:00", None),
        ("2014/", "2014-01-01T00:00:00", None),
        ("2014-03/2015?", "2014-03-01T00:00:00", "2015-12-31T23:59:59"),
        ("2014-09-01T12:30:00Z", "2014-09-01T12:30:00", "2014-09-01T12:30:00"),
    ],
)
def test_bounds(text: str, earliest: str | None, latest: str | None) -> None:
    assert tuple(end and end.isoformat() for end in bounds(text)) == (earliest, latest)


@pytest.mark.parametrize(
    "text",
    [
        *("", "late 2014", "2014-13", "2014-9", "2014-09-31", "2014-00", "14", "../..", "/", "2015/2014", "1/2/3"),
        *("201X-05", "2014-XX-03", "2014-21-01", "Y17000", "0000", "2014-09 ", "\u0662014", "2014-09-01T25:00:00"),
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(BadDate):
        bounds(text)


@given(st.dates())
def test_a_day_lies_in_its_month_and_year(day: datetime) -> None:
    texts = (f"{day.year:04}-{day.month:02}-{day.day:02}", f"{day.year:04}-{day.month:02}", f"{day.year:04}")
    (d0, d1), (m0, m1), (y0, y1) = (bounds(text) for text in texts)
    assert y0 <= m0 <= d0 < d1 <= m1 <= y1  # type: ignore[operator]


@given(
    st.from_regex(
        r"[0-9X]{2,5}(-[0-9X]{2}){0,2}(T\d\d:\d\d:\d\d)?[~?%]?(/([0-9X.]{2,4}(-[0-9]{2})?)?)?", fullmatch=True
    )
)
def test_whatever_looks_like_a_date_has_bounds_or_is_refused(text: str) -> None:
    for read in (bounds, year_before):
        try:
            first, last = read(text)
        except BadDate:
            continue
        assert first is None or last is None or first <= last


@given(st.from_regex(PLAIN, fullmatch=True))
def test_what_is_plain_is_a_date(text: str) -> None:
    earliest, latest = bounds(text)
    assert earliest is not None
    assert latest is not None
    assert earliest.isoformat().startswith(text)
    assert latest.isoformat().startswith(text)


@given(st.dates(), st.sampled_from([4, 7, 10]))
def test_every_year_month_and_day_is_plain(day: date, length: int) -> None:
    assert re.fullmatch(PLAIN, day.isoformat()[:length])


@pytest.mark.parametrize(("year", "leap"), [(1900, False), (2000, True), (2012, True), (2013, False), (4, True)])
def test_the_last_of_february_is_plain_in_leap_years_only(year: int, leap: bool) -> None:
    assert bool(re.fullmatch(PLAIN, f"{year:04}-02-29")) is leap


@given(st.from_regex(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", fullmatch=True))
def test_what_is_written_like_a_plain_date_and_has_bounds_is_plain(text: str) -> None:
    try:
        bounds(text)
    except BadDate:
        assert not re.fullmatch(PLAIN, text)
    else:
        assert re.fullmatch(PLAIN, text) or text[5:7] in ("21", "22", "23", "24")  # seasons: more than a year or month
