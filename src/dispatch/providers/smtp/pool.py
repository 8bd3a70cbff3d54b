"""Connections kept between two sends, and opened when there are none."""

import asyncio
from collections.abc import Awaitable, Callable

from dispatch.errors import ProviderDown
from dispatch.providers.smtp.exchange import Exchange

KEPT = 0.5  # seconds that an idle connection is kept: from chunk to chunk; other processes may want its place
CAUTIOUS = 60.0  # seconds for which a server that refused one more connection is not asked for as many


class Pool:
    """As many connections as the server bears."""

    def __init__(self, open_one: Callable[[], Awaitable[Exchange]]) -> None:
        self._open_one = open_one
        self._idle: list[Exchange] = []
        self._in_use = 0  # or being opened
        self._established = 0
        self._most: int | None = None  # the server has refused more than these
        self._cautious_until = 0.0
        self._closing: asyncio.TimerHandle | None = None
        self._farewells: set[asyncio.Task[None]] = set()

    async def take(self) -> Exchange | None:
        """A connection; None where the server bears no more of them now. Raises ProviderError if none can be had."""
        while self._idle:
            exchange = self._idle.pop()
            if exchange.usable:
                self._in_use += 1
                return exchange
            self._drop(exchange)
        return None if self._is_full() else await self._open()

    def give(self, exchange: Exchange) -> None:
        """Back from a send: kept for the next one if it is still good."""
        self._in_use -= 1
        if not exchange.usable:
            self._drop(exchange)
            return
        self._idle.append(exchange)
        if self._closing:
            self._closing.cancel()
        self._closing = asyncio.get_running_loop().call_later(KEPT, self._part)

    async def aclose(self) -> None:
        """Close every connection."""
        self._part()
        await asyncio.gather(*self._farewells)

    def _is_full(self) -> bool:
        if asyncio.get_running_loop().time() > self._cautious_until:
            self._most = None
        return self._most is not None and self._in_use >= self._most

    async def _open(self) -> Exchange:
        self._in_use += 1
        try:
            exchange = await self._open_one()
        except ProviderDown:
            self._learn()
            raise
        except BaseException:
            self._in_use -= 1
            raise
        self._established += 1
        self._most = max(self._most, self._established) if self._most else None
        return exchange

    def _learn(self) -> None:
        """One more was refused, or could not be had: be content for a while with those there are."""
        self._in_use -= 1
        if self._established:
            self._most = self._established
            self._cautious_until = asyncio.get_running_loop().time() + CAUTIOUS

    def _drop(self, exchange: Exchange) -> None:
        self._established -= 1
        exchange.close()

    def _part(self) -> None:
        """Say good-bye on all idle connections."""
        idle, self._idle = self._idle, []
        self._established -= len(idle)
        for exchange in idle:
            task = asyncio.create_task(exchange.quit())
            self._farewells.add(task)
            task.add_done_callback(self._farewells.discard)
