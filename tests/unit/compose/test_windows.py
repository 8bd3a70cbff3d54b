"""New posts become immediate issues, but never a flood."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose.windows import immediate_windows
from dispatch.model.post import Post


def test_up_to_three_posts_are_an_issue_each(make_post: Callable[..., Post]) -> None:
    """Few new posts go out one by one, in order of arrival."""
    assert immediate_windows([make_post(4), make_post(7), make_post(9)]) == [(4, 4), (7, 7), (9, 9)]


def test_more_than_three_posts_are_one_issue(make_post: Callable[..., Post]) -> None:
    """Many new posts at once go out together."""
    assert immediate_windows([make_post(number) for number in (4, 5, 7, 9)]) == [(4, 9)]


def test_nothing_new_makes_no_issue() -> None:
    """No post, no window."""
    assert immediate_windows([]) == []


@given(st.sets(st.integers(1, 1000), max_size=12))
def test_every_post_is_in_exactly_one_window(make_post: Callable[..., Post], arrivals: set[int]) -> None:
    """However many posts there are, each goes out once."""
    windows = immediate_windows([make_post(number) for number in sorted(arrivals)])
    assert all(sum(first <= arrival <= last for first, last in windows) == 1 for arrival in arrivals)
    assert len(windows) <= 3


def test_translations_that_arrive_together_go_out_together(make_post: Callable[..., Post]) -> None:
    """One story in two languages is one issue, so that nobody gets it twice."""
    story = [make_post(4, translation="a", language="en"), make_post(6, translation="a", language="de")]
    assert immediate_windows(story) == [(4, 6)]
