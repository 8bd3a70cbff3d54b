"""Subscribers, their subscriptions, and the addresses that are never mailed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, func, select, update

from dispatch.model.subscriber import Cadence, Subscriber, Subscription, SubscriptionState
from dispatch.model.tags import changed, names
from dispatch.store import service_mails
from dispatch.store.audience import ACTIVE
from dispatch.store.connect import Tx
from dispatch.store.schema import (
    delivery,
    mailing_list,
    subscriber,
    subscription,
    suppression,
    taken,
)
from dispatch.store.upsert import insert_into

_OWN = subscription.c.subscriber_id == subscriber.c.id
ERASED = "(forgotten)"  # in place of an address


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who joins one list."""

    email: str
    name: str
    language: str
    timezone: str
    list_id: int
    state: SubscriptionState
    cadence: Cadence
    tags: tuple[str, ...]
    mark: int
    hour: str = ""  # HH:MM, their own; empty: the list's


async def take_hashes(tx: Tx, hashes: Collection[str]) -> None:
    """Remember that these were taken from a file."""
    if hashes:
        rows = [{"hash": value} for value in sorted(hashes)]
        await tx.execute(insert_into(tx, taken).on_conflict_do_nothing(), rows)


async def any_taken(tx: Tx) -> bool:
    """Whether anybody was ever taken from a file."""
    return (await tx.execute(select(taken.c.hash).limit(1))).first() is not None


async def join(tx: Tx, people: Sequence[NewPerson], now: datetime) -> None:
    """Add subscribers and their subscriptions; whoever is already there keeps what they have."""
    if not people:
        return
    rows = [_subscriber_values(person, now) for person in people]
    await tx.execute(insert_into(tx, subscriber).on_conflict_do_nothing(index_elements=["email"]), rows)
    ids = await ids_of(tx, [person.email for person in people])
    subscriptions = [_subscription_values(person, ids[person.email], now) for person in people]
    statement = insert_into(tx, subscription).on_conflict_do_nothing(index_elements=["list_id", "subscriber_id"])
    await tx.execute(statement, subscriptions)


def _subscriber_values(person: NewPerson, now: datetime) -> dict[str, Any]:
    return {
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "timezone": person.timezone,
        "created": now,
    }


def _subscription_values(person: NewPerson, subscriber_id: int, now: datetime) -> dict[str, Any]:
    return {
        "list_id": person.list_id,
        "subscriber_id": subscriber_id,
        "state": person.state,
        "cadence": person.cadence,
        "tags": person.tags,
        "mark": person.mark,
        "hour": person.hour,
        "away_until": None,  # whoever comes back is not away, whatever they had asked for before they left
        "joined": now,
        "ended": now if person.state is SubscriptionState.ENDED else None,
    }


async def ids_of(tx: Tx, emails: Sequence[str]) -> dict[str, int]:
    """The ids of these addresses, those that exist."""
    found: dict[str, int] = {}
    for start in range(0, len(emails), 500):
        where = subscriber.c.email.in_(emails[start : start + 500])
        found.update({row.email: row.id for row in await tx.execute(select(subscriber).where(where))})
    return found


async def everybody(tx: Tx, list_slug: str | None = None, limit: int = 1000) -> list[Subscription]:
    """Subscriptions by address, perhaps of one list only."""
    where = [] if list_slug is None else [mailing_list.c.slug == list_slug]
    return await _subscriptions(tx, where, limit)


async def of_address(tx: Tx, email: str) -> list[Subscription]:
    """All subscriptions of one address."""
    return await _subscriptions(tx, [subscriber.c.email == email], 1000)


async def of_person(tx: Tx, subscriber_id: int) -> list[Subscription]:
    """All subscriptions of one person."""
    return await _subscriptions(tx, [subscriber.c.id == subscriber_id], 1000)


async def of_id(tx: Tx, subscriber_id: int, list_id: int) -> Subscription | None:
    """One subscription."""
    where = [subscription.c.subscriber_id == subscriber_id, subscription.c.list_id == list_id]
    return next(iter(await _subscriptions(tx, where, 1)), None)


async def _subscriptions(tx: Tx, where: Sequence[Any], limit: int) -> list[Subscription]:
    statement = (
        select(subscriber, subscription, mailing_list.c.slug)
        .join(subscription, subscription.c.subscriber_id == subscriber.c.id)
        .join(mailing_list, mailing_list.c.id == subscription.c.list_id)
        .where(*where)
        .order_by(subscriber.c.email, mailing_list.c.slug)
        .limit(limit)
    )
    return [_subscription(row) for row in await tx.execute(statement)]


def _subscription(row: Any) -> Subscription:
    person = Subscriber(row.id, row.email, row.name, row.language, row.timezone)
    state, cadence = SubscriptionState(row.state), Cadence(row.cadence)
    return Subscription(
        person, row.slug, state, cadence, names(row.tags), row.mark, row.joined, row.hour, row.away_until, row.ended
    )


async def counts(tx: Tx) -> dict[tuple[str, str], int]:
    """How many subscriptions each list has, by (list slug, state)."""
    statement = (
        select(mailing_list.c.slug, subscription.c.state, func.count())
        .join(mailing_list, mailing_list.c.id == subscription.c.list_id)
        .group_by(mailing_list.c.slug, subscription.c.state)
    )
    return {(slug, state): count for slug, state, count in await tx.execute(statement)}


async def active(tx: Tx, list_id: int, cadence: Cadence) -> int:
    """How many get this list at this cadence."""
    where = and_(subscription.c.list_id == list_id, subscription.c.cadence == cadence, ACTIVE)
    return (await tx.execute(select(func.count()).where(where))).scalar_one()


async def anybody(tx: Tx, list_id: int, cadence: Cadence) -> bool:
    """Whether somebody gets this list at this cadence."""
    where = and_(subscription.c.list_id == list_id, subscription.c.cadence == cadence, ACTIVE)
    return (await tx.execute(select(subscription.c.subscriber_id).where(where).limit(1))).first() is not None


async def end(tx: Tx, subscriber_id: int, list_id: int, now: datetime) -> bool:
    """End a subscription; False if it had ended, or never was."""
    where = and_(
        subscription.c.subscriber_id == subscriber_id,
        subscription.c.list_id == list_id,
        subscription.c.state != SubscriptionState.ENDED,
    )
    values = {"state": SubscriptionState.ENDED, "ended": now}
    return (await tx.execute(update(subscription).where(where).values(**values))).rowcount == 1


async def come_back(tx: Tx, subscriber_id: int, person: NewPerson, now: datetime) -> None:
    """Let an ended subscription begin anew, from the newcomer's mark on or, had it come further, from its own."""
    where = and_(subscription.c.subscriber_id == subscriber_id, subscription.c.list_id == person.list_id)
    mark = case((subscription.c.mark > person.mark, subscription.c.mark), else_=person.mark)
    values = {**_subscription_values(person, subscriber_id, now), "mark": mark, "ended": None}
    await tx.execute(update(subscription).where(where).values(**values))


async def change(tx: Tx, subscriber_id: int, values: Mapping[str, str]) -> None:
    """Change email, name, language or time zone of a person."""
    if values:
        await tx.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(**values))


async def change_cadence(tx: Tx, subscriber_id: int, list_id: int, cadence: Cadence) -> None:
    """Let a subscription go on at another pace; its mark stays, so that nothing is lost or repeated."""
    where = (subscription.c.subscriber_id == subscriber_id, subscription.c.list_id == list_id)
    await tx.execute(update(subscription).where(*where).values(cadence=cadence))


async def change_tags(tx: Tx, subscriber_id: int, list_id: int, wanted: Collection[str], head: int) -> None:
    """Let a subscription have other tags; those that are new to it count for what arrives after `head`."""
    where = (subscription.c.subscriber_id == subscriber_id, subscription.c.list_id == list_id)
    had = (await tx.execute(select(subscription.c.tags).where(*where))).scalar_one()
    await tx.execute(update(subscription).where(*where).values(tags=changed(had, wanted, head)))


async def suppressed(tx: Tx, email: str) -> str | None:
    """Why this address is never mailed; None if it may be."""
    return (await tx.execute(select(suppression.c.reason).where(suppression.c.email == email))).scalar()


async def all_suppressed(tx: Tx) -> set[str]:
    """Every address that is never mailed."""
    return set((await tx.execute(select(suppression.c.email))).scalars())


async def erase(tx: Tx, email: str) -> bool:
    """Forget a person: what is known of them, their subscriptions, the address on their deliveries; False if unknown.

    The deliveries stay, so that every sum stays right, and so do the keyed hashes, so that no file brings them back.
    An empty row stays too, so that nobody else is ever given their id, nor what links and bounces say of it.
    """
    found = (await ids_of(tx, [email])).get(email)
    if found is None:
        return False
    await tx.execute(update(delivery).where(delivery.c.subscriber_id == found).values(email=ERASED))
    await erase_unmailed(tx, found)
    return True


async def erase_unmailed(tx: Tx, subscriber_id: int) -> None:
    """Forget somebody who has never been in an audience; spares a look through all deliveries."""
    await tx.execute(delete(subscription).where(subscription.c.subscriber_id == subscriber_id))
    await service_mails.forget(tx, subscriber_id)
    nobody = {"email": f"{ERASED} {subscriber_id}", "name": "", "language": "", "timezone": "", "feed_open": False}
    await tx.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(**nobody))


async def suppress(tx: Tx, email: str, reason: str, now: datetime) -> None:
    """Never mail this address again, on any list."""
    statement = insert_into(tx, suppression).values(email=email, reason=reason, at=now)
    await tx.execute(statement.on_conflict_do_nothing(index_elements=["email"]))


async def release(tx: Tx, email: str) -> bool:
    """Lift a suppression; False if there was none."""
    return (await tx.execute(delete(suppression).where(suppression.c.email == email))).rowcount == 1


async def welcome_back(tx: Tx, now: datetime, list_ids: Collection[int]) -> set[tuple[int, Cadence]]:
    """End the absences on these lists whose time is up; returns the lists and cadences to which somebody came back."""
    back = and_(ACTIVE, subscription.c.away_until <= now, subscription.c.list_id.in_(list_ids))
    statement = select(subscription.c.list_id, subscription.c.cadence).where(back).distinct()
    found = {(row.list_id, Cadence(row.cadence)) for row in await tx.execute(statement)}
    if found:
        await tx.execute(update(subscription).where(back).values(away_until=None))
    return found


async def next_return(tx: Tx, list_ids: Collection[int]) -> datetime | None:
    """When the next person comes back to one of these lists."""
    where = and_(subscription.c.away_until.is_not(None), ACTIVE, subscription.c.list_id.in_(list_ids))
    found: datetime | None = (await tx.execute(select(func.min(subscription.c.away_until)).where(where))).scalar()
    return found


async def stay_away(tx: Tx, subscriber_id: int, list_id: int, until: datetime | None) -> None:
    """Let a subscription rest until a moment; None: it goes on."""
    where = (subscription.c.subscriber_id == subscriber_id, subscription.c.list_id == list_id)
    await tx.execute(update(subscription).where(*where).values(away_until=until))


async def change_hour(tx: Tx, subscriber_id: int, list_id: int, hour: str) -> None:
    """Give a subscription an hour of its own, HH:MM; empty: the list's."""
    where = (subscription.c.subscriber_id == subscriber_id, subscription.c.list_id == list_id)
    await tx.execute(update(subscription).where(*where).values(hour=hour))
