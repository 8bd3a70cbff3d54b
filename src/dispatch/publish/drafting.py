"""The next issue is a draft already: once a post waits for somebody, it has a number and can be shaped."""

from collections.abc import Collection
from datetime import datetime

from dispatch.compose.gate import passes
from dispatch.context import Context
from dispatch.model.issue import IssueState
from dispatch.store import drafts, facts, posts, schedules, subscribers
from dispatch.store.connect import Tx


async def keep_drafts(tx: Tx, context: Context, slugs: Collection[str], now: datetime) -> None:
    """Let each schedule of these lists have its draft, due when the schedule is."""
    head = await facts.arrival_head(tx)
    unbegun = await drafts.next_digests(tx)
    for row in await schedules.every(tx):
        if row.list_slug not in slugs:
            continue
        draft = unbegun.get((row.list_slug, row.cadence))
        if draft is None and row.previous < head:
            await _begin(tx, context, row, head, now)
        elif draft and draft.state is IssueState.DRAFT and (draft.due, draft.slot) != (row.due, row.slot):
            await drafts.wait_for(tx, draft.number, row)


async def _begin(tx: Tx, context: Context, row: schedules.ScheduleRow, head: int, now: datetime) -> None:
    first = await drafts.first_arrival(tx, row.list_id, row.cadence)
    if not await subscribers.anybody(tx, row.list_id, row.cadence):
        return
    fresh = await posts.arrived(tx, max(first - 1, row.previous), head)
    if any(passes(post, context.lists[row.list_slug]) for post in fresh):
        await open_draft(tx, row, now)


async def open_draft(tx: Tx, row: schedules.ScheduleRow, now: datetime) -> int:
    """Begin the next issue of a schedule; returns its number."""
    first = await drafts.first_arrival(tx, row.list_id, row.cadence)
    return await drafts.add(tx, row.list_id, row.cadence, (first, first - 1), row.due, now, slot=row.slot)
