"""What stands where: for status, reports and plans. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.acts.act import Desk, known_issue
from dispatch.acts.issue import Prospect, prospect
from dispatch.compose.cadence import next_slot, parse_rule
from dispatch.compose.gate import passes
from dispatch.context import Context
from dispatch.model.delivery import SendState, Tally
from dispatch.model.issue import Issue, IssueState
from dispatch.store import chunks, facts, issues, ledger, posts, schedules, services, subscribers
from dispatch.store.connect import Tx

RUNNING = (IssueState.HELD, IssueState.COMPOSED, IssueState.SENDING, IssueState.PAUSED)


@dataclass(frozen=True, slots=True)
class IssueReport:
    """An issue and the sum that proves it."""

    issue: Issue
    tally: Tally
    rows: Sequence[ledger.Row]
    waits: Sequence[chunks.ChunkRow]  # chunks still to be worked on, with the provider's last words


async def issue_report(desk: Desk, number: int, states: Sequence[SendState] = ()) -> IssueReport:
    """The sum of an issue and, for the states asked for, its deliveries by address."""
    async with desk.context.store.read() as tx:
        issue = await known_issue(tx, number)
        rows = await ledger.rows(tx, number, states) if states else []
        waits = [chunk for chunk in await chunks.waiting(tx) if chunk.issue == number]
        return IssueReport(issue, await ledger.tally(tx, number), rows, waits)


@dataclass(frozen=True, slots=True)
class Wakeup:
    """Something that will happen by itself."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Status:
    """How the publication stands now."""

    service: bool  # whether `dispatch run` is up
    posts: dict[str, int]
    people: dict[tuple[str, str], int]  # by list and state
    running: tuple[tuple[Prospect, Tally], ...]
    unknown: tuple[ledger.Row, ...]
    wakeups: tuple[Wakeup, ...]

    @property
    def needs_a_person(self) -> bool:
        """Whether something will not go on by itself."""
        return bool(self.unknown) or any(one.issue.state is IssueState.PAUSED for one, _ in self.running)


async def status(desk: Desk) -> Status:
    """How everything stands."""
    context = desk.context
    async with context.store.read() as tx:
        current = [issue for issue in await issues.in_states(tx, RUNNING) if issue.list_slug in context.lists]
        tallies = [await ledger.tally(tx, issue.number) for issue in current]
        unknown = await ledger.unknown(tx)
        people = await subscribers.counts(tx)
        post_counts = await posts.counts(tx)
        alive = await services.alive(tx, context.clock())
    prospects = [await prospect(desk, issue.number) for issue in current]
    return Status(
        service=alive,
        posts=post_counts,
        people=people,
        running=tuple(zip(prospects, tallies, strict=True)),
        unknown=tuple(unknown),
        wakeups=tuple(await wakeups(context)),
    )


async def wakeups(context: Context) -> list[Wakeup]:
    """What will happen by itself, soonest first."""
    async with context.store.read() as tx:
        held = await issues.in_states(tx, [IssueState.HELD])
        sent = await issues.in_states(tx, [IssueState.COMPOSED])
        waiting = await chunks.next_ready(tx)
        appears = await posts.next_due(tx)
        slots = await schedules.every(tx)
    found = [Wakeup(one.due, f"issue {one.number} of {one.list_slug} starts") for one in held]
    found += [Wakeup(one.due, f"issue {one.number} of {one.list_slug} starts now") for one in sent]
    found += [Wakeup(row.due, f"{row.list_slug}: {row.cadence.value} issue") for row in slots]
    if waiting:
        found.append(Wakeup(waiting, "deliveries are tried"))
    if appears:
        found.append(Wakeup(appears, "a post appears"))
    return sorted(found, key=lambda one: one.at)


@dataclass(frozen=True, slots=True)
class Planned:
    """One issue that will go out if nothing changes."""

    at: datetime
    timezone: str
    list_slug: str
    cadence: str
    posts: tuple[str, ...]  # titles of those that are there already
    people: int


async def plan(desk: Desk, now: datetime, days: int) -> list[Planned]:
    """The dry run: every slot of the coming days that somebody waits for, and what it sends if no post is added."""
    async with desk.context.store.read() as tx:
        found = [
            one for row in await schedules.every(tx) for one in await _plan_schedule(tx, desk.context, row, now, days)
        ]
    return sorted(found, key=lambda one: (one.at, one.list_slug))


async def _plan_schedule(
    tx: Tx, context: Context, row: schedules.ScheduleRow, now: datetime, days: int
) -> list[Planned]:
    one = context.lists[row.list_slug]
    if not (people := await subscribers.active(tx, one.id, row.cadence)):
        return []
    head = await facts.arrival_head(tx)
    needs = await subscribers.needs(tx, one.id, row.cadence, head)
    after = min((need.mark for need in needs), default=head)
    titles = tuple(post.title for post in await posts.arrived(tx, after, head) if passes(post, one))
    slots = _slots(row, now, now + timedelta(days=days))
    empty = [Planned(at, row.timezone, one.slug, row.cadence.value, (), people) for at in slots]
    return [replace(one, posts=titles, people=sum(needs.values())) for one in empty[:1] if titles] + empty[
        bool(titles) :
    ]


def _slots(row: schedules.ScheduleRow, now: datetime, until: datetime) -> list[datetime]:
    rule, due, slots = parse_rule(row.cadence, row.rule), row.due, []
    while due <= until:
        slots.append(max(due, now))
        due = next_slot(rule, row.timezone, max(due, now)).instant
    return slots
