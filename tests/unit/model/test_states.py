"""The tables of states are whole, and later news means the same in whatever order it comes."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.model.delivery import FINAL_STATES, OPEN_STATES, SendState
from dispatch.model.states import (
    OUTCOME_MOVES,
    SEND_MOVES,
    SETTLES,
    Outcome,
    SendEvent,
    overtaken_by,
    sends_open_to,
)


def after(news: list[Outcome]) -> Outcome | None:
    """Where a delivery's outcome stands after this news, one by one."""
    stands: Outcome | None = None
    for one in news:
        stands = one if one in OUTCOME_MOVES[stands] else stands
    return stands


@given(news=st.lists(st.sampled_from(Outcome), min_size=1), data=st.data())
def test_neither_order_nor_repetition_of_news_matters(news: list[Outcome], data: st.DataObject) -> None:
    """Providers promise neither; the gravest word stands."""
    shuffled = data.draw(st.permutations([*news, *data.draw(st.lists(st.sampled_from(news)))]))
    assert after(shuffled) == after(news) == max(news, key=list(Outcome).index)


def test_the_same_news_twice_moves_nothing() -> None:
    """No outcome overtakes itself."""
    assert all(outcome not in overtaken_by(outcome) for outcome in Outcome)


def test_what_has_ended_moves_only_by_a_persons_word_or_later_news() -> None:
    """No receipt, cancel or departure changes a delivery that has ended."""
    allowed = {SendEvent.RESOLVE, SendEvent.RESEND}
    assert {event for state, event in SEND_MOVES if state in FINAL_STATES} == allowed
    assert {event for state, event in SEND_MOVES if state in OPEN_STATES}.isdisjoint(allowed)


def test_every_state_can_be_reached_and_every_open_one_can_end() -> None:
    """The table has no state of its own accord and no dead end."""
    assert {target for targets in SEND_MOVES.values() for target in targets} == set(SendState)
    for state in OPEN_STATES:
        reached = {target for (origin, _), targets in SEND_MOVES.items() if origin is state for target in targets}
        assert set(FINAL_STATES) <= reached


def test_news_settles_only_as_the_send_table_allows() -> None:
    """What an outcome makes of an unknown delivery is a move of that table."""
    assert sends_open_to(SendEvent.RESOLVE) == (SendState.UNKNOWN,)
    assert set(SETTLES.values()) <= SEND_MOVES[SendState.UNKNOWN, SendEvent.RESOLVE]
