"""The laws of those who signed up and wait for their own word, on every database."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from dispatch.model.service_mail import ServiceMailKind
from dispatch.model.subscriber import Cadence, Subscription, SubscriptionState
from dispatch.store import lists, needs, service_mails, sign_ups, subscribers
from dispatch.store.audience import Audience
from dispatch.store.connect import Store, Tx
from dispatch.store.incoming import Newcomer, incoming
from dispatch.store.schema import subscriber
from dispatch.store.sorts import sorts
from dispatch.store.subscribers import NewPerson

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ADA = "ada@example.org"
WEEK = timedelta(days=7)


async def _list(tx: Tx, slug: str = "news") -> int:
    await lists.sync(tx, {"news": False, "letters": False})
    return (await lists.every(tx))[slug].id


async def _sign_up(tx: Tx, slug: str = "news", cadence: Cadence = Cadence.DAILY, email: str = ADA) -> int:
    list_id = await _list(tx, slug)
    person = NewPerson(email, "Ada", "de", "", list_id, SubscriptionState.PENDING, cadence, (), 0)
    who = await sign_ups.wait_for_word(tx, person, NOW)
    await service_mails.ask(tx, ServiceMailKind.CONFIRM, who, list_id, NOW)
    return who


async def _call(tx: Tx, email: str, name: str, language: str) -> None:
    who = (await subscribers.ids_of(tx, [email]))[email]
    await sign_ups.call(tx, who, name, language)


async def _called(store: Store, email: str = ADA) -> tuple[str, str]:
    """How a person is called, and in which language."""
    person = next(iter((await _of(store, email)).values())).subscriber
    return person.name, person.language


async def _of(store: Store, email: str = ADA) -> dict[str, Subscription]:
    async with store.read() as tx:
        return {one.list_slug: one for one in await subscribers.of_address(tx, email)}


async def test_who_signed_up_waits_and_is_in_no_audience(store: Store) -> None:
    """Pending, never joined, and nobody's need."""
    async with store.write() as tx:
        await _sign_up(tx)
        audience = Audience(await _list(tx), Cadence.BY_HAND, NOW)
        assert await needs.needs_of(tx, audience, 1) == {}
    one = (await _of(store))["news"]
    assert (one.state, one.cadence, one.joined) == (SubscriptionState.PENDING, Cadence.DAILY, None)


async def test_a_second_time_the_last_wish_counts(store: Store) -> None:
    """Of the cadence; the name stays until they are called by another."""
    async with store.write() as tx:
        await _sign_up(tx)
        list_id = await _list(tx)
        again = NewPerson(ADA, "Mallory", "fr", "", list_id, SubscriptionState.PENDING, Cadence.WEEKLY, (), 0)
        await sign_ups.wait_for_word(tx, again, NOW)
    one = (await _of(store))["news"]
    assert (one.cadence, one.subscriber.name, one.subscriber.language) == (Cadence.WEEKLY, "Ada", "de")


async def test_who_is_or_was_on_a_list_is_not_changed_by_the_form(store: Store) -> None:
    """They keep their cadence, and whoever left has left until they confirm; so it is with a file's people."""
    for state in SubscriptionState:
        async with store.write() as tx:
            email = f"{state}@example.org"
            person = NewPerson(email, "", "", "", await _list(tx), state, Cadence.WEEKLY, (), 0)
            await subscribers.join(tx, [person], NOW)
            await _sign_up(tx, email=email)
        one = (await _of(store, email))["news"]
        assert (one.state, one.cadence) == (state, Cadence.WEEKLY)


async def test_who_was_on_no_list_yet_is_called_as_the_last_form_says(store: Store) -> None:
    """A stranger's name does not stick; whoever was on any list, now or once, keeps their own."""
    async with store.write() as tx:
        await _sign_up(tx)
        await _call(tx, ADA, "Ada King", "en")
        letters = await _list(tx, "letters")
        for state in SubscriptionState:
            email = f"{state}@example.org"
            person = NewPerson(email, "Own", "fr", "", letters, state, Cadence.DAILY, (), 0)
            await subscribers.join(tx, [person], NOW)
            await _sign_up(tx, email=email)
            await _call(tx, email, "Mallory", "en")
    assert await _called(store) == ("Ada King", "en")
    for state in SubscriptionState:
        assert await _called(store, f"{state}@example.org") == ("Own", "fr")


async def test_who_confirms_another_form_than_the_last_is_called_by_no_name(store: Store) -> None:
    """For whoever filled in the last one may be anybody, on whichever list; a name of one's own stays."""
    async with store.write() as tx:
        ada, known = await _sign_up(tx), await _sign_up(tx, email="known@example.org")
        letters = await _list(tx, "letters")
        person = NewPerson("known@example.org", "", "", "", letters, SubscriptionState.ENDED, Cadence.DAILY, (), 0)
        await subscribers.join(tx, [person], NOW)
        for who in (ada, known):
            await sign_ups.keep_name_of(tx, who, NOW)
    assert await _called(store) == await _called(store, "known@example.org") == ("Ada", "de")
    async with store.write() as tx:
        await service_mails.ask(tx, ServiceMailKind.PREFERENCES, ada, letters, NOW + timedelta(minutes=20))
        await sign_ups.keep_name_of(tx, ada, NOW)
    assert await _called(store) == ("Ada", "de")
    async with store.write() as tx:
        for who in (ada, known):
            await service_mails.ask(tx, ServiceMailKind.CONFIRM, who, letters, NOW + timedelta(minutes=20))
            await sign_ups.keep_name_of(tx, who, NOW)
    assert (await _called(store), await _called(store, "known@example.org")) == (("", ""), ("Ada", "de"))


async def test_a_mailbox_is_one_however_its_address_goes_on(store: Store) -> None:
    """After a plus people write what they like; no letter stands for others, and no other domain is meant."""
    async with store.write() as tx:
        for email in ("a_a+1@example.org", "a_a+1+2@example.org", "a_a@example.org"):
            await _sign_up(tx, email=email)
        for email in ("a_a+3@example.org", "a_a@example.org", "a_a+3+4@example.org"):
            assert len(await sign_ups.asked_since(tx, email, NOW - WEEK)) == 3
        for email in (
            "axa@example.org",
            "a_a@a.example.org",
            "a_a@org",
            "a@example.org",
            "a_a1@example.org",
            "+@x.org",
        ):
            assert await sign_ups.asked_since(tx, email, NOW - WEEK) == []


async def test_a_subscription_knows_when_it_ended(store: Store) -> None:
    """Until it begins anew."""
    async with store.write() as tx:
        who, list_id = await _sign_up(tx), await _list(tx)
        await subscribers.end(tx, who, list_id, NOW + WEEK)
    assert (await _of(store))["news"].ended == NOW + WEEK
    async with store.write() as tx:
        person = NewPerson(ADA, "", "", "", list_id, SubscriptionState.ACTIVE, Cadence.DAILY, (), 7)
        await subscribers.come_back(tx, who, person, NOW)
    assert (await _of(store))["news"].ended is None


async def test_mail_that_anybody_can_ask_for_is_counted_over_lists_and_kinds(store: Store) -> None:
    """Latest first; what a person's own act brought does not count."""
    async with store.write() as tx:
        who = await _sign_up(tx)
        other = await _list(tx, "letters")
        await service_mails.ask(tx, ServiceMailKind.PREFERENCES, who, other, NOW + timedelta(minutes=20))
        await service_mails.ask(tx, ServiceMailKind.WELCOME, who, other, NOW + timedelta(minutes=30))
        assert await sign_ups.asked_since(tx, ADA, NOW - WEEK) == [NOW + timedelta(minutes=20), NOW]
        assert await sign_ups.asked_since(tx, ADA, NOW) == [NOW + timedelta(minutes=20)]
        assert await sign_ups.asked_since(tx, "bob@example.org", NOW - WEEK) == []


async def _forget(store: Store, asked_before: datetime = NOW, limit: int = 10) -> int:
    async with store.write() as tx:
        return await sign_ups.forget_unconfirmed(tx, asked_before, limit)


async def _rows(store: Store) -> list[str]:
    """The addresses of all rows there are of people."""
    async with store.read() as tx:
        return list((await tx.execute(select(subscriber.c.email).order_by(subscriber.c.id))).scalars())


async def test_who_never_confirmed_is_forgotten(store: Store) -> None:
    """A stranger's row is gone, somebody on another list loses the sign-up alone; a file's people stay."""
    async with store.write() as tx:
        await _sign_up(tx)
        await _sign_up(tx, email="bob@example.org")
        at = (await _list(tx), await _list(tx, "letters"))
        on = NewPerson("bob@example.org", "", "", "", at[1], SubscriptionState.ACTIVE, Cadence.DAILY, (), 0)
        of_file = NewPerson("file@example.org", "", "", "", at[0], SubscriptionState.PENDING, Cadence.DAILY, (), 0)
        await subscribers.join(tx, [on, of_file], NOW)
    assert await _forget(store, NOW - timedelta(seconds=1)) == 0
    assert (await _forget(store), await _forget(store)) == (2, 0)
    assert await _rows(store) == ["bob@example.org", "file@example.org"]
    assert set(await _of(store, "bob@example.org")) == {"letters"}
    assert set(await _of(store, "file@example.org")) == {"news"}


async def test_no_more_are_forgotten_at_once_than_asked_for(store: Store) -> None:
    """So that no transaction is long; somebody waiting on two lists is gone with the second."""
    async with store.write() as tx:
        await _sign_up(tx)
        await _sign_up(tx, "letters")
        await _sign_up(tx, email="new@example.org")
    assert [await _forget(store, limit=1) for _ in range(4)] == [1, 1, 1, 0]
    assert ADA not in await _rows(store)


async def test_nobody_gets_the_number_of_somebody_forgotten(store: Store) -> None:
    """For links in mails name people by it: the newest row stays, empty."""
    async with store.write() as tx:
        first = [await _sign_up(tx), await _sign_up(tx, email="bob@example.org")]
    await _forget(store)
    assert await _rows(store) == [f"{subscribers.ERASED} {first[1]}"]
    async with store.write() as tx:
        assert await _sign_up(tx, email="cas@example.org") not in first


async def test_who_joined_or_asked_anew_meanwhile_is_not_forgotten(store: Store) -> None:
    """Somebody confirmed, somebody else signed up again: what the first form asked for is of no account."""
    async with store.write() as tx:
        who, list_id = await _sign_up(tx), await _list(tx)
        again = await _sign_up(tx, email="again@example.org")
        await service_mails.tidy(tx, NOW + WEEK, NOW + WEEK)
        await service_mails.ask(tx, ServiceMailKind.CONFIRM, again, list_id, NOW + WEEK)
        person = NewPerson(ADA, "", "", "", list_id, SubscriptionState.ACTIVE, Cadence.DAILY, (), 7)
        await subscribers.come_back(tx, who, person, NOW)
    assert await _forget(store) == 0
    assert (await _of(store))["news"].state is SubscriptionState.ACTIVE
    assert (await _of(store, "again@example.org"))["news"].state is SubscriptionState.PENDING


async def test_a_file_lets_in_who_had_only_signed_up(store: Store) -> None:
    """A stranger's sign-up keeps nobody out; whoever is in or has left keeps what they have."""
    states = {ADA: None, "in@example.org": SubscriptionState.ACTIVE, "left@example.org": SubscriptionState.ENDED}
    async with store.write() as tx:
        list_id = await _list(tx)
        await _sign_up(tx)
        for email, state in states.items():
            if state:
                person = NewPerson(email, "", "", "", list_id, state, Cadence.DAILY, (), 0)
                await subscribers.join(tx, [person], NOW)
    async with incoming(store) as coming:
        rows = [
            Newcomer(line, f"hash {email}", email, "", "", "", list_id, "active", "weekly", '["sea"]', "07:30")
            for line, email in enumerate(states)
        ]
        await coming.add(rows)
        await coming.arrange()
        await coming.join(NOW, lambda done, of: None)
    ada, inside, left = [(await _of(store, email))["news"] for email in states]
    assert (ada.state, ada.cadence, ada.tags, ada.hour, ada.joined) == (
        SubscriptionState.ACTIVE,
        Cadence.WEEKLY,
        ("sea",),
        "07:30",
        NOW,
    )
    assert (inside.cadence, left.state) == (Cadence.DAILY, SubscriptionState.ENDED)


async def test_all_of_a_person_is_found_by_their_id(store: Store) -> None:
    """Every list, whatever its state; of nobody nothing."""
    async with store.write() as tx:
        who = await _sign_up(tx)
        await _sign_up(tx, "letters")
    async with store.read() as tx:
        assert [one.list_slug for one in await subscribers.of_person(tx, who)] == ["letters", "news"]
        assert await subscribers.of_person(tx, who + 1) == []
        assert await sorts(tx) == []
