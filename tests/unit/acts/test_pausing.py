"""Whose rest still counts at a moment."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.acts.pausing import as_of
from dispatch.model.subscriber import Cadence, Subscriber, Subscription, SubscriptionState

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ADA = Subscriber(1, "ada@example.org")
moments = st.none() | st.integers(-3, 3).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(st.lists(st.tuples(st.sampled_from(SubscriptionState), moments)))
def test_a_rest_that_is_over_is_none(found: list[tuple[SubscriptionState, datetime | None]]) -> None:
    """Only an active subscription rests, and only until its moment; nobody is left out for it."""
    people = [Subscription(ADA, "news", state, Cadence.DAILY, (), 0, away_until=until) for state, until in found]
    expected = [
        until if state is SubscriptionState.ACTIVE and until is not None and until > NOW else None
        for state, until in found
    ]
    assert [one.away_until for one in as_of(people, NOW)] == expected
