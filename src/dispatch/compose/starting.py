"""Which issues start, in which order, and what they may hold."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from dispatch.compose.pin import pin
from dispatch.model.issue import Issue, IssueState, MailingList, Shape, Words
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


def is_by_place(issue: Issue, one: MailingList) -> bool:
    """Whether the issue leaves at its wall-clock time in each time zone."""
    return bool(issue.slot) and (one.local_time or issue.cadence is Cadence.BY_HAND)


def is_approved(issue: Issue, content: Sequence[Post]) -> bool:
    """Whether somebody has approved what the issue is now; where it says nothing of its own, there is nothing to."""
    said = any(words != Words() for words in issue.words.values())
    return not (content or said) or pin(issue.words, content) == issue.approved


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
