"""What an engine is: it decides which process runs which chunk next, and nothing else."""

from collections.abc import Awaitable, Callable
from typing import Protocol

Ready = Callable[[int], Awaitable[list[tuple[int, int]]]]  # at most so many chunks that may be claimed now
Handle = Callable[[int, int], Awaitable[float]]  # issue, chunk; seconds until it is worth asking again


class Engine(Protocol):
    """Called by the service and by `run --once`."""

    async def drain(self) -> None:
        """Run chunks until none is ready. Raises what the handler raises."""

    async def housekeeping(self) -> None:
        """Called by the clock every few seconds: take over what a dead process left."""

    def stop(self) -> None:
        """Begin no further chunk."""
