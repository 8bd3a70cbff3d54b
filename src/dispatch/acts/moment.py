"""The moment that an editor means by "tomorrow 8:00" or "24 dec 7:30": the only importer of dateparser.

Only the day is left to dateparser. It takes an hour that it does not understand for the present one, passes over a
weekday or a number that does not fit, and reads a zone in the text as if it were ours. So the hour is read here, every
number must come back in the answer, weekdays must agree, and whatever can be read in two ways is refused.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dispatch.acts.act import ActError
from dispatch.acts.gap import gap_at

LONGEST = 80  # characters
FARTHEST = timedelta(days=5 * 365 + 1)
SOON = timedelta(days=60)  # so near, nobody wonders about the year
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
FORMS = '2026-11-24T08:00, or as in "tomorrow 8:00", "mon 08:00", "24 dec 7:30", "in 2 hours"'

_ISO = re.compile(r"(\d[\dW-]*)(?:[T ](\d\d[\d:.,]*) ?(Z|[+-]\d\d(?::?\d\d)?)?)?").fullmatch
_CLOCK = re.compile(
    r"(?<![\d.,:/+-])(?:"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d) ?(?P<half>[ap]m|uhr)?"
    r"|(?P<hour_of_half>\d{1,2}) ?(?P<only_half>[ap]m)"
    r"|(?P<hour_alone>\d{1,2}) ?(?:uhr|h|時)(?: ?(?P<minute_after>\d\d)分?)?"
    r")(?![\d:.,/+-]|[^\W\d_])",
    re.I,
)
_ISO_DAY = re.compile(r"\d{4}-[\dW-]*").fullmatch
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, and how it was meant."""

    instant: datetime  # in UTC
    wall: datetime  # naive: what the clock shows in the zone
    zone: str  # IANA
    note: str = ""  # what its editor should know of it, in a sentence


class _Unclear(Exception):
    """Says what was understood, and what to write instead."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an editor wrote, where and when."""

    text: str
    place: ZoneInfo
    now: datetime
    languages: tuple[str, ...]
    day_start: bool

    @property
    def wall(self) -> datetime:
        """What the editor's clock shows, naive."""
        return self.now.astimezone(self.place).replace(tzinfo=None)

    @property
    def today(self) -> datetime:
        """Midnight of the editor's day, naive."""
        return datetime.combine(self.wall, time())

    def relative(self, text: str, base: datetime) -> tuple[datetime, str] | None:
        """What "tomorrow" or "in 2 hours" come to from `base`, and the unit that they count in; "2 hours" are ago."""
        return self._ask(text, base, PARSERS=["relative-time"], PREFER_DATES_FROM="past")

    def named(self, text: str, order: str = "DMY") -> tuple[datetime, str] | None:
        """The next day with this date or weekday, today included, or the next such month; and which of them it is."""
        order_alone = {"DATE_ORDER": order, "PREFER_LOCALE_DATE_ORDER": False}
        return self._ask(text, self.today - DAY, PARSERS=["absolute-time"], PREFER_DATES_FROM="future", **order_alone)

    def _ask(self, text: str, base: datetime, **asked: Any) -> tuple[datetime, str] | None:
        from dateparser.date import DateDataParser  # slow to load

        # The machine's own zone plays no part.
        settings = {"RELATIVE_BASE": base, "RETURN_TIME_AS_PERIOD": True, "TIMEZONE": "UTC", **asked}
        reader = DateDataParser(languages=list(self.languages), settings=settings, try_previous_locales=False)
        answer = reader.get_date_data(text)
        if answer.date_obj is None:
            return None
        if answer.date_obj.tzinfo is not None:
            raise _Unclear("names a time zone: write it with its offset, as in 2026-11-24T08:00+01:00")
        return answer.date_obj, str(answer.period)


def moment(
    text: str, zone: str, now: datetime, languages: Sequence[str] = ("en",), *, day_start: bool = False
) -> Moment:
    """The moment meant by `text` in `zone`, always after `now`; with `day_start`, a day alone means its beginning.

    Understands ISO 8601 with or without an offset, and what people say in `languages` (BCP 47) or in English.
    Raises ActError with a sentence that says what was understood and what to write instead.
    """
    asked = _Asked(
        " ".join(unicodedata.normalize("NFKC", text).split()), _place(zone), now, _known(languages), day_start
    )
    try:
        return _ahead(asked, _read(asked))
    except _Unclear as unclear:
        raise ActError(f"{asked.text[:LONGEST]!r} {unclear}.") from None
    except OverflowError:
        raise ActError(f"{asked.text[:LONGEST]!r} lies outside the calendar: write {FORMS}.") from None


def _place(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ActError(f"{zone!r} is no time zone: write one of the IANA's, such as Europe/Berlin or UTC.") from None


def _known(languages: Sequence[str]) -> tuple[str, ...]:
    """Those languages that dateparser has words for, English last."""
    from dateparser.data.languages_info import language_order

    wanted = dict.fromkeys((*(tag.partition("-")[0].lower() for tag in languages), "en"))
    return tuple(language for language in wanted if language in language_order)


def _read(asked: _Asked) -> Moment:
    """ISO 8601, a span from now on, or a day and an hour of it in any order."""
    found = _iso(asked)
    if found:
        return found
    if len(asked.text) > LONGEST:
        raise _Unclear(f"is too long for a moment: write {FORMS}")
    span = _span(asked)
    if span is not None:
        return _at(asked.now.replace(microsecond=0) + span, asked.place)
    clock = _CLOCK.search(asked.text)
    if not clock:
        return _begin(_day(asked, asked.text), asked)
    at = _hour(clock)
    rest = f"{asked.text[: clock.start()]} {asked.text[clock.end() :]}".strip(" ,")
    return _with_year(asked, _zoned(datetime.combine(_day(asked, rest, at), at), asked.place))


def _iso(asked: _Asked) -> Moment | None:
    """ISO 8601: a date, a date and a time, or both and an offset; None: it is none of these."""
    match = _ISO(asked.text.upper())
    if not match:
        return None
    day, clock, offset = match.groups()
    try:
        on = date.fromisoformat(day)
        at = time.fromisoformat(clock + (offset or "")) if clock else None
    except ValueError:
        if _ISO_DAY(day):
            raise _Unclear(f"names a day or an hour that does not exist: write {FORMS}") from None
        return None
    if at is None:
        return _begin(on, asked)
    whole = datetime.combine(on, at)
    return _at(whole.astimezone(UTC), asked.place) if whole.tzinfo else _zoned(whole, asked.place)


def _at(instant: datetime, place: ZoneInfo) -> Moment:
    return Moment(instant, instant.astimezone(place).replace(tzinfo=None, fold=0), place.key)


def _span(asked: _Asked) -> timedelta | None:
    """Hours and minutes from now on, as long from any base and without the name of a day; None: it is no such span."""
    spans = set()
    for base in (asked.today, asked.today + MINUTE):
        found = asked.relative(asked.text, base)
        if not found or found[1] != "time" or found[0] < base or _has_idle_number(asked, asked.text, base):
            return None
        spans.add(found[0] - base)
    named = any(
        (found := asked.relative(word, asked.today)) and found[1] == "day" for word in _WORD.findall(asked.text)
    )
    return None if named or len(spans) > 1 else spans.pop()


def _has_idle_number(asked: _Asked, text: str, base: datetime) -> bool:
    """Whether a number of a relative text could be another, and the text would come to the same."""
    others = [f"{text[: n.start()]}{int(n[0]) + 1}{text[n.end() :]}" for n in _NUMBER.finditer(text)]
    return any(asked.relative(other, base) == asked.relative(text, base) for other in others)


def _hour(clock: re.Match[str]) -> time:
    hour = int(clock["hour"] or clock["hour_of_half"] or clock["hour_alone"])
    half = (clock["half"] or clock["only_half"] or "").lower()
    try:
        if half in ("am", "pm"):
            hour = (hour % 12 + 12 * (half == "pm")) if 1 <= hour <= 12 else 24
        return time(hour, int(clock["minute"] or clock["minute_after"] or 0))
    except ValueError:
        raise _Unclear(f"has an hour that no clock shows, {clock[0].strip()}: write {FORMS}") from None


def _day(asked: _Asked, rest: str, at: time | None = None) -> date:
    """The day named by what is left without the hour; without a name, the next one with that hour. Raises _Unclear."""
    today = asked.today.date()
    if at and not rest:
        return today if at > asked.wall.time() else today + DAY
    if _ISO_DAY(rest):
        return _iso_day(rest)
    relative = asked.relative(rest, asked.today)
    if relative and _is_exact(asked, rest, relative[1]):
        return relative[0].date()
    named = asked.named(rest)
    if relative or not named or named[1] != "day":
        raise _Unclear(f"is not understood as a moment: write {FORMS}")
    day = named[0].date()
    _check(asked, rest, day)
    if day > today or _NUMBER.search(rest):
        return day
    if at and at > asked.wall.time() and day == today:
        raise _Unclear(f"may mean today or a week from now: write {today}T{at:%H:%M} or {today + 7 * DAY}T{at:%H:%M}")
    return day + 7 * DAY if day == today else day


def _iso_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Unclear(f"names a day that does not exist: write {FORMS}") from None


def _is_exact(asked: _Asked, rest: str, unit: str) -> bool:
    """Whether a relative day counts days, or as many weeks as it says; "next week" is no day."""
    if not _NUMBER.search(rest):
        return unit == "day"
    return unit != "time" and not _has_idle_number(asked, rest, asked.today)


def _check(asked: _Asked, rest: str, day: date) -> None:
    """Refuse a named day that leaves something in the text out, or could be another. Raises _Unclear."""
    numbers = [int(number) for number in _NUMBER.findall(rest)]
    if Counter(numbers) - Counter((day.day, day.month, day.year)):
        raise _Unclear("has a number too many; write a year with four digits, or the day as in 2026-11-24")
    if numbers and not (Counter(numbers) - Counter([day.day]))[day.month] and not _has(asked, rest, "month"):
        raise _Unclear(f"names no month: write {FORMS}")
    if (other := asked.named(rest, "MDY")) and other[0].date() != day:
        raise _Unclear("can be read as two days: write the month as a word, or the day as in 2026-11-24")
    for word, (weekday, _) in _has(asked, rest, "day").items():
        if weekday.weekday() != day.weekday():
            raise _Unclear(f"says {word}, and {day} is a {day:%A}: write the one that you mean")


def _has(asked: _Asked, rest: str, unit: str) -> dict[str, tuple[datetime, str]]:
    """The words that name a weekday (`day`) or a month by themselves. A letter alone does not, nor does "th"."""
    words = [word for word in _WORD.findall(rest) if len(word) > 2]
    return {word: found for word in words if (found := asked.named(word)) and found[1] == unit}


def _begin(day: date, asked: _Asked) -> Moment:
    """The first moment of a day, where a day is enough; in some zones a night leaves midnight out. Raises _Unclear."""
    if not asked.day_start:
        raise _Unclear(f"is {day:%a %d %b %Y}, and at what hour? Write {day}T08:00, for example")
    midnight = datetime.combine(day, time())
    gap = gap_at(midnight, asked.place)
    if not gap:
        return _with_year(asked, _zoned(midnight, asked.place))
    return replace(_zoned(gap[1], asked.place), note=f"That day begins at {gap[1]:%H:%M}.")


def _zoned(wall: datetime, place: ZoneInfo) -> Moment:
    """The moment of a wall-clock time: the first of two; raises _Unclear where the clock jumps over it."""
    if gap := gap_at(wall, place):
        start, end = gap
        raise _Unclear(
            f"does not exist in {place.key}: on {wall:%a %d %b %Y} the clock jumps from {start:%H:%M} to {end:%H:%M}. "
            f"Write {_iso_of(start - MINUTE)} or {_iso_of(end)}"
        )
    first, second = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    note = ""
    if first != second:
        note = f"The clock shows {wall:%H:%M} twice that day in {place.key}; the first is meant ({first:%H:%M} UTC)."
    return Moment(first, wall, place.key, note)


def _iso_of(wall: datetime) -> str:
    return wall.isoformat(timespec="minutes")


def _with_year(asked: _Asked, found: Moment) -> Moment:
    """The moment with its year said, where nobody wrote it and it is not this one."""
    year = found.wall.year
    if year == asked.wall.year or str(year) in asked.text or found.wall - asked.wall < SOON:
        return found
    return replace(found, note=f"That is in {year}. {found.note}".strip())


def _ahead(asked: _Asked, found: Moment) -> Moment:
    """The moment, if it lies ahead and not too far. Raises _Unclear."""
    said = f"is {found.wall:%a %d %b %Y %H:%M} {found.zone}"
    if found.instant <= asked.now:
        raise _Unclear(f"{said}, which is past: it is {asked.wall:%a %d %b %Y %H:%M} there. Write a moment to come")
    if found.instant - asked.now > FARTHEST:
        raise _Unclear(f"{said}, more than five years ahead: write a nearer one")
    return found
