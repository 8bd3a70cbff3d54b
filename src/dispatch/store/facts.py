"""Facts about the store itself, and the numbers it gives out in commit order."""

from sqlalchemy import delete, select, update

from dispatch.store.connect import Tx
from dispatch.store.schema import counter, meta
from dispatch.store.upsert import insert_into

ARRIVAL = "arrival"
SENDS = "sends"  # freezes and claims: see highwater


async def get(tx: Tx, key: str) -> str | None:
    """The value kept under `key`, if any."""
    return (await tx.execute(select(meta.c.value).where(meta.c.key == key))).scalar()


async def put(tx: Tx, key: str, value: str) -> None:
    """Keep `value` under `key`."""
    statement = insert_into(tx, meta).values(key=key, value=value)
    await tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


async def drop(tx: Tx, key: str) -> None:
    """Forget what is kept under `key`."""
    await tx.execute(delete(meta).where(meta.c.key == key))


async def under(tx: Tx, prefix: str) -> list[str]:
    """All values whose keys begin with `prefix`, in the order of their keys."""
    statement = select(meta.c.value).where(meta.c.key.startswith(prefix, autoescape=True)).order_by(meta.c.key)
    return list((await tx.execute(statement)).scalars())


async def head(tx: Tx, name: str) -> int:
    """The last number that a counter gave out; 0 before the first."""
    return (await tx.execute(select(counter.c.value).where(counter.c.name == name))).scalar() or 0


async def take(tx: Tx, name: str, count: int) -> int:
    """Take the next `count` numbers of a counter and return the last: its row stays locked until the commit."""
    await tx.execute(insert_into(tx, counter).values(name=name, value=0).on_conflict_do_nothing())
    statement = update(counter).where(counter.c.name == name).values(value=counter.c.value + count)
    return int((await tx.execute(statement.returning(counter.c.value))).scalar_one())


async def arrival_head(tx: Tx) -> int:
    """The last arrival given out; 0 before the first."""
    return await head(tx, ARRIVAL)


async def take_arrivals(tx: Tx, count: int) -> int:
    """Take the next `count` arrivals and return the first."""
    return await take(tx, ARRIVAL, count) - count + 1
