"""The dry run: what goes out, when and to how many, if nothing changes. Touches no state."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.acts.act import Desk
from dispatch.acts.prospect import prospect
from dispatch.compose.cadence import next_slot, parse_rule
from dispatch.context import Context
from dispatch.model.issue import WAITING
from dispatch.store import issues, schedules, subscribers
from dispatch.store.connect import Tx


@dataclass(frozen=True, slots=True)
class Planned:
    """One issue that will go out."""

    at: datetime
    timezone: str
    list_slug: str
    cadence: str
    posts: tuple[str, ...]  # titles of those that are there already
    people: int  # who gets them; where there is no post yet, who waits for one
    number: int | None = None  # of an issue that is composed already


async def plan(desk: Desk, now: datetime, days: int) -> list[Planned]:
    """Every issue that is held, and every slot of the coming days that somebody waits for."""
    found = await _held(desk)
    until = now + timedelta(days=days)
    async with desk.context.store.read() as tx:
        for row in await schedules.every(tx):
            found += await _schedule(tx, desk.context, row, now, until)
    return sorted(found, key=lambda one: (one.at, one.list_slug))


async def _held(desk: Desk) -> list[Planned]:
    async with desk.context.store.read() as tx:
        held = [one for one in await issues.in_states(tx, WAITING) if one.list_slug in desk.context.lists]
    zone = desk.context.publication.timezone
    prospects = [await prospect(desk, one.number) for one in held]
    return [
        Planned(
            one.issue.due, zone, one.issue.list_slug, one.issue.cadence.value, one.posts, one.audience, one.issue.number
        )
        for one in prospects
    ]


async def _schedule(
    tx: Tx, context: Context, row: schedules.ScheduleRow, now: datetime, until: datetime
) -> list[Planned]:
    """The slots of one schedule: the first gets what waits already, the others whatever will come."""
    one = context.lists[row.list_slug]
    people = await subscribers.active(tx, one.id, row.cadence)
    if not people:
        return []
    return [Planned(at, row.timezone, one.slug, row.cadence.value, (), people) for at in _slots(row, now, until)]


def _slots(row: schedules.ScheduleRow, now: datetime, until: datetime) -> list[datetime]:
    rule, due, slots = parse_rule(row.cadence, row.rule), row.due, []
    while due <= until:
        slots.append(max(due, now))
        due = next_slot(rule, row.timezone, max(due, now)).instant
    return slots
