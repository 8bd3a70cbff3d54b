"""What stands where: for status, reports and plans. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.acts.act import Desk, known_issue
from dispatch.acts.prospect import Prospect, prospect
from dispatch.context import Context
from dispatch.deliver import pace
from dispatch.model.delivery import SendState, Tally
from dispatch.model.issue import BEGUN, WAITING, Issue, IssueState
from dispatch.model.states import Outcome
from dispatch.model.websub import Following
from dispatch.publish.joining import WAITS
from dispatch.store import (
    chunks,
    deliveries,
    facts,
    issues,
    ledger,
    lists,
    posts,
    reports,
    schedules,
    service_mails,
    services,
    subscribers,
    websub,
    websub_notices,
)
from dispatch.store import pace as paces
from dispatch.store.connect import Tx
from dispatch.store.service_mails import Standing


@dataclass(frozen=True, slots=True)
class IssueReport:
    """An issue, the sum that proves it, and what stands behind its numbers."""

    issue: Issue
    tally: Tally
    rows: Sequence[deliveries.Row]
    missing: Sequence[reports.Group]  # what keeps the sum open; empty where it balances
    refusals: Sequence[reports.Refusals]  # by the recipients' domain, the most first
    reasons: Sequence[reports.Reason]  # the servers' words, the most frequent first
    outcomes: dict[Outcome, int]  # later news
    allowed: datetime | None = None  # until then the provider's limits let nothing go


async def issue_report(desk: Desk, number: int, states: Sequence[SendState] = ()) -> IssueReport:
    """The sum of an issue and, for the states asked for, its deliveries by address."""
    async with desk.context.store.read() as tx:
        return IssueReport(
            issue=await known_issue(tx, number),
            tally=await ledger.tally(tx, number),
            rows=await deliveries.rows(tx, number, states) if states else [],
            missing=await reports.unfinished(tx, number),
            refusals=await reports.refusals(tx, number),
            reasons=await reports.reasons(tx, number),
            outcomes=await reports.outcomes(tx, number),
            allowed=await _allowed(tx, desk.context),
        )


async def _allowed(tx: Tx, context: Context) -> datetime | None:
    """When the provider's limits let the next message go; None: at once."""
    now = context.clock()
    moment = pace.free_again(await paces.get(tx, context.provider.name), context.provider.limits, now)
    return moment if moment > now else None


@dataclass(frozen=True, slots=True)
class Wakeup:
    """Something that will happen by itself."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Running:
    """An issue that has not ended, and its sum so far."""

    prospect: Prospect
    tally: Tally
    error: str = ""  # the provider's last words, where something waits for another try


@dataclass(frozen=True, slots=True)
class Status:
    """How the publication stands now."""

    service: bool  # whether `dispatch run` is up
    posts: dict[str, int]
    people: dict[tuple[str, str], int]  # by list and state
    running: tuple[Running, ...]
    stranded: tuple[Issue, ...]  # held, for their list is not in dispatch.toml any more
    unknown: tuple[deliveries.Row, ...]
    slowed_to: float | None  # messages a second, while the provider is spared because it asked for that
    files: tuple[str, ...]  # subscribers' files that wait for `subscriber import`, and why
    wakeups: tuple[Wakeup, ...]
    following: Following  # by WebSub
    asking: tuple[Prospect, ...] = ()  # their time has come, and a person has to say something first
    paused: tuple[str, ...] = ()  # lists of which no issue begins
    mails: tuple[Standing, ...] = ()  # about subscriptions: those that wait or, of late, did not arrive

    @property
    def needs_a_person(self) -> bool:
        """Whether something will not go on by itself."""
        paused = any(one.prospect.issue.state is IssueState.PAUSED for one in self.running)
        return bool(self.unknown or self.stranded or self.files or self.asking or paused)


async def status(desk: Desk) -> Status:
    """How everything stands."""
    context = desk.context
    async with context.store.read() as tx:
        current = await issues.in_states(tx, [*WAITING, *BEGUN])
        stranded = [issue for issue in current if issue.list_slug not in context.lists]
        tallies = {issue.number: await ledger.tally(tx, issue.number) for issue in current}
        errors = {chunk.issue: chunk.error for chunk in await chunks.waiting(tx) if chunk.error}
        unknown = await deliveries.unknown(tx)
        people = await subscribers.counts(tx)
        paused = [slug for slug, row in (await lists.every(tx)).items() if row.paused and slug in context.lists]
        files = await facts.under(tx, f"{WAITS} ")
        post_counts = await posts.counts(tx)
        alive = await services.alive(tx, context.clock())
        used = await paces.get(tx, context.provider.name)
        mails = await service_mails.standing(tx)
        following = Following(*await websub.followers(tx, context.clock()), *await websub_notices.owed(tx))
    limits = context.provider.limits
    rate = pace.rate_at(used, limits, context.clock())
    served = [await prospect(desk, issue.number) for issue in current if issue not in stranded]
    return Status(
        service=alive,
        posts=post_counts,
        people=people,
        running=tuple(Running(one, tallies[one.issue.number], errors.get(one.issue.number, "")) for one in served),
        stranded=tuple(stranded),
        unknown=tuple(unknown),
        slowed_to=None if rate == limits.per_second else rate,
        files=tuple(files),
        wakeups=tuple(await wakeups(context)),
        paused=tuple(paused),
        mails=tuple(mails),
        following=following,
        asking=tuple(one for one in served if one.waits_for and _is_asking(one.issue, context.clock())),
    )


def _is_asking(issue: Issue, now: datetime) -> bool:
    """Whether it would have started, had somebody said the word."""
    return issue.state in WAITING and issue.due <= now


def _wants_approval(context: Context, issue: Issue) -> bool:
    table = context.config.lists.get(issue.list_slug)
    return bool(table and table.approval)


async def asking(desk: Desk) -> list[Prospect]:
    """The issues whose time has come, and that somebody has to say a word about first."""
    async with desk.context.store.read() as tx:
        held = await issues.in_states(tx, WAITING)
    due = [one for one in held if one.list_slug in desk.context.lists and _is_asking(one, desk.context.clock())]
    found = [await prospect(desk, one.number) for one in due]
    return [one for one in found if one.waits_for]


async def issues_under_way(desk: Desk) -> list[int]:
    """The numbers of issues whose audience is frozen and whose sum is open."""
    async with desk.context.store.read() as tx:
        return [one.number for one in await issues.in_states(tx, BEGUN)]


async def wakeups(context: Context) -> list[Wakeup]:
    """What will happen by itself, soonest first."""
    async with context.store.read() as tx:
        going = {slug: row.id for slug, row in (await lists.every(tx)).items() if not (row.paused or row.retired)}
        held = [one for one in await issues.in_states(tx, [IssueState.HELD]) if not one.late and one.list_slug in going]
        sent = [one for one in await issues.in_states(tx, [IssueState.COMPOSED]) if one.list_slug in going]
        waiting = await chunks.next_ready(tx)
        allowed = await _allowed(tx, context)
        appears = await posts.next_due(tx)
        returns = await subscribers.next_return(tx, going.values())
        rows = [row for row in await schedules.every(tx) if row.list_slug in going]
        slots = [row for row in rows if await subscribers.anybody(tx, row.list_id, row.cadence)]
    now = context.clock()
    held = [one for one in held if one.due > now or not _wants_approval(context, one)]
    found = [Wakeup(one.due, f"issue {one.number} of {one.list_slug} starts") for one in held]
    found += [Wakeup(one.due, f"issue {one.number} of {one.list_slug} starts now") for one in sent]
    found += [Wakeup(row.due, f"{row.list_slug}: {row.cadence.value} issue") for row in slots]
    if waiting:
        why = "the provider's limits let deliveries go on" if allowed else "deliveries are tried"
        found.append(Wakeup(max(waiting, allowed or waiting), why))
    if appears:
        found.append(Wakeup(appears, "a post appears"))
    if returns:
        found.append(Wakeup(returns, "somebody comes back from a pause"))
    return sorted(found, key=lambda one: one.at)
