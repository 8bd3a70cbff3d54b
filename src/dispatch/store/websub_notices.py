"""What other people's WebSub hubs know of our feeds, and have yet to be told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, delete, func, literal, select, update

from dispatch.model.websub import Notice, Tries
from dispatch.store.columns import Instant
from dispatch.store.connect import Tx
from dispatch.store.schema_site import document
from dispatch.store.schema_site import websub_notice as notice
from dispatch.store.tries import FREE, claimed, failed, settled, tries_at, turn_of
from dispatch.store.turns import in_turn
from dispatch.store.upsert import insert_into

_OWED = notice.c.told != document.c.digest
_NOTICES = notice.join(document, notice.c.path == document.c.path)


async def unknown(tx: Tx, hubs: Sequence[str]) -> bool:
    """Whether a hub is new, a feed is, or a hub is not among these any more."""
    others = select(notice.c.path).where(notice.c.hub.not_in(hubs)).limit(1)
    if (await tx.execute(others)).first():
        return True
    feeds = (await tx.execute(select(func.count()).select_from(document))).scalar_one()
    known = (await tx.execute(select(func.count()).select_from(_NOTICES))).scalar_one()
    return bool(known < feeds * len(hubs))


async def know(tx: Tx, hubs: Sequence[str]) -> None:
    """Keep what each of these hubs is told, and forget all others."""
    await tx.execute(delete(notice).where(notice.c.hub.not_in(hubs)))
    names = ["hub", "path", "told", "tried", "attempts", "not_before", "claimed_until"]
    moment = literal(FREE, Instant())
    for hub in hubs:
        rows = select(literal(hub), document.c.path, literal(""), literal(""), literal(0), moment, moment)
        statement = insert_into(tx, notice).from_select(names, rows.where(document.c.path != ""))
        await tx.execute(statement.on_conflict_do_nothing())


async def due(tx: Tx, now: datetime, busy: Sequence[str], share: int, limit: int) -> list[Notice]:
    """Notices to be sent, each hub's in turn, no more than `share` to one; none to hubs that are busy.

    To those first that could be reached last time.
    """
    columns = [notice.c[name] for name in ("hub", "path", "claimed_until", "attempts")]
    waiting = (
        select(*columns, document.c.digest, tries_at(notice).label("tries"))
        .select_from(_NOTICES)
        .where(_OWED, turn_of(notice) <= now, notice.c.hub.not_in(busy))
    )
    statement = in_turn(waiting, "hub", ("attempts", "hub", "path"), share, limit)
    return [
        Notice(row.hub, row.path, row.digest, Tries(row.tries, row.claimed_until))
        for row in await tx.execute(statement)
    ]


async def take(tx: Tx, one: Notice, until: datetime) -> Notice | None:
    """Take a notice upon oneself; None: another process has it, or the hub was told."""
    mine = (_this(one), notice.c.told != one.digest, tries_at(notice, one.digest) == one.tries.attempts)
    taken = await tx.execute(update(notice).where(*mine).values(**claimed(one.tries, one.digest, until)))
    return replace(one, tries=replace(one.tries, claimed_until=until)) if taken.rowcount == 1 else None


async def told(tx: Tx, one: Notice) -> None:
    """The hub knows, or is given up: nothing is owed to it until the next change."""
    await tx.execute(update(notice).where(_this(one)).values(told=one.digest, **settled()))


async def missed(tx: Tx, one: Notice, not_before: datetime) -> None:
    """The hub could not be told: try again then."""
    await tx.execute(update(notice).where(_this(one)).values(**failed(one.tries, not_before)))


def _this(one: Notice) -> ColumnElement[bool]:
    claimed = notice.c.claimed_until == one.tries.claimed_until
    return and_(notice.c.hub == one.hub, notice.c.path == one.path, claimed)


async def next_due(tx: Tx, now: datetime) -> datetime | None:
    """When the next notice can be sent that cannot be sent yet."""
    turn = turn_of(notice)
    statement = select(func.min(turn)).select_from(_NOTICES).where(_OWED, turn > now)
    found: datetime | None = (await tx.execute(statement)).scalar()
    return found


async def owed(tx: Tx) -> tuple[int, int]:
    """How many notices are owed, and how many of them could not be sent last."""
    failing = func.coalesce(func.sum(case((notice.c.attempts > 0, 1), else_=0)), 0)
    statement = select(func.count(), failing).select_from(_NOTICES).where(_OWED)
    count, missed_ = (await tx.execute(statement)).one()
    return count, missed_
