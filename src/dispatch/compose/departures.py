"""Who of an issue leaves when: everybody at once, or each place at its own hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dispatch.compose.cadence import Place, instant_of, place_of

Crowd = tuple[int, Place, int]  # cohort, place, how many


@dataclass(frozen=True, slots=True)
class Departure:
    """People of one cohort who leave at one moment."""

    cohort: int
    not_before: datetime
    places: tuple[Place, ...]
    people: int


def departures(
    crowds: Iterable[Crowd], slot: str, zone: str, now: datetime, *, own_hours: bool
) -> tuple[Departure, ...]:
    """The departures of an issue that starts now, by cohort and moment; a moment that has passed is now.

    `slot` is the wall-clock time at every place, `zone` that of those who name none; no slot: all leave now.
    `own_hours`: whoever has an hour of their own leaves at that, on the day of the slot.
    """
    groups: dict[tuple[int, datetime], list[tuple[Place, int]]] = {}
    for cohort, place, people in crowds:
        moment = max(now, instant_of(slot, *place_of(place, zone, own_hours=own_hours))) if slot else now
        groups.setdefault((cohort, moment), []).append((place, people))
    return tuple(
        Departure(cohort, moment, tuple(place for place, _ in found), sum(people for _, people in found))
        for (cohort, moment), found in sorted(groups.items())
    )
