"""When each cadence of each list comes next: these rows are the truth, alarms only mirror them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from dispatch.model.subscriber import Cadence
from dispatch.store.connect import Tx
from dispatch.store.schema import mailing_list, schedule


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """The next slot of one list and cadence."""

    id: int
    list_id: int
    list_slug: str
    cadence: Cadence
    rule: str
    timezone: str
    slot: str
    due: datetime
    previous: int
    revision: int
    local_time: bool = False


async def every(tx: Tx) -> list[ScheduleRow]:
    """All schedules, the next due first."""
    statement = (
        select(schedule, mailing_list.c.slug.label("list_slug"))
        .join(mailing_list, mailing_list.c.id == schedule.c.list_id)
        .order_by(schedule.c.due, schedule.c.id)
    )
    return [ScheduleRow(**{**row._mapping, "cadence": Cadence(row.cadence)}) for row in await tx.execute(statement)]


async def add(
    tx: Tx,
    list_id: int,
    cadence: Cadence,
    *,
    rule: str,
    timezone: str,
    slot: str,
    due: datetime,
    previous: int,
    local_time: bool = False,
) -> None:
    """Add the schedule of a list and cadence."""
    values = {"rule": rule, "timezone": timezone, "slot": slot, "due": due, "previous": previous, "revision": 1}
    values["local_time"] = local_time
    await tx.execute(schedule.insert().values(list_id=list_id, cadence=cadence, **values))


async def change(
    tx: Tx, row: ScheduleRow, *, rule: str, timezone: str, slot: str, due: datetime, local_time: bool = False
) -> None:
    """A person changed the hour: the next slot counts from now on."""
    values = {"rule": rule, "timezone": timezone, "slot": slot, "due": due, "revision": row.revision + 1}
    values["local_time"] = local_time
    await tx.execute(update(schedule).where(schedule.c.id == row.id).values(**values))


async def advance(tx: Tx, row: ScheduleRow, *, slot: str, due: datetime, previous: int) -> bool:
    """Move on to the next slot by compare-and-set of (due, revision); False: another process was first."""
    where = (schedule.c.id == row.id, schedule.c.due == row.due, schedule.c.revision == row.revision)
    values = {"slot": slot, "due": due, "previous": previous}
    return (await tx.execute(update(schedule).where(*where).values(**values))).rowcount == 1


async def drop(tx: Tx, schedule_id: int) -> None:
    """This list does not offer this cadence any more."""
    await tx.execute(delete(schedule).where(schedule.c.id == schedule_id))
