"""When a chunk is tried again, and when its time is up."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dispatch.deliver.retry import FIRST_WAIT, LONGEST_WAIT, RETRY_FOR, Again, GiveUp, after_try

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


def wait(attempt: int, asked: timedelta | None = None) -> timedelta:
    """How long the wait after a try is, while there is time."""
    decision = after_try(attempt, START, START, asked)
    assert isinstance(decision, Again)
    return decision.not_before - START


def test_waits_grow_up_to_a_cap() -> None:
    """Each wait doubles the one before, until the longest."""
    waits = [wait(attempt) for attempt in range(1, 12)]
    assert waits[0] == FIRST_WAIT
    assert all(later == min(earlier * 2, LONGEST_WAIT) for earlier, later in pairwise(waits))
    assert waits[-1] == LONGEST_WAIT


@given(st.integers(1, 10**9))
def test_no_number_of_tries_waits_longer_than_the_cap(attempt: int) -> None:
    """However often it was tried, the wait stays between first and longest."""
    assert FIRST_WAIT <= wait(attempt) <= LONGEST_WAIT


def test_the_provider_may_ask_for_more() -> None:
    """What the provider wants is a least, never a most."""
    assert wait(1, timedelta(hours=2)) == timedelta(hours=2)
    assert wait(9, timedelta(seconds=1)) == LONGEST_WAIT


@given(attempt=st.integers(1, 200), minutes=st.integers(0, 3000), asked=st.integers(0, 3000))
def test_nothing_is_tried_after_a_day(attempt: int, minutes: int, asked: int) -> None:
    """A next try lies within 24 hours of the first, or there is none."""
    decision = after_try(attempt, START, START + timedelta(minutes=minutes), timedelta(minutes=asked))
    if isinstance(decision, Again):
        assert START + timedelta(minutes=minutes) < decision.not_before <= START + RETRY_FOR
    else:
        assert START + timedelta(minutes=minutes) + max(LONGEST_WAIT, timedelta(minutes=asked)) > START + RETRY_FOR


def test_after_a_day_it_is_given_up() -> None:
    """The time ends, whatever the number of tries."""
    assert after_try(1, START, START + RETRY_FOR) == GiveUp()
