"""A slot fires: its schedule moves on, and what has waited becomes the one issue of the slot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.compose.cadence import Slot, next_local_slot, parse_rule
from dispatch.compose.late import Verdict
from dispatch.compose.turn import due_ahead, take_turn
from dispatch.context import Context
from dispatch.model.issue import Issue, IssueState
from dispatch.publish.composition import closing_head, compose_issue
from dispatch.publish.hours import places_of
from dispatch.store import drafts, facts, issues, schedules
from dispatch.store.audience import Place
from dispatch.store.connect import Tx

LATEST = "last pass"  # fact: when the last pass was, to some minutes
MINUTES, HOURS = timedelta(minutes=10), timedelta(hours=1)
FIRED = ("state", "last_arrival", "due", "slot", "late", "note")


def is_due(row: schedules.ScheduleRow, now: datetime) -> bool:
    """Whether a schedule's slot has come."""
    return row.due <= now


async def keep_local_hours(tx: Tx, where: Mapping[int, Sequence[Place]], now: datetime) -> None:
    """With local time a slot is due where the day comes first; whoever joins or moves may change where that is."""
    for row in await schedules.every(tx):
        if row.local_time and row.id in where:
            due = due_ahead(row.slot, where[row.id], row.due, now)
            if due != row.due:
                await schedules.advance(tx, row, slot=row.slot, due=due, previous=row.previous)


async def set_back(tx: Tx, context: Context, where: Mapping[int, Sequence[Place]], now: datetime) -> None:
    """Where a pass ran by a clock that was ahead, hours that it moved away come again; a slot that fired does not."""
    last = await facts.get(tx, LATEST)
    seen = datetime.fromisoformat(last) if last else now
    if abs(now - seen) < MINUTES and last:
        return
    await facts.put(tx, LATEST, now.isoformat())
    if seen - now < HOURS:
        return
    context.tell(f"the clock was ahead, by {seen - now}: hours that were passed over count again")
    for row in await schedules.every(tx):
        following = next_local_slot(parse_rule(row.cadence, row.rule), where[row.id], now) if row.id in where else None
        if following and following.instant < row.due:
            await schedules.advance(tx, row, slot=following.name, due=following.instant, previous=row.previous)


async def fire(
    tx: Tx, context: Context, row: schedules.ScheduleRow, where: Sequence[Place], now: datetime
) -> list[int]:
    """Move a due schedule to the first slot after now, and make one issue for all that waited.

    After an outage that is the issue of the last slot that was missed. `where`: the places at which its hour counts.
    """
    one = context.lists[row.list_slug]
    rule = parse_rule(row.cadence, row.rule)
    table = context.config.lists[one.slug]
    turn = take_turn(rule, where, Slot(row.slot, row.due), now, table.late, table.if_late)
    head = await closing_head(tx, context, one.slug, turn.slot.instant, now)
    if not await schedules.advance(tx, row, slot=turn.following.name, due=turn.following.instant, previous=head):
        return []
    made = []
    if turn.verdict is not Verdict.SKIP:
        slotted = Slotted(row, turn.slot.name, turn.slot.instant, head, late=turn.verdict is Verdict.ASK)
        made = await _make(tx, context, slotted, now)
    if not made:
        await _wait_on(tx, row, turn.following)
    return made


@dataclass(frozen=True, slots=True)
class Slotted:
    """A slot that has come."""

    row: schedules.ScheduleRow
    name: str
    instant: datetime
    head: int  # the last arrival that belongs to it
    late: bool


async def _make(tx: Tx, context: Context, slot: Slotted, now: datetime) -> list[int]:
    """The one issue of a slot: the draft of it, if there is one; none where nobody would get a post."""
    row = slot.row
    draft = await drafts.open_on(tx, row.list_id, row.cadence)
    if draft and (draft.fixed or draft.state is IssueState.COMPOSED):  # an editor gave it a time of its own
        return []
    first = draft.first_arrival if draft else await drafts.first_arrival(tx, row.list_id, row.cadence)
    base = draft or Issue(0, row.list_slug, row.cadence, IssueState.DRAFT, first, slot.head, now, now)
    prospect = _fired(base, slot)
    if not (await compose_issue(tx, context, replace(prospect, frozen=now))).cohorts:
        return []
    if not await issues.add_run(tx, row.list_id, row.cadence, slot.name, now):
        return []
    number = draft.number if draft else await drafts.add(tx, row.list_id, row.cadence, (first, slot.head), now, now)
    await drafts.fire(tx, number, row, {field: getattr(prospect, field) for field in FIRED})
    return [number]


def _fired(draft: Issue, slot: Slotted) -> Issue:
    """The draft, now that its hour has come."""
    return replace(
        draft,
        state=IssueState.HELD,
        last_arrival=slot.head,
        due=slot.instant,
        slot=slot.name,
        late=slot.late,
        note=_note(slot),
    )


def _note(slot: Slotted) -> str:
    return "its hour has passed: send it or cancel it, else its posts go with the next one" if slot.late else ""


async def _wait_on(tx: Tx, row: schedules.ScheduleRow, following: Slot) -> None:
    """The slot passes without an issue; what an editor has shaped waits for the next."""
    draft = await drafts.open_on(tx, row.list_id, row.cadence)
    if draft and draft.state is not IssueState.COMPOSED and not draft.fixed:
        await drafts.wait_for(tx, draft.number, replace(row, slot=following.name, due=following.instant))


async def pass_over(tx: Tx, context: Context, draft: Issue, now: datetime) -> None:
    """Let the slot that a draft waits for pass without an issue."""
    one = context.lists.get(draft.list_slug)
    rows = [
        row for row in await schedules.every(tx) if (row.list_slug, row.cadence) == (draft.list_slug, draft.cadence)
    ]
    for row in rows:
        if one and row.slot == draft.slot:
            where = await places_of(tx, context, one, row.cadence, now)
            following = next_local_slot(parse_rule(row.cadence, row.rule), where, max(now, row.due))
            await schedules.advance(tx, row, slot=following.name, due=following.instant, previous=row.previous)
