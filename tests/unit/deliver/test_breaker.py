"""When refusals stop an issue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.deliver.breaker import ALL, AT_LEAST, SHARE, Count, judge
from dispatch.deliver.close import count_by_domain
from dispatch.model.delivery import Receipt, SendState

counts = st.integers(0, 10_000).flatmap(lambda all_: st.builds(Count, st.just(all_), st.integers(0, all_)))


@pytest.mark.parametrize(
    ("attempted", "refused", "stops"),
    [
        (19, 19, False),  # fewer than twenty stop nothing
        (20, 20, True),
        (400, 20, True),  # five in a hundred
        (401, 20, False),
        (1_000_000, 49_999, False),
        (1_000_000, 50_000, True),
    ],
)
def test_twenty_and_five_in_a_hundred(attempted: int, refused: int, stops: bool) -> None:
    """It takes both: at least twenty refusals, and at least five in a hundred."""
    assert (judge({ALL: Count(attempted, refused)}) is not None) is stops


@given(st.dictionaries(st.sampled_from([ALL, "a.example", "b.example"]), counts))
def test_one_domain_is_enough(found: dict[str, Count]) -> None:
    """An issue stops exactly if all of it, or one domain, passes the threshold; the reason gives the figures."""
    guilty = [one for one in found.values() if one.refused >= AT_LEAST and one.refused >= SHARE * one.attempted]
    why = judge(found)
    assert (why is not None) is bool(guilty)
    assert why is None or any(f"{one.refused:,} of {one.attempted:,}" in why for one in guilty)


def test_only_definite_answers_count() -> None:
    """Who waits or is in doubt was neither taken nor refused."""
    states = (SendState.ACCEPTED, SendState.REJECTED, SendState.RETRY, SendState.UNKNOWN)
    receipts = {who: Receipt(state) for who, state in enumerate(states)}
    addresses = {0: "a@one.example", 1: "b@two.example", 2: "c@one.example", 3: "d@one.example"}
    assert count_by_domain(addresses, receipts) == {
        ALL: Count(2, 1),
        "one.example": Count(1, 0),
        "two.example": Count(1, 1),
    }
