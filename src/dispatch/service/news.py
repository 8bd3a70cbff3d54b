"""What the service has to say, and to whom."""

from typing import Protocol

from dispatch.context import Context
from dispatch.errors import DispatchError
from dispatch.publish import Pass


class News(Protocol):
    """Whoever is told what happens."""

    async def greet(self, context: Context, host: str, port: int) -> None:
        """The service listens. Raises StoreError."""

    async def changed(self, context: Context) -> None:
        """Other settings are in force. Raises StoreError."""

    async def read(self, context: Context, done: Pass) -> None:
        """A pass is done. Raises StoreError."""


def in_words(error: Exception) -> str:
    """What went wrong, as a person can use it."""
    return str(error) if isinstance(error, DispatchError) else f"a fault of ours: {type(error).__name__}: {error}"
