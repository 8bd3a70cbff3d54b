"""Reads how everything stands, as far as the plan needs it. Needs are read once for each list and cadence."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from dispatch.compose.cadence import parse_rule
from dispatch.compose.outlook import Group, Outlook, Rhythm, Standing
from dispatch.context import Context
from dispatch.model.issue import UNBEGUN, Issue, MailingList
from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence
from dispatch.store import drafts, facts, issues, lists, outlook, posts, schedules, subscribers
from dispatch.store.audience import Audience
from dispatch.store.connect import Tx

PACES = tuple(cadence for cadence in Cadence if cadence is not Cadence.BY_HAND)


async def read_outlook(context: Context, until: datetime) -> Outlook:
    """How the publication stands, with all that happens by itself up to `until`."""
    async with context.store.read() as tx:
        open_issues = await issues.in_states(tx, UNBEGUN)
        standings = tuple([await _standing(tx, context, one, open_issues, until) for one in context.lists.values()])
        head = await facts.arrival_head(tx)
        return Outlook(
            language=context.publication.language,
            lists=standings,
            posts=tuple(await _posts(tx, standings, head, until)),
            head=head,
            heads=tuple(await outlook.heads(tx)) if any(one.cutoff for one in standings) else (),
        )


async def _standing(
    tx: Tx, context: Context, one: MailingList, open_issues: Iterable[Issue], until: datetime
) -> Standing:
    row, table = (await lists.every(tx))[one.slug], context.config.lists[one.slug]
    own = tuple(issue for issue in open_issues if issue.list_slug == one.slug)
    return Standing(
        one=one,
        composed_to=row.composed_to,
        groups=await _groups(tx, one, own, until),
        rhythms=tuple(
            [await _rhythm(tx, one, row, until) for row in await schedules.every(tx) if row.list_id == one.id]
        ),
        issues=own,
        first={cadence: await drafts.first_arrival(tx, one.id, cadence) for cadence in PACES},
        left_out={cadence: await drafts.left_out(tx, one.id, cadence) for cadence in PACES},
        stopped=tuple(await issues.stopped_windows(tx, one.id, Cadence.IMMEDIATE)),
        approval=table.approval,
        mailed=await issues.mailed(tx, one.id) if table.approval else {},
        cutoff=table.cutoff,
        late=table.late,
        if_late=table.if_late,
        paused=row.paused,
    )


async def _groups(tx: Tx, one: MailingList, own: Sequence[Issue], until: datetime) -> dict[Group, int]:
    """Places count where issues leave at each reader's own hour, corrections where one waits."""
    by_hand = [issue for issue in own if issue.cadence is Cadence.BY_HAND]
    by_place = one.local_time or any(issue.slot for issue in by_hand)
    corrections = [
        (issue.number, issue.corrects, issue.corrects_revision) for issue in by_hand if issue.corrects is not None
    ]
    found = {}
    for cadence in Cadence:  # whoever has none but the editor's hand, too
        for row in await outlook.groups(tx, Audience(one.id, cadence, until), corrections, by_place=by_place):
            found[Group(cadence, row.need, row.place, row.corrections, row.away_until)] = row.people
    return found


async def _rhythm(tx: Tx, one: MailingList, row: schedules.ScheduleRow, until: datetime) -> Rhythm:
    return Rhythm(
        cadence=row.cadence,
        rule=parse_rule(row.cadence, row.rule),
        slot=row.slot,
        due=row.due,
        people=await subscribers.active(tx, one.id, row.cadence),
        places=tuple(await outlook.places(tx, Audience(one.id, row.cadence, until))) if one.local_time else (),
        fired=await outlook.fired(tx, one.id, row.cadence, row.slot),
    )


async def _posts(tx: Tx, standings: Iterable[Standing], head: int, until: datetime) -> list[Post]:
    """What some list may yet bring, and what tells a story of it."""
    starts, picked = [head], set[int]()
    for one in standings:
        starts += [one.composed_to, *(group.need.mark for group in one.groups)]
        for issue in one.issues:
            if issue.cadence is Cadence.BY_HAND:
                picked.update(issue.picked)
            else:
                starts.append(issue.first_arrival - 1)
    found = {post.id: post for post in await posts.arrived(tx, min(starts), head)}
    found |= await posts.many(tx, [*picked, *await posts.becoming_due(tx, until)])
    return [*found.values(), *await posts.same_stories(tx, list(found.values()))]
