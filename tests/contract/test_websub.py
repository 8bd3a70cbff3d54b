"""The laws of who follows by WebSub and what is owed to them, on every database the store runs on."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from string import ascii_letters, digits

from dispatch.model.websub import Asked, Intent, Mode, Notice, Push
from dispatch.store import documents, websub, websub_notices
from dispatch.store.connect import Store
from dispatch.syndicate.websub import LONGEST_ADDRESS

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SOON, LATER = NOW + timedelta(seconds=20), NOW + timedelta(minutes=5)
LEASE = timedelta(days=10)
PATH, TOPIC = "atom.xml", "https://sea.example/atom.xml"
ADA = Asked(Mode.SUBSCRIBE, TOPIC, "https://ada.example/cb", "secret", 864000)
BOB = replace(ADA, callback="https://bob.example/cb")
HUBS = ("https://one.example/", "https://two.example/")


async def _content(store: Store, digest: str, path: str = PATH) -> None:
    async with store.write() as tx:
        await documents.keep(tx, {path: digest}, NOW)


async def _follow(store: Store, asked: Asked = ADA, digest: str = "old", until: datetime = NOW + LEASE) -> None:
    async with store.write() as tx:
        intent = Intent(0, asked, asked.callback.split("/")[2], 0)
        await websub.subscribe(tx, intent, PATH, digest, NOW, until)


async def _owed(store: Store, now: datetime = NOW, busy: tuple[str, ...] = ()) -> list[Push]:
    async with store.read() as tx:
        return await websub.due_pushes(tx, now, busy, 100, 100)


async def _take(store: Store, push: Push, until: datetime = SOON) -> Push | None:
    async with store.write() as tx:
        return await websub.take_push(tx, push, until)


async def _ask(store: Store, asked: Asked = ADA, now: datetime = NOW) -> None:
    async with store.write() as tx:
        await websub.ask(tx, asked, asked.callback.split("/")[2], now)


async def _intents(store: Store, now: datetime = NOW, busy: tuple[str, ...] = ()) -> list[Intent]:
    async with store.read() as tx:
        return await websub.due_intents(tx, now, busy, 100, 100)


async def _begin(store: Store, intent: Intent, challenge: str, now: datetime = NOW) -> Intent | None:
    async with store.write() as tx:
        return await websub.take_intent(tx, intent, challenge, now, now + timedelta(seconds=20))


async def test_only_what_is_new_is_owed(store: Store, second: Store) -> None:
    """Whoever begins has what there is; each change makes one push, to be seen by every process."""
    await _content(store, "old")
    await _follow(store)
    assert await _owed(store) == []
    await _content(store, "new")
    await _content(store, "newest")
    (push,) = await _owed(second)
    assert (push.path, push.digest, push.callback, push.host) == (PATH, "newest", ADA.callback, "ada.example")
    assert (push.secret, push.tries.attempts) == ("secret", 0)


async def test_rivals_do_not_push_twice(store: Store, second: Store) -> None:
    """Of those that saw the same push one has it; the others not even when it has arrived."""
    await _content(store, "old")
    await _follow(store)
    await _content(store, "new")
    (push,) = await _owed(store)
    taken = await asyncio.gather(*(_take(one, push) for one in (store, second, store, second)))
    (mine,) = [one for one in taken if one]
    assert await _owed(second) == []
    async with store.write() as tx:
        await websub.brought(tx, mine)
    assert await _take(second, push) is None
    assert await _owed(second, LATER) == []


async def test_what_a_dead_process_had_is_pushed_by_another(store: Store, second: Store) -> None:
    """Its claim runs out; what it writes after that changes nothing any more."""
    await _content(store, "old")
    await _follow(store)
    await _content(store, "new")
    (push,) = await _owed(store)
    dead = await _take(store, push)
    assert dead
    assert await _owed(second, SOON - timedelta(seconds=1)) == []
    (again,) = await _owed(second, SOON)
    assert await _take(second, again, LATER)
    async with store.write() as tx:
        await websub.brought(tx, dead)
        await websub.end(tx, dead)
    async with store.read() as tx:
        assert await websub.followers(tx, SOON) == (1, 1, 0)


async def test_a_failure_waits_and_news_does_not(store: Store) -> None:
    """The same content comes again after its wait; other content at once, and from the beginning."""
    await _content(store, "old")
    await _follow(store)
    await _content(store, "new")
    for attempts in range(2):
        (push,) = await _owed(store, LATER)
        assert push.tries.attempts == attempts
        taken = await _take(store, push)
        assert taken
        async with store.write() as tx:
            await websub.missed(tx, taken, LATER)
        assert await _owed(store, LATER - timedelta(seconds=1)) == []
        async with store.read() as tx:
            assert await websub.next_due(tx, NOW) == LATER
            assert await websub.followers(tx, NOW) == (1, 1, 1)
    await _content(store, "newest")
    (push,) = await _owed(store)
    assert (push.digest, push.tries.attempts) == ("newest", 0)


async def test_news_waits_for_what_is_under_way(store: Store) -> None:
    """Else the older content might arrive after the newer."""
    await _content(store, "old")
    await _follow(store)
    await _content(store, "new")
    (push,) = await _owed(store)
    taken = await _take(store, push)
    await _content(store, "newest")
    assert await _owed(store) == []
    assert taken
    async with store.write() as tx:
        await websub.brought(tx, taken)
    assert [one.digest for one in await _owed(store)] == ["newest"]


async def test_a_clock_put_back_delays_no_news(store: Store) -> None:
    """Whoever had something an hour ahead of now has the next at once."""
    await _content(store, "old")
    await _follow(store)
    await _content(store, "new")
    ahead = NOW + timedelta(hours=1)
    (push,) = await _owed(store, ahead)
    taken = await _take(store, push, ahead + timedelta(seconds=20))
    assert taken
    async with store.write() as tx:
        await websub.brought(tx, taken)
    await _content(store, "newest")
    assert len(await _owed(store)) == 1


async def test_whoever_saw_a_push_before_it_failed_does_not_repeat_it(store: Store, second: Store) -> None:
    """It waits for everybody."""
    await _content(store, "old")
    await _follow(store)
    await _content(store, "new")
    (push,) = await _owed(store)
    taken = await _take(store, push)
    assert taken
    async with store.write() as tx:
        await websub.missed(tx, taken, LATER)
    assert await _take(second, push) is None


async def test_leases_end(store: Store) -> None:
    """Nothing is owed to whom they have ended for, and they are removed; others stay."""
    await _content(store, "old")
    await _follow(store, until=LATER)
    await _follow(store, BOB)
    await _content(store, "new")
    assert [one.callback for one in await _owed(store, LATER)] == [BOB.callback]
    async with store.write() as tx:
        assert not await websub.any_expired(tx, LATER - timedelta(seconds=1))
        assert await websub.any_expired(tx, LATER)
        await websub.expire(tx, LATER)
        assert not await websub.any_expired(tx, LATER)
        assert (await websub.followers(tx, NOW))[0] == 1


async def test_a_renewal_keeps_what_is_owed(store: Store) -> None:
    """There is one subscription, with the new secret and lease, and its waits are over."""
    await _content(store, "old")
    await _follow(store)
    await _content(store, "new")
    (push,) = await _owed(store)
    taken = await _take(store, push)
    assert taken
    async with store.write() as tx:
        await websub.missed(tx, taken, LATER)
    await _follow(store, replace(ADA, secret="other"), "new", LATER + LEASE)
    (push,) = await _owed(store)
    assert (push.digest, push.secret) == ("new", "other")


async def test_a_request_has_one_verifier(store: Store, second: Store) -> None:
    """Of all who saw it one asks, by its own challenge."""
    await _ask(store)
    (intent,) = await _intents(second)
    assert (intent.asked, intent.host, intent.attempts) == (ADA, "ada.example", 0)
    sides = (store, second, store, second)
    taken = await asyncio.gather(*(_begin(side, intent, str(number)) for number, side in enumerate(sides)))
    assert sum(one is not None for one in taken) == 1
    assert await _intents(second) == []
    assert len(await _intents(second, SOON)) == 1


async def test_a_later_request_waits_for_the_one_in_hand(store: Store) -> None:
    """It takes its place, is not lost with it, and is never verified beside it."""
    await _ask(store)
    (first,) = await _intents(store)
    mine = await _begin(store, first, "one")
    for mode in (Mode.SUBSCRIBE, Mode.UNSUBSCRIBE):
        await _ask(store, replace(ADA, mode=mode))
    assert mine
    assert await _intents(store) == []
    async with store.write() as tx:
        await websub.settle_intent(tx, mine, NOW)
    (later,) = await _intents(store)
    assert later.asked.mode is Mode.UNSUBSCRIBE
    theirs = await _begin(store, later, "two")
    assert theirs
    async with store.write() as tx:
        await websub.settle_intent(tx, theirs, NOW)
    assert await _intents(store, LATER) == []


async def test_a_request_that_found_nobody_comes_again(store: Store) -> None:
    """After its wait; a new one for the same place at once."""
    await _ask(store)
    (intent,) = await _intents(store)
    mine = await _begin(store, intent, "one")
    assert mine
    async with store.write() as tx:
        await websub.postpone_intent(tx, mine, LATER)
    assert await _intents(store) == []
    async with store.read() as tx:
        assert await websub.next_due(tx, NOW) == LATER
    assert [one.attempts for one in await _intents(store, LATER)] == [1]
    await _ask(store)
    assert [one.attempts for one in await _intents(store)] == [0]


async def test_busy_hosts_are_passed_by(store: Store) -> None:
    """Whoever keeps us waiting keeps nobody else."""
    await _content(store, "old")
    for asked in (ADA, BOB):
        await _ask(store, asked)
        await _follow(store, asked)
    await _content(store, "new")
    assert [one.host for one in await _intents(store, busy=("ada.example",))] == ["bob.example"]
    assert [one.host for one in await _owed(store, busy=("ada.example",))] == ["bob.example"]


async def test_a_crowd_at_one_host_hides_nobody(store: Store) -> None:
    """Of each host no more is found than its share, and its first before anybody's second."""
    await _content(store, "old")
    crowd = [replace(ADA, callback=f"{ADA.callback}{number}") for number in range(9)]
    for asked in (*crowd, BOB):
        await _ask(store, asked)
        await _follow(store, asked)
    await _content(store, "new")
    async with store.read() as tx:
        intents = await websub.due_intents(tx, NOW, [], 3, 100)
        pushes = await websub.due_pushes(tx, NOW, [], 3, 100)
        first = await websub.due_pushes(tx, NOW, [], 3, 2)
    in_turn = [crowd[0].callback, BOB.callback, crowd[1].callback, crowd[2].callback]
    assert [one.asked.callback for one in intents] == in_turn
    assert [one.callback for one in pushes] == in_turn
    assert [one.callback for one in first] == in_turn[:2]


async def test_whoever_failed_comes_after_all_others(store: Store) -> None:
    """At new content, too: so nobody waits for the dead, however few they are at a host."""
    await _content(store, "old")
    for asked in (ADA, BOB, replace(BOB, callback="https://bob.example/2")):
        await _ask(store, asked)
        await _follow(store, asked)
    await _content(store, "new")
    taken, asked = await _take(store, (await _owed(store))[0]), await _begin(store, (await _intents(store))[0], "one")
    assert taken
    assert asked
    async with store.write() as tx:
        await websub.missed(tx, taken, LATER)
        await websub.postpone_intent(tx, asked, LATER)
    await _content(store, "newest")
    assert [one.host for one in await _owed(store, LATER)] == ["bob.example", "bob.example", "ada.example"]
    assert [one.host for one in await _intents(store, LATER)] == ["bob.example", "bob.example", "ada.example"]


async def test_the_feeds_of_one_hub_hide_no_other(store: Store) -> None:
    """However many have changed, each hub has its turn and no more than its share."""
    for number in range(5):
        await _content(store, "a", f"tags/{number}/atom.xml")
    async with store.write() as tx:
        await websub_notices.know(tx, HUBS)
        found = await websub_notices.due(tx, NOW, [], 2, 100)
    paths = ("tags/0/atom.xml", "tags/1/atom.xml")
    assert [(one.hub, one.path) for one in found] == [(hub, path) for path in paths for hub in HUBS]


async def test_the_crowd_is_counted(store: Store) -> None:
    """By host and in all, the living alone; and whether somebody is in it."""
    await _content(store, "old")
    await _ask(store)
    await _follow(store)
    await _follow(store, BOB)
    await _follow(store, replace(BOB, callback="https://bob.example/2"), until=NOW)
    async with store.read() as tx:
        ada = await websub.crowd(tx, PATH, ADA, "ada.example", NOW)
        new = replace(BOB, callback="https://bob.example/3")
        bob = await websub.crowd(tx, PATH, new, "bob.example", NOW)
    assert (ada.pending, ada.pending_here, ada.followers, ada.followers_here, ada.known) == (1, 1, 2, 1, True)
    assert (bob.pending, bob.pending_here, bob.followers, bob.followers_here, bob.known) == (1, 0, 2, 1, False)


async def test_each_hub_is_told_of_each_feed(store: Store, second: Store) -> None:
    """Once a change, by one process; hubs that the settings name no more are forgotten."""
    await _content(store, "a")
    await _content(store, "b", "feed.xml")
    async with store.write() as tx:
        assert await websub_notices.unknown(tx, HUBS)
        await websub_notices.know(tx, HUBS)
        await websub_notices.know(tx, HUBS)
        assert not await websub_notices.unknown(tx, HUBS)
        found = await websub_notices.due(tx, NOW, [], 100, 100)
        assert await websub_notices.owed(tx) == (4, 0)
    assert [(one.hub, one.path) for one in found] == [(hub, path) for path in ("atom.xml", "feed.xml") for hub in HUBS]

    async def tell(side: Store, one: Notice) -> Notice | None:
        async with side.write() as tx:
            return await websub_notices.take(tx, one, SOON)

    taken = await asyncio.gather(tell(store, found[0]), tell(second, found[0]))
    (mine,) = [one for one in taken if one]
    failing = await tell(store, found[2])
    assert failing
    async with store.write() as tx:
        await websub_notices.told(tx, mine)
        await websub_notices.missed(tx, failing, LATER)
        assert await websub_notices.owed(tx) == (3, 1)
        assert await websub_notices.next_due(tx, NOW) == LATER
        assert await websub_notices.due(tx, NOW, HUBS[1:], 100, 100) == []
        assert len(await websub_notices.due(tx, LATER, [], 100, 100)) == 3
        assert await websub_notices.unknown(tx, HUBS[1:])
        await websub_notices.know(tx, HUBS[1:])
        assert await websub_notices.owed(tx) == (2, 0)


async def test_the_longest_addresses_can_be_kept(store: Store) -> None:
    """Random ones too, which no database can make shorter."""
    draw = Random(1)  # noqa: S311 - nobody has to be kept from guessing it
    host = "https://sea.example/"
    topic, callback = (
        host + "".join(draw.choices(ascii_letters + digits, k=LONGEST_ADDRESS - len(host))) for _ in range(2)
    )
    asked = Asked(Mode.SUBSCRIBE, topic, callback)
    await _ask(store, asked)
    await _ask(store, asked)
    (intent,) = await _intents(store)
    path = topic.removeprefix(host)
    await _content(store, "old", path)
    async with store.write() as tx:
        await websub.subscribe(tx, intent, path, "old", NOW, NOW + LEASE)
        assert (await websub.followers(tx, NOW))[0] == 1


async def test_with_no_hub_nobody_is_told(store: Store) -> None:
    """There is nothing to know."""
    await _content(store, "a")
    async with store.write() as tx:
        assert not await websub_notices.unknown(tx, ())
        await websub_notices.know(tx, ())
        assert await websub_notices.due(tx, NOW, [], 100, 100) == []
