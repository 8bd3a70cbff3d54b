"""Errands to other people's servers, side by side: bounded in all and by host, so that no slow one delays the rest."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from dispatch.client import SEND_SECONDS
from dispatch.context import Context
from dispatch.store.connect import Tx

LOOK = 500  # errands that are looked up at once
CLAIM = timedelta(seconds=2 * SEND_SECONDS)  # how long whoever takes an errand has it: none takes so long
SHARE = 20  # of those, to one host
J = TypeVar("J")


class Errand(Protocol[J]):
    """One kind of thing to be sent to somebody."""

    def host(self, job: J) -> str:
        """To whose server a job goes."""

    async def due(self, tx: Tx, now: datetime, busy: Collection[str], share: int, limit: int) -> list[J]:
        """What can be sent now, no more than `share` to one host, and nothing to these."""

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
        self._passed_by: frozenset[str] = frozenset()  # hosts that were left out of the last look
        self._all_known = False  # whether nothing was due then to any other host

    @property
    def running(self) -> Collection[asyncio.Task[None]]:
        """What is under way."""
        return self._running.keys()

    async def fill(self, *, afresh: bool) -> None:
        """Begin what is due, as far as there is room; `afresh`: something else may be due than was known.

        What waits for a host that has its share keeps nobody else waiting: while there is room, the others are looked
        up without it.
        """
        if afresh:
            self._waiting, self._all_known = [], False
        now = self._context.clock()
        await self._begin(now)
        while self._room > 0 and not (self._all_known and self._passed_by <= self._provided()):
            await self._look(now)
            if not await self._begin(now):
                return

    async def _look(self, now: datetime) -> None:
        """Look up what is due to hosts that could have more."""
        self._passed_by = self._provided()
        async with self._context.store.read() as tx:
            found = await self._errand.due(tx, now, sorted(self._passed_by), SHARE, LOOK)
        self._waiting += found
        self._all_known = not found

    def _provided(self) -> frozenset[str]:
        """Hosts that have their share, or for which something waits that was looked up."""
        running = Counter(self._running.values())
        full = (host for host, count in running.items() if count >= self._per_host)
        return frozenset(full) | {self._errand.host(job) for job in self._waiting}

    async def _begin(self, now: datetime) -> bool:
        """Take as much as there is room for of what was looked up, and send it; whether there was anything."""
        chosen = self._choose()
        if not chosen:
            return False
        taken = await self._context.store.write_at_once(lambda tx: self._take(tx, chosen, now))
        for job in taken:
            self._start(job)
        return bool(taken)

    @property
    def _room(self) -> int:
        return self._slots - len(self._running)

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

    def _start(self, job: J) -> None:
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
