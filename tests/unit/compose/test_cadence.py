"""Slots are wall-clock times: every day has its one, whatever the clocks do."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose.cadence import (
    Place,
    Rule,
    Slot,
    exists,
    instant_of,
    latest_slot,
    next_local_slot,
    next_slot,
    parse_rule,
    upcoming,
)
from dispatch.model.subscriber import Cadence

YEAR = 2026
FOUR = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"]
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


def daily(at: time) -> Rule:
    """A slot a day."""
    return parse_rule(Cadence.DAILY, at.isoformat("minutes"))


def walk(rule: Rule, places: list[Place], start: datetime, end: datetime) -> list[Slot]:
    """From slot to slot, as a service goes that asks for the next one at each."""
    slots = [next_local_slot(rule, places, start)]
    while slots[-1].instant < end:
        slots.append(next_local_slot(rule, places, slots[-1].instant))
    return slots


def slots_of_year(rule: Rule, zone: str) -> list[Slot]:
    """All slots from just before the local year to just after it."""
    return walk(rule, [(zone, "")], HOURS[0], HOURS[-1])


def days_of(slots: list[Slot], zone: str) -> tuple[Counter[date], Counter[date]]:
    """How many slots each day has, by their names and by the clocks of a zone at their instants."""
    named = Counter(date.fromisoformat(slot.name[:10]) for slot in slots)
    return named, Counter(slot.instant.astimezone(ZoneInfo(zone)).date() for slot in slots)


def test_there_are_clocks_that_change() -> None:
    """The zones under test hold the well-known rules and the odd ones."""
    rules = {offsets_of(zone) for zone in rule_sets()}
    assert {offsets_of(zone) for zone in [*FOUR, "Africa/Casablanca"]} <= rules
    assert len(rules) > 15


@pytest.mark.parametrize("at", [time(0), time(0, 30), time(1, 30), time(2), time(2, 30), time(3), time(9)])
def test_no_local_day_has_zero_or_two_daily_slots(at: time) -> None:
    """From four days before every change of every clock of 2026 to four days after it: one daily slot a local day."""
    four = timedelta(days=4)
    for zone in rule_sets():
        for change, _ in offsets_of(zone)[1:]:
            first = change.astimezone(ZoneInfo(zone)).date() - four
            slots = walk(daily(at), [(zone, "")], change - four * 2, change + four * 2)
            named, local = days_of(slots, zone)
            for day in (first + timedelta(days=number) for number in range(9)):
                assert (named[day], local[day]) == (1, 1), (zone, day, at)


def test_a_slot_may_shift_over_midnight() -> None:
    """Where the clocks jump at the day's end, a late slot comes on the next day, and that day has its own as well."""
    slots = walk(daily(time(23, 30)), [("America/Nuuk", "")], at_utc("2026-03-28T12:00"), at_utc("2026-03-30T12:00"))
    shown = {slot.name: f"{slot.instant.astimezone(ZoneInfo('America/Nuuk')):%dT%H:%M}" for slot in slots}
    assert shown == {
        "2026-03-28T23:30": "29T00:30",
        "2026-03-29T23:30": "29T23:30",
        "2026-03-30T23:30": "30T23:30",
    }


def at_utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"])
def test_a_year_has_a_slot_a_day(zone: str) -> None:
    """Walking from slot to slot through a whole year meets each day once, in order, later and later."""
    slots = slots_of_year(daily(time(2, 30)), zone)
    named = [slot.name[:10] for slot in slots if slot.name.startswith(str(YEAR))]
    assert named == [day.isoformat() for day in DAYS]
    assert all(earlier.instant < later.instant for earlier, later in pairwise(slots))


RULES = st.sampled_from(
    [
        parse_rule(cadence, text)
        for cadence, text in [
            (Cadence.DAILY, "08:00"),
            (Cadence.DAILY, "02:30"),
            (Cadence.DAILY, "mon-fri 00:15"),
            (Cadence.DAILY, "30 * * * *"),
            (Cadence.DAILY, "08:00; 17:00"),
            (Cadence.WEEKLY, "mon 08:00; thu 23:45"),
            (Cadence.MONTHLY, "last 02:00"),
        ]
    ]
)
ZONES = st.sampled_from([*FOUR, "UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu"])
OWN = st.sampled_from(["", "00:00", "02:30", "07:00", "23:59"])
INSTANTS = st.integers(0, 365 * 24 * 60).map(lambda minutes: HOURS[0] + timedelta(minutes=minutes)) | st.sampled_from(
    [
        change + timedelta(minutes=minutes)
        for zone in FOUR
        for change, _ in offsets_of(zone)[1:]
        for minutes in (-45, 15)
    ]
)


def all_slots(rule: Rule, places: list[Place], start: datetime) -> list[Slot]:
    """Slow and obvious: the times of many days on the wall, each at the earliest of its instants, sorted."""
    begun: dict[datetime, str] = {}
    walls = rule.walk(start.replace(tzinfo=None) - timedelta(days=20))
    for wall in takewhile(lambda wall: wall < start.replace(tzinfo=None) + timedelta(days=70), walls):
        name = wall.isoformat(timespec="minutes")
        hours = [(zone, hour if rule.once_a_day else "") for zone, hour in places]
        begun[min(instant_of(name, zone, hour) for zone, hour in hours)] = name
    return [Slot(name, instant) for instant, name in sorted(begun.items())]


@given(after=INSTANTS, rule=RULES, places=st.lists(st.tuples(ZONES, OWN), min_size=1, max_size=5))
def test_the_next_slot_is_strictly_later_and_the_first(after: datetime, rule: Rule, places: list[Place]) -> None:
    """Wherever the subscribers are, the next slot is the one whose earliest instant is the first after now."""
    coming = [slot for slot in all_slots(rule, places, after) if slot.instant > after]
    slot = next_local_slot(rule, places, after)
    assert slot == coming[0]
    assert next_local_slot(rule, places, slot.instant - timedelta.resolution) == slot
    assert next_local_slot(rule, places, slot.instant) == coming[1]


@given(
    since=INSTANTS,
    rule=RULES,
    places=st.lists(st.tuples(ZONES, OWN), min_size=1, max_size=3),
    outage=st.timedeltas(timedelta(0), timedelta(days=40)),
)
def test_the_latest_slot_is_the_last_of_those_missed(
    since: datetime, rule: Rule, places: list[Place], outage: timedelta
) -> None:
    """After an outage there is one slot to make up, the last that began in it, if any did."""
    missed = [slot for slot in all_slots(rule, places, since) if since <= slot.instant <= since + outage]
    assert latest_slot(rule, places, since + outage, since) == (missed[-1] if missed else None)


def test_both_ends_of_an_outage_count() -> None:
    """A slot at the very instant at which an outage began or ended is one of it."""
    rule, slot = parse_rule(Cadence.DAILY, "08:00"), Slot("2026-11-23T08:00", at_utc("2026-11-23T07:00"))
    assert latest_slot(rule, [("Europe/Berlin", "")], slot.instant, slot.instant) == slot


@pytest.mark.parametrize("at", ["02:30", "08:00"])
def test_each_place_has_each_day_once(at: str) -> None:
    """A year of a list in local time: at each place, at its own hour or the list's, a mail on each of its days."""
    places = [(zone, hour) for zone in FOUR for hour in ("", "00:00", "21:15")]
    slots = list(
        takewhile(lambda slot: slot.instant < HOURS[-1], upcoming(daily(time.fromisoformat(at)), places, HOURS[0]))
    )
    assert [slot.name[:10] for slot in slots if slot.name.startswith(str(YEAR))] == [day.isoformat() for day in DAYS]
    for zone, hour in places:
        instants = [instant_of(slot.name, zone, hour) for slot in slots]
        local = Counter(instant.astimezone(ZoneInfo(zone)).date() for instant in instants)
        assert all(local[day] == 1 for day in DAYS), (zone, hour)
        assert instants == sorted(instants)
        assert all(slot.instant <= instant for slot, instant in zip(slots, instants, strict=True))


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
    slot = next_slot(daily(time.fromisoformat(wanted)), zone, midnight)
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
    rule = daily(time.fromisoformat(wall[11:]))
    instant = datetime.fromisoformat(first_pass).replace(tzinfo=UTC)
    slot = next_slot(rule, zone, instant - timedelta(hours=5))
    assert (slot.name, slot.instant) == (wall, instant)
    assert next_slot(rule, zone, slot.instant).name[:10] > wall[:10]


def test_an_hourly_line_comes_once_an_hour_of_the_clock() -> None:
    """In the night of the gap 23 times, for two of its names are one instant; in that of the overlap 24 times."""
    hourly = parse_rule(Cadence.DAILY, "30 * * * *")
    for day, names in (("2026-03-29", 23), ("2026-10-25", 24), ("2026-06-01", 24)):
        start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin"))
        slots = walk(hourly, [("Europe/Berlin", "")], start, start + timedelta(days=1))
        assert sum(slot.name.startswith(day) for slot in slots) == names
        assert all(exists(datetime.fromisoformat(slot.name), "Europe/Berlin") for slot in slots)


def test_a_day_that_a_zone_skips_has_no_slot() -> None:
    """Samoa left out 30 December 2011: that day has none, those around it one each."""
    slots = walk(daily(time(8)), [("Pacific/Apia", "")], at_utc("2011-12-28T00:00"), at_utc("2012-01-02T00:00"))
    named, local = days_of(slots, "Pacific/Apia")
    assert named == local
    assert [day.day for day in sorted(named)] == [28, 29, 31, 1, 2, 3]


def test_an_own_hour_is_on_the_same_day() -> None:
    """Whoever reads at 21:15 gets the slot of a day at 21:15 of that day, in their zone."""
    assert instant_of("2026-11-23T08:00", "Asia/Kathmandu") == at_utc("2026-11-23T02:15")
    assert instant_of("2026-11-23T08:00", "Asia/Kathmandu", "21:15") == at_utc("2026-11-23T15:30")
    assert instant_of("2026-03-29T08:00", "Europe/Berlin", "02:30") == at_utc("2026-03-29T01:30")


def test_an_own_hour_cannot_take_a_slot_from_the_others() -> None:
    """With two slots a day, one reader's hour would put both at one instant; so it does not count there."""
    rule = parse_rule(Cadence.DAILY, "08:00; 17:00")
    slots = walk(rule, [("UTC", ""), ("UTC", "07:00")], at_utc("2026-11-23T00:00"), at_utc("2026-11-23T17:00"))
    assert [slot.name[11:] for slot in slots] == ["08:00", "17:00"]


@pytest.mark.parametrize(("zone", "day", "wanted", "shown"), GAPS)
def test_a_time_in_a_gap_does_not_exist(zone: str, day: date, wanted: str, shown: str) -> None:
    """Nobody can plan something for a time that the clock jumps over; the day before it is a time as any other."""
    wall = datetime.combine(day, time.fromisoformat(wanted))
    assert not exists(wall, zone)
    assert exists(wall - timedelta(days=1), zone)
    assert exists(datetime.combine(day, time.fromisoformat(shown)), zone)


@pytest.mark.parametrize(("zone", "wall", "_first_pass"), OVERLAPS)
def test_a_time_in_an_overlap_exists(zone: str, wall: str, _first_pass: str) -> None:
    """A time that the clock shows twice is a time."""
    assert exists(datetime.fromisoformat(wall), zone)


@pytest.mark.parametrize("zone", ["Europe/Bärlin", "Europe", "../etc/passwd", ""])
def test_an_unknown_zone_is_said(zone: str) -> None:
    """Each function that takes a zone refuses one that is none, and says what would be one."""
    rule = parse_rule(Cadence.DAILY, "08:00")
    for ask in (
        lambda: next_slot(rule, zone, HOURS[0]),
        lambda: instant_of("2026-11-23T08:00", zone),
        lambda: exists(datetime(2026, 11, 23, 8), zone),  # noqa: DTZ001 - a time on the wall
    ):
        with pytest.raises(ValueError, match="is no time zone; write one of the IANA's"):
            ask()


def test_nothing_begins_where_nobody_is() -> None:
    """Without a place there is no slot."""
    with pytest.raises(ValueError, match="no place"):
        next_local_slot(parse_rule(Cadence.DAILY, "08:00"), [], HOURS[0])
