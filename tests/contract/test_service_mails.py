"""The laws of the queue of service mails, on every database it runs on."""

import asyncio
from datetime import UTC, datetime, timedelta

from dispatch.model.delivery import SendState
from dispatch.model.service_mail import STILL_TRUE, ServiceMailKind
from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.store import lists, service_mails, subscribers
from dispatch.store.connect import Store, Tx
from dispatch.store.subscribers import NewPerson

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KINDS = tuple(ServiceMailKind)


async def _person(tx: Tx, state: SubscriptionState, email: str = "ada@example.org") -> tuple[int, int]:
    """Somebody on a list; their id and the list's."""
    await lists.sync(tx, {"news": False})
    list_id = (await lists.every(tx))["news"].id
    person = NewPerson(email, "Ada", "de", "", list_id, state, Cadence.WEEKLY, (), 0)
    await subscribers.join(tx, [person], NOW)
    return (await subscribers.ids_of(tx, [email]))[email], list_id


async def _asked(store: Store, kind: ServiceMailKind, email: str = "ada@example.org") -> int:
    """The id of a mail that waits for somebody whose subscription stands as it says."""
    async with store.write() as tx:
        who, list_id = await _person(tx, STILL_TRUE[kind][0], email)
        assert await service_mails.ask(tx, kind, who, list_id, NOW)
        found = await service_mails.due(tx, NOW, [list_id], 100)
        return next(mail.id for mail in found if mail.subscriber.email == email)


async def _due(store: Store, now: datetime = NOW) -> list[int]:
    async with store.read() as tx:
        ids = [row.id for row in (await lists.every(tx)).values()]
        return [mail.id for mail in await service_mails.due(tx, now, ids, 100)]


async def _take(store: Store, mail_id: int, now: datetime = NOW) -> bool:
    async with store.write() as tx:
        return await service_mails.take(tx, mail_id, now)


async def test_what_is_asked_for_is_due_at_once(store: Store, second: Store) -> None:
    """Another process finds it, with all that its sender has to know of the person."""
    kind = ServiceMailKind.WELCOME
    mail_id = await _asked(store, kind)
    async with second.read() as tx:
        (list_id,) = [row.id for row in (await lists.every(tx)).values()]
        (mail,) = await service_mails.due(tx, NOW, [list_id], 100)
        assert await service_mails.due(tx, NOW, [list_id + 1], 100) == []
        assert await service_mails.due(tx, NOW - MINUTE, [list_id], 100) == []
    assert (mail.id, mail.kind, mail.list_id, mail.asked, mail.attempts) == (mail_id, kind, list_id, NOW, 0)
    assert (mail.subscriber.email, mail.subscriber.name, mail.subscriber.language) == ("ada@example.org", "Ada", "de")


async def test_the_same_mail_does_not_wait_twice(store: Store) -> None:
    """Asking again while one waits changes nothing; another kind is another mail."""
    await _asked(store, ServiceMailKind.CONFIRM)
    async with store.write() as tx:
        who, list_id = await _person(tx, SubscriptionState.PENDING)
        assert not await service_mails.ask(tx, ServiceMailKind.CONFIRM, who, list_id, NOW + MINUTE)
        assert await service_mails.ask(tx, ServiceMailKind.PREFERENCES, who, list_id, NOW + MINUTE)
    assert len(await _due(store, NOW + MINUTE)) == 2


async def test_only_one_of_two_takes_a_mail(store: Store, second: Store) -> None:
    """Compare-and-set: whoever comes second gets nothing, and nothing is due any more."""
    mail_id = await _asked(store, ServiceMailKind.WELCOME)
    assert sorted(await asyncio.gather(_take(store, mail_id), _take(second, mail_id))) == [False, True]
    assert await _due(store, NOW + timedelta(days=1)) == []


async def test_what_is_given_back_is_due_when_its_time_has_come(store: Store) -> None:
    """Not before; and it remembers when it was tried first, and how often."""
    mail_id = await _asked(store, ServiceMailKind.WELCOME)
    assert await _take(store, mail_id)
    async with store.write() as tx:
        await service_mails.give_back(tx, mail_id, NOW, NOW + MINUTE, "451 later")
        (row,) = await service_mails.standing(tx)
    assert (row.state, row.count, row.detail) == (SendState.PENDING, 1, "451 later")
    assert (await _due(store), await _take(store, mail_id)) == ([], False)
    assert await _take(store, mail_id, NOW + MINUTE)
    async with store.write() as tx:
        await service_mails.give_back(tx, mail_id, NOW, NOW, "")
        (mail,) = await service_mails.due(tx, NOW, [(await lists.every(tx))["news"].id], 1)
    assert (mail.attempts, mail.first_try) == (2, NOW)


async def test_what_is_done_never_comes_again(store: Store) -> None:
    """And what went wrong is reported for a week, what went well is not."""
    ends = (SendState.ACCEPTED, SendState.EXPIRED, SendState.REJECTED, SendState.UNKNOWN)
    for end in ends:
        mail_id = await _asked(store, ServiceMailKind.WELCOME, f"{end}@example.org")
        assert await _take(store, mail_id)
        async with store.write() as tx:
            await service_mails.done(tx, mail_id, NOW, end, "words")
    async with store.write() as tx:
        await service_mails.take_over(tx, NOW + timedelta(hours=1))
        assert [(row.state, row.count) for row in await service_mails.standing(tx)] == [(end, 1) for end in ends[1:]]
    assert await _due(store, NOW + timedelta(days=1)) == []
    async with store.write() as tx:
        await service_mails.tidy(tx, NOW + timedelta(days=8), NOW)
        assert await service_mails.standing(tx) == []


async def test_what_a_dead_process_had_in_hand_can_be_taken_over(store: Store) -> None:
    """Only after so long that nobody can still be at it; whatever was wrong at an earlier try."""
    mail_id = await _asked(store, ServiceMailKind.WELCOME)
    assert await _take(store, mail_id)
    async with store.write() as tx:
        await service_mails.give_back(tx, mail_id, NOW, NOW, "451 greylisted")
    assert await _take(store, mail_id)
    async with store.write() as tx:
        await service_mails.take_over(tx, NOW + MINUTE)
        assert [row.state for row in await service_mails.standing(tx)] == [SendState.UNKNOWN]
        assert await service_mails.any_left(tx, NOW + 6 * MINUTE)
        await service_mails.take_over(tx, NOW + 6 * MINUTE)
    assert await _due(store) == [mail_id]


async def test_only_what_is_still_true_is_sent(store: Store) -> None:
    """Who has confirmed, left or come back meanwhile is not told what has become wrong."""
    sent = {}
    for kind in KINDS:
        for state in SubscriptionState:
            async with store.write() as tx:
                who, list_id = await _person(tx, state, f"{kind}.{state}@example.org")
                assert await service_mails.ask(tx, kind, who, list_id, NOW)
            (mail_id,) = await _due(store)
            sent[kind, state] = await _take(store, mail_id)
            async with store.write() as tx:
                await service_mails.tidy(tx, NOW, NOW)
    assert sent == {(kind, state): state in STILL_TRUE[kind] for kind in KINDS for state in SubscriptionState}
    assert await _due(store) == []


async def test_whoever_is_suppressed_gets_none(store: Store) -> None:
    """Also where it was asked for before; what others asked for is not touched."""
    asked = [await _asked(store, kind, f"{kind}@example.org") for kind in KINDS]
    other = await _asked(store, ServiceMailKind.CONFIRM, "bob@example.org")
    async with store.write() as tx:
        for kind in KINDS:
            await subscribers.suppress(tx, f"{kind}@example.org", "by hand", NOW)
    assert not any([await _take(store, mail_id) for mail_id in asked])
    async with store.write() as tx:
        await service_mails.tidy(tx, NOW, NOW)
    assert await _due(store) == [other]


async def test_of_whoever_is_erased_nothing_stays(store: Store) -> None:
    """Neither what waits nor what is over."""
    mail_id = await _asked(store, ServiceMailKind.PREFERENCES)
    await _take(store, await _asked(store, ServiceMailKind.GOODBYE, "bob@example.org"))
    async with store.write() as tx:
        await subscribers.erase(tx, "ada@example.org")
        await subscribers.erase(tx, "bob@example.org")
        assert await service_mails.standing(tx) == []
    assert (await _take(store, mail_id), await _due(store)) == (False, [])


async def test_what_is_put_off_waits(store: Store) -> None:
    """Not tried, and therefore no attempt; what somebody should mend is said."""
    mail_id = await _asked(store, ServiceMailKind.WELCOME)
    for why in ("a template is broken", ""):
        async with store.write() as tx:
            await service_mails.put_off(tx, [mail_id], NOW + MINUTE, why)
            (row,) = await service_mails.standing(tx)
        assert (row.state, row.detail) == (SendState.PENDING, why)
    assert (await _due(store), await _due(store, NOW + MINUTE)) == ([], [mail_id])


async def test_what_was_asked_for_too_long_ago_is_ended_and_said_once(store: Store) -> None:
    """With what was wrong, by kind; what was asked for later waits on, and what is in hand is its sender's."""
    old = [await _asked(store, ServiceMailKind.CONFIRM, f"{at}@example.org") for at in range(3)]
    assert await _take(store, old[0])
    async with store.write() as tx:
        await service_mails.put_off(tx, old[1:], NOW, "down")
        assert await service_mails.tidy(tx, NOW, NOW) == []
        (ended,) = await service_mails.tidy(tx, NOW + MINUTE, NOW + MINUTE)
        assert await service_mails.tidy(tx, NOW + MINUTE, NOW + MINUTE) == []
        states = {row.state: row.count for row in await service_mails.standing(tx)}
    assert (ended.kind, ended.detail, ended.count) == (ServiceMailKind.CONFIRM, "down", 2)
    assert states == {SendState.EXPIRED: 2, SendState.UNKNOWN: 1}
    assert await _due(store, NOW + timedelta(days=1)) == []


async def _load(store: Store, now: datetime = NOW) -> tuple[int, int]:
    async with store.read() as tx:
        found = await service_mails.load(tx, now)
    return found.in_hand, found.waiting


async def test_the_load_is_what_is_in_hand_and_whose_time_has_just_come(store: Store) -> None:
    """Not what is done, what comes later, what nobody sends, nor what a dead process left; nor mail of a list gone."""
    first, second, third = [await _asked(store, ServiceMailKind.CONFIRM, f"{at}@example.org") for at in range(3)]
    assert await _load(store) == (0, 3)
    assert await _take(store, first)
    async with store.write() as tx:
        await service_mails.put_off(tx, [second], NOW + MINUTE, "")
    assert await _load(store) == (1, 1)
    assert await _load(store, NOW + MINUTE) == (1, 1)
    assert await _load(store, NOW + 2 * MINUTE) == (0, 0)
    assert await _take(store, third)
    async with store.write() as tx:
        await service_mails.done(tx, third, NOW, SendState.UNKNOWN, "no answer")
        await lists.sync(tx, {})
    assert await _load(store) == (1, 0)
    assert await _load(store, NOW + MINUTE) == (1, 0)
