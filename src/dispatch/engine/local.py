"""Chunks run as tasks of this very process."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from dispatch.engine.base import Handle, Ready

AT_ONCE = 4
LOOK = 0.5  # seconds after which it is asked what else is ready, though no chunk has ended
PATIENCE = 5.0  # seconds: a longer wait is left to the next drain


class LocalEngine:
    """The default engine: no queue but the ledger's own chunks."""

    def __init__(self, ready: Ready, handle: Handle, rescue: Callable[[], Awaitable[int]]) -> None:
        self._ready, self._handle, self._rescue = ready, handle, rescue
        self._stopping = asyncio.Event()

    async def drain(self) -> None:
        """Run chunks until none is ready, or none may be claimed for a while, or it is told to stop."""
        running: dict[asyncio.Task[float], tuple[int, int]] = {}
        try:
            while wait := await self._work_off(running):
                if wait > PATIENCE or await self._is_stopped_within(wait):
                    return
        except asyncio.CancelledError:
            for task in running:
                task.cancel()
            raise
        finally:
            await asyncio.gather(*running, return_exceptions=True)

    async def _is_stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()

    async def _work_off(self, running: dict[asyncio.Task[float], tuple[int, int]]) -> float:
        """Run chunks until none is in hand; returns the seconds until another may be claimed, 0.0: there is none."""
        wait = 0.0
        while True:
            if not wait:
                await self._begin(running)
            if not running:
                return wait
            done, _ = await asyncio.wait(running, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del running[task]
            errors = [error for task in done if (error := task.exception())]
            if errors:
                raise errors[0]
            # Whoever was let in shows that there is room; who was not says when to ask again.
            wait = min((task.result() for task in done), default=max(0.0, wait - LOOK))

    async def _begin(self, running: dict[asyncio.Task[float], tuple[int, int]]) -> None:
        """Begin as many chunks as there is room for."""
        if self._stopping.is_set():
            return
        ready = await self._ready(AT_ONCE)
        fresh = [chunk for chunk in ready if chunk not in running.values()]
        for chunk in fresh[: AT_ONCE - len(running)]:
            running[asyncio.create_task(self._work(chunk))] = chunk

    async def _work(self, chunk: tuple[int, int]) -> float:
        return await self._handle(*chunk)

    async def housekeeping(self) -> None:
        """Take over what a dead process left."""
        await self._rescue()

    def stop(self) -> None:
        """Begin no further chunk."""
        self._stopping.set()
