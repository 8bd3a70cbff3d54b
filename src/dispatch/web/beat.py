"""Answers that leave on a beat, so that the time they take does not tell what there was to do."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

BEAT = 0.25  # seconds: many times what a form takes


class Beat:
    """Counts for each visitor from the moment at which they came."""

    def __init__(
        self,
        beat: float = BEAT,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._beat, self._clock, self._sleep = beat, clock, sleep

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Go on at the next beat after what is done meanwhile, were it nothing, and also where it fails."""
        began = self._clock()
        try:
            yield
        finally:
            await self._sleep((began - self._clock()) % self._beat or self._beat)
