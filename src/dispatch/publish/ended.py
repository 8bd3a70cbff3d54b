"""All that is to be said of an issue that has ended, and what its list sends next."""

from collections.abc import Iterable
from datetime import datetime

from dispatch.compose.cadence import instant_of
from dispatch.context import Context
from dispatch.model.delivery import SendState
from dispatch.model.issue import Issue, IssueState, MailingList
from dispatch.publish.hours import places_of
from dispatch.render.receipt import Coming, Ended
from dispatch.store import deliveries, issues, ledger, reports, schedules, subscribers
from dispatch.store.connect import Tx

NAMED = 50  # unknown deliveries that a receipt names


async def ended_issue(tx: Tx, context: Context, issue: Issue, one: MailingList, now: datetime) -> Ended:
    """What the receipt of an issue of this list says."""
    number = issue.number
    unknown = await deliveries.rows(tx, number, [SendState.UNKNOWN], NAMED)
    return Ended(
        issue=issue,
        title=await _title(tx, number, context.publication.language),
        list_title=one.title,
        zone=one.timezone,
        tally=await ledger.tally(tx, number),
        unknown=[(row.name, row.email) for row in unknown],
        refusals=[(refused.domain, refused.count) for refused in await reports.refusals(tx, number)],
        coming=_first([*await _held(tx, one), *await _slots(tx, context, one, now)]),
    )


async def _title(tx: Tx, number: int, language: str) -> str:
    """The subject that the issue went out with, in the editors' own language where it has an edition in that."""
    cohorts = sorted(await issues.cohorts_of(tx, number), key=lambda cohort: cohort.language != language)
    return (await issues.compiled(tx, cohorts[0].edition)).subject if cohorts else ""


def _first(coming: Iterable[Coming]) -> Coming | None:
    return min(coming, key=lambda one: one.at, default=None)


async def _held(tx: Tx, one: MailingList) -> list[Coming]:
    """Issues of the list that wait for their time."""
    held = await issues.in_states(tx, [IssueState.HELD])
    return [Coming(issue.cadence, issue.due) for issue in held if issue.list_slug == one.slug and not issue.late]


async def _slots(tx: Tx, context: Context, one: MailingList, now: datetime) -> list[Coming]:
    """The next slot of every cadence that somebody waits for."""
    rows = [row for row in await schedules.every(tx) if row.list_id == one.id]
    return [
        await _slot(tx, context, one, row, now) for row in rows if await subscribers.anybody(tx, one.id, row.cadence)
    ]


async def _slot(tx: Tx, context: Context, one: MailingList, row: schedules.ScheduleRow, now: datetime) -> Coming:
    if not one.local_time:
        return Coming(row.cadence, row.due)
    hours = [instant_of(row.slot, *place) for place in await places_of(tx, context, one, row.cadence, now)]
    return Coming(row.cadence, min(hours), max(hours))
