"""Alarms mirror rows: the clock rings when the next row is due, whatever becomes of it meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.errors import StoreError
from dispatch.schedule import AlarmClock


class Rows:
    """What is due next, and how often the clock has rung for it."""

    def __init__(self, seconds: float | None) -> None:
        self.jump = timedelta()  # by how much the clock has been set
        self.due = None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)
        self.rung: list[datetime] = []
        self.faults: list[Exception] = []
        self.clock = AlarmClock(self.now, self.next_due, self.ring, self.faults.append, mirror_every=0.05)

    def now(self) -> datetime:
        """What the clock shows."""
        return datetime.now(UTC) + self.jump

    async def next_due(self) -> datetime | None:
        """The row as it stands."""
        return self.due

    def ring(self) -> None:
        """Note the moment, and work the row off."""
        self.rung.append(datetime.now(UTC))
        self.due = None


async def rings(rows: Rows, seconds: float) -> list[datetime]:
    """When the clock rang in so many seconds."""
    rows.clock.start()
    await asyncio.sleep(seconds)
    await rows.clock.stop()
    return rows.rung


@pytest.mark.parametrize("seconds", [0.2, -3600])
async def test_it_rings_when_a_row_is_due(seconds: float) -> None:
    """Once, not before its time, and at once for what is late."""
    rows = Rows(seconds)
    due = rows.due
    assert due
    (rung,) = await rings(rows, 0.6)
    assert rung >= due


async def test_it_is_silent_while_nothing_is_due() -> None:
    """No row, or one of tomorrow, rings nothing."""
    assert await rings(Rows(None), 0.2) == await rings(Rows(86400), 0.2) == []


async def test_an_earlier_row_rings_earlier() -> None:
    """A row that is edited while the alarm is set is followed."""
    rows = Rows(86400)
    rows.clock.start()
    await asyncio.sleep(0.15)
    rows.due = datetime.now(UTC)
    await asyncio.sleep(0.3)
    await rows.clock.stop()
    assert len(rows.rung) == 1


async def test_a_clock_that_jumps_forward_rings_at_once() -> None:
    """What was due tomorrow is due when the clock has jumped a day ahead."""
    rows = Rows(86400)
    rows.clock.start()
    await asyncio.sleep(0.15)
    assert rows.rung == []
    rows.jump = timedelta(days=2)
    await asyncio.sleep(0.3)
    await rows.clock.stop()
    assert len(rows.rung) == 1


async def test_a_clock_that_jumps_back_rings_later() -> None:
    """An alarm that was set already does not ring at the old moment."""
    rows = Rows(0.4)
    rows.clock.start()
    await asyncio.sleep(0.15)
    rows.jump = timedelta(days=-2)
    await asyncio.sleep(0.5)
    await rows.clock.stop()
    assert rows.rung == []


async def test_a_row_that_stays_due_rings_again() -> None:
    """A ring that came to nothing, as when the store was locked, is repeated."""
    rows = Rows(-1)
    late = rows.due

    def ring_in_vain() -> None:
        rows.rung.append(datetime.now(UTC))
        rows.due = late

    rows.clock = AlarmClock(rows.now, rows.next_due, ring_in_vain, rows.faults.append, mirror_every=0.05)
    assert len(await rings(rows, 0.5)) > 1


async def test_a_stopped_clock_rings_no_more() -> None:
    """After stop, what becomes due is the next start's business."""
    rows = Rows(0.2)
    await rings(rows, 0.1)
    await asyncio.sleep(0.3)
    assert rows.rung == []


async def test_an_act_that_fails_is_told_and_called_again() -> None:
    """A store that is away is nobody's news here; a fault is told; neither ends the rounds."""
    rows = Rows(None)
    calls: list[Exception] = []

    async def fail() -> None:
        calls.append(StoreError() if len(calls) % 2 else ValueError("a fault"))
        raise calls[-1]

    rows.clock.every(0.02, fail)
    await rings(rows, 0.3)
    assert len(calls) > 3
    assert rows.faults == calls[::2]


async def test_stopping_waits_for_the_act_in_hand_and_begins_no_other() -> None:
    """What has begun comes to its end; a second stop finds nothing to do."""
    rows = Rows(None)
    begun: list[int] = []
    ended: list[int] = []

    async def take_time() -> None:
        begun.append(len(begun))
        await asyncio.sleep(0.2)
        ended.append(len(ended))

    rows.clock.every(0.02, take_time)
    await rings(rows, 0.1)
    assert begun == ended == [0]
    await rows.clock.stop()


async def test_a_stop_may_be_impatient() -> None:
    """An act that does not end is not waited for longer than was said."""
    rows = Rows(None)

    async def hang() -> None:
        await asyncio.sleep(3600)

    rows.clock.every(0.01, hang)
    rows.clock.start()
    await asyncio.sleep(0.05)
    async with asyncio.timeout(1):
        await rows.clock.stop(patience=0.1)
