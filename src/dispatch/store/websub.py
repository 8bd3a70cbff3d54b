"""Who follows our hub, and what is owed to them (https://www.w3.org/TR/websub/).

Whatever is sent to somebody is claimed first, by compare-and-set, so that two processes never send it twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, literal, or_, select, update

from dispatch.model.websub import Asked, Crowd, Intent, Mode, Push, Tries
from dispatch.store.columns import Instant
from dispatch.store.connect import Tx
from dispatch.store.schema_site import document
from dispatch.store.schema_site import websub_request as request
from dispatch.store.schema_site import websub_subscription as subscription
from dispatch.store.tries import FREE, claimed, failed, settled, tries_at, turn_of
from dispatch.store.turns import in_turn
from dispatch.store.upsert import insert_into


async def crowd(tx: Tx, path: str, asked: Asked, host: str, now: datetime) -> Crowd:
    """How many are there already, and whether this one is among them."""
    lives = subscription.c.lease_until > now
    theirs = (subscription.c.path == path, subscription.c.callback == asked.callback)
    return Crowd(
        pending=await _count(tx, request.c.id),
        pending_here=await _count(tx, request.c.id, request.c.host == host),
        followers=await _count(tx, subscription.c.id, lives),
        followers_here=await _count(tx, subscription.c.id, lives, subscription.c.host == host),
        known=await _count(tx, subscription.c.id, *theirs) > 0,
    )


async def _count(tx: Tx, column: Any, *where: ColumnElement[bool]) -> int:
    found: int = (await tx.execute(select(func.count(column)).where(*where))).scalar_one()
    return found


async def ask(tx: Tx, asked: Asked, host: str, now: datetime) -> None:
    """Keep a request until its sender has confirmed it; it takes the place of one that they have not confirmed yet.

    Where that one is being verified at this moment, this one's turn comes afterwards.
    """
    values = {"mode": asked.mode, "secret": asked.secret, "lease": asked.lease, "asked": now, "attempts": 0}
    statement = insert_into(tx, request).values(
        topic=asked.topic, callback=asked.callback, host=host, not_before=now, challenge="", **values
    )
    in_hand = or_(request.c.challenge != "", request.c.attempts == 0)  # the latter also where one came in between
    turn = case((in_hand, request.c.not_before), else_=literal(now, Instant()))
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["topic", "callback"], set_={**values, "not_before": turn, "challenge": ""}
        )
    )


async def due_intents(tx: Tx, now: datetime, busy: Sequence[str], share: int, limit: int) -> list[Intent]:
    """Requests to be verified, each host's in turn, no more than `share` of one; none of hosts that are busy.

    Those first whose senders have not been asked in vain, then the longest waiting.
    """
    waiting = select(request).where(request.c.not_before <= now, request.c.host.not_in(busy))
    statement = in_turn(waiting, "host", ("attempts", "asked", "id"), share, limit)
    return [_intent(row) for row in await tx.execute(statement)]


def _intent(row: Any) -> Intent:
    asked = Asked(Mode(row.mode), row.topic, row.callback, row.secret, row.lease)
    return Intent(row.id, asked, row.host, row.attempts)


async def take_intent(tx: Tx, intent: Intent, challenge: str, now: datetime, until: datetime) -> Intent | None:
    """Take a request's verification upon oneself, as it stands now; None: another process has it, or it is settled."""
    mine = (request.c.id == intent.id, request.c.not_before <= now)
    taken = await tx.execute(update(request).where(*mine).values(challenge=challenge, not_before=until))
    if taken.rowcount != 1:
        return None
    row = (await tx.execute(select(request).where(request.c.id == intent.id))).one()
    return replace(_intent(row), challenge=challenge)


async def settle_intent(tx: Tx, intent: Intent, now: datetime) -> None:
    """A request has been answered. One that came for the same place meanwhile is due now."""
    ended = await tx.execute(delete(request).where(_this_try(intent)))
    if ended.rowcount == 0:
        same = (request.c.topic == intent.asked.topic, request.c.callback == intent.asked.callback)
        await tx.execute(update(request).where(*same, request.c.challenge == "").values(not_before=now))


async def postpone_intent(tx: Tx, intent: Intent, not_before: datetime) -> None:
    """Nobody answered: try again then."""
    values = {"challenge": "", "attempts": intent.attempts + 1, "not_before": not_before}
    await tx.execute(update(request).where(_this_try(intent)).values(**values))


def _this_try(intent: Intent) -> ColumnElement[bool]:
    return and_(request.c.id == intent.id, request.c.challenge == intent.challenge)


async def digest_of(tx: Tx, path: str) -> str | None:
    """The digest of a live feed's file; None if there is no such feed."""
    found: str | None = (await tx.execute(select(document.c.digest).where(document.c.path == path))).scalar()
    return found


async def subscribe(tx: Tx, intent: Intent, path: str, digest: str, now: datetime, lease_until: datetime) -> None:
    """Begin a subscription, or renew it: what is owed to somebody who is there already stays owed, and is due."""
    asked = intent.asked
    fresh = {"secret": asked.secret, "lease_until": lease_until, "attempts": 0, "not_before": now}
    statement = insert_into(tx, subscription).values(
        path=path, callback=asked.callback, host=intent.host, pushed=digest, tried="", claimed_until=FREE, **fresh
    )
    await tx.execute(statement.on_conflict_do_update(index_elements=["path", "callback"], set_=fresh))


async def unsubscribe(tx: Tx, path: str, callback: str) -> None:
    """End a subscription, if there is one."""
    await tx.execute(delete(subscription).where(subscription.c.path == path, subscription.c.callback == callback))


async def expire(tx: Tx, now: datetime) -> None:
    """Remove subscriptions whose lease has ended."""
    await tx.execute(delete(subscription).where(subscription.c.lease_until <= now))


async def any_expired(tx: Tx, now: datetime) -> bool:
    """Whether there is anything to remove."""
    found = select(subscription.c.id).where(subscription.c.lease_until <= now).limit(1)
    return (await tx.execute(found)).first() is not None


_OWED = subscription.c.pushed != document.c.digest
_PUSHES = subscription.join(document, subscription.c.path == document.c.path)


async def due_pushes(tx: Tx, now: datetime, busy: Sequence[str], share: int, limit: int) -> list[Push]:
    """Pushes to be sent, each host's in turn, no more than `share` to one; none to hosts that are busy.

    To those first who could be reached last time.
    """
    columns = [subscription.c[name] for name in ("id", "path", "callback", "host", "secret", "claimed_until")]
    waiting = (
        select(*columns, document.c.digest, tries_at(subscription).label("tries"), subscription.c.attempts)
        .select_from(_PUSHES)
        .where(_OWED, turn_of(subscription) <= now)
        .where(subscription.c.lease_until > now, subscription.c.host.not_in(busy))
    )
    statement = in_turn(waiting, "host", ("attempts", "id"), share, limit)
    return [
        Push(row.id, row.path, row.digest, row.callback, row.host, row.secret, Tries(row.tries, row.claimed_until))
        for row in await tx.execute(statement)
    ]


async def take_push(tx: Tx, push: Push, until: datetime) -> Push | None:
    """Take a push upon oneself; None: another process has it, or it was brought."""
    mine = (
        _this_push(push),
        subscription.c.pushed != push.digest,
        tries_at(subscription, push.digest) == push.tries.attempts,
    )
    values = claimed(push.tries, push.digest, until)
    taken = await tx.execute(update(subscription).where(*mine).values(**values))
    return replace(push, tries=replace(push.tries, claimed_until=until)) if taken.rowcount == 1 else None


async def brought(tx: Tx, push: Push) -> None:
    """The content has arrived, or is given up: nothing of it is owed any more."""
    await tx.execute(update(subscription).where(_this_push(push)).values(pushed=push.digest, **settled()))


async def missed(tx: Tx, push: Push, not_before: datetime) -> None:
    """The content could not be brought: try again then."""
    await tx.execute(update(subscription).where(_this_push(push)).values(**failed(push.tries, not_before)))


async def end(tx: Tx, push: Push) -> None:
    """They want no more."""
    await tx.execute(delete(subscription).where(_this_push(push)))


def _this_push(push: Push) -> ColumnElement[bool]:
    """The subscription as it was read or claimed: numbers of those that ended may be given again."""
    same = (subscription.c.id == push.id, subscription.c.callback == push.callback)
    return and_(*same, subscription.c.claimed_until == push.tries.claimed_until)


async def next_due(tx: Tx, now: datetime) -> datetime | None:
    """When the next verification or push can be tried that cannot be tried yet."""
    intents = select(func.min(request.c.not_before)).where(request.c.not_before > now)
    turn = turn_of(subscription)
    pushes = select(func.min(turn)).select_from(_PUSHES).where(_OWED, turn > now)
    found = [(await tx.execute(statement)).scalar() for statement in (intents, pushes)]
    return min((moment for moment in found if moment is not None), default=None)


async def followers(tx: Tx, now: datetime) -> tuple[int, int, int]:
    """How many subscriptions there are, how many are owed something, and how many could not be reached last."""
    statement = (
        select(
            func.count(),
            func.coalesce(func.sum(case((_OWED, 1), else_=0)), 0),
            func.coalesce(func.sum(case((and_(_OWED, subscription.c.attempts > 0), 1), else_=0)), 0),
        )
        .select_from(subscription.join(document, subscription.c.path == document.c.path, isouter=True))
        .where(subscription.c.lease_until > now)
    )
    all_, owed, failing = (await tx.execute(statement)).one()
    return all_, owed, failing
