"""What editors shape: drafts, their words and order, who approved what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from dispatch.model.issue import UNBEGUN, Issue, IssueState
from dispatch.model.subscriber import Cadence
from dispatch.store import issues
from dispatch.store.connect import Tx
from dispatch.store.schedules import ScheduleRow
from dispatch.store.schema import issue, run


async def open_on(tx: Tx, list_id: int, cadence: Cadence) -> Issue | None:
    """The issue of a list and cadence that has not begun: its next digest."""
    where = (issue.c.list_id == list_id, issue.c.cadence == cadence, issue.c.state.in_(UNBEGUN))
    number = (await tx.execute(select(issue.c.number).where(*where).order_by(issue.c.number).limit(1))).scalar()
    return None if number is None else await issues.get(tx, number)


async def next_digests(tx: Tx) -> dict[tuple[str, Cadence], Issue]:
    """The issue that has not begun, of each list and cadence that has one."""
    found = sorted(await issues.in_states(tx, UNBEGUN), key=lambda one: one.number, reverse=True)
    return {(one.list_slug, one.cadence): one for one in found}


async def first_arrival(tx: Tx, list_id: int, cadence: Cadence) -> int:
    """Where the next digest of a list and cadence begins: behind the last one that was frozen."""
    where = (issue.c.list_id == list_id, issue.c.cadence == cadence, issue.c.frozen.is_not(None))
    served: int = (
        await tx.execute(select(func.coalesce(func.max(issue.c.last_arrival), 0)).where(*where))
    ).scalar_one()
    return served + 1


async def fire(tx: Tx, number: int, row: ScheduleRow, values: Mapping[str, Any]) -> None:
    """A slot has come: the draft becomes the issue of its run."""
    await tx.execute(update(issue).where(issue.c.number == number).values(**values))
    where = (run.c.list_id == row.list_id, run.c.cadence == row.cadence, run.c.slot == values["slot"])
    await tx.execute(update(run).where(*where).values(issue=number))


async def wait_for(tx: Tx, number: int, row: ScheduleRow) -> None:
    """A draft goes with the next slot of its schedule."""
    where = (issue.c.number == number, issue.c.state.in_((IssueState.DRAFT, IssueState.HELD)))
    values = {"state": IssueState.DRAFT, "due": row.due, "slot": row.slot, "late": False, "fixed": False, "note": ""}
    await tx.execute(update(issue).where(*where).values(**values))


async def mark_late(tx: Tx, number: int) -> None:
    """The issue waits for an editor's word."""
    note = "its time has passed: send it or cancel it"
    await tx.execute(update(issue).where(issue.c.number == number).values(late=True, note=note))


async def add(
    tx: Tx, list_id: int, cadence: Cadence, window: tuple[int, int], due: datetime, now: datetime, **values: Any
) -> int:
    """Add a draft and return its number; `values` are further columns."""
    row = {"list_id": list_id, "cadence": cadence, "state": IssueState.DRAFT, "created": now, "due": due, "note": ""}
    row |= {"first_arrival": window[0], "last_arrival": window[1], **values}
    return int((await tx.execute(issue.insert().values(**row).returning(issue.c.number))).scalar_one())


async def shape(tx: Tx, one: Issue, values: Mapping[str, Any]) -> bool:
    """Change what an editor shapes by compare-and-set of its version; False: somebody else was first."""
    where = (issue.c.number == one.number, issue.c.version == one.version, issue.c.state == one.state)
    return (await tx.execute(update(issue).where(*where).values(**values))).rowcount == 1


async def left_out(tx: Tx, list_id: int, cadence: Cadence) -> frozenset[int]:
    """The posts that editors left out of issues of this list and cadence which have begun: they come no more."""
    where = (issue.c.list_id == list_id, issue.c.cadence == cadence, issue.c.frozen.is_not(None))
    found: Sequence[Sequence[int]] = (
        (await tx.execute(select(issue.c.left_out).where(*where, issue.c.left_out != []))).scalars().all()
    )
    return frozenset(one for ids in found for one in ids)
