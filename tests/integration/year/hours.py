"""When slots come, told slowly: day after day on the calendar, each looked up in its zone."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MONDAY, SATURDAY, SUNDAY = 0, 5, 6
Place = tuple[str, str]  # zone, and an hour of one's own or ""


@dataclass(frozen=True)
class Rule:
    """Days at one hour: every day, a weekday, or a day of the month (-1: the last)."""

    hour: str
    weekday: int | None = None
    month_day: int | None = None

    def falls_on(self, day: date) -> bool:
        """Whether there is a slot on this day."""
        if self.weekday is not None:
            return day.weekday() == self.weekday
        if self.month_day == -1:
            return (day + timedelta(days=1)).day == 1
        return self.month_day is None or day.day == self.month_day

    def days_from(self, day: date) -> Iterator[date]:
        """The days with a slot, from a day on."""
        while True:
            if self.falls_on(day):
                yield day
            day += timedelta(days=1)


@cache
def moment(day: date, hour: str, zone: str) -> datetime:
    """When the clocks of a zone first show an hour on a day; skipped, it is as much later as they were put on."""
    wall = datetime.combine(day, time.fromisoformat(hour))
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def first_moment(rule: Rule, day: date, places: Collection[Place]) -> datetime:
    """When a day's slot comes at the first of these places."""
    return min(moment(day, hour or rule.hour, zone) for zone, hour in places)


def last_moment(rule: Rule, day: date, places: Collection[Place]) -> datetime:
    """When it comes at the last of them."""
    return max(moment(day, hour or rule.hour, zone) for zone, hour in places)
