"""What editors do with an issue under way: pause, resume, resolve, cancel."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from dispatch.acts.act import ActError, Desk, known_issue
from dispatch.acts.subscriber import normalised
from dispatch.model.delivery import SendState, Tally
from dispatch.model.issue import BEGUN, UNBEGUN, Issue, IssueState
from dispatch.model.states import Outcome
from dispatch.publish.firing import pass_over
from dispatch.store import issues, ledger, outcomes, refusals, resending
from dispatch.store.connect import Tx

SETTLED = (SendState.ACCEPTED, SendState.REJECTED)
NOT_MAILED = (SendState.PENDING, SendState.RETRY, SendState.SKIPPED, SendState.CANCELLED)

Act = Callable[[Desk, int], Coroutine[Any, Any, object]]  # something done to one issue


async def pause(desk: Desk, number: int) -> None:
    """Stop a send within a second or two; whoever waits goes on waiting."""
    async with desk.context.store.write() as tx:
        issue = await known_issue(tx, number)
        if not await issues.move(
            tx, number, [IssueState.SENDING], IssueState.PAUSED, {"note": f"paused by {desk.who}"}
        ):
            raise ActError(f"Issue {number} is {issue.state.value}: only one that is being sent can be paused.")
        await desk.note(tx, "issue pause", str(number))


async def resume(desk: Desk, number: int) -> None:
    """Go on with a paused send, at once."""
    async with desk.context.store.write() as tx:
        issue = await known_issue(tx, number)
        _refuse_unapproved(desk, issue)
        if not await issues.move(tx, number, [IssueState.PAUSED], IssueState.SENDING, {"note": ""}):
            raise ActError(f"Issue {number} is {issue.state.value}: only a paused one can be resumed.")
        await ledger.make_ready(tx, number, desk.context.clock())
        await refusals.forget(tx, number)
        await desk.note(tx, "issue resume", str(number))


def _refuse_unapproved(desk: Desk, issue: Issue) -> None:
    """What was edited in mid-send goes on when a second person has approved it, where the list asks for that."""
    table = desk.context.config.lists.get(issue.list_slug)
    if table and table.approval and issue.revision > 1 and not issue.approved:
        raise ActError(
            f"Revision {issue.revision} of issue {issue.number} waits for approval by somebody other than "
            f"{issue.editor}: dispatch issue approve {issue.number} --as NAME"
        )


async def resolve(desk: Desk, number: int, address: str, became: SendState | Outcome) -> None:
    """Say by hand what became of a delivery: that an unknown one was accepted or rejected, or any later news of it."""
    if isinstance(became, SendState) and became not in SETTLED:
        raise ActError("An unknown can be settled as accepted or rejected.")
    async with desk.context.store.write() as tx:
        await known_issue(tx, number)
        found = await resending.find(tx, number, normalised(address))
        if found is None:
            raise ActError(f"Issue {number} has no delivery to {address}.")
        said = await _settle(tx, desk, number, *found, became)
        if said:
            raise ActError(f"Issue {number}: the delivery to {address} {said}.")
        await desk.note(tx, "issue resolve", normalised(address), f"issue {number}: {became.value}")


async def _settle(
    tx: Tx, desk: Desk, number: int, who: int, state: SendState, became: SendState | Outcome
) -> str | None:
    """Write it down; why it cannot be, if it cannot."""
    now = desk.context.clock()
    if isinstance(became, SendState):
        settled = await ledger.resolve(tx, number, who, became, f"settled by {desk.who}", now)
        return None if settled else f"is {state.value}, not unknown"
    if state in NOT_MAILED:
        return f"is {state.value}: it was not mailed"
    noted = await outcomes.note(tx, number, who, became, now)
    return None if noted else f"is known to be {became.value}, or graver news has come"


async def cancel(desk: Desk, number: int) -> Tally:
    """Stop an issue for good; whoever was not reached yet is not mailed. A digest's slot passes, its posts wait."""
    now = desk.context.clock()
    async with desk.context.store.write() as tx:
        issue = await known_issue(tx, number)
        values = {"note": f"cancelled by {desk.who}"}
        if not await issues.move(tx, number, [*UNBEGUN, *BEGUN], IssueState.CANCELLED, values):
            raise ActError(f"Issue {number} is {issue.state.value}: it cannot be cancelled any more.")
        if issue.state is IssueState.DRAFT:
            await pass_over(tx, desk.context, issue, now)
        await ledger.cancel_waiting(tx, number, now)
        await ledger.finish_if_balanced(tx, replace(issue, state=IssueState.CANCELLED), now)
        await desk.note(tx, "issue cancel", str(number))
        return await ledger.tally(tx, number)
