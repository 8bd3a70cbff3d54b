"""How new posts become immediate issues: one each, but never a flood."""

from collections.abc import Sequence
from itertools import groupby

from dispatch.model.post import Post

FLOOD = 3  # more new stories than this at once go out together


def immediate_windows(posts: Sequence[Post]) -> list[tuple[int, int]]:
    """The windows of arrivals, first and last, that each make one issue; `posts` in order of arrival.

    Translations that arrive together are one story, so that each reader gets it in one language.
    """
    stories = [[post.arrival or 0 for post in group] for _, group in groupby(posts, key=_story)]
    if len(stories) > FLOOD:
        return [(stories[0][0], stories[-1][-1])]
    return [(story[0], story[-1]) for story in stories]


def _story(post: Post) -> tuple[str, str]:
    return (post.source, post.translation or f"post {post.id}")
