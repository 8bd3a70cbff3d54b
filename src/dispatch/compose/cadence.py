"""When a cadence comes next: slots on the naive calendar, mapped to instants by the zone.

A slot is a wall-clock time such as Monday 08:00. Where the clock jumps over it, it happens as much later as
the clock jumped; where the clock shows it twice, it happens the first time. So no calendar day has two, and none zero.

A *place* is a zone, and an hour of one's own there on the same calendar day, or "" for the rule's hour. A list whose
subscribers are in many places has one slot for all of them, which begins at the earliest of their instants.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache, lru_cache
from heapq import heappop, heappush
from itertools import takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dispatch.compose.rule import Rule, parse_rule

__all__ = [
    "Place",
    "Rule",
    "Slot",
    "exists",
    "instant_of",
    "latest_slot",
    "next_local_slot",
    "next_slot",
    "parse_rule",
    "place_of",
    "upcoming",
]

Place = tuple[str, str]  # an IANA zone, and "HH:MM" or ""
# From midnight, read as UTC, of the day on which a slot lies to its instant anywhere. Offsets are less than a day.
SOONEST = timedelta(days=-1)
LATEST = timedelta(days=3)  # the day itself, the offset, and a clock that jumps over a whole day (Apia in 2011)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One firing: its name on the wall clock and its instant."""

    name: str  # 2026-11-23T08:00
    instant: datetime  # in UTC


def next_slot(rule: Rule, zone: str, after: datetime) -> Slot:
    """The first slot strictly after an instant, at the rule's hour in a zone."""
    return next_local_slot(rule, [(zone, "")], after)


def next_local_slot(rule: Rule, places: Collection[Place], after: datetime) -> Slot:
    """The first slot whose earliest instant over all places lies strictly after an instant.

    `Slot.instant` is that earliest instant. Raises ValueError where there is no place or a zone is unknown.
    """
    return next(upcoming(rule, places, after))


def latest_slot(rule: Rule, places: Collection[Place], upto: datetime, since: datetime) -> Slot | None:
    """The last slot that begins from `since` to `upto`, both included: of several missed ones that to make up."""
    slots = takewhile(lambda slot: slot.instant <= upto, upcoming(rule, places, since - timedelta.resolution))
    return next(iter(deque(slots, maxlen=1)), None)


def upcoming(rule: Rule, places: Collection[Place], after: datetime) -> Iterator[Slot]:
    """All slots that begin strictly after an instant, in order of their instants.

    Slots that begin at the same instant are one and bear the latest name: a clock that jumped from 02:00 to 03:00
    shows 03:30 for both 02:30 and 03:30. Hours of one's own do not count for a rule with several slots a day.
    """
    if not places:
        raise ValueError("no slot begins where there is no place")
    spots = [(_zone(zone), _hour(hour) if rule.once_a_day else None) for zone, hour in sorted(set(places))]
    return _in_order(_begin(rule, spots, after.astimezone(UTC)))


Spot = tuple[ZoneInfo, time | None]


def _begin(rule: Rule, spots: Sequence[Spot], after: datetime) -> Iterator[Slot]:
    """The slots in the order of their names; near a jump of the clock, that of their instants differs."""
    for wall in rule.walk(_midnight(after - LATEST)):
        instant = min(_instant(wall, zone, hour) for zone, hour in spots)
        if instant > after:
            yield Slot(wall.isoformat(timespec="minutes"), instant)


def _in_order(slots: Iterator[Slot]) -> Iterator[Slot]:
    """Sort by instant what comes nearly sorted, keeping the last of those that begin together."""
    waiting: list[tuple[datetime, str]] = []
    for slot in slots:
        settled = _midnight(datetime.fromisoformat(slot.name)).replace(tzinfo=UTC) + SOONEST
        while waiting and waiting[0][0] < settled:
            yield _pop(waiting)
        heappush(waiting, (slot.instant, slot.name))
    while waiting:
        yield _pop(waiting)


def _pop(waiting: list[tuple[datetime, str]]) -> Slot:
    instant, name = heappop(waiting)
    while waiting and waiting[0][0] == instant:
        _, name = heappop(waiting)
    return Slot(name, instant)


def instant_of(slot_name: str, zone: str, hour: str = "") -> datetime:
    """When a slot comes in a zone, in UTC; with an hour of one's own ("HH:MM"), on the same day at that hour."""
    return _instant(datetime.fromisoformat(slot_name), _zone(zone), _hour(hour))


@lru_cache(10_000)
def place_of(found: Place, home: str, *, own_hours: bool) -> Place:
    """Where and when a person's hours count on a list at home in a zone.

    A zone or an hour that cannot be read, such as one that this machine's time zone data lacks, is the list's.
    """
    zone, hour = found
    return (zone if _is_read(_zone, zone) else home, hour if own_hours and _is_read(_hour, hour) else "")


def _is_read(read: Callable[[str], object], text: str) -> bool:
    try:
        return bool(text) and read(text) is not None
    except ValueError:
        return False


def exists(wall: datetime, zone: str) -> bool:
    """Whether the clocks of a zone ever show a naive time. Raises ValueError for an unknown zone."""
    place = _zone(zone)
    return _instant(wall, place, None).astimezone(place).replace(tzinfo=None) == wall.replace(fold=0)


def _instant(wall: datetime, place: ZoneInfo, hour: time | None) -> datetime:
    """With fold=0 zoneinfo takes the offset before a jump (PEP 495): gaps shift forward, overlaps come first."""
    if hour is not None:
        wall = datetime.combine(wall.date(), hour)
    return wall.replace(tzinfo=place, fold=0).astimezone(UTC)


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time())


def _hour(hour: str) -> time | None:
    return time.fromisoformat(hour) if hour else None


@cache
def _zone(name: str) -> ZoneInfo:
    """Kept for good: zoneinfo itself keeps eight, and reading a file for each slot would take longer than all else."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write one of the IANA's, such as Europe/Berlin or UTC") from None
