"""The laws of pausing a list or a subscription, on every database."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.store import lists, subscribers
from dispatch.store.connect import Store
from dispatch.store.subscribers import NewPerson

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
NEWS = 1
ADA = NewPerson("ada@example.org", "Ada", "", "", NEWS, SubscriptionState.ACTIVE, Cadence.DAILY, (), 0, "07:30")


@pytest.fixture
async def away(store: Store) -> Store:
    """A store with one person, who is away until tomorrow."""
    async with store.write() as tx:
        await lists.sync(tx, {"news": True})
        await subscribers.join(tx, [ADA], NOW)
        await subscribers.stay_away(tx, 1, NEWS, LATER)
    return store


async def test_a_list_is_paused_once(store: Store) -> None:
    """Whoever comes second is told that nothing changed; so is it when the list goes on."""
    async with store.write() as tx:
        await lists.sync(tx, {"news": True})
        assert [await lists.set_paused(tx, NEWS, paused=paused) for paused in (False, True, True, False, False)] == [
            False,
            True,
            False,
            True,
            False,
        ]


async def test_whoever_is_away_comes_back_at_their_moment(away: Store) -> None:
    """Not before, and not while the list is left out; then once, and the absence is gone."""
    async with away.write() as tx:
        assert await subscribers.next_return(tx, [NEWS]) == LATER
        assert await subscribers.welcome_back(tx, LATER - timedelta(seconds=1), [NEWS]) == set()
        assert await subscribers.welcome_back(tx, LATER, []) == set()
        assert await subscribers.welcome_back(tx, LATER, [NEWS]) == {(NEWS, Cadence.DAILY)}
        assert await subscribers.welcome_back(tx, LATER, [NEWS]) == set()
        assert await subscribers.next_return(tx, [NEWS]) is None


async def test_who_left_while_away_and_joins_again_is_not_away(away: Store) -> None:
    """They asked for mail again, whatever they had asked for before."""
    async with away.write() as tx:
        await subscribers.end(tx, 1, NEWS, NOW)
        await subscribers.come_back(tx, 1, ADA, NOW)
        (ada,) = await subscribers.of_address(tx, ADA.email)
    assert (ada.state, ada.away_until, ada.hour) == (SubscriptionState.ACTIVE, None, "07:30")


async def test_an_hour_of_ones_own_can_be_given_up(away: Store) -> None:
    """An empty hour is the list's."""
    async with away.write() as tx:
        await subscribers.change_hour(tx, 1, NEWS, "")
        (ada,) = await subscribers.of_address(tx, ADA.email)
    assert ada.hour == ""
