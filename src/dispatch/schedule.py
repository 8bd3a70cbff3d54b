"""The clock of the service: the only importer of apscheduler.

The store's rows say when something is due; alarms only mirror them, every two seconds, so that an edit, a
restart or a jump of the clock needs no care. An alarm wakes the service; what it then does is decided by rows.
"""

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


class AlarmClock:
    """Calls `ring` when the next row is due."""

    def __init__(self, due: Due, ring: Callable[[], None], *, mirror_every: float = 2) -> None:
        self._due, self._ring, self._mirror_every = due, ring, mirror_every
        self._armed: datetime | None = None
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin to mirror rows into alarms."""
        self.every(self._mirror_every, self._mirror)
        self._scheduler.start()

    def every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        """Call `act` again and again, on the event loop: what is no coroutine would run in a thread."""
        self._scheduler.add_job(_quiet(act), IntervalTrigger(seconds=seconds, timezone=UTC), **PATIENT)

    def stop(self) -> None:
        """Ring no more."""
        self._scheduler.shutdown(wait=False)

    async def _mirror(self) -> None:
        due = await self._due()
        if due is None or due == self._armed:
            return
        self._armed = due
        self._scheduler.add_job(self._sound, DateTrigger(due), id=ALARM, replace_existing=True, **PATIENT)

    async def _sound(self) -> None:
        self._armed = None
        self._ring()


def _quiet(act: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """`act`, which does nothing while the store is away: the passes say so, and soon it is called again."""

    async def acted() -> None:
        with suppress(DispatchError):
            await act()

    return acted
