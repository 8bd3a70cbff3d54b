"""How new posts become immediate issues: one each, but never a flood."""

from collections.abc import Sequence

from dispatch.compose.stories import story_numbers
from dispatch.model.post import Post

FLOOD = 3  # more new stories than this at once go out together
Window = tuple[int, int]


def immediate_windows(posts: Sequence[Post]) -> list[Window]:
    """The windows of arrivals, first and last, that each make one issue; `posts` in order of arrival.

    Copies and translations that arrive together are one issue, with whatever arrived between them, so that each reader
    gets the story once, in the best language.
    """
    stories: dict[int, list[int]] = {}
    for number, post in zip(story_numbers(posts), posts, strict=True):
        stories.setdefault(number, []).append(post.arrival or 0)
    windows = _merged([(arrivals[0], arrivals[-1]) for arrivals in stories.values()])
    if len(stories) > FLOOD:
        return [(windows[0][0], windows[-1][1])]
    return windows


def _merged(windows: Sequence[Window]) -> list[Window]:
    """Windows, in order of their beginnings, with those that overlap made one."""
    merged: list[Window] = []
    for first, last in windows:
        if merged and first <= merged[-1][1]:
            first, last = merged[-1][0], max(last, merged.pop()[1])
        merged.append((first, last))
    return merged
