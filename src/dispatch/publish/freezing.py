"""The stage that starts due issues: renders an edition a cohort, then freezes the audience in one transaction."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dispatch.compose.cohorts import cohorts
from dispatch.compose.gate import passes
from dispatch.context import Context
from dispatch.errors import StoreError
from dispatch.message.compile import compile_edition
from dispatch.model.issue import WAITING, Cohort, CompiledEdition, Issue, IssueState, MailingList, Need
from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence
from dispatch.store import highwater, issues, ledger, posts, subscribers
from dispatch.store.connect import Tx
from dispatch.store.served import Spans

Row = dict[str, Any]
CHUNK_SIZE = 1000
TRIES = 5  # how often an audience may change between rendering and freezing before the next pass takes over


@dataclass(frozen=True, slots=True)
class Composition:
    """Who gets what in an issue, at one moment; equal compositions freeze alike."""

    needs: tuple[tuple[Need, int], ...]
    cohorts: tuple[Cohort, ...]


async def freeze(context: Context, now: datetime) -> tuple[int, ...]:
    """Start every issue that is due, or that somebody sent; returns their numbers.

    Issues of one list and cadence start in order, so that a watermark never jumps over one that still waits.
    """
    async with context.store.read() as tx:
        held = await issues.in_states(tx, WAITING)
    started, blocked = [], set()
    for issue in sorted(held, key=lambda one: one.first_arrival):
        line = (issue.list_slug, issue.cadence)
        resting = issue.state is IssueState.HELD and issue.due > now
        if resting or line in blocked or issue.list_slug not in context.lists:
            blocked.add(line)
        elif await _start(context, replace(issue, frozen=now)):
            started.append(issue.number)
    return tuple(started)


async def _start(context: Context, issue: Issue) -> bool:
    """Render, then freeze if nothing has changed meanwhile; else render again."""
    for _ in range(TRIES):
        async with context.store.read() as tx:
            composition, _ = await asyncio.gather(compose_issue(tx, context, issue), asyncio.to_thread(load_renderer))
        compiled = [await asyncio.to_thread(compile_cohort, context, issue, one) for one in composition.cohorts]
        async with context.store.write() as tx:
            await subscribers.settle_tags(tx, context.lists[issue.list_slug].id)
            if await compose_issue(tx, context, issue) != composition:
                continue
            started = await _freeze(tx, context, issue, composition, compiled)
            reached = await highwater.rise(tx)
        highwater.mark(context.workplace, reached)
        return started
    return False


async def compose_issue(tx: Tx, context: Context, issue: Issue) -> Composition:
    """Who would get what if the issue started now.

    The window reaches back to the oldest mark, for somebody may have come from a slower cadence, or be owed the posts
    of a cancelled issue; each need takes only what lies after its own.
    """
    one = context.lists[issue.list_slug]
    needs = await subscribers.needs(tx, one.id, issue.cadence, issue.last_arrival)
    after = min((need.mark for need in needs), default=issue.last_arrival)
    window = await posts.arrived(tx, after, issue.last_arrival)
    stopped = await issues.stopped_windows(tx, one.id, issue.cadence) if issue.cadence is Cadence.IMMEDIATE else []
    chosen = [post for post in window if passes(post, one) and not _is_in(stopped, post)]
    return Composition(tuple(needs.items()), cohorts(needs, chosen, context.publication.language))


def _is_in(windows: Sequence[tuple[int, int]], post: Post) -> bool:
    """Whether an immediate issue with this post was cancelled before it began: then no later one brings it."""
    return any(first <= (post.arrival or 0) <= last for first, last in windows)


def load_renderer() -> None:
    """Load what rendering needs: for a thread, while the store is asked who gets what."""
    import dispatch.render.edition  # noqa: F401


def compile_cohort(context: Context, issue: Issue, cohort: Cohort) -> CompiledEdition:
    """One cohort's edition, rendered and compiled; `issue.frozen` dates it."""
    from dispatch.render.edition import render_edition  # a quarter of all start-up, and most commands send nothing

    one = context.lists[issue.list_slug]
    return compile_edition(render_edition(issue, cohort, one, context.publication, context.theme))


async def _freeze(
    tx: Tx, context: Context, issue: Issue, composition: Composition, compiled: Sequence[CompiledEdition]
) -> bool:
    """Write the audience down, if the issue still waits; one that has nobody ends at once, its posts served."""
    one = context.lists[issue.list_slug]
    target, values = (IssueState.SENDING, {"frozen": issue.frozen}) if composition.cohorts else _empty(issue)
    if not await issues.move(tx, issue.number, WAITING, target, values):
        return False
    if composition.cohorts:
        await issues.keep_editions(tx, compiled)
        await _write_audience(tx, issue, one, composition, compiled)
    await subscribers.move_marks(tx, one.id, issue.cadence, issue.last_arrival)
    return bool(composition.cohorts)


def _empty(issue: Issue) -> tuple[IssueState, Row]:
    note = "its posts were withdrawn, or nobody is left to get them"
    return IssueState.CANCELLED, {"note": note, "frozen": issue.frozen, "ended": issue.frozen}


async def _write_audience(
    tx: Tx, issue: Issue, one: MailingList, composition: Composition, compiled: Sequence[CompiledEdition]
) -> None:
    sizes = dict(composition.needs)
    numbered = _numbers(composition.cohorts)
    cohort_rows: list[Row] = []
    need_rows: list[Row] = []
    chunk_rows: list[Row] = []
    departures: list[Row] = []
    for number, (cohort, edition) in enumerate(zip(composition.cohorts, compiled, strict=True)):
        cohort_rows.append(_cohort_row(issue, number, cohort, edition))
        departures.append(_departure_row(issue, number, len(chunk_rows)))
        need_rows += [_need_row(issue, number, need, numbered) for need in cohort.needs]
        people = sum(sizes[need] for need in cohort.needs)
        chunk_rows += _chunk_rows(issue, edition, len(chunk_rows), people)
    await issues.add_cohorts(tx, cohort_rows, need_rows)
    await issues.add_departures(tx, departures)
    written = await ledger.freeze(tx, issue.number, one.id, issue.cadence, issue.last_arrival, CHUNK_SIZE, numbered)
    expected = sum(sizes[need] for cohort in composition.cohorts for need in cohort.needs)
    if written != expected:  # whatever the reason, nobody is lost by it
        raise StoreError(
            f"Issue {issue.number} should go to {expected} people and would to {written}: nothing was sent."
        )
    await ledger.add_chunks(tx, chunk_rows)


def _cohort_row(issue: Issue, number: int, cohort: Cohort, edition: CompiledEdition) -> Row:
    return {
        "issue": issue.number,
        "number": number,
        "language": cohort.language,
        "posts": [post.id for post in cohort.posts],
        "edition": edition.digest,
        "more": cohort.more,
    }


def _departure_row(issue: Issue, cohort: int, first_chunk: int) -> Row:
    return {"issue": issue.number, "cohort": cohort, "timezone": "", "hour": "", "first_chunk": first_chunk}


def _need_row(issue: Issue, cohort: int, need: Need, numbered: Mapping[tuple[int, Spans], int]) -> Row:
    mark = numbered.get((need.mark, need.served), need.mark)
    return {"issue": issue.number, "tags": need.tags, "language": need.language, "mark": mark, "cohort": cohort}


def _chunk_rows(issue: Issue, edition: CompiledEdition, first: int, people: int) -> list[Row]:
    """As many chunks as so many people need, numbered from `first` on."""
    return [
        {"issue": issue.number, "number": number, "edition": edition.digest, "not_before": issue.frozen}
        for number in range(first, first - (-people // CHUNK_SIZE))
    ]


def _numbers(groups: Iterable[Cohort]) -> dict[tuple[int, Spans], int]:
    """Numbers below zero, which no mark is, for needs that had part of what follows their mark from other issues."""
    pairs = {(need.mark, need.served) for cohort in groups for need in cohort.needs if need.served}
    return {pair: -number for number, pair in enumerate(sorted(pairs), 1)}
