"""How new posts become immediate issues: one each, but never a flood."""

from collections.abc import Sequence

from dispatch.model.post import Post

FLOOD = 3  # more new posts than this at once go out together


def immediate_windows(posts: Sequence[Post]) -> list[tuple[int, int]]:
    """The windows of arrivals, first and last, that each make one issue; `posts` in order of arrival."""
    arrivals = [post.arrival for post in posts if post.arrival is not None]
    if len(arrivals) > FLOOD:
        return [(arrivals[0], arrivals[-1])]
    return [(arrival, arrival) for arrival in arrivals]
