"""Slots are wall-clock times: every day has its one, whatever the clocks do."""

from calendar import monthrange
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose.cadence import Rule, Slot, next_slot, parse_rule
from dispatch.model.subscriber import Cadence

YEAR = 2026
DAYS = [date(YEAR, 1, 1) + timedelta(days=number) for number in range(365)]
HOURS = [
    datetime(YEAR, 1, 1, tzinfo=UTC) - timedelta(days=2) + timedelta(minutes=30 * number) for number in range(48 * 369)
]


def offsets_of(zone: str) -> tuple[tuple[datetime, timedelta | None], ...]:
    """What the clocks of a zone do in the year: each instant at which the offset changes, and to what."""
    place = ZoneInfo(zone)
    found: list[tuple[datetime, timedelta | None]] = []
    for month in range(13):
        _refine(place, HOURS[0] + timedelta(days=31 * month), HOURS[0] + timedelta(days=31 * (month + 1)), found)
    return ((HOURS[0], HOURS[0].astimezone(place).utcoffset()), *found)


def _refine(place: ZoneInfo, start: datetime, end: datetime, found: list[tuple[datetime, timedelta | None]]) -> None:
    """Halve the span down to half an hour wherever its days do not agree."""
    if end - start <= timedelta(minutes=30):
        found.append((end, end.astimezone(place).utcoffset()))
        return
    middle = start + (end - start) / 2
    middle -= timedelta(minutes=middle.minute % 30, seconds=middle.second, microseconds=middle.microsecond)
    for left, right in ((start, middle), (middle, end)):
        days = max(1, (right - left) // timedelta(days=1))
        steps = {(left + timedelta(days=day)).astimezone(place).utcoffset() for day in range(days)}
        if len(steps | {right.astimezone(place).utcoffset()}) > 1:
            _refine(place, left, right, found)


@cache
def rule_sets() -> tuple[str, ...]:
    """One zone for each thing that clocks do in the year, those that change among them only."""
    names = {offsets_of(zone): zone for zone in sorted(available_timezones(), reverse=True)}
    return tuple(sorted(zone for offsets, zone in names.items() if len(offsets) > 1))


def slots_of_year(rule: Rule, zone: str) -> list[Slot]:
    """All slots from just before the local year to just after it."""
    slots = [next_slot(rule, zone, datetime(YEAR, 1, 1, tzinfo=ZoneInfo(zone)) - timedelta(days=2))]
    while slots[-1].name < f"{YEAR + 1}-01-02":
        slots.append(next_slot(rule, zone, slots[-1].instant))
    return slots


def around_changes(zone: str) -> list[date]:
    """The local days near a change of the clocks: elsewhere nothing can go wrong."""
    days = {
        at.astimezone(ZoneInfo(zone)).date() + timedelta(days=near)
        for at, _ in offsets_of(zone)[1:]
        for near in (-1, 0, 1)
    }
    return sorted(day for day in days if day.year == YEAR)


def slots_near(rule: Rule, zone: str, day: date) -> list[Slot]:
    """The slots from three days before a day to three days after it."""
    place = ZoneInfo(zone)
    slots = [next_slot(rule, zone, datetime.combine(day - timedelta(days=3), time(), place))]
    while slots[-1].instant < datetime.combine(day + timedelta(days=3), time(), place):
        slots.append(next_slot(rule, zone, slots[-1].instant))
    return slots


def test_there_are_clocks_that_change() -> None:
    """The zones under test hold the well-known rules and the odd ones."""
    rules = {offsets_of(zone) for zone in rule_sets()}
    known = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca")
    assert {offsets_of(zone) for zone in known} <= rules
    assert len(rules) > 15


@pytest.mark.parametrize("at", [time(0), time(0, 30), time(1), time(2, 15), time(2, 30), time(3), time(8), time(23)])
def test_no_local_day_has_zero_or_two_daily_slots(at: time) -> None:
    """Around every change of every clock of 2026, each local day has exactly one daily slot."""
    for zone in rule_sets():
        for day in around_changes(zone):
            slots = slots_near(Rule(at), zone, day)
            local = Counter(slot.instant.astimezone(ZoneInfo(zone)).date() for slot in slots)
            named = Counter(date.fromisoformat(slot.name[:10]) for slot in slots)
            shifted_over_midnight = at == time(23) and zone_jumps_over_midnight(zone, day)
            assert named[day] == 1, (zone, day, at)
            assert shifted_over_midnight or local[day] == 1, (zone, day, at)


def zone_jumps_over_midnight(zone: str, day: date) -> bool:
    """Whether the clocks jump from this day's last hour, or the day before's, right to the next day's first."""
    place = ZoneInfo(zone)
    for near in (day, day - timedelta(days=1)):
        wall = datetime.combine(near, time(23), place)
        if wall.astimezone(UTC).astimezone(place).date() != near:
            return True
    return False


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"])
def test_a_year_has_a_slot_a_day(zone: str) -> None:
    """Walking from slot to slot through a whole year meets each day once, in order, later and later."""
    slots = slots_of_year(Rule(time(2, 30)), zone)
    named = [slot.name[:10] for slot in slots if slot.name.startswith(str(YEAR))]
    assert named == [day.isoformat() for day in DAYS]
    assert all(earlier.instant < later.instant for earlier, later in pairwise(slots))


@given(
    after=st.integers(0, 365 * 24 * 60).map(lambda minutes: HOURS[0] + timedelta(minutes=minutes)),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "UTC"]),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    weekdays=st.frozensets(st.integers(0, 6)),
)
def test_the_next_slot_is_strictly_later_and_the_first(
    after: datetime, zone: str, at: time, weekdays: frozenset[int]
) -> None:
    """The next slot comes after the instant, and nothing of the rule lies between."""
    rule = Rule(at, weekdays)
    slot = next_slot(rule, zone, after)
    assert slot.instant > after
    assert next_slot(rule, zone, slot.instant - timedelta(microseconds=1)) == slot
    assert next_slot(rule, zone, after + (slot.instant - after) / 2) == slot


GAPS = [
    ("Europe/Berlin", date(2026, 3, 29), "02:30", "03:30"),
    ("America/New_York", date(2026, 3, 8), "02:30", "03:30"),
    ("Australia/Lord_Howe", date(2026, 10, 4), "02:15", "02:45"),
    ("America/Santiago", date(2026, 9, 6), "00:00", "01:00"),
]


@pytest.mark.parametrize(("zone", "day", "wanted", "shown"), GAPS)
def test_a_gap_shifts_forward(zone: str, day: date, wanted: str, shown: str) -> None:
    """A time that the clock jumps over happens as much later as the clock jumped."""
    midnight = datetime.combine(day, time(), ZoneInfo(zone)) - timedelta(hours=6)
    slot = next_slot(Rule(time.fromisoformat(wanted)), zone, midnight)
    assert slot.name == f"{day}T{wanted}"
    assert (
        slot.instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="minutes") == f"{day}T{shown}"
    )


OVERLAPS = [
    ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
    ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
    ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
    ("America/Santiago", "2026-04-04T23:30", "2026-04-05T02:30"),
]


@pytest.mark.parametrize(("zone", "wall", "first_pass"), OVERLAPS)
def test_an_overlap_takes_the_first_pass(zone: str, wall: str, first_pass: str) -> None:
    """A time that the clock shows twice happens the first time, and not again."""
    rule = Rule(time.fromisoformat(wall[11:]))
    instant = datetime.fromisoformat(first_pass).replace(tzinfo=UTC)
    slot = next_slot(rule, zone, instant - timedelta(hours=5))
    assert (slot.name, slot.instant) == (wall, instant)
    assert next_slot(rule, zone, slot.instant).name[:10] > wall[:10]


def test_a_week_may_have_several_days() -> None:
    """A weekly rule with several days fires on each of them."""
    rule = parse_rule(Cadence.WEEKLY, "Mon, thursday 08:00")
    slots = slots_of_year(rule, "Europe/Berlin")
    assert {date.fromisoformat(slot.name[:10]).weekday() for slot in slots} == {0, 3}
    assert sum(slot.name.startswith(str(YEAR)) for slot in slots) == 105  # 52 Mondays, 53 Thursdays


def test_last_means_the_last_day_of_the_month() -> None:
    """A monthly rule for the last day fires once a month, on its last day, in February too."""
    slots = slots_of_year(parse_rule(Cadence.MONTHLY, "last 08:00"), "America/New_York")
    named = [slot.name for slot in slots if slot.name.startswith(str(YEAR))]
    assert named == [f"{YEAR}-{month:02}-{monthrange(YEAR, month)[1]}T08:00" for month in range(1, 13)]


def test_a_day_that_a_month_lacks_is_its_last() -> None:
    """A monthly rule for the 31st fires every month."""
    slots = slots_of_year(parse_rule(Cadence.MONTHLY, "31 08:00"), "UTC")
    assert sum(slot.name.startswith(str(YEAR)) for slot in slots) == 12


BAD_RULES = [
    (Cadence.DAILY, ""),
    (Cadence.DAILY, "8"),
    (Cadence.DAILY, "24:00"),
    (Cadence.DAILY, "mon 08:00"),
    (Cadence.WEEKLY, "08:00"),
    (Cadence.WEEKLY, "moon 08:00"),
    (Cadence.WEEKLY, "monkey 08:00"),
    (Cadence.WEEKLY, "mon,,thu 08:00"),
    (Cadence.WEEKLY, "mon 08:60"),
    (Cadence.MONTHLY, "0 08:00"),
    (Cadence.MONTHLY, "32 08:00"),
    (Cadence.MONTHLY, "first 08:00"),
    (Cadence.MONTHLY, "08:00"),
]


@pytest.mark.parametrize(("cadence", "text"), BAD_RULES)
def test_a_bad_rule_says_what_is_allowed(cadence: Cadence, text: str) -> None:
    """A rule that cannot be read is a ValueError that shows a right one."""
    with pytest.raises(ValueError, match=r'must read ".*08:00"'):
        parse_rule(cadence, text)
