"""The clock of the service: the only importer of apscheduler.

The store's rows say when something is due; alarms only mirror them, every two seconds, so that an edit, a
restart or a jump of the clock needs no care. An alarm wakes the service; what it then does is decided by rows.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from dispatch.errors import DispatchError

Due = Callable[[], Awaitable[datetime | None]]  # when something is due next
PATIENT = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
ALARM = "alarm"
LAST_ACT = 2.0  # seconds that an act may take to end once the clock is stopped


class AlarmClock:
    """Calls `ring` when the next row is due."""

    def __init__(self, due: Due, ring: Callable[[], None], *, mirror_every: float = 2) -> None:
        self._due, self._ring, self._mirror_every = due, ring, mirror_every
        self._armed: datetime | None = None
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._acting: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to mirror rows into alarms."""
        self.every(self._mirror_every, self._mirror)
        self._scheduler.start()

    def every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        """Call `act` again and again, on the event loop: what is no coroutine would run in a thread."""
        self._scheduler.add_job(self._begun(act), IntervalTrigger(seconds=seconds, timezone=UTC), **PATIENT)

    async def stop(self) -> None:
        """Ring no more, and let what has begun come to its end: a write that is cut off keeps the store locked."""
        self._scheduler.shutdown(wait=False)
        if self._acting:
            await asyncio.wait(self._acting, timeout=LAST_ACT)

    def _begun(self, act: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """`act` as a task of its own, which the scheduler's shutdown does not cancel."""

        async def begun() -> None:
            task = asyncio.create_task(_quietly(act))
            self._acting.add(task)
            task.add_done_callback(self._acting.discard)
            with suppress(asyncio.CancelledError):
                await asyncio.shield(task)

        return begun

    async def _mirror(self) -> None:
        due = await self._due()
        if due is None or due == self._armed:
            return
        self._armed = due
        self._scheduler.add_job(self._sound, DateTrigger(due), id=ALARM, replace_existing=True, **PATIENT)

    async def _sound(self) -> None:
        self._armed = None
        self._ring()


async def _quietly(act: Callable[[], Awaitable[None]]) -> None:
    """Nothing happens while the store is away: the passes say so, and soon it is tried again."""
    with suppress(DispatchError):
        await act()
