"""Which posts a list may mail at all."""

from zoneinfo import ZoneInfo

from dispatch.model.issue import MailingList
from dispatch.model.post import Post, PostState


def passes(post: Post, target: MailingList) -> bool:
    """Whether the list may mail this post: visible, of its sources and tags, and new to it."""
    return post.state is PostState.LIVE and passed(post, target)


def passed(post: Post, target: MailingList) -> bool:
    """Whether the list might have mailed this post, though it may be withdrawn by now."""
    if post.arrival is None:
        return False
    if target.sources and post.source not in target.sources:
        return False
    return matches(post, folded(target.tags)) and (_is_new(post, target) or _is_since(post, target))


def folded(tags: tuple[str, ...]) -> frozenset[str]:
    """Tags as they are compared: letters' case does not count."""
    return frozenset(tag.casefold() for tag in tags)


def matches(post: Post, tags: frozenset[str]) -> bool:
    """Whether a post carries one of these folded tags; no tags match everything."""
    return not tags or any(tag.casefold() in tags for tag in post.tags)


def _is_new(post: Post, target: MailingList) -> bool:
    return not post.archive and (post.arrival or 0) > target.born


def _is_since(post: Post, target: MailingList) -> bool:
    return target.since is not None and post.published.astimezone(ZoneInfo(target.zone)).date() >= target.since
