"""EDTF level 0 and the part of level 1 that has bounds (ISO 8601-2): a date as text -> its first and last instant.

Accepted: dates and date-times, intervals (open `..` or unknown ends), the qualifiers ~ ? %, unspecified digits (201X,
2014-XX) and seasons 21 to 24 (northern, as quarters that may cross into the next year). Years beyond four digits are
refused: xsd:dateTime has them, the stores do not agree on them.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from nexuskg.errors import BadDate

Bounds: TypeAlias = tuple[datetime | None, datetime | None]

_DATE = re.compile(r"(?P<year>\d{4}|\d{3}X|\d{2}XX)(?:-(?P<month>\d{2}|XX)(?:-(?P<day>\d{2}|XX))?)?[~?%]?", re.ASCII)
_TIME = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})T(?P<time>\d{2}:\d{2}:\d{2})Z?", re.ASCII)
_YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
PLAIN: Final = (
    f"(?:{_YEAR}(?:-(?:(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|1[0-9]|2[0-8]))?|(?:0[13-9]|1[0-2])-(?:29|30)"
    f"|(?:0[13578]|1[02])-31))?|{_LEAP}-02-29)"
)
"""A year, month or day that the calendar has, without qualifier: all of it, and in what JSON Schema has of patterns."""
_SEASONS = {21: 3, 22: 6, 23: 9, 24: 12}  # the month in which each begins
_SECOND = timedelta(seconds=1)


def bounds(text: str) -> Bounds:
    """The first and the last second that the date can mean; None at an open or unknown end; raises BadDate.

    >>> [end.isoformat() for end in bounds("2014-09")]
    ['2014-09-01T00:00:00', '2014-09-30T23:59:59']
    >>> bounds("../2014")
    (None, datetime.datetime(2014, 12, 31, 23, 59, 59))
    """
    if "/" not in text:
        return _date(text, text)
    start, _, end = text.partition("/")
    if "/" in end:
        raise BadDate(f"{text!r} has more than two ends.")
    earliest = None if start in ("", "..") else _date(start, text)[0]
    latest = None if end in ("", "..") else _date(end, text)[1]
    if earliest is None and latest is None:
        raise BadDate(f"{text!r} says nothing: both ends are open.")
    if earliest and latest and earliest > latest:
        raise BadDate(f"{text!r} ends before it starts.")
    return earliest, latest


def period(text: str) -> tuple[datetime, datetime]:
    """The time of which something so dated speaks: a date with an open begin is read as its end. Raises BadDate.

    >>> [end.year for end in (*period("../2014"), *period("2012/.."))]
    [2014, 2014, 2012, 9999]
    """
    first, last = bounds(text)
    if first is None:
        first = bounds(text.partition("/")[2])[0]
    return first or datetime.min, last or datetime.max.replace(microsecond=0)


def year_before(text: str) -> tuple[datetime, datetime]:
    """The twelve months up to the end of the date; raises BadDate, also where it has no end.

    >>> [end.isoformat() for end in year_before("2015-01")]
    ['2014-02-01T00:00:00', '2015-01-31T23:59:59']
    """
    last = bounds(text)[1]
    if last is None:
        raise BadDate(f"{text!r} has no end.")
    try:
        after = last + _SECOND
        return after.replace(year=after.year - 1, day=min(after.day, 28 if after.month == 2 else after.day)), last
    except (OverflowError, ValueError):
        raise BadDate(f"{text!r} is too close to where the calendar ends.") from None


def _date(part: str, whole: str) -> tuple[datetime, datetime]:
    try:
        if match := _TIME.fullmatch(part):
            instant = datetime.fromisoformat(f"{match['date']}T{match['time']}")
            return instant, instant
        if match := _DATE.fullmatch(part):
            return _span(match["year"], match["month"], match["day"])
    except ValueError as error:
        raise BadDate(f"{whole!r} is not a date: {error}.") from None
    raise BadDate(f"{whole!r} is not a date in EDTF level 0 or 1 (2014-09, 2014~, ../2014, 201X).")


def _span(year: str, month: str | None, day: str | None) -> tuple[datetime, datetime]:
    first_year, last_year = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if "X" in year and (month or "XX", day or "XX") != ("XX", "XX"):
        raise ValueError("a month of an unspecified year has no bounds")
    if month is None or month == "XX":
        if day not in (None, "XX"):
            raise ValueError("a day of an unspecified month has no bounds")
        return datetime(first_year, 1, 1), datetime(last_year, 12, 31, 23, 59, 59)
    number = int(month)
    if number in _SEASONS:
        if day is not None:
            raise ValueError("a season has no days")
        start = datetime(first_year, _SEASONS[number], 1)
        return start, _next_month(start, 3) - _SECOND
    if day is None or day == "XX":
        start = datetime(first_year, number, 1)
        return start, datetime(first_year, number, monthrange(first_year, number)[1], 23, 59, 59)
    start = datetime(first_year, number, int(day))
    return start, start.replace(hour=23, minute=59, second=59)


def _next_month(start: datetime, months: int) -> datetime:
    index = start.year * 12 + start.month - 1 + months
    return datetime(index // 12, index % 12 + 1, 1)
