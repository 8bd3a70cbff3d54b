"""Beside the path: whoever follows by WebSub hears of what has changed, within the second.

Our own hub asks people whether a request was theirs and brings them what is new; other people's hubs are told that
something is. The store says what is owed to whom, so a restart loses nothing, and several changes come as the newest.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime
from itertools import chain
from typing import Any

from dispatch.client import Client
from dispatch.context import Context
from dispatch.errors import StoreError
from dispatch.publish.distributing import Distributing
from dispatch.publish.lane import Errand, Lane
from dispatch.publish.notifying import Notifying
from dispatch.publish.verifying import Verifying
from dispatch.store import websub, websub_notices
from dispatch.store.connect import Tx

SLOTS = 100  # requests of one kind under way at once: so many have to dawdle before anybody waits for them
PER_HOST = 4  # of those, to one host
IDLE = 10.0  # seconds, at most, until the next look: other processes publish, too
BUSY = 1.0  # seconds until the next look while something is under way and nothing ends
SHORTEST = 0.05
PATIENCE = 5.0  # seconds until the next look into a store that could not be read
LAST_WORDS = 2.0  # seconds, at most, for what is under way in the end: no stranger holds up the service for longer


async def push_due(context: Context) -> None:
    """Send all that is due now, and wait until it has arrived or failed. Raises StoreError."""
    await Pushing(context).once()


class Pushing:
    """What goes out to followers from this process. In a simulation, nothing does."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ended = asyncio.Event()
        self._looked = -IDLE  # when all that is due was looked up last, by the loop's clock
        # Strangers choose whom a request is verified with, and may choose what never answers: that has its own door.
        self._clients = tuple(Client(context.config.web.allow_private_addresses) for _ in range(2))
        self._lanes = self._open_lanes(*self._clients) if context.is_real else []

    def _open_lanes(self, to_strangers: Client, to_followers: Client) -> list[Lane[Any]]:
        context, feeds = self._context, self._context.config.feeds
        errands: list[Errand[Any]] = []
        if feeds.hub:
            errands += [Verifying(context, to_strangers), Distributing(context, to_followers)]
        if feeds.hubs:
            errands += [Notifying(context, to_followers)]
        return [Lane(context, errand, SLOTS, PER_HOST, self._ended.set) for errand in errands]

    async def once(self) -> None:
        """All that is due, then what becomes due by that. Raises StoreError."""
        if not self._lanes:
            return
        try:
            await self._fill(afresh=True)
            while (running := self._running) and not self._context.stopping.is_set():
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                await self._fill(afresh=False)
        finally:
            await self._finish()

    async def serve(self) -> None:
        """Go on until the service stops; then let end what is under way."""
        afresh = True
        if not self._lanes:
            await self._context.stopping.wait()
        try:
            while not self._context.stopping.is_set():
                seconds = await self._look(afresh=afresh)
                afresh = await self._rest(seconds)
        finally:
            await self._finish()

    async def _look(self, *, afresh: bool) -> float:
        """Begin what is due; for how many seconds there will be nothing else to begin, unless somebody rings."""
        try:
            if afresh:
                self._context.published.clear()
                self._looked = asyncio.get_running_loop().time()
            self._ended.clear()
            await self._fill(afresh=afresh)
            return BUSY if self._running else await self._until_next()
        except StoreError as error:
            self._context.tell(str(error))
        except Exception as error:  # followers wait, nobody else does
            self._context.tell(f"a fault of ours, in pushing: {type(error).__name__}: {error}")
        return PATIENCE

    async def _fill(self, *, afresh: bool) -> None:
        if afresh:
            await self._tidy()
        for lane in self._lanes:
            await lane.fill(afresh=afresh)

    async def _tidy(self) -> None:
        """End subscriptions whose lease has ended; let each hub have a row for each feed."""
        now, hubs = self._context.clock(), self._context.config.feeds.hubs
        async with self._context.store.read() as tx:
            stale = await websub.any_expired(tx, now) or await websub_notices.unknown(tx, hubs)
        if stale:
            await self._context.store.write_at_once(lambda tx: _forget(tx, hubs, now))

    async def _until_next(self) -> float:
        now = self._context.clock()
        async with self._context.store.read() as tx:
            found = [await websub.next_due(tx, now), await websub_notices.next_due(tx, now)]
        seconds = [(moment - now).total_seconds() for moment in found if moment is not None]
        return min(max(min(seconds, default=IDLE), SHORTEST), IDLE)

    async def _rest(self, seconds: float) -> bool:
        """Wait so long, or until there is a reason not to; whether something else may be due than was known."""
        context = self._context
        bells = [asyncio.ensure_future(bell.wait()) for bell in (context.published, self._ended, context.stopping)]
        rung, others = await asyncio.wait(bells, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for bell in others:
            bell.cancel()
        is_stale = asyncio.get_running_loop().time() >= self._looked + IDLE
        return context.published.is_set() or not rung or not self._running or is_stale

    @property
    def _running(self) -> Collection[asyncio.Task[None]]:
        return list(chain.from_iterable(lane.running for lane in self._lanes))

    async def _finish(self) -> None:
        """Let end what is under way; what is cut off is tried again, when its claim has run out."""
        running = self._running
        if running:
            _, cut_off = await asyncio.wait(running, timeout=min(self._context.stopping.patience, LAST_WORDS))
            for task in cut_off:
                task.cancel()
            await asyncio.gather(*cut_off, return_exceptions=True)
        for client in self._clients:
            await client.aclose()


async def _forget(tx: Tx, hubs: Collection[str], now: datetime) -> None:
    await websub.expire(tx, now)
    await websub_notices.know(tx, list(hubs))
