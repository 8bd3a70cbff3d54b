"""The posts of a publication while a plan is made: those that have arrived, and those that appear on their date."""

from bisect import bisect_right, insort
from collections.abc import Collection, Hashable, Sequence
from dataclasses import replace
from datetime import datetime

from dispatch.compose.outlook import Outlook
from dispatch.model.post import Post, PostState


class Shelf:
    """Live posts in order of arrival; grows as dates come."""

    def __init__(self, outlook: Outlook) -> None:
        """Take over what is there."""
        self.head = outlook.head
        self._heads = sorted(outlook.heads)
        self._live = sorted((post for post in outlook.posts if _is_live(post)), key=_arrival)
        ahead = [post for post in outlook.posts if post.state is PostState.SCHEDULED]
        self._ahead = sorted(ahead, key=lambda post: (post.published, post.id))

    def appear(self, now: datetime) -> None:
        """Let posts appear whose date has come: they take the next arrivals, in the order of their dates.

        They arrive at their dates, which may lie long before `now`, where nobody was there to see it.
        """
        while self._ahead and self._ahead[0].published <= now:
            self.head += 1
            post = replace(self._ahead.pop(0), state=PostState.LIVE, arrival=self.head, changed=now)
            insort(self._live, post, key=_arrival)
            self._heads.append((post.published, self.head))

    def next_date(self) -> datetime | None:
        """When the next post appears."""
        return self._ahead[0].published if self._ahead else None

    def head_at(self, instant: datetime) -> int:
        """The last arrival that was given at or before an instant."""
        return max((arrival for at, arrival in self._heads if at <= instant), default=0)

    def arrived(self, after: int, upto: int) -> list[Post]:
        """Live posts whose arrival lies in (after, upto], in order of arrival."""
        first, last = (bisect_right(self._live, arrival, key=_arrival) for arrival in (after, upto))
        return self._live[first:last]

    def many(self, ids: Collection[int]) -> list[Post]:
        """Live posts by id, in order of arrival."""
        return [post for post in self._live if post.id in ids]

    def same_stories(self, window: Sequence[Post]) -> list[Post]:
        """Live posts outside of a window that may tell a story of one in it, in order of arrival."""
        inside = {post.id for post in window}
        keys = {key for post in window for key in _story_keys(post)}
        return [post for post in self._live if post.id not in inside and not keys.isdisjoint(_story_keys(post))]


def _is_live(post: Post) -> bool:
    return post.state is PostState.LIVE and post.arrival is not None


def _arrival(post: Post) -> int:
    return post.arrival or 0


def _story_keys(post: Post) -> set[Hashable]:
    """An address, a guid, a source and key of translations."""
    found = {("address", post.canonical), ("guid", post.guid), (post.source, post.translation or "")}
    return {key for key in found if key[1]}
