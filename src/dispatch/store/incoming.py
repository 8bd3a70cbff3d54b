"""People on their way in: set aside in temporary tables first, then let in by slices.

They are let in in the order of their addresses, so that a slice touches few pages of the index of addresses; and all
of a slice, the keyed hashes among it, is one transaction: an import that was cut off goes on where it was.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    text,
)

from dispatch.model.subscriber import SubscriptionState
from dispatch.store.columns import Instant
from dispatch.store.connect import Aside, Store, Tx
from dispatch.store.fill import fill
from dispatch.store.schema import mailing_list, schedule, subscriber, subscription, taken
from dispatch.store.upsert import insert_into

# People a transaction: about a fifth of a second, so that nobody who wants to leave has to wait.
SLICES = {"sqlite": 20_000, "postgresql": 10_000}
LOG = 20_000  # pages that SQLite's log may grow to (80 MB): each page goes into the file once for several slices
Watch = Callable[[int, int], None]  # how many of how many have been let in


class Newcomer(NamedTuple):
    """One row of a file on one of its lists, as the temporary table keeps it."""

    line: int
    hash: str  # the keyed hash of address and list
    email: str
    name: str
    language: str
    timezone: str
    list_id: int
    state: str
    cadence: str
    tags: str  # as JSON
    hour: str  # HH:MM, or empty


def _table(name: str, *first: Column[Any]) -> Table:
    kinds = {"line": BigInteger, "list_id": Integer}
    columns = [Column(field, kinds.get(field, Text)) for field in Newcomer._fields]
    return Table(name, MetaData(), *first, *columns, prefixes=["TEMPORARY"])


read_in = _table("read_in")  # as they come
arranged = _table("arranged", Column("place", Integer, primary_key=True))  # who is new, by address and list
FIELDS = [read_in.c[field] for field in Newcomer._fields]


class Incoming:
    """The people of one file, while it is read and let in. Fill it, arrange it, then join."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside

    async def add(self, people: Sequence[Newcomer]) -> None:
        """Set people aside."""
        async with self._aside.work() as tx:
            await fill(tx, read_in, Newcomer._fields, people)

    async def arrange(self) -> int:
        """Put those in order who were never taken from a file before, each address and list once; returns how many.

        The first row of an address counts.
        """
        known = exists().where(taken.c.hash == read_in.c.hash)
        ordered = select(*FIELDS).where(~known).order_by(read_in.c.email, read_in.c.list_id, read_in.c.line)
        before = arranged.alias()
        repeated = exists().where(before.c.place == arranged.c.place - 1, before.c.hash == arranged.c.hash)
        async with self._aside.work() as tx:
            await tx.run_sync(arranged.create)
            await tx.execute(insert(arranged).from_select(Newcomer._fields, ordered))
            await tx.run_sync(read_in.drop)
            await _analyse(tx, arranged)
            await tx.execute(delete(arranged).where(repeated))
            return (await tx.execute(select(func.count()).select_from(arranged))).scalar_one()

    async def join(self, now: datetime, watch: Watch) -> int:
        """Let everybody in who is new; whoever is there keeps what they have. Returns how many."""
        last, size = await self._last_place(), SLICES[self._aside.database]
        joined = 0
        for start in range(1, last + 1, size):
            end = min(start + size - 1, last)
            try:
                joined += await self._join(start, end, now)
            except _OvertakenError:
                joined += await self._join(start, end, now, leave_out=True)
            watch(end, last)
        if joined:
            async with self._aside.write() as tx:
                await _analyse(tx, subscriber, subscription, taken)
        return joined

    async def _last_place(self) -> int:
        async with self._aside.work() as tx:
            return (await tx.execute(select(func.max(arranged.c.place)))).scalar() or 0

    async def _join(self, start: int, end: int, now: datetime, *, leave_out: bool = False) -> int:
        """Let a slice in; returns how many.

        Whoever is known by now is left out at the price of a look for each; else _OvertakenError is raised then,
        and nothing changed.
        """
        where = arranged.c.place.between(start, end)
        hashes = select(arranged.c.hash).where(where).order_by(arranged.c.hash)
        async with self._aside.write() as tx:
            await _look_up(tx)
            if leave_out:
                await tx.execute(delete(arranged).where(where, exists().where(taken.c.hash == arranged.c.hash)))
            statement = insert_into(tx, taken).from_select(["hash"], hashes).on_conflict_do_nothing()
            new = (await tx.execute(statement.execution_options(preserve_rowcount=True))).rowcount
            if new != (await tx.execute(select(func.count()).select_from(arranged).where(where))).scalar_one():
                raise _OvertakenError
            await tx.execute(_subscribers(tx, where, now))
            await tx.execute(_subscriptions(tx, where, now))
        return new


class _OvertakenError(Exception):
    """Another process has taken some of these people from a file meanwhile."""


@asynccontextmanager
async def incoming(store: Store) -> AsyncIterator[Incoming]:
    """Room for the people of one file, on a connection of its own."""
    async with store.aside() as aside:
        async with aside.work() as tx:
            await tx.run_sync(read_in.create)
            if aside.database == "sqlite":
                await tx.execute(text(f"PRAGMA wal_autocheckpoint = {LOG}"))
        yield Incoming(aside)


def _subscribers(tx: Tx, where: Any, now: datetime) -> Any:
    personal = ["email", "name", "language", "timezone"]
    source = select(*(arranged.c[one] for one in personal), literal(now, Instant())).where(where)
    ordered = source.order_by(
        arranged.c.email, arranged.c.line
    )  # a person on two lists is called as the first row does
    statement = insert_into(tx, subscriber).from_select([*personal, "created"], ordered)
    return statement.on_conflict_do_nothing(index_elements=["email"])


def _subscriptions(tx: Tx, where: Any, now: datetime) -> Any:
    ended = case((arranged.c.state == SubscriptionState.ENDED, literal(now, Instant())), else_=null())
    wished = [arranged.c[one] for one in ("list_id", "state", "cadence", "tags", "hour")]
    source = (
        select(*wished, subscriber.c.id, _starting_mark(), literal(now, Instant()), ended)
        .join(subscriber, subscriber.c.email == arranged.c.email)
        .where(where)
        .order_by(arranged.c.place)
    )
    columns = ["list_id", "state", "cadence", "tags", "hour", "subscriber_id", "mark", "joined", "ended"]
    statement = insert_into(tx, subscription).from_select(columns, source)
    new = statement.excluded
    return statement.on_conflict_do_update(  # who signed up and has not confirmed is not there yet: the file's word is
        index_elements=["list_id", "subscriber_id"],
        set_={column: new[column] for column in columns if not column.endswith("_id")},
        where=and_(subscription.c.state == SubscriptionState.PENDING, subscription.c.joined.is_(None)),
    )


def _starting_mark() -> Any:
    """Where a newcomer's mark begins: for a digest at the previous slot's head, else at the list's."""
    slotted = select(schedule.c.previous).where(
        schedule.c.list_id == arranged.c.list_id, schedule.c.cadence == arranged.c.cadence
    )
    of_list = select(mailing_list.c.composed_to).where(mailing_list.c.id == arranged.c.list_id)
    return func.coalesce(slotted.scalar_subquery(), of_list.scalar_subquery())


async def _look_up(tx: Tx) -> None:
    """Let PostgreSQL look each of a slice up: it would read whole tables, whose size it does not know yet."""
    if tx.dialect.name == "postgresql":
        for way in ("hashjoin", "mergejoin", "seqscan"):
            await tx.execute(text(f"SET LOCAL enable_{way} = off"))


async def _analyse(tx: Tx, *tables: Table) -> None:
    """Let PostgreSQL know how big tables have become: it looks late itself, and at temporary ones never."""
    if tx.dialect.name == "postgresql":
        for table in tables:
            await tx.execute(text(f"ANALYZE {table.name}"))
