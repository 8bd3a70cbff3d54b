"""When an issue goes: now, at a moment that an editor names, or not yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.acts.act import ActError, Desk, known_issue
from dispatch.acts.moment import Moment
from dispatch.acts.prospect import composition_of
from dispatch.compose.cadence import instant_of
from dispatch.compose.turn import hours_over
from dispatch.model.issue import BEGUN, UNBEGUN, Issue, IssueState
from dispatch.model.subscriber import Cadence
from dispatch.publish.composition import Composition, awaits_approval, closing_head
from dispatch.store import audience, issues, lists, schedules
from dispatch.store.connect import Tx

SECOND_THOUGHTS = timedelta(minutes=5)  # that an immediate issue rests at least once it was taken back
FREE = {"late": False, "note": ""}  # an editor has said that it goes


@dataclass(frozen=True, slots=True)
class Timed:
    """When an issue goes now."""

    due: datetime
    timezone: str
    waits: bool  # False: it is ready to start


async def send(desk: Desk, number: int) -> Timed:
    """Let an issue go now or, on a list with a grace time, after that. It cannot overtake another of its list."""
    now = desk.context.clock()
    async with desk.context.store.write() as tx:
        issue = await _open_issue(tx, number, "sent")
        composition = await composition_of(tx, desk.context, issue)
        await _refuse_paused(tx, issue)
        await _refuse_overtaking(tx, issue)
        _refuse_empty(issue, composition)
        _refuse_unapproved(desk, issue, composition)
        grace = desk.context.config.lists[issue.list_slug].grace
        state = IssueState.HELD if grace else IssueState.COMPOSED
        values = {**await _closed(tx, desk, issue), **FREE, "fixed": True, "due": now + grace, "slot": ""}
        await _move(tx, issue, state, values)
        await desk.note(tx, "issue send", str(number))
        return Timed(now + grace, desk.context.lists[issue.list_slug].timezone, waits=bool(grace))


async def schedule(desk: Desk, number: int, at: Moment, *, local_time: bool = False) -> Timed:
    """Let an issue go at a moment. Its posts are those of now: what comes later waits for the next digest.

    `local_time`: at that wall-clock time in each subscriber's own zone.
    """
    async with desk.context.store.write() as tx:
        issue = await _open_issue(tx, number, "scheduled")
        composition = await composition_of(tx, desk.context, issue)
        _refuse_empty(issue, composition)
        slot, due = await _local(tx, desk, issue, composition, at) if local_time else ("", at.instant)
        values = {**await _closed(tx, desk, issue), **FREE, "fixed": True, "due": due, "slot": slot}
        await _move(tx, issue, IssueState.HELD, values)
        await desk.note(tx, "issue schedule", str(number), f"{due.isoformat()}{' local time' if slot else ''}")
        return Timed(due, desk.context.lists[issue.list_slug].timezone, waits=True)


async def undo(desk: Desk, number: int) -> IssueState:
    """Take back a time that an editor gave, as long as nobody has been mailed; returns what the issue is again."""
    async with desk.context.store.write() as tx:
        issue = await known_issue(tx, number)
        if issue.frozen:
            cure = " Pause or cancel it instead." if issue.state in BEGUN else ""
            raise ActError(f"Issue {number} is {issue.state.value}: it has begun.{cure}")
        if issue.state not in UNBEGUN or not issue.fixed:
            raise ActError(f"Issue {number} has no time that an editor gave it: there is nothing to undo.")
        state = IssueState.HELD if issue.cadence is Cadence.IMMEDIATE else IssueState.DRAFT
        await _move(tx, issue, state, await _own_time(tx, desk, issue))
        await desk.note(tx, "issue undo", str(number))
        return state


async def _own_time(tx: Tx, desk: Desk, issue: Issue) -> dict[str, Any]:
    """When an issue goes by itself; an immediate one rests anew, for it would go at once."""
    if issue.cadence is Cadence.IMMEDIATE:
        hold = desk.context.config.lists[issue.list_slug].hold
        return {"due": desk.context.clock() + max(hold, SECOND_THOUGHTS)}
    for row in await schedules.every(tx):
        if (row.list_slug, row.cadence) == (issue.list_slug, issue.cadence):
            return {"due": row.due, "slot": row.slot, "fixed": False}
    return {"due": issue.created, "slot": "", "fixed": False}


async def _open_issue(tx: Tx, number: int, done: str) -> Issue:
    issue = await known_issue(tx, number)
    if issue.state not in UNBEGUN:
        raise ActError(f"Issue {number} is {issue.state.value}: only one that has not begun can be {done}.")
    return issue


async def _move(tx: Tx, issue: Issue, state: IssueState, values: dict[str, Any]) -> None:
    if not await issues.move(tx, issue.number, [issue.state], state, values, version=issue.version):
        raise ActError(
            f"Issue {issue.number} was changed at this moment: look again, dispatch issue show {issue.number}."
        )


async def _closed(tx: Tx, desk: Desk, issue: Issue) -> dict[str, int]:
    """The end of the window of a digest that is still open."""
    if issue.state is not IssueState.DRAFT or issue.cadence is Cadence.BY_HAND:
        return {}
    now = desk.context.clock()
    return {"last_arrival": await closing_head(tx, desk.context, issue.list_slug, issue.due, now)}


async def _local(tx: Tx, desk: Desk, issue: Issue, composition: Composition, at: Moment) -> tuple[str, datetime]:
    """The slot of a wall-clock time, and where the day comes first."""
    if issue.cadence is not Cadence.BY_HAND:
        raise ActError("--local-time is for issues made by hand; a digest follows its list's local_time.")
    slot, zone = f"{at.wall:%Y-%m-%dT%H:%M}", desk.context.lists[issue.list_slug].timezone
    places = await audience.places(tx, composition.audience)
    first, where = min((instant_of(slot, place), place) for place, _ in hours_over(places, zone, own_hours=False))
    if first <= desk.context.clock():
        raise ActError(f"In {where} it is past {at.wall:%H:%M} on that day already. Name a later time.")
    return slot, first


async def _refuse_paused(tx: Tx, issue: Issue) -> None:
    if (await lists.every(tx))[issue.list_slug].paused:
        raise ActError(
            f"{issue.list_slug} is paused, so none of its issues begins: dispatch list resume {issue.list_slug}"
        )


def _refuse_empty(issue: Issue, composition: Composition) -> None:
    if not composition.cohorts:
        number = issue.number
        raise ActError(f"Issue {number} has nobody to go to, or nothing to bring; see `dispatch issue show {number}`.")


async def _refuse_overtaking(tx: Tx, issue: Issue) -> None:
    """The mark could not serve both."""
    before = [one.number for one in await issues.in_states(tx, [IssueState.HELD]) if _precedes(one, issue)]
    if before:
        raise ActError(f"Issue {before[0]} of the same list waits before it: send or cancel that one first.")


def _precedes(one: Issue, other: Issue) -> bool:
    same_line = (one.list_slug, one.cadence) == (other.list_slug, other.cadence)
    return same_line and other.cadence is not Cadence.BY_HAND and one.first_arrival < other.first_arrival


def _refuse_unapproved(desk: Desk, issue: Issue, composition: Composition) -> None:
    if awaits_approval(desk.context, issue, composition.pinned):
        whom = f" by somebody other than {issue.editor}" if issue.editor else ""
        raise ActError(
            f"Issue {issue.number} waits for approval{whom}: dispatch issue approve {issue.number} --as NAME"
        )
