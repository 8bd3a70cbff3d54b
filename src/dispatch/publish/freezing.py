"""The stage that starts due issues: renders an edition a cohort, then freezes the audience in one transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dispatch.compose.departures import Crowd, Departure, departures
from dispatch.compose.starting import in_order_of_start, is_by_place, is_due, line_of
from dispatch.context import Context
from dispatch.errors import DispatchError, StoreError
from dispatch.message.compile import compile_edition
from dispatch.model.issue import WAITING, Cohort, CompiledEdition, Edition, Issue, IssueState, Need
from dispatch.model.post import Problem
from dispatch.publish.archiving import owe_pages, write_pages
from dispatch.publish.composition import Composition, awaits_approval, compose_issue
from dispatch.publish.hours import has_own_hours
from dispatch.store import enrol, highwater, issues, ledger, lists
from dispatch.store.connect import Tx
from dispatch.store.needs import move_marks, settle_tags
from dispatch.store.schema import WAITS
from dispatch.store.served import Spans

Row = dict[str, Any]
Numbered = Mapping[tuple[int, Spans], int]
CHUNK_SIZE = 1000
TRIES = 5  # how often an audience may change between rendering and freezing before the next pass takes over
SOMEWHERE = ("", "")  # the one place of an issue that leaves everywhere at once


@dataclass(frozen=True, slots=True)
class Started:
    """What has begun."""

    numbers: tuple[int, ...]
    stuck: tuple[Problem, ...] = ()  # issues that should have begun, and why they could not


async def freeze(context: Context, now: datetime) -> Started:
    """Start every issue that is due, or that somebody sent. One that cannot be rendered keeps no other list waiting.

    Issues of one list and cadence start in order, so that a watermark never jumps over one that still waits.
    """
    async with context.store.read() as tx:
        held = await issues.in_states(tx, WAITING)
        open_lists = await _open_lists(tx, context)
    started, stuck, blocked = [], [], set()
    for issue in in_order_of_start(held):
        line = line_of(issue)
        if line in blocked or issue.list_slug not in open_lists or not is_due(issue, now):
            blocked.add(line)
            continue
        begun = await _try_to_start(context, replace(issue, frozen=now))
        if begun is True:
            started.append(issue.number)
        elif begun is not False:
            blocked.add(line)
            stuck += [begun] if begun else []
    return Started(tuple(started), tuple(stuck))


async def _open_lists(tx: Tx, context: Context) -> set[str]:
    return {slug for slug, row in (await lists.every(tx)).items() if not row.paused} & context.lists.keys()


async def _try_to_start(context: Context, issue: Issue) -> bool | Problem | None:
    """As `_start`, or what kept the issue from it."""
    try:
        return await _start(context, issue)
    except StoreError:
        raise
    except Exception as error:  # a template, an intro or a sender: whatever it is, other issues go
        said = str(error) if isinstance(error, DispatchError) else f"{type(error).__name__}: {error}"
        return Problem(f"issue {issue.number}", f"cannot begin: {said}")


async def _start(context: Context, issue: Issue) -> bool | None:
    """Render, then freeze if nothing has changed meanwhile; else render again.

    False: it ended without a reader. None: it waits on.
    """
    for _ in range(TRIES):
        async with context.store.read() as tx:
            composition, _ = await asyncio.gather(compose_issue(tx, context, issue), asyncio.to_thread(load_renderer))
        if awaits_approval(context, issue, composition.pinned):
            return None
        compiled = [await asyncio.to_thread(compile_cohort, context, issue, one) for one in composition.cohorts]
        async with context.store.write() as tx:
            if not await _still_goes(tx, context, issue):
                return None
            await settle_tags(tx, context.lists[issue.list_slug].id)
            if await compose_issue(tx, context, issue) != composition:
                continue
            started = await _freeze(tx, context, issue, composition, compiled)
            reached = await highwater.rise(tx)
        highwater.mark(context.workplace, reached)
        if started:
            await write_pages(context, issue.number)
        return started
    return None


async def _still_goes(tx: Tx, context: Context, issue: Issue) -> bool:
    """Whether nobody has shaped or timed the issue, or paused its list, while it was rendered."""
    as_it_is = await issues.get(tx, issue.number)
    return as_it_is == replace(issue, frozen=None) and issue.list_slug in await _open_lists(tx, context)


def load_renderer() -> None:
    """Load what rendering needs: for a thread, while the store is asked who gets what."""
    import dispatch.render.edition  # noqa: F401


def compile_cohort(context: Context, issue: Issue, cohort: Cohort) -> CompiledEdition:
    """One cohort's edition, rendered and compiled; `issue.frozen` dates it."""
    return compile_edition(render_cohort(context, issue, cohort))


def render_cohort(context: Context, issue: Issue, cohort: Cohort) -> Edition:
    """One cohort's edition; `issue.frozen` dates it."""
    from dispatch.render.edition import render_edition  # a quarter of all start-up, and most commands send nothing

    return render_edition(issue, cohort, context.lists[issue.list_slug], context.publication, context.theme)


async def _freeze(
    tx: Tx, context: Context, issue: Issue, composition: Composition, compiled: Sequence[CompiledEdition]
) -> bool | None:
    """Write the audience down, if the issue still waits; one that has nobody ends at once, its posts served."""
    target, values = (IssueState.SENDING, {"frozen": issue.frozen}) if composition.cohorts else _empty(issue)
    if not await issues.move(tx, issue.number, WAITING, target, values):
        return None
    numbered = _numbers(composition)
    await issues.keep_editions(tx, compiled)
    await _write_needs(tx, issue, composition, compiled, numbered)
    if composition.cohorts:
        await owe_pages(tx, context.lists[issue.list_slug], issue, composition.cohorts)
        await _write_audience(tx, context, issue, composition, compiled, numbered)
    if not composition.audience.by_hand:
        await move_marks(tx, composition.audience, issue.last_arrival, issue.number, numbered)
    return bool(composition.cohorts)


def _empty(issue: Issue) -> tuple[IssueState, Row]:
    note = "its posts were withdrawn, or nobody is left to get them"
    return IssueState.CANCELLED, {"note": note, "frozen": issue.frozen, "ended": issue.frozen}


async def _write_needs(
    tx: Tx, issue: Issue, composition: Composition, compiled: Sequence[CompiledEdition], numbered: Numbered
) -> None:
    """Keep which need gets which posts, and which wait."""
    pairs = list(zip(composition.cohorts, compiled, strict=True))
    cohort_rows = [_cohort_row(issue, number, cohort, edition) for number, (cohort, edition) in enumerate(pairs)]
    members = [(number, need) for number, cohort in enumerate(composition.cohorts) for need in cohort.needs]
    members += [(WAITS, need) for need in composition.waiting]
    await issues.add_cohorts(tx, cohort_rows, [_need_row(issue, number, need, numbered) for number, need in members])


async def _write_audience(
    tx: Tx,
    context: Context,
    issue: Issue,
    composition: Composition,
    compiled: Sequence[CompiledEdition],
    numbered: Numbered,
) -> None:
    """One delivery a recipient, in chunks of those who leave together."""
    one = context.lists[issue.list_slug]
    by_place = is_by_place(issue, one)
    leaving = departures(
        await _crowds(tx, issue, composition, numbered, by_place=by_place),
        issue.slot if by_place else "",
        one.timezone,
        issue.frozen or issue.due,
        own_hours=has_own_hours(context, issue),
    )
    departure_rows, chunk_rows = _rows(issue, leaving, compiled)
    await issues.add_departures(tx, departure_rows)
    written = await enrol.enrol(
        tx, issue.number, composition.audience, issue.last_arrival, CHUNK_SIZE, numbered, by_place=by_place
    )
    if written != composition.reached:  # whatever the reason, nobody is lost by it
        raise StoreError(
            f"Issue {issue.number} should go to {composition.reached} people and would to {written}: nothing was sent."
        )
    await ledger.add_chunks(tx, chunk_rows)


async def _crowds(
    tx: Tx, issue: Issue, composition: Composition, numbered: Numbered, *, by_place: bool
) -> Sequence[Crowd]:
    if by_place:
        return await enrol.crowds(tx, issue.number, composition.audience, numbered)
    return [(number, SOMEWHERE, composition.people(cohort)) for number, cohort in enumerate(composition.cohorts)]


def _rows(
    issue: Issue, leaving: Sequence[Departure], compiled: Sequence[CompiledEdition]
) -> tuple[list[Row], list[Row]]:
    """The rows of departures and of chunks: as many chunks as the people of each need."""
    departure_rows: list[Row] = []
    chunk_rows: list[Row] = []
    for one in leaving:
        first = len(chunk_rows)
        keys = {"issue": issue.number, "cohort": one.cohort, "first_chunk": first}
        departure_rows += [{**keys, "timezone": zone, "hour": hour} for zone, hour in one.places]
        values = {"issue": issue.number, "edition": compiled[one.cohort].digest, "not_before": one.not_before}
        chunk_rows += [{**values, "number": first + at} for at in range(-(-one.people // CHUNK_SIZE))]
    return departure_rows, chunk_rows


def _cohort_row(issue: Issue, number: int, cohort: Cohort, edition: CompiledEdition) -> Row:
    return {
        "issue": issue.number,
        "number": number,
        "language": cohort.language,
        "posts": [post.id for post in cohort.posts],
        "edition": edition.digest,
        "more": cohort.more,
    }


def _need_row(issue: Issue, cohort: int, need: Need, numbered: Numbered) -> Row:
    mark = numbered.get((need.mark, need.served), need.mark)
    return {"issue": issue.number, "tags": need.tags, "language": need.language, "mark": mark, "cohort": cohort}


def _numbers(composition: Composition) -> dict[tuple[int, Spans], int]:
    """Numbers below zero, which no mark is, for needs that had part of what follows their mark from other issues."""
    needs = [need for cohort in composition.cohorts for need in cohort.needs]
    pairs = {(need.mark, need.served) for need in (*needs, *composition.waiting) if need.served}
    return {pair: -number for number, pair in enumerate(sorted(pairs), 1)}
