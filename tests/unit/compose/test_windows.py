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


@given(st.dictionaries(st.integers(1, 1000), st.sampled_from((None, "a", "b", "c")), max_size=12))
def test_every_post_is_in_exactly_one_window(make_post: Callable[..., Post], posts: dict[int, str | None]) -> None:
    """However many posts there are, each goes out once, with all that tell its story, and in few issues."""
    windows = immediate_windows([make_post(number, translation=key) for number, key in sorted(posts.items())])
    places = {arrival: [window for window in windows if window[0] <= arrival <= window[1]] for arrival in posts}
    assert all(len(found) == 1 for found in places.values())
    for story in {key for key in posts.values() if key}:
        assert len({places[arrival][0] for arrival, key in posts.items() if key == story}) == 1
    assert len(windows) <= 3


def test_translations_that_arrive_together_go_out_together(make_post: Callable[..., Post]) -> None:
    """One story in two languages is one issue, so that nobody gets it twice."""
    story = [make_post(4, translation="a", language="en"), make_post(6, translation="a", language="de")]
    assert immediate_windows(story) == [(4, 6)]


def test_copies_that_arrive_together_go_out_together(make_post: Callable[..., Post]) -> None:
    """One story from two sources is one issue, and what arrived between goes with it."""
    posts = [make_post(4), make_post(5), make_post(6, source="feed", canonical=make_post(4).url), make_post(7)]
    assert immediate_windows(posts) == [(4, 6), (7, 7)]


def test_a_flood_is_counted_in_stories(make_post: Callable[..., Post]) -> None:
    """Three stories in two languages each are not more than three."""
    posts = [
        make_post(number, translation=str(number // 2), language="de" if number % 2 else "en") for number in range(2, 8)
    ]
    assert immediate_windows(posts) == [(2, 3), (4, 5), (6, 7)]


def test_a_story_within_a_story_makes_its_window_no_shorter(make_post: Callable[..., Post]) -> None:
    """Where one story's versions surround another's, all go out together."""
    keys = ((4, "a", "en"), (5, "b", "en"), (6, "b", "de"), (7, "a", "de"))
    posts = [make_post(number, translation=key, language=language) for number, key, language in keys]
    assert immediate_windows(posts) == [(4, 7)]
