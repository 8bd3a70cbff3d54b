"""Errands to other people's servers, side by side: bounded in all and by host, so that no slow one delays the rest."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from dispatch.context import Context
from dispatch.store.connect import Tx

LOOK = 200  # errands that are looked up at once
J = TypeVar("J")


class Errand(Protocol[J]):
    """One kind of thing to be sent to somebody."""

    def host(self, job: J) -> str:
        """To whose server a job goes."""

    async def due(self, tx: Tx, now: datetime, busy: Collection[str], limit: int) -> list[J]:
        """What can be sent now, but not to these hosts."""

    async def take(self, tx: Tx, job: J, now: datetime) -> J | None:
        """The job, if it is ours from now on."""

    async def run(self, job: J) -> None:
        """Send it, and write what became of it. Raises StoreError."""


class Lane(Generic[J]):
    """The errands of one kind that are under way in this process."""

    def __init__(self, context: Context, errand: Errand[J], slots: int, per_host: int, ended: Callable[[], None]):
        self._context, self._errand = context, errand
        self._slots, self._per_host, self._ended = slots, per_host, ended
        self._waiting: list[J] = []  # looked up, not taken yet
        self._running: dict[asyncio.Task[None], str] = {}

    @property
    def running(self) -> Collection[asyncio.Task[None]]:
        """What is under way."""
        return self._running.keys()

    async def fill(self, *, afresh: bool) -> None:
        """Begin what is due, as far as there is room; `afresh`: something else may be due than was known."""
        now = self._context.clock()
        if (afresh or not self._waiting) and self._room:
            async with self._context.store.read() as tx:
                self._waiting = await self._errand.due(tx, now, self._full_hosts(), LOOK)
        chosen = self._choose()
        if chosen:
            taken = await self._context.store.write_at_once(lambda tx: self._take(tx, chosen, now))
            for job in taken:
                self._begin(job)

    @property
    def _room(self) -> int:
        return self._slots - len(self._running)

    def _full_hosts(self) -> list[str]:
        return [host for host, count in Counter(self._running.values()).items() if count >= self._per_host]

    def _choose(self) -> list[J]:
        """As many of those that wait as there is room for, none beyond its host's share."""
        busy, chosen, left = Counter(self._running.values()), list[J](), list[J]()
        for job in self._waiting:
            host = self._errand.host(job)
            fits = len(chosen) < self._room and busy[host] < self._per_host
            (chosen if fits else left).append(job)
            busy[host] += fits
        self._waiting = left
        return chosen

    async def _take(self, tx: Tx, chosen: list[J], now: datetime) -> list[J]:
        taken = [await self._errand.take(tx, job, now) for job in chosen]
        return [job for job in taken if job is not None]

    def _begin(self, job: J) -> None:
        task = asyncio.create_task(self._run(job))
        self._running[task] = self._errand.host(job)
        task.add_done_callback(self._end)

    async def _run(self, job: J) -> None:
        try:
            await self._errand.run(job)
        except Exception as error:  # the claim runs out, and it is tried again
            self._context.tell(f"whoever follows at {self._errand.host(job)} waits: {type(error).__name__}: {error}")

    def _end(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._ended()
