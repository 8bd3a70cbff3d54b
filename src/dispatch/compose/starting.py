"""Which issues start, in which order, and what they may hold."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from dispatch.compose.cohorts import in_order
from dispatch.compose.late import Verdict, verdict
from dispatch.compose.pin import pin
from dispatch.model.issue import Cohort, Issue, IssueState, MailingList, Shape, Words
from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence

Line = tuple[object, ...]


def in_order_of_start(issues: Iterable[Issue]) -> list[Issue]:
    """Issues by their windows, so that no watermark ever jumps over one that still waits."""
    return sorted(issues, key=lambda one: (one.first_arrival, one.number))


def line_of(issue: Issue) -> Line:
    """What starts in order: issues of a list and cadence; one made by hand waits for no other."""
    by_hand = issue.cadence is Cadence.BY_HAND
    return (issue.list_slug, issue.cadence, issue.number if by_hand else None)


def is_due(issue: Issue, now: datetime) -> bool:
    """Whether its time has come and no editor is asked whether it still goes."""
    return not issue.late and (issue.state is IssueState.COMPOSED or issue.due <= now)


def has_overslept(issue: Issue, now: datetime, late: timedelta, if_late: str) -> bool:
    """Whether the time that an editor gave is so long past that somebody has to say whether the issue still goes."""
    timed = issue.fixed and issue.state is IssueState.HELD and not issue.late
    return timed and verdict(now - issue.due, late, if_late) is not Verdict.GO


def is_by_place(issue: Issue, one: MailingList) -> bool:
    """Whether the issue leaves at its wall-clock time in each time zone."""
    return bool(issue.slot) and (one.local_time or issue.cadence is Cadence.BY_HAND)


def is_approved(issue: Issue, content: Sequence[Post]) -> bool:
    """Whether somebody has approved what the issue is now; where it says nothing of its own, there is nothing to."""
    said = any(words != Words() for words in issue.words.values())
    return not (content or said) or pin(issue.words, content) == issue.approved


def pinned(
    own: Collection[Post], cohorts: Iterable[Cohort], mailed: Mapping[int, datetime], shape: Shape
) -> tuple[Post, ...]:
    """The posts that an approval covers: the issue's own, and what older marks bring that was not approved before.

    `mailed` says when a post was last in an issue of the list that began: what has not changed since was approved then.
    """
    known = {post.id for post in own}
    brought = {post.id: post for cohort in cohorts for post in cohort.posts if post.id not in known}
    fresh = [post for post in brought.values() if post.id not in mailed or post.changed >= mailed[post.id]]
    return in_order([*own, *fresh], shape)


def shape_for(issue: Issue, one: MailingList, language: str, left_out: Collection[int]) -> Shape:
    """What the list and its editor allow an issue to hold.

    `language` is the publication's; `left_out` are the posts that editors left out of earlier issues of its cadence.
    """
    by_hand, slotted = issue.cadence is Cadence.BY_HAND, issue.cadence not in (Cadence.BY_HAND, Cadence.IMMEDIATE)
    return Shape(
        language=language,
        fallback=one.fallback,
        min_posts=one.min_posts if slotted else 1,
        max_posts=None if by_hand else one.max_posts,
        picked=issue.picked,
        left_out=frozenset(issue.left_out) | (frozenset() if by_hand else frozenset(left_out)),
        by_hand=by_hand,
        words=issue.words,
    )
