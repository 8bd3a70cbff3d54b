"""Lets messages through at a steady pace, one after another."""

import asyncio
import time
from abc import ABC, abstractmethod

BURST = 0.1  # seconds by which messages that were late may follow each other faster
LOOK_UP = 1.0  # seconds after which whoever waits looks whether to stop


def now_on_this_boot() -> float:
    """Seconds on a clock that also runs while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Turnstile(ABC):
    """The pace of a Watch (see providers.base)."""

    def __init__(self, interval: float, start: float) -> None:
        """`interval` seconds from one message to the next; 0.0: no limit. The first goes at `start`, on this boot."""
        self._interval, self._next = interval, start

    @property
    @abstractmethod
    def stopping(self) -> bool:
        """Whether to let nobody through any more."""

    def delay(self) -> float:
        """Seconds until one more message is allowed; 0.0: it is, and counts as gone."""
        if not self._interval:
            return 0.0
        now = now_on_this_boot()
        if now < self._next:
            return self._next - now
        self._next = max(self._next, now - BURST) + self._interval
        return 0.0

    async def turn(self) -> bool:
        """Let others run, wait for the pace, then say whether one more message may go."""
        await asyncio.sleep(0)
        while not self.stopping:
            delay = self.delay()
            if not delay:
                return True
            await asyncio.sleep(min(delay, LOOK_UP))
        return False
