"""People who signed up and have not said yet that it was they: their subscriptions are pending and never `joined`."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, update

from dispatch.model.service_mail import ServiceMailKind
from dispatch.model.subscriber import SubscriptionState
from dispatch.store import subscribers
from dispatch.store.connect import Tx
from dispatch.store.schema import service_mail, subscriber, subscription
from dispatch.store.upsert import insert_into

ASKED_BY_ANYBODY = (ServiceMailKind.CONFIRM, ServiceMailKind.PREFERENCES)  # who types an address gets these sent to it


async def wait_for_word(tx: Tx, person: subscribers.NewPerson, now: datetime) -> int:
    """Let somebody wait on one list until they confirm; returns their id as a subscriber.

    Whoever typed the address may be anybody. So only what nobody has confirmed yet takes another cadence (see `call`
    for the name); what is active stays as it is, and so does what has ended, until its person says so.
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
            where=_NEVER_JOINED,
        )
    )
    return who


async def call(tx: Tx, subscriber_id: int, name: str, language: str) -> None:
    """Give somebody the name and language of their last form, if they were never on a list."""
    where = (subscriber.c.id == subscriber_id, ~_WAS_ON_A_LIST)
    await tx.execute(update(subscriber).where(*where).values(name=name, language=language))


async def keep_name_of(tx: Tx, subscriber_id: int, asked: datetime) -> None:
    """Keep the name and language of somebody who confirms only if they are of the form asked for in that second.

    What a later form brought may be a stranger's. Whoever was on a list has a name of their own.
    """
    later = exists().where(
        service_mail.c.subscriber_id == subscriber_id,
        service_mail.c.kind == ServiceMailKind.CONFIRM,
        service_mail.c.asked >= asked + timedelta(seconds=1),
    )
    where = (subscriber.c.id == subscriber_id, ~_WAS_ON_A_LIST, later)
    await tx.execute(update(subscriber).where(*where).values(name="", language=""))


async def asked_since(tx: Tx, email: str, since: datetime) -> list[datetime]:
    """When mail was asked for that anybody can have sent to this mailbox, after a moment; the latest first.

    An address that goes on after a plus leads to the same mailbox (RFC 5233), and one can make up any number of them.
    """
    local, at, domain = email.rpartition("@")
    own = local.partition("+")[0]
    detailed = and_(
        subscriber.c.email.startswith(f"{own}+", autoescape=True),
        subscriber.c.email.endswith(f"{at}{domain}", autoescape=True),
    )
    where = (
        service_mail.c.kind.in_(ASKED_BY_ANYBODY),
        service_mail.c.asked > since,
        or_(subscriber.c.email == f"{own}{at}{domain}", detailed),
    )
    whose = subscriber.c.id == service_mail.c.subscriber_id
    asked = select(service_mail.c.asked).join(subscriber, whose).where(*where)
    return list((await tx.execute(asked.order_by(service_mail.c.asked.desc()))).scalars())


async def forget_unconfirmed(tx: Tx, asked_before: datetime, limit: int) -> int:
    """Forget sign-ups whose every link to confirm with is older than that, and whoever has no other subscription.

    Nobody asked us to keep their address. Returns how many sign-ups there were, at most `limit`.
    """
    found = select(subscription.c.list_id, subscription.c.subscriber_id).where(_unconfirmed(asked_before)).limit(limit)
    own = tuple_(subscription.c.list_id, subscription.c.subscriber_id).in_(found)
    forgotten = delete(subscription).where(own).returning(subscription.c.subscriber_id)
    people = list((await tx.execute(forgotten)).scalars())
    await _forget_people(tx, people)
    return len(people)


def _unconfirmed(asked_before: datetime) -> Any:
    asked_lately = exists().where(
        service_mail.c.subscriber_id == subscription.c.subscriber_id,
        service_mail.c.list_id == subscription.c.list_id,
        service_mail.c.kind == ServiceMailKind.CONFIRM,
        service_mail.c.asked > asked_before,
    )
    return and_(_NEVER_JOINED, ~asked_lately)


async def _forget_people(tx: Tx, people: Collection[int]) -> None:
    """Drop those who have no subscription left, and were never mailed an issue then, for those that end stay.

    The newest row of all stays, empty: SQLite would give its id, which the links of mails hold, to whoever comes next.
    """
    on_a_list = exists().where(subscription.c.subscriber_id == subscriber.c.id)
    gone = select(subscriber.c.id).where(subscriber.c.id.in_(people), ~on_a_list)
    newest = (await tx.execute(select(func.max(subscriber.c.id)))).scalar()
    for who in (await tx.execute(gone)).scalars().all():
        await subscribers.erase_unmailed(tx, who)
        if who != newest:
            await tx.execute(delete(subscriber).where(subscriber.c.id == who))


_WAS_ON_A_LIST = (
    exists()
    .where(subscription.c.subscriber_id == subscriber.c.id, subscription.c.joined.is_not(None))
    .correlate(subscriber)
)
_NEVER_JOINED = and_(subscription.c.state == SubscriptionState.PENDING, subscription.c.joined.is_(None))
