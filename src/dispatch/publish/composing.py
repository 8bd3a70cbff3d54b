"""The stage that turns posts into issues: schedules that are due, and new posts for immediate lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.compose.cadence import next_slot, parse_rule
from dispatch.compose.gate import passes
from dispatch.compose.windows import immediate_windows
from dispatch.context import Context
from dispatch.model.issue import Issue, IssueState, MailingList, Need
from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence
from dispatch.store import facts, issues, lists, posts, schedules, subscribers
from dispatch.store.connect import Tx

SLOTTED = (Cadence.DAILY, Cadence.WEEKLY, Cadence.MONTHLY)


async def compose(context: Context, now: datetime, *, hold: bool = True) -> tuple[int, ...]:
    """Make the issues whose time has come; returns their numbers. `hold=False` lets immediate ones go at once."""
    async with context.store.write() as tx:
        made = [await _compose_immediate(tx, context, one, now) for one in context.lists.values()]
        made += [await _fire(tx, context, row, now) for row in await schedules.every(tx) if _is_due(row, context, now)]
        await _renew_holds(tx, context, now, hold=hold)
    return tuple(number for numbers in made for number in numbers)


def _is_due(row: schedules.ScheduleRow, context: Context, now: datetime) -> bool:
    """A list that this process has not read from dispatch.toml yet is another's to serve."""
    return row.due <= now and row.list_slug in context.lists


async def keep_schedules(tx: Tx, context: Context, now: datetime) -> None:
    """Let the rows of schedules follow dispatch.toml: new ones begin now, changed ones count from now on."""
    rows = {(row.list_slug, row.cadence): row for row in await schedules.every(tx)}
    wanted = {(slug, cadence) for slug, one in context.lists.items() for cadence in one.cadences if cadence in SLOTTED}
    for key in rows.keys() - wanted:
        await schedules.drop(tx, rows[key].id)
    for slug, cadence in sorted(wanted):
        await _keep_schedule(tx, context, context.lists[slug], cadence, rows.get((slug, cadence)), now)


async def _keep_schedule(
    tx: Tx, context: Context, one: MailingList, cadence: Cadence, row: schedules.ScheduleRow | None, now: datetime
) -> None:
    table = context.config.lists[one.slug]
    rule, zone = str(getattr(table.at, cadence.value)), table.timezone or context.publication.timezone
    if row and (row.rule, row.timezone) == (rule, zone):
        return
    slot = next_slot(parse_rule(cadence, rule), zone, now)
    if row:
        await schedules.change(tx, row, rule=rule, timezone=zone, slot=slot.name, due=slot.instant)
        return
    known = (await lists.every(tx))[one.slug]
    await schedules.add(
        tx, one.id, cadence, rule=rule, timezone=zone, slot=slot.name, due=slot.instant, previous=known.composed_to
    )


async def _compose_immediate(tx: Tx, context: Context, one: MailingList, now: datetime) -> list[int]:
    """An issue for each new post, or one for many; the list's `composed_to` moves by compare-and-set."""
    head = await facts.arrival_head(tx)
    row = (await lists.every(tx))[one.slug]
    if row.composed_to >= head:
        return []
    fresh = [post for post in await posts.arrived(tx, row.composed_to, head) if passes(post, one)]
    if not await lists.advance(tx, one.id, row.composed_to, head) or Cadence.IMMEDIATE not in one.cadences:
        return []
    made = []
    for window in immediate_windows(fresh):
        made += await _add_issue(tx, one, Cadence.IMMEDIATE, window, f"arrival {window[0]}", now)
    return made


async def _fire(tx: Tx, context: Context, row: schedules.ScheduleRow, now: datetime) -> list[int]:
    """Move a due schedule to the first slot after now, and make one issue for all that waited."""
    following = next_slot(parse_rule(row.cadence, row.rule), row.timezone, now)
    head = await facts.arrival_head(tx)
    if not await schedules.advance(tx, row, slot=following.name, due=following.instant, previous=head):
        return []
    one = context.lists[row.list_slug]
    digest = await next_digest(tx, one, row.cadence, head)
    if not digest.posts:
        return []
    return await _add_issue(tx, one, row.cadence, (digest.after + 1, head), row.slot, now)


@dataclass(frozen=True, slots=True)
class NextDigest:
    """What a list would send at a cadence now."""

    needs: Mapping[Need, int]  # with how many share each
    after: int  # the lowest mark: posts that arrived later may be in it
    posts: tuple[Post, ...]


async def next_digest(tx: Tx, one: MailingList, cadence: Cadence, head: int) -> NextDigest:
    """What waits for the subscriptions of a list and cadence, up to the arrival `head`. Also what the plan shows."""
    needs = await subscribers.needs(tx, one.id, cadence, head)
    after = min((need.mark for need in needs), default=head)
    waiting = tuple(post for post in await posts.arrived(tx, after, head) if passes(post, one))
    return NextDigest(needs, after, waiting)


async def _add_issue(
    tx: Tx, one: MailingList, cadence: Cadence, window: tuple[int, int], slot: str, now: datetime
) -> list[int]:
    """The one issue of a run; none where nobody waits for it or the run was made before."""
    if not await subscribers.needs(tx, one.id, cadence, window[1]):
        return []
    if not await issues.add_run(tx, one.id, cadence, slot, now):
        return []
    return [await issues.add(tx, one.id, cadence, window, slot=slot, due=now, now=now)]


async def _renew_holds(tx: Tx, context: Context, now: datetime, *, hold: bool) -> None:
    """A held immediate issue goes out when its posts have rested for the list's `hold`."""
    for issue in await issues.in_states(tx, [IssueState.HELD]):
        if issue.cadence is Cadence.IMMEDIATE and issue.list_slug in context.lists:
            patience = context.config.lists[issue.list_slug].hold if hold else timedelta(0)
            window = await posts.arrived(tx, issue.first_arrival - 1, issue.last_arrival)
            await issues.put_off(tx, issue.number, max(issue.created, _last_change(window, issue)) + patience)


def _last_change(window: Iterable[Post], issue: Issue) -> datetime:
    return max((post.changed for post in window), default=issue.created)
