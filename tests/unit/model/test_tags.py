"""A tag counts from the moment it was chosen."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.model.tags import changed, last_start, names, settled, wants

TAGS = ("sea", "Land", "sky")
choices = st.lists(st.sampled_from(TAGS), unique=True, max_size=2).map(lambda tags: tuple(sorted(tags)))
diaries = st.lists(st.tuples(choices, st.integers(0, 3)), min_size=1, max_size=6)


def since(history: list[tuple[tuple[str, ...], int]], tag: str) -> int | None:
    """From which arrival on posts with this tag alone have been wanted without a break; None: they are not."""
    start: int | None = None
    for chosen, head in history:
        wanted = not chosen or tag in chosen
        start = (head if start is None else start) if wanted else None
    return start


@given(first=choices, diary=diaries)
def test_a_post_is_wanted_if_its_tag_has_been_since_before_it_came(
    first: tuple[str, ...], diary: list[tuple[tuple[str, ...], int]]
) -> None:
    """Whatever is added and dropped: what somebody had goes on, what they add starts then."""
    words, head, history = first, 0, [(first, 0)]
    for chosen, passed in diary:
        head += passed
        words = changed(words, chosen, head)
        history.append((chosen, head))
    assert names(words) == history[-1][0]
    for tag in TAGS:
        start = since(history, tag)
        for arrival in range(1, head + 3):
            assert wants(words, (tag.upper(), "other"), arrival) == (start is not None and arrival > start)


@given(first=choices, second=choices, head=st.integers(1, 9), beyond=st.integers(0, 3))
def test_once_served_a_beginning_is_forgotten(
    first: tuple[str, ...], second: tuple[str, ...], head: int, beyond: int
) -> None:
    """It makes no difference to what comes after the mark, and equal wishes become equal words."""
    words = changed(first, second, head)
    mark = last_start(words) + beyond
    plain = settled(words, mark)
    assert plain == second
    for tag in TAGS:
        assert wants(words, (tag,), mark + 1) == wants(plain, (tag,), mark + 1)


def test_everything_added_later_starts_later() -> None:
    """Who drops their last tag gets the old one's posts as before, and all others from then on."""
    words = changed(("sea",), (), 5)
    assert wants(words, ("sea",), 4)
    assert not wants(words, ("land",), 5)
    assert wants(words, ("land",), 6)
    assert names(words) == ()
