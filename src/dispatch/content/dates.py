"""Dates as people write them become instants. What could mean two days is an error, never a guess."""

import re
from datetime import UTC, date, datetime, time, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser as dateutil_parser
from dateutil.tz import tzoffset

WANTED = "write it as YYYY-MM-DD, or YYYY-MM-DD HH:MM"
ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:T|t|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
)
MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", re.I)
IN_NAME = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?=$|[-_. ])")
IN_FOLDERS = re.compile(r"(?:^|/)(\d{4})/(\d{1,2})/(\d{1,2})(?=$|[/-])")
# RFC 5322, section 4.3: the names that still have a meaning.
ZONE_HOURS = {
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}

# Beyond these some zone cannot say what day it is.
FIRST_YEAR, LAST_YEAR = 2, 9998


def read_instant(value: Any, timezone: str) -> datetime:
    """The instant, in UTC, that a date of front matter means; one without a zone is in `timezone` (IANA).

    Takes date, datetime and text. Raises ValueError whose text says what to write instead.
    """
    try:
        moment = _moment(value)
        instant = (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value!r} is out of range; {WANTED}") from None
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ValueError(f"{value!r} is out of range; {WANTED}")
    return instant


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no date; {WANTED}")
    text = " ".join(value.split())
    if match := ISO.fullmatch(text):
        return _iso(match)
    if MONTH.search(text):
        return _spelled(text)
    if re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*", text):
        raise ValueError(f"{value!r} could mean two days; {WANTED}")
    raise ValueError(f"{value!r} is no date; {WANTED}")


def _iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    text = f"{year}-{month:0>2}-{day:0>2}"
    if hour:
        zone = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00", "": ""}.get((zone or "").upper(), zone)
        text += f"T{hour:0>2}:{minute}:{second or '00'}.{(fraction or '0'):0<6.6}{zone}"
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{match[0]!r} is no date ({error}); {WANTED}") from None


def _spelled(text: str) -> datetime:
    """A date whose month is a word: as mail has it (RFC 5322), or as people do."""
    try:
        if re.match(r"(?:\w{3}, )?\d{1,2} \w{3} \d{4} \d", text):
            return parsedate_to_datetime(text)
        # Two different defaults show whether year, month and day were all given; the clock is never asked.
        first, second = (
            dateutil_parser.parse(text, default=datetime(*day), tzinfos=_zone)  # noqa: DTZ001 - a zone comes later
            for day in ((2000, 1, 1), (2001, 2, 2))
        )
    except (ValueError, OverflowError, TypeError) as error:
        raise ValueError(f"{text!r} is no date ({error}); {WANTED}") from None
    if first != second:
        raise ValueError(f"{text!r} is not a whole date; {WANTED}")
    return first


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None:
        return tzoffset(None, offset)
    if name is None:
        return None
    if name.upper() not in ZONE_HOURS:
        raise ValueError(f"{name} is no time zone")
    return tzoffset(None, ZONE_HOURS[name.upper()] * 3600)


def date_in_path(path: str) -> date | None:
    """The day that a file's name (2023-01-20-x.md) or its folders (2021/06/17/x.md) give, if they do."""
    match = (
        IN_NAME.match(path.rpartition("/")[2])
        or IN_FOLDERS.search(path)
        or IN_NAME.match(path.rpartition("/")[0].rpartition("/")[2])
    )
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None
