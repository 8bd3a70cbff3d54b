"""Mail about a subscription itself: asked for in the transaction of an act, sent by the service, at most once each.

All that changes the state of such a mail is in this file; `model.service_mail` says which states there are.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, literal, or_, select, update

from dispatch.model.delivery import SendState
from dispatch.model.service_mail import STILL_TRUE, ServiceMail, ServiceMailKind
from dispatch.model.subscriber import Subscriber
from dispatch.store.audience import SUPPRESSED
from dispatch.store.columns import Instant
from dispatch.store.connect import Tx
from dispatch.store.schema import mailing_list, service_mail, subscriber, subscription

KEPT = timedelta(days=7)  # for reports; by then every link to confirm with has expired too
LONGEST_DETAIL = 500  # characters of a server's words
LEFT_BEHIND = timedelta(minutes=5)
LONGEST_TRY = timedelta(seconds=90)  # half a minute in line, and a minute for the provider to answer
FRESH = timedelta(seconds=10)  # whoever finds no room for a mail asks for it again sooner
SOON = timedelta(seconds=2)
WAITS = service_mail.c.state == SendState.PENDING
IN_HAND = service_mail.c.state == SendState.UNKNOWN
_THEIRS = subscriber.c.id == service_mail.c.subscriber_id


async def ask(tx: Tx, kind: ServiceMailKind, subscriber_id: int, list_id: int, now: datetime) -> bool:
    """Put a mail in line. False: the same one waits already."""
    whose = {"kind": kind, "subscriber_id": subscriber_id, "list_id": list_id}
    same = [service_mail.c[name] == value for name, value in whose.items()]
    if (await tx.execute(select(service_mail.c.id).where(WAITS, *same).limit(1))).first():
        return False
    fresh = {"state": SendState.PENDING, "attempts": 0, "detail": ""}
    await tx.execute(service_mail.insert().values(**whose, **fresh, asked=now, not_before=now, at=now))
    return True


async def due(tx: Tx, now: datetime, list_ids: Collection[int], limit: int) -> list[ServiceMail]:
    """Mails about these lists whose time has come, the longest asked for first."""
    statement = (
        select(service_mail, subscriber.c.email, subscriber.c.name, subscriber.c.language, subscriber.c.timezone)
        .join(subscriber, _THEIRS)
        .where(WAITS, service_mail.c.not_before <= now, service_mail.c.list_id.in_(list_ids))
        .order_by(service_mail.c.asked, service_mail.c.id)
        .limit(limit)
    )
    return [_mail(row) for row in await tx.execute(statement)]


def _mail(row: Any) -> ServiceMail:
    person = Subscriber(row.subscriber_id, row.email, row.name, row.language, row.timezone)
    tried = {"attempts": row.attempts, "not_before": row.not_before, "first_try": row.first_try}
    return ServiceMail(row.id, ServiceMailKind(row.kind), person, row.list_id, row.asked, **tried)


@dataclass(frozen=True, slots=True)
class Overdue:
    """Mails of one kind that nobody could send in time, and what was wrong last."""

    kind: ServiceMailKind
    detail: str
    count: int


async def tidy(tx: Tx, now: datetime, asked_before: datetime) -> list[Overdue]:
    """Skip what waits and has become pointless, end what was asked for too long ago, drop what needs no report now.

    Returns what has ended here.
    """
    await tx.execute(update(service_mail).where(WAITS, ~_still_true()).values(state=SendState.SKIPPED, at=now))
    await tx.execute(delete(service_mail).where(~WAITS, service_mail.c.at < now - KEPT))
    late = and_(WAITS, service_mail.c.asked < asked_before)
    sorts = (service_mail.c.kind, service_mail.c.detail)
    found = (await tx.execute(select(*sorts, func.count()).where(late).group_by(*sorts).order_by(*sorts))).all()
    if found:
        await tx.execute(update(service_mail).where(late).values(state=SendState.EXPIRED, at=now))
    return [Overdue(ServiceMailKind(kind), detail, count) for kind, detail, count in found]


def _still_true() -> Any:
    """Whether the subscription stands as the mail about it says, and its person may be mailed."""
    theirs = (
        subscription.c.subscriber_id == service_mail.c.subscriber_id,
        subscription.c.list_id == service_mail.c.list_id,
    )
    said = [and_(service_mail.c.kind == kind, subscription.c.state.in_(states)) for kind, states in STILL_TRUE.items()]
    stands = select(subscription.c.list_id).where(*theirs, or_(*said)).exists()
    return and_(stands, ~select(subscriber.c.id).where(_THEIRS, SUPPRESSED).exists())


async def take(tx: Tx, mail_id: int, now: datetime) -> bool:
    """Take a mail upon oneself, by compare-and-set; False: another process has it, or it is not to be sent any more.

    From here on it is unknown: whoever dies with it in hand leaves it so.
    """
    first = func.coalesce(service_mail.c.first_try, literal(now, Instant()))
    tries = {"first_try": first, "attempts": service_mail.c.attempts + 1}
    values = {"state": SendState.UNKNOWN, "at": now, "detail": "", **tries}
    where = (service_mail.c.id == mail_id, WAITS, service_mail.c.not_before <= now, _still_true())
    return (await tx.execute(update(service_mail).where(*where).values(**values))).rowcount == 1


async def give_back(tx: Tx, mail_id: int, now: datetime, not_before: datetime, why: str) -> None:
    """A mail that was taken did not go out: it is due again from a moment on."""
    values = {"state": SendState.PENDING, "at": now, "not_before": not_before, "detail": why[:LONGEST_DETAIL]}
    await tx.execute(update(service_mail).where(service_mail.c.id == mail_id, IN_HAND).values(**values))


async def done(tx: Tx, mail_id: int, now: datetime, state: SendState, detail: str) -> None:
    """A mail that was taken is finished: accepted, rejected or expired; or it stays unknown."""
    values = {"state": state, "at": now, "detail": detail[:LONGEST_DETAIL]}
    await tx.execute(update(service_mail).where(service_mail.c.id == mail_id, IN_HAND).values(**values))


async def put_off(tx: Tx, ids: Collection[int], not_before: datetime, why: str) -> None:
    """Let mails wait that were not tried; `why` is empty where that needs nobody's attention."""
    values = {"not_before": not_before, "detail": why[:LONGEST_DETAIL]}
    await tx.execute(update(service_mail).where(WAITS, service_mail.c.id.in_(ids)).values(**values))


@dataclass(frozen=True, slots=True)
class Load:
    """What mails about subscriptions take of the provider, over all processes."""

    in_hand: int  # one connection each
    waiting: int  # whose time has just come, or comes at once


async def load(tx: Tx, now: datetime) -> Load:
    """The load as it stands. What waits and is asked for by nobody any more, or died in hand, soon counts no longer."""
    kept = select(mailing_list.c.id).where(mailing_list.c.id == service_mail.c.list_id, ~mailing_list.c.retired)
    in_hand = (IN_HAND, service_mail.c.detail == "", service_mail.c.at > now - LONGEST_TRY)
    waiting = (WAITS, service_mail.c.not_before.between(now - FRESH, now + SOON), kept.exists())
    counts = [select(func.count(service_mail.c.id)).where(*which).scalar_subquery() for which in (in_hand, waiting)]
    return Load(*(await tx.execute(select(*counts))).one())


async def any_left(tx: Tx, now: datetime) -> bool:
    """Whether a process died with mails in hand."""
    return (await tx.execute(select(service_mail.c.id).where(_left(now)).limit(1))).first() is not None


async def take_over(tx: Tx, now: datetime) -> None:
    """What a process left in hand when it died is due again; for a provider that sends no mail twice."""
    await tx.execute(update(service_mail).where(_left(now)).values(state=SendState.PENDING))


def _left(now: datetime) -> Any:
    """In hand for longer than any hand-over lasts, and nobody wrote down why."""
    return and_(IN_HAND, service_mail.c.detail == "", service_mail.c.at < now - LEFT_BEHIND)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many mails of one state there are, and what the provider said last about one of them."""

    state: SendState
    count: int
    detail: str


async def standing(tx: Tx) -> list[Standing]:
    """What waits or did not arrive, by state, as far back as it is kept."""
    shown = (SendState.PENDING, SendState.REJECTED, SendState.EXPIRED, SendState.UNKNOWN)
    columns = (service_mail.c.state, func.count(), func.max(service_mail.c.detail))
    statement = select(*columns).where(service_mail.c.state.in_(shown)).group_by(service_mail.c.state)
    found = await tx.execute(statement.order_by(service_mail.c.state))
    return [Standing(SendState(state), count, detail) for state, count, detail in found]


async def forget(tx: Tx, subscriber_id: int) -> None:
    """Drop all mail to a person who is erased."""
    await tx.execute(delete(service_mail).where(service_mail.c.subscriber_id == subscriber_id))
