"""The rows of schedules follow dispatch.toml: which cadence of which list comes at which hour."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from dispatch.compose.cadence import next_local_slot, parse_rule
from dispatch.compose.turn import hours_over
from dispatch.context import Context
from dispatch.model.issue import Issue, IssueState, MailingList
from dispatch.model.subscriber import Cadence
from dispatch.store import drafts, issues, lists, schedules
from dispatch.store.audience import Audience, Place, places
from dispatch.store.connect import Tx

SLOTTED = (Cadence.DAILY, Cadence.WEEKLY, Cadence.MONTHLY)


async def keep_schedules(tx: Tx, context: Context, now: datetime) -> None:
    """Let the rows of schedules follow dispatch.toml: new ones begin now, changed ones count from now on."""
    rows = {(row.list_slug, row.cadence): row for row in await schedules.every(tx)}
    wanted = {(slug, cadence) for slug, one in context.lists.items() for cadence in one.cadences if cadence in SLOTTED}
    for key in rows.keys() - wanted:
        await _drop(tx, context, rows[key])
    for slug, cadence in sorted(wanted):
        await _keep(tx, context, context.lists[slug], cadence, rows.get((slug, cadence)), now)


async def _drop(tx: Tx, context: Context, row: schedules.ScheduleRow) -> None:
    """A cadence is not offered any more: nor is there a next issue of it. A list that is gone may come back."""
    await schedules.drop(tx, row.id)
    draft = await drafts.open_on(tx, row.list_id, row.cadence)
    if draft and row.list_slug in context.lists:
        note = f"{row.list_slug} does not offer {row.cadence.value} any more"
        await issues.move(tx, draft.number, [IssueState.DRAFT], IssueState.CANCELLED, {"note": note})


async def _keep(
    tx: Tx, context: Context, one: MailingList, cadence: Cadence, row: schedules.ScheduleRow | None, now: datetime
) -> None:
    rule = str(getattr(context.config.lists[one.slug].at, cadence.value))
    if row and (row.rule, row.timezone, row.local_time) == (rule, one.timezone, one.local_time):
        return
    where = await places_of(tx, context, one, cadence, now)
    slot = next_local_slot(parse_rule(cadence, rule), where, now)
    if row:
        await schedules.change(
            tx, row, local_time=one.local_time, rule=rule, timezone=one.timezone, slot=slot.name, due=slot.instant
        )
        return
    composed_to = (await lists.every(tx))[one.slug].composed_to
    await schedules.add(
        tx,
        one.id,
        cadence,
        local_time=one.local_time,
        rule=rule,
        timezone=one.timezone,
        slot=slot.name,
        due=slot.instant,
        previous=composed_to,
    )


def has_own_hours(context: Context, issue: Issue) -> bool:
    """Whether subscribers' own hours count for an issue: for a digest of a list with local time, once a day."""
    one = context.lists[issue.list_slug]
    return issue.cadence in SLOTTED and _once_a_day(context, one, issue.cadence)


def _once_a_day(context: Context, one: MailingList, cadence: Cadence) -> bool:
    rule = getattr(context.config.lists[one.slug].at, cadence.value)
    return one.local_time and parse_rule(cadence, rule).once_a_day


async def places_of(tx: Tx, context: Context, one: MailingList, cadence: Cadence, now: datetime) -> Sequence[Place]:
    """Where a cadence's hours count: at the list's place or, with local time, wherever somebody is."""
    found = await places(tx, Audience(one.id, cadence, now)) if one.local_time else []
    return hours_over(found, one.timezone, own_hours=_once_a_day(context, one, cadence))


async def places_by_schedule(tx: Tx, context: Context, now: datetime) -> Mapping[int, Sequence[Place]]:
    """Where the hours of each schedule count, by its id."""
    rows = [(row, context.lists.get(row.list_slug)) for row in await schedules.every(tx)]
    return {row.id: await places_of(tx, context, one, row.cadence, now) for row, one in rows if one}
