"""A slot comes: which one counts, which one follows it, and whether its issue still goes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.compose.cadence import Place, Rule, Slot, instant_of, latest_slot, next_local_slot, place_of
from dispatch.compose.late import Verdict, verdict


@dataclass(frozen=True, slots=True)
class Turn:
    """What a schedule does once its slot has come."""

    slot: Slot  # after an outage the last one that was missed
    following: Slot
    verdict: Verdict


def take_turn(
    rule: Rule, places: Collection[Place], waiting: Slot, now: datetime, late: timedelta, if_late: str
) -> Turn:
    """The turn of a schedule that waits for a slot which has come; late is what its last place is late by."""
    slot = latest_slot(rule, places, now, since=waiting.instant) or waiting
    last_hour = max(instant_of(slot.name, *place) for place in places)
    return Turn(slot, next_local_slot(rule, places, now), verdict(now - last_hour, late, if_late))


def due_ahead(slot: str, places: Iterable[Place], due: datetime, now: datetime) -> datetime:
    """When a slot that has not come yet is due, now that these are its places.

    Whoever joins where its hour has passed already does not make it come at once: the others' day has not begun.
    """
    ahead = [instant for place in places if (instant := instant_of(slot, *place)) > now]
    return min(ahead, default=due) if due > now else due


def hours_over(found: Iterable[Place], zone: str, *, own_hours: bool) -> list[Place]:
    """Where a slot's hours count, of people at these places on a list in a zone; where nobody is, at the list's."""
    return sorted({place_of(place, zone, own_hours=own_hours) for place in found}) or [(zone, "")]
