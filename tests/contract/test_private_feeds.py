"""The laws of subscribers' own feeds, on every database."""

import pytest

from dispatch.model.post import PostState
from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.store import lists, posts, private_feeds, subscribers
from dispatch.store.connect import Store
from dispatch.store.private_feeds import FeedRow
from dispatch.store.subscribers import NewPerson

from .test_stories import NOON, keep

ADA = "ada@example.org"


@pytest.fixture
async def ada(store: Store) -> int:
    """The id of somebody on a list."""
    async with store.write() as tx:
        await lists.sync(tx, {"news": False})
        list_id = (await lists.every(tx))["news"].id
        active, pace = SubscriptionState.ACTIVE, Cadence.IMMEDIATE
        await subscribers.join(tx, [NewPerson(ADA, "Ada", "de", "", list_id, active, pace, (), 0)], NOON)
        return (await subscribers.ids_of(tx, [ADA]))[ADA]


async def _row(store: Store, who: int) -> FeedRow | None:
    async with store.read() as tx:
        return await private_feeds.of_person(tx, who)


async def _renew(store: Store, who: int, series: int) -> bool:
    async with store.write() as tx:
        return await private_feeds.renew(tx, who, series)


async def _close(store: Store, who: int) -> bool:
    async with store.write() as tx:
        return await private_feeds.close(tx, who)


async def test_nobody_has_a_feed_before_they_ask_for_one(store: Store, ada: int) -> None:
    """And nothing is known of whoever is not there."""
    assert await _row(store, ada) == FeedRow(0, False, "de")
    assert await _row(store, ada + 1) is None
    assert not await _close(store, ada)


async def test_a_new_address_is_made_once(store: Store, second: Store, ada: int) -> None:
    """Of two who ask on the same ground one wins, so that a second press takes away nothing that was just copied."""
    assert [await _renew(store, ada, 0), await _renew(second, ada, 0)] == [True, False]
    assert await _row(second, ada) == FeedRow(1, True, "de")


async def test_no_address_ever_comes_back(store: Store, ada: int) -> None:
    """One that was switched off stays off when another is made."""
    await _renew(store, ada, 0)
    assert [await _close(store, ada), await _close(store, ada)] == [True, False]
    assert await _row(store, ada) == FeedRow(1, False, "de")
    await _renew(store, ada, 1)
    assert await _row(store, ada) == FeedRow(2, True, "de")


async def test_whoever_is_forgotten_has_no_feed(store: Store, ada: int) -> None:
    """Their address was ours and leads nowhere."""
    await _renew(store, ada, 0)
    async with store.write() as tx:
        await subscribers.erase(tx, ADA)
    assert await _row(store, ada) == FeedRow(1, False, "")


async def test_the_newest_of_a_lists_tags_and_of_those_somebody_chose(store: Store) -> None:
    """Both have to fit, whatever their case; a language takes its countries in; nothing that is not live."""
    await keep(store, 1, tags=("Letter", "Sea"), language="de-AT")
    await keep(store, 2, tags=("letter",), language="de")
    await keep(store, 3, tags=("sea",), language="de")
    await keep(store, 4, tags=("letter", "sea"), language="den")
    await keep(store, 5, tags=("letter", "sea"), language="de", state=PostState.WITHDRAWN)
    async with store.read() as tx:
        both = await posts.newest(tx, 9, tags=("LETTER",), chosen=("seA", "owls"))
        german = await posts.newest(tx, 9, tags=("letter",), chosen=("sea",), language="DE-ch")
    assert {one.id for one in both} == {1, 4}
    assert [one.id for one in german] == [1]
