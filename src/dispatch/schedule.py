"""The clock of the service: the only importer of apscheduler.

The store's rows say when something is due; an alarm only mirrors the next of them. Every two seconds, counted by a
clock that nobody sets, it is made anew from what is left until then: so an edit, a restart or a jump of the clock,
forward or back, needs no care. An alarm wakes the service; what it then does is decided by rows.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from dispatch.errors import DispatchError

Clock = Callable[[], datetime]  # the present instant, in UTC
Due = Callable[[], Awaitable[datetime | None]]  # when something is due next
Act = Callable[[], Awaitable[None]]
PATIENT = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
ALARM = "alarm"
LAST_ACT = 2.0  # seconds that an act may take to end once the clock is stopped


class AlarmClock:
    """Calls `ring` when the next row is due by `clock`, and `fault` with what an act dies of if no DispatchError."""

    def __init__(
        self,
        clock: Clock,
        due: Due,
        ring: Callable[[], None],
        fault: Callable[[Exception], None],
        *,
        mirror_every: float = 2,
    ) -> None:
        self._clock, self._due, self._ring, self._fault = clock, due, ring, fault
        self._mirror_every = mirror_every
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._stopped = asyncio.Event()
        self._rounds: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to mirror rows into alarms."""
        self._scheduler.start()
        self.every(self._mirror_every, self._mirror)

    def every(self, seconds: float, act: Act) -> None:
        """Call `act` again and again, with so many seconds between the end of one call and the next."""
        self._rounds.add(asyncio.create_task(self._round(seconds, act)))

    async def stop(self, patience: float | None = LAST_ACT) -> None:
        """Ring no more, and let what has begun come to its end: a write that is cut off keeps the store locked.

        `patience` is how many seconds to wait for that; None: as long as it takes.
        """
        if not self._stopped.is_set():
            self._stopped.set()
            self._scheduler.shutdown(wait=False)
        if self._rounds:
            await asyncio.wait(self._rounds, timeout=patience)

    async def _round(self, seconds: float, act: Act) -> None:
        while not await self._is_stopped_within(seconds):
            try:
                await act()
            except DispatchError:
                continue  # while the store is away the passes say so, and soon it is tried again
            except Exception as error:  # one fault must not silence every later round
                self._fault(error)

    async def _is_stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)
        return self._stopped.is_set()

    async def _mirror(self) -> None:
        due = await self._due()
        if due is None or self._stopped.is_set():
            return  # an alarm whose row is gone rings for nothing, which does no harm
        moment = datetime.now(UTC) + (due - self._clock())  # the scheduler knows no clock but the machine's
        self._scheduler.add_job(self._sound, DateTrigger(moment), id=ALARM, replace_existing=True, **PATIENT)

    async def _sound(self) -> None:
        self._ring()
