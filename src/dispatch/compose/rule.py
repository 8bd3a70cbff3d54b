"""What dispatch.toml may say of a cadence's hour, read as cron lines: one way to count days serves them all."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from heapq import merge
from itertools import groupby, islice, pairwise, takewhile

from dispatch.compose.cronline import SOME_DAY, check, walk
from dispatch.model.subscriber import Cadence

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = {name: number for number, day in enumerate(WEEK) for name in (day, day[:3])}
ORDINALS = {"first": "#1", "second": "#2", "third": "#3", "fourth": "#4", "last": "L"}
LAST, FEBRUARY = "L", "2"
FORMS = {
    Cadence.DAILY: '"08:00", "mon-fri 08:00" or a cron line such as "0 8 * * 1-5"',
    Cadence.WEEKLY: '"mon 08:00", "mon,thu 08:00", "mon-fri 08:00" or a cron line such as "0 8 * * 1,4"',
    Cadence.MONTHLY: '"1 08:00", "1,15 08:00", "last 08:00", "first mon 08:00", "last fri 08:00" '
    'or a cron line such as "0 8 1 * *"',
}
LEAST = timedelta(hours=1)  # between two slots
SAMPLE = 400  # slots by which a rule is judged: more than a year of days
SAMPLE_END = datetime(2012, 1, 1)  # noqa: DTZ001 - rare days come in these twelve years as they always do


@dataclass(frozen=True, slots=True)
class Rule:
    """When a cadence comes, as times on the naive calendar."""

    lines: tuple[str, ...]  # cron lines; a time of any of them is a time of the rule
    once_a_day: bool = True  # no day has two; only then has a subscriber's own hour a meaning

    def walk(self, start: datetime) -> Iterator[datetime]:
        """The naive times from a naive time on, in order, each once."""
        return _walk(self.lines, start)


@lru_cache(maxsize=1024)
def parse_rule(cadence: Cadence, text: str) -> Rule:
    """Read a rule: one text of dispatch.toml, or several joined by ";". Raises ValueError saying what is allowed.

    `cadence` is daily, weekly or monthly. In a month that lacks a day of the month, its last day stands for it.
    """
    lines = tuple(dict.fromkeys(line for piece in text.lower().split(";") for line in _read(cadence, piece.strip())))
    times = list(islice(takewhile(lambda at: at < SAMPLE_END, _walk(lines, SOME_DAY)), SAMPLE))
    if any(later - earlier < LEAST for earlier, later in pairwise(times)):
        raise ValueError(f"may come once an hour at most, and {text!r} comes more often")
    return Rule(lines, all(earlier.date() < later.date() for earlier, later in pairwise(times)))


def _walk(lines: Iterable[str], start: datetime) -> Iterator[datetime]:
    return (at for at, _ in groupby(merge(*(walk(line, start) for line in lines))))


def _read(cadence: Cadence, piece: str) -> list[str]:
    """The cron lines of one text: a clock time is all that has a colon."""
    *day, clock = piece.split() or [""]
    if day and ":" not in clock:
        return [_cron_line(cadence, piece)]
    try:
        at = _time(clock)
        return [f"{at.minute} {at.hour} {days}" for days in READERS[cadence](" ".join(day))]
    except (ValueError, KeyError):
        raise ValueError(f"must read {FORMS[cadence]}; {piece!r} does not") from None


def _cron_line(cadence: Cadence, piece: str) -> str:
    try:
        check(piece)
    except ValueError as error:
        raise ValueError(f"must read {FORMS[cadence]}; {error}") from None
    return " ".join(piece.split())


def _daily(day: str) -> list[str]:
    """Every day, or several days of the week; one alone is weekly."""
    if not day:
        return ["* * *"]
    days = _weekdays(day)
    if len(days) == 1:
        raise ValueError
    return [f"* * {','.join(days)}"]


def _weekly(day: str) -> list[str]:
    return [f"* * {','.join(_weekdays(day))}"]


def _monthly(day: str) -> list[str]:
    ordinal, _, weekday = day.partition(" ")
    if weekday in DAYS:
        return [f"* * {_number(DAYS[weekday])}{ORDINALS[ordinal]}"]
    return [days for name in day.split(",") for days in _month_day(name.strip())]


READERS = {Cadence.DAILY: _daily, Cadence.WEEKLY: _weekly, Cadence.MONTHLY: _monthly}


def _month_day(name: str) -> list[str]:
    """One day of the month; what February or a short month lacks is its last day."""
    number = 31 if name == "last" else int(name)
    if not 1 <= number <= 31:
        raise ValueError
    if number == 31:
        return [f"{LAST} * *"]
    return [f"{number} * *", f"{LAST} {FEBRUARY} *"] if number > 28 else [f"{number} * *"]


def _weekdays(text: str) -> list[str]:
    """The numbers of "mon", "mon,thu", "mon-fri" or "sat-mon", sorted."""
    return sorted({_number(day) for span in text.split(",") for day in _span(span)})


def _span(text: str) -> list[int]:
    first, dash, last = (part.strip() for part in text.partition("-"))
    start = DAYS[first]
    length = (DAYS[last] - start) % len(WEEK) if dash else 0
    return [(start + offset) % len(WEEK) for offset in range(length + 1)]


def _number(day: int) -> str:
    """A weekday, 0 being Monday, as cron counts it."""
    return str(day + 1)


def _time(clock: str) -> time:
    if not re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", clock):
        raise ValueError
    hour, minute = clock.split(":")
    return time(int(hour), int(minute))
