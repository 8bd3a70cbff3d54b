"""The stage that turns posts into issues: schedules that are due, new posts for immediate lists, drafts of the next."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from dispatch.compose.gate import passes
from dispatch.compose.starting import has_overslept
from dispatch.compose.windows import immediate_windows
from dispatch.context import Context
from dispatch.model.issue import Issue, IssueState, MailingList
from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence
from dispatch.publish.composition import compose_issue
from dispatch.publish.drafting import keep_drafts
from dispatch.publish.firing import fire, is_due, keep_local_hours, set_back
from dispatch.publish.hours import places_by_schedule
from dispatch.store import drafts, facts, issues, lists, posts, schedules, subscribers
from dispatch.store.connect import Tx


async def compose(context: Context, now: datetime, *, hold: bool = True) -> tuple[int, ...]:
    """Make the issues whose time has come; returns their numbers. `hold=False` lets immediate ones go at once."""
    async with context.store.read() as tx:  # of a million people that takes a second, and no writer waits for it
        where = await places_by_schedule(tx, context, now)
    async with context.store.write() as tx:
        known = await lists.every(tx)
        open_lists = [one for one in context.lists.values() if not known[one.slug].paused]
        back = await subscribers.welcome_back(tx, now, [one.id for one in open_lists])
        made: list[int] = []
        for one in open_lists:
            made += await _compose_immediate(tx, context, one, known[one.slug], now)
            if (one.id, Cadence.IMMEDIATE) in back:
                made += await _catch_up(tx, context, one, now)
        await set_back(tx, context, where, now)
        await keep_local_hours(tx, where, now)
        slugs = {one.slug for one in open_lists}
        for row in await schedules.every(tx):
            if row.list_slug in slugs and row.id in where and is_due(row, now):
                made += await fire(tx, context, row, where[row.id], now)
        await keep_drafts(tx, context, slugs, now)
        await _renew_holds(tx, context, now, hold=hold)
        await _ask_about_late(tx, context, now)
    return tuple(made)


async def _compose_immediate(
    tx: Tx, context: Context, one: MailingList, row: lists.ListRow, now: datetime
) -> list[int]:
    """An issue for each new post, or one for many; the list's `composed_to` moves by compare-and-set."""
    head = await facts.arrival_head(tx)
    if row.composed_to >= head:
        return []
    fresh = [post for post in await posts.arrived(tx, row.composed_to, head) if passes(post, one)]
    if not await lists.advance(tx, one.id, row.composed_to, head) or Cadence.IMMEDIATE not in one.cadences:
        return []
    made = []
    for window in immediate_windows(fresh):
        made += await _add_issue(tx, context, one, window, f"arrival {window[0]}", now)
    return made


async def _catch_up(tx: Tx, context: Context, one: MailingList, now: datetime) -> list[int]:
    """Somebody has come back to an immediate list: what they missed is an issue, without waiting for a new post.

    It has no post of its own, only what others have had; an issue that waits already brings them that, too.
    """
    if await drafts.open_on(tx, one.id, Cadence.IMMEDIATE):
        return []
    head = (await lists.every(tx))[one.slug].composed_to
    return await _add_issue(tx, context, one, (head + 1, head), f"return {now.isoformat()}", now, fixed=True)


async def _add_issue(
    tx: Tx, context: Context, one: MailingList, window: tuple[int, int], run: str, now: datetime, *, fixed: bool = False
) -> list[int]:
    """The one immediate issue of a run; none where nobody would get it or the run was made before."""
    prospect = Issue(0, one.slug, Cadence.IMMEDIATE, IssueState.HELD, *window, created=now, due=now, frozen=now)
    if not (await compose_issue(tx, context, prospect)).cohorts:
        return []
    if not await issues.add_run(tx, one.id, Cadence.IMMEDIATE, run, now):
        return []
    return [await issues.add(tx, one.id, Cadence.IMMEDIATE, window, slot=run, due=now, now=now, fixed=fixed)]


async def _renew_holds(tx: Tx, context: Context, now: datetime, *, hold: bool) -> None:
    """A held immediate issue goes out when its posts have rested for the list's `hold`."""
    for issue in await issues.in_states(tx, [IssueState.HELD]):
        if issue.cadence is Cadence.IMMEDIATE and issue.list_slug in context.lists and not issue.fixed:
            patience = context.config.lists[issue.list_slug].hold if hold else timedelta(0)
            window = await posts.arrived(tx, issue.first_arrival - 1, issue.last_arrival)
            rested_from = max(issue.created, _last_change(window, issue))
            await issues.put_off(tx, issue.number, min(rested_from, now) + patience)  # a clock may have been wrong


async def _ask_about_late(tx: Tx, context: Context, now: datetime) -> None:
    """An issue that was to go long ago, when nobody was there, waits for an editor's word."""
    for issue in await issues.in_states(tx, [IssueState.HELD]):
        table = context.config.lists.get(issue.list_slug)
        if table and has_overslept(issue, now, table.late, table.if_late):
            await drafts.mark_late(tx, issue.number)


def _last_change(window: Iterable[Post], issue: Issue) -> datetime:
    return max((post.changed for post in window), default=issue.created)
