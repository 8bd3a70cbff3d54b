"""People who signed up and have not said yet that it was they: their subscriptions are pending and never `joined`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, select

from dispatch.model.service_mail import ServiceMailKind
from dispatch.model.subscriber import SubscriptionState
from dispatch.store import subscribers
from dispatch.store.connect import Tx
from dispatch.store.schema import service_mail, subscriber, subscription
from dispatch.store.upsert import insert_into

ASKED_BY_ANYBODY = (ServiceMailKind.CONFIRM, ServiceMailKind.PREFERENCES)  # who types an address gets these sent to it


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A pending subscription that a form made."""

    subscriber: int
    list_id: int


async def wait_for_word(tx: Tx, person: subscribers.NewPerson, now: datetime) -> int:
    """Let somebody wait on one list until they confirm; returns their id as a subscriber.

    Of somebody known only the cadence changes, and of an active subscription not even that. One that ended stays so
    until they confirm: whoever typed the address may be anybody.
    """
    named = {"email": person.email, "name": person.name, "language": person.language, "timezone": person.timezone}
    added = insert_into(tx, subscriber).values(**named, created=now)
    await tx.execute(added.on_conflict_do_nothing(index_elements=["email"]))
    who = (await subscribers.ids_of(tx, [person.email]))[person.email]
    wished = {"list_id": person.list_id, "subscriber_id": who, "cadence": person.cadence}
    values = {**wished, "state": SubscriptionState.PENDING, "tags": (), "mark": person.mark, "hour": ""}
    statement = insert_into(tx, subscription).values(**values)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["list_id", "subscriber_id"],
            set_={"cadence": person.cadence},
            where=subscription.c.state != SubscriptionState.ACTIVE,
        )
    )
    return who


async def asked_since(tx: Tx, subscriber_id: int, since: datetime) -> list[datetime]:
    """When mail was asked for that anybody can have sent to this person, after a moment; the latest first."""
    where = (
        service_mail.c.subscriber_id == subscriber_id,
        service_mail.c.kind.in_(ASKED_BY_ANYBODY),
        service_mail.c.asked > since,
    )
    asked = select(service_mail.c.asked).where(*where).order_by(service_mail.c.asked.desc())
    return list((await tx.execute(asked)).scalars())


async def unconfirmed(tx: Tx, asked_before: datetime, limit: int) -> list[Unconfirmed]:
    """Who has signed up and let every link to confirm with grow older than that."""
    asked_lately = exists().where(
        service_mail.c.subscriber_id == subscription.c.subscriber_id,
        service_mail.c.list_id == subscription.c.list_id,
        service_mail.c.kind == ServiceMailKind.CONFIRM,
        service_mail.c.asked > asked_before,
    )
    statement = (
        select(subscription.c.subscriber_id, subscription.c.list_id)
        .where(_NEVER_JOINED, ~asked_lately)
        .order_by(subscription.c.subscriber_id, subscription.c.list_id)
        .limit(limit)
    )
    return [Unconfirmed(*row) for row in await tx.execute(statement)]


async def give_up(tx: Tx, people: Iterable[Unconfirmed]) -> None:
    """Forget these sign-ups, and whoever has no other subscription: nobody asked us to keep their address.

    Nobody without one was ever mailed an issue, for subscriptions that end stay.
    """
    for one in people:
        own = and_(subscription.c.subscriber_id == one.subscriber, subscription.c.list_id == one.list_id)
        await tx.execute(delete(subscription).where(own, _NEVER_JOINED))
        if not await subscribers.of_person(tx, one.subscriber):
            await subscribers.erase_unmailed(tx, one.subscriber)


_NEVER_JOINED = and_(subscription.c.state == SubscriptionState.PENDING, subscription.c.joined.is_(None))
