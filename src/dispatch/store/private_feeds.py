"""Which subscribers have a feed of their own, and which of its addresses counts."""

from dataclasses import dataclass

from sqlalchemy import select, true, update

from dispatch.store.connect import Tx
from dispatch.store.schema import subscriber


@dataclass(frozen=True, slots=True)
class FeedRow:
    """Somebody's own feed."""

    series: int  # how many addresses it has had: the last one counts; 0: none yet
    open: bool  # False: they have none, or switched it off
    language: str  # BCP 47, its reader's; empty: the publication's


async def of_person(tx: Tx, subscriber_id: int) -> FeedRow | None:
    """What is known of a person's own feed; None if the person is not."""
    columns = (subscriber.c.feed_series, subscriber.c.feed_open, subscriber.c.language)
    row = (await tx.execute(select(*columns).where(subscriber.c.id == subscriber_id))).first()
    return FeedRow(row.feed_series, row.feed_open, row.language) if row else None


async def renew(tx: Tx, subscriber_id: int, series: int) -> bool:
    """Give the feed its next address, and open it; False if the one that counts is no longer of this series."""
    where = (subscriber.c.id == subscriber_id, subscriber.c.feed_series == series)
    values = {"feed_series": series + 1, "feed_open": True}
    return (await tx.execute(update(subscriber).where(*where).values(**values))).rowcount == 1


async def close(tx: Tx, subscriber_id: int) -> bool:
    """Switch the feed off; False if there is none that is open."""
    where = (subscriber.c.id == subscriber_id, subscriber.c.feed_open == true())
    return (await tx.execute(update(subscriber).where(*where).values(feed_open=False))).rowcount == 1
