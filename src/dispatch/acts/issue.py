"""What editors do with issues: look, send, pause, resume, resolve, cancel."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dispatch.acts.act import ActError, Desk, known_issue
from dispatch.acts.subscriber import normalised
from dispatch.model.delivery import SendState, Tally
from dispatch.model.issue import BEGUN, WAITING, Issue, IssueState
from dispatch.model.states import Outcome
from dispatch.publish.freezing import compose_issue
from dispatch.store import issues, ledger, outcomes, posts, refusals, resending
from dispatch.store.connect import Tx

SETTLED = (SendState.ACCEPTED, SendState.REJECTED)
NOT_MAILED = (SendState.PENDING, SendState.RETRY, SendState.SKIPPED, SendState.CANCELLED)

Act = Callable[[Desk, int], Coroutine[Any, Any, object]]  # something done to one issue


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an issue is, or would be: for whoever decides."""

    issue: Issue
    subject: str
    audience: int
    posts: tuple[str, ...]  # titles


async def prospect(desk: Desk, number: int) -> Prospect:
    """What goes out with an issue, and to how many."""
    async with desk.context.store.read() as tx:
        issue = await known_issue(tx, number)
        if issue.frozen:
            tally = await ledger.tally(tx, number)
            cohort_rows = await issues.cohorts_of(tx, number)
            ids = [post_id for row in cohort_rows for post_id in row.posts]
            titles = tuple(post.title for post in (await posts.many(tx, ids)).values())
            subject = await _subject(tx, cohort_rows, desk.context.publication.language)
            return Prospect(issue, subject, tally.audience, titles)
        if issue.list_slug not in desk.context.lists:
            raise ActError(f"Issue {number} waits: its list {issue.list_slug!r} is not in dispatch.toml any more.")
        composition = await compose_issue(tx, desk.context, issue)
    sizes = dict(composition.needs)
    audience = sum(sizes[need] for cohort in composition.cohorts for need in cohort.needs)
    largest = max(composition.cohorts, key=lambda one: len(one.posts), default=None)
    titles = tuple(post.title for post in largest.posts) if largest else ()
    return Prospect(issue, titles[0] if titles else "", audience, titles)


async def _subject(tx: Tx, rows: Sequence[issues.CohortRow], language: str) -> str:
    """What an issue is called: the subject that its readers in the publication's own language saw."""
    if not rows:
        return ""
    row = next((one for one in rows if one.language == language), rows[0])
    return (await issues.compiled(tx, row.edition)).subject


async def send(desk: Desk, number: int) -> None:
    """Let a held issue go now; its hold is skipped. One that waits behind another of its list cannot overtake it."""
    async with desk.context.store.write() as tx:
        issue = await known_issue(tx, number)
        before = [one.number for one in await issues.in_states(tx, [IssueState.HELD]) if _precedes(one, issue)]
        if before:
            raise ActError(f"Issue {before[0]} of the same list waits before it: send or cancel that one first.")
        now = {"due": desk.context.clock()}
        if not await issues.move(tx, number, [IssueState.HELD], IssueState.COMPOSED, now):
            raise ActError(f"Issue {number} is {issue.state.value}: only a held issue can be sent.")
        await desk.note(tx, "issue send", str(number))


def _precedes(one: Issue, other: Issue) -> bool:
    same_line = (one.list_slug, one.cadence) == (other.list_slug, other.cadence)
    return same_line and one.first_arrival < other.first_arrival


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
        if not await issues.move(tx, number, [IssueState.PAUSED], IssueState.SENDING, {"note": ""}):
            raise ActError(f"Issue {number} is {issue.state.value}: only a paused one can be resumed.")
        await ledger.make_ready(tx, number, desk.context.clock())
        await refusals.forget(tx, number)
        await desk.note(tx, "issue resume", str(number))


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
    """Stop an issue for good; whoever was not reached yet is not mailed."""
    now = desk.context.clock()
    async with desk.context.store.write() as tx:
        issue = await known_issue(tx, number)
        values = {"note": f"cancelled by {desk.who}"}
        if not await issues.move(tx, number, [*WAITING, *BEGUN], IssueState.CANCELLED, values):
            raise ActError(f"Issue {number} is {issue.state.value}: it cannot be cancelled any more.")
        await ledger.cancel_waiting(tx, number, now)
        await ledger.finish_if_balanced(tx, replace(issue, state=IssueState.CANCELLED), now)
        await desk.note(tx, "issue cancel", str(number))
        return await ledger.tally(tx, number)
