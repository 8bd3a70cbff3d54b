"""How many daily slots a local day gets where clocks change: from Dispatch, and from APScheduler's CronTrigger."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo, available_timezones

from apscheduler.triggers.cron import CronTrigger

from dispatch.compose.cadence import parse_rule, upcoming
from dispatch.model.subscriber import Cadence

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=6)
NEAR = 3  # days before the local day of a change; as many as make eight days are looked at
DAYS = 8
HOURS = ("00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "09:00")
UNCHANGING = {"localtime", "Factory"}  # this machine's own, and none
Walk = Callable[[str, str, datetime], Iterator[datetime]]


def main() -> None:
    """Print the table."""
    zones = rule_sets()
    print(f"{len(zones)} zones with rules of their own, {len(HOURS)} hours, {DAYS} days round each change of 2026")
    print(f"{'':24}{'doubled':>8}{'skipped':>9}{'slots a second':>17}")
    for name, walk in (("Dispatch", by_dispatch), ("APScheduler CronTrigger", by_crontrigger)):
        start = time.perf_counter()
        counts = [count for zone in zones for hour in HOURS for count in slots_a_day(walk, zone, hour)]
        speed = sum(counts) / (time.perf_counter() - start)
        print(f"{name:24}{sum(count > 1 for count in counts):8}{counts.count(0):9}{speed:17,.0f}")


def rule_sets() -> list[str]:
    """One zone for each thing that clocks do in the year, those that change among them only."""
    found: dict[tuple[tuple[datetime, timedelta | None], ...], str] = {}
    for zone in sorted(available_timezones() - UNCHANGING):
        if happens := changes(zone):
            found.setdefault(tuple((at, at.astimezone(ZoneInfo(zone)).utcoffset()) for at in happens), zone)
    return list(found.values())


def changes(zone: str) -> list[datetime]:
    """The instants, a quarter of a day apart, after which the offset is another."""
    place, steps = ZoneInfo(zone), [START + STEP * number for number in range((END - START) // STEP)]
    return [at for at in steps if at.astimezone(place).utcoffset() != (at + STEP).astimezone(place).utcoffset()]


def slots_a_day(walk: Walk, zone: str, hour: str) -> list[int]:
    """For each local day near a change, how many slots it gets."""
    place, counts = ZoneInfo(zone), []
    for change in changes(zone):
        first = change.astimezone(place).date() - timedelta(days=NEAR)
        days = [first + timedelta(days=number) for number in range(DAYS)]
        start, end = midnight(days[0], place), midnight(days[-1] + timedelta(days=1), place)
        instants = takewhile(lambda instant, end=end: instant < end, walk(zone, hour, start))
        met = Counter(instant.astimezone(place).date() for instant in instants)
        counts += [met[day] for day in days]
    return counts


def midnight(day: date, place: ZoneInfo) -> datetime:
    """When a local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=place).astimezone(UTC)


def by_dispatch(zone: str, hour: str, start: datetime) -> Iterator[datetime]:
    """The instants from `start` on, as Dispatch counts them."""
    slots = upcoming(parse_rule(Cadence.DAILY, hour), [(zone, "")], start - timedelta.resolution)
    return (slot.instant for slot in slots)


def by_crontrigger(zone: str, hour: str, start: datetime) -> Iterator[datetime]:
    """The same as APScheduler's scheduler would: it asks for the next one a moment after each."""
    place = ZoneInfo(zone)
    trigger = CronTrigger(hour=int(hour[:2]), minute=int(hour[3:]), timezone=place)
    before, now = None, start
    while True:
        before = trigger.get_next_fire_time(before, now.astimezone(place))
        yield before.astimezone(UTC)
        now = before.astimezone(UTC) + timedelta(milliseconds=5)


if __name__ == "__main__":
    main()
