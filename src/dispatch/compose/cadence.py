"""When a cadence comes next: slots on the naive calendar, mapped to instants by the zone.

A slot is a wall-clock time such as Monday 08:00. Where the clock jumps over it, it happens as much later as
the clock jumped; where the clock shows it twice, it happens the first time. So no calendar day has two, and none zero.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.model.subscriber import Cadence

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = {name: number for number, day in enumerate(WEEK) for name in (day, day[:3])}
HORIZON = 70  # days: longer than the longest wait between two monthly slots
LAST = 32  # the day of month that means the last one
FORMS = {
    Cadence.DAILY: '"08:00"',
    Cadence.WEEKLY: '"mon 08:00", or several days as in "mon,thu 08:00"',
    Cadence.MONTHLY: '"1 08:00" or "last 08:00"',
}


@dataclass(frozen=True, slots=True)
class Rule:
    """On which days, at which wall-clock time."""

    at: time
    weekdays: frozenset[int] = frozenset()  # 0 is Monday; empty: any
    month_day: int = 0  # 1 to 31, LAST, or 0 for any

    def falls_on(self, day: date) -> bool:
        """Whether a slot lies on this day; a month that is too short has it on its last day."""
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        return not self.month_day or day.day == min(self.month_day, monthrange(day.year, day.month)[1])


@dataclass(frozen=True, slots=True)
class Slot:
    """One firing: its name on the wall clock and its instant."""

    name: str  # 2026-11-23T08:00
    instant: datetime  # in UTC


def parse_rule(cadence: Cadence, text: str) -> Rule:
    """Read a rule as dispatch.toml writes it. Raises ValueError saying what is allowed."""
    *day, clock = text.lower().split() or [""]
    try:
        return READERS[cadence](" ".join(day), _time(clock))
    except (ValueError, KeyError):
        raise ValueError(f"must read {FORMS[cadence]}") from None


def _daily(day: str, clock: time) -> Rule:
    if day:
        raise ValueError
    return Rule(clock)


def _weekly(day: str, clock: time) -> Rule:
    return Rule(clock, weekdays=frozenset(DAYS[name.strip()] for name in day.split(",")))


def _monthly(day: str, clock: time) -> Rule:
    number = LAST if day == "last" else int(day)
    if not 1 <= number < LAST and day != "last":
        raise ValueError
    return Rule(clock, month_day=number)


READERS = {Cadence.DAILY: _daily, Cadence.WEEKLY: _weekly, Cadence.MONTHLY: _monthly}


def _time(clock: str) -> time:
    if not re.fullmatch(r"\d{1,2}:\d{2}", clock):
        raise ValueError
    hour, minute = clock.split(":")
    return time(int(hour), int(minute))


def next_slot(rule: Rule, zone: str, after: datetime) -> Slot:
    """The first slot strictly after an instant."""
    place = ZoneInfo(zone)
    slots = (_slot(day, rule, place) for day in _days(after.astimezone(place).date()) if rule.falls_on(day))
    return min((slot for slot in slots if slot.instant > after), key=lambda slot: slot.instant)


def _days(around: date) -> Iterator[date]:
    return (around + timedelta(days=offset) for offset in range(-2, HORIZON))


def _slot(day: date, rule: Rule, place: ZoneInfo) -> Slot:
    wall = datetime.combine(day, rule.at)
    return Slot(wall.isoformat(timespec="minutes"), wall.replace(tzinfo=place, fold=0).astimezone(UTC))
