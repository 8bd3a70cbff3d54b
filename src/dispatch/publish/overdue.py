"""A send that stood still past its list's `late`, because nothing ran: it goes on, asks, or ends, as the list says."""

from datetime import datetime

from dispatch.compose.late import IF_LATE, Verdict
from dispatch.context import Context
from dispatch.model.issue import Issue, IssueState
from dispatch.store import issues, ledger, overdue
from dispatch.store.connect import Tx

ASKS = "it stood still for more than {hours:.0f} hours: resume it or cancel it"


async def hold_back(context: Context, now: datetime) -> None:
    """Pause or end the sends that are too late to go on by themselves; nothing is handed over before this."""
    async with context.store.read() as tx:
        sending = await issues.in_states(tx, [IssueState.SENDING])
        late = [issue for issue in sending if await _is_late(tx, context, issue, now)]
    for issue in late:
        async with context.store.write() as tx:
            said = await _decide(tx, context, issue, now)
        context.tell(f"issue {issue.number}: {said}")


async def _is_late(tx: Tx, context: Context, issue: Issue, now: datetime) -> bool:
    table = context.config.lists.get(issue.list_slug)
    if table is None or IF_LATE[table.if_late] is Verdict.GO:
        return False
    return await overdue.stands_still(tx, issue.number, now - table.late)


async def _decide(tx: Tx, context: Context, issue: Issue, now: datetime) -> str:
    table = context.config.lists[issue.list_slug]
    if IF_LATE[table.if_late] is Verdict.ASK:
        said = ASKS.format(hours=table.late.total_seconds() / 3600)
        await issues.move(tx, issue.number, [IssueState.SENDING], IssueState.PAUSED, {"note": said})
        return said
    await overdue.give_up(tx, issue.number, now - table.late, now)
    await ledger.finish_if_balanced(tx, issue, now)
    return "whoever it had not reached in time gets its posts with the next one"
