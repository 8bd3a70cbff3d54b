"""What an issue comes to at one moment: which posts it brings, and who gets which of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.compose.cohorts import cohorts, in_order, largest_first
from dispatch.compose.gate import passed, passes
from dispatch.compose.starting import is_approved, pinned, shape_for
from dispatch.context import Context
from dispatch.model.issue import Cohort, Issue, IssueState, MailingList, Need, Shape
from dispatch.model.post import Post, PostState
from dispatch.model.subscriber import Cadence
from dispatch.store import drafts, facts, issues, posts
from dispatch.store.audience import Audience
from dispatch.store.connect import Tx
from dispatch.store.needs import needs_of


@dataclass(frozen=True, slots=True)
class Composition:
    """Who gets what in an issue, at one moment; equal compositions freeze alike."""

    audience: Audience
    needs: tuple[tuple[Need, int], ...]
    cohorts: tuple[Cohort, ...]
    waiting: tuple[Need, ...]  # too few posts yet
    content: tuple[Post, ...]  # the issue's own posts, in the editor's order
    pinned: tuple[Post, ...]  # what an approval covers

    def people(self, cohort: Cohort) -> int:
        """How many are in a cohort."""
        sizes = dict(self.needs)
        return sum(sizes[need] for need in cohort.needs)

    @property
    def reached(self) -> int:
        """How many get the issue."""
        return sum(self.people(cohort) for cohort in self.cohorts)


async def compose_issue(tx: Tx, context: Context, issue: Issue) -> Composition:
    """Who would get what if the issue started at `issue.frozen` or, where that is open, now.

    The window reaches back to the oldest mark, for somebody may have come from a slower cadence, or be owed the posts
    of a cancelled issue; each need takes only what lies after its own.
    """
    one, now = context.lists[issue.list_slug], issue.frozen or context.clock()
    audience = audience_of(one, issue, now)
    last = await window_end(tx, context, issue, now)
    needs = await needs_of(tx, audience, last)
    shape = await shape_of(tx, context, issue)
    window = await _window(tx, one, issue, needs, last)
    stopped = await _stopped(tx, one, issue)
    told = await posts.same_stories(tx, window)
    earlier = [post for post in told if passed(post, one) and not _is_in(stopped, post)]
    groups = cohorts(needs, window, shape, earlier)
    own = [post for post in window if shape.by_hand or (post.arrival or 0) >= issue.first_arrival]
    wants_approval = context.config.lists[one.slug].approval
    mailed = await issues.mailed(tx, one.id) if wants_approval and groups.cohorts else {}
    return Composition(
        audience,
        tuple(needs.items()),
        largest_first(groups.cohorts, needs),
        groups.waiting,
        content=in_order(own, shape),
        pinned=pinned(own, groups.cohorts, mailed, shape),
    )


def audience_of(one: MailingList, issue: Issue, now: datetime) -> Audience:
    """Whom an issue is for."""
    corrects = (issue.corrects, issue.corrects_revision) if issue.corrects is not None else None
    return Audience(one.id, issue.cadence, now, corrects)


async def shape_of(tx: Tx, context: Context, issue: Issue) -> Shape:
    """What the list and its editor allow an issue to hold."""
    one = context.lists[issue.list_slug]
    left_out = await drafts.left_out(tx, one.id, issue.cadence)
    return shape_for(issue, one, context.publication.language, left_out)


async def window_end(tx: Tx, context: Context, issue: Issue, now: datetime) -> int:
    """The last arrival that an issue may bring: a digest that is still a draft is open until its list's cutoff."""
    if issue.state is not IssueState.DRAFT or issue.cadence is Cadence.BY_HAND:
        return issue.last_arrival
    return await closing_head(tx, context, issue.list_slug, issue.due, now)


async def closing_head(tx: Tx, context: Context, list_slug: str, slot: datetime, now: datetime) -> int:
    """The last arrival that belongs to the digest of a slot, as far as that is known now."""
    cutoff = context.config.lists[list_slug].cutoff
    if cutoff and slot - cutoff <= now:
        return await posts.head_at(tx, slot - cutoff)
    return await facts.arrival_head(tx)


async def _window(
    tx: Tx, one: MailingList, issue: Issue, needs: Sequence[Need] | dict[Need, int], last: int
) -> list[Post]:
    if issue.cadence is Cadence.BY_HAND:
        found = (await posts.many(tx, issue.picked)).values()
        return [post for post in found if post.state is PostState.LIVE]
    after = min((need.mark for need in needs), default=last)
    stopped = await _stopped(tx, one, issue)
    arrived = await posts.arrived(tx, min(after, issue.first_arrival - 1), last)
    return [post for post in arrived if passes(post, one) and not _is_in(stopped, post)]


async def _stopped(tx: Tx, one: MailingList, issue: Issue) -> list[tuple[int, int]]:
    """The windows that no issue of this kind brings any more."""
    return await issues.stopped_windows(tx, one.id, issue.cadence) if issue.cadence is Cadence.IMMEDIATE else []


def _is_in(windows: Sequence[tuple[int, int]], post: Post) -> bool:
    """Whether an immediate issue with this post was cancelled before it began: then no later one brings it."""
    return any(first <= (post.arrival or 0) <= last for first, last in windows)


def awaits_approval(context: Context, issue: Issue, content: Sequence[Post]) -> bool:
    """Whether the list wants a second person's word for what the issue is now."""
    return context.config.lists[issue.list_slug].approval and not is_approved(issue, content)
