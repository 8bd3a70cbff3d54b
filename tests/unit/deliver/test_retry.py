"""When a chunk is tried again, and when its time is up."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dispatch.deliver.retry import FIRST_WAIT, LONGEST_WAIT, RETRY_FOR, Again, GiveUp, after_try

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


def wait(failing_for: timedelta, asked: timedelta | None = None) -> timedelta:
    """How long the wait is after a try, for what has been failing so long, while there is time."""
    decision = after_try(START - failing_for, START, asked)
    assert isinstance(decision, Again)
    return decision.not_before - START


def test_waits_grow_up_to_a_cap() -> None:
    """Where each try fails at once, each wait doubles the time that went before, until the longest."""
    waits, gone = [], timedelta(0)
    for _ in range(9):
        waits.append(wait(gone))
        gone += waits[-1]
    assert waits[:3] == [FIRST_WAIT, FIRST_WAIT, FIRST_WAIT * 2]
    assert all(earlier <= later for earlier, later in pairwise(waits))
    assert waits[-1] == LONGEST_WAIT


@given(st.integers(0, 23 * 3600))
def test_no_failure_waits_longer_than_the_cap(seconds: int) -> None:
    """However long it has failed, the wait stays between first and longest."""
    assert FIRST_WAIT <= wait(timedelta(seconds=seconds)) <= LONGEST_WAIT


def test_the_provider_may_ask_for_more() -> None:
    """What the provider wants is a least, never a most."""
    assert wait(timedelta(0), timedelta(hours=2)) == timedelta(hours=2)
    assert wait(timedelta(hours=1), timedelta(seconds=1)) == LONGEST_WAIT


@given(minutes=st.integers(0, 3000), asked=st.integers(0, 3000))
def test_nothing_is_tried_after_a_day(minutes: int, asked: int) -> None:
    """A next try lies within 24 hours of the first failure, or there is none."""
    decision = after_try(START, START + timedelta(minutes=minutes), timedelta(minutes=asked))
    if isinstance(decision, Again):
        assert START + timedelta(minutes=minutes) < decision.not_before <= START + RETRY_FOR
    else:
        assert START + timedelta(minutes=minutes) + max(LONGEST_WAIT, timedelta(minutes=asked)) > START + RETRY_FOR


def test_after_a_day_it_is_given_up() -> None:
    """The time ends."""
    assert after_try(START, START + RETRY_FOR) == GiveUp()
