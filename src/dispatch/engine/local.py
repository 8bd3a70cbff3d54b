"""Chunks run as tasks of this very process."""

import asyncio
from collections.abc import Awaitable, Callable

from dispatch.engine.base import Handle, Ready

AT_ONCE = 4


class LocalEngine:
    """The default engine: no queue but the ledger's own chunks."""

    def __init__(self, ready: Ready, handle: Handle, rescue: Callable[[], Awaitable[int]]) -> None:
        self._ready, self._handle, self._rescue = ready, handle, rescue
        self._stopping = False

    async def drain(self) -> None:
        """Run chunks until none is ready."""
        while not self._stopping and (chunks := await self._ready(AT_ONCE)):
            done = await asyncio.gather(*(self._handle(*chunk) for chunk in chunks), return_exceptions=True)
            for error in done:
                if isinstance(error, BaseException):
                    raise error

    async def housekeeping(self) -> None:
        """Take over what a dead process left."""
        await self._rescue()

    def stop(self) -> None:
        """Begin no further chunk."""
        self._stopping = True
