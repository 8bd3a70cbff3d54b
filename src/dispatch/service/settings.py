"""Looks at dispatch.toml while it is in use: a file that is being saved must not stop anything."""

import asyncio
import time
from pathlib import Path

from dispatch.config import Config, read_config
from dispatch.errors import ConfigError
from dispatch.service.stamps import Stamp, stamp

LOOK = 0.2  # seconds between two looks; a file that looks the same twice has come to rest
DOUBT = 1.0  # seconds that a wrong file has to rest before it is called so: it may be half written, or away


class SettingsFile:
    """A dispatch.toml that people go on editing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._judged: Stamp | None = None  # the file as it was when it was last taken or called wrong

    async def saved(self) -> Config:
        """Wait until the file has been saved and has come to rest; what it says then. The first call waits for nothing.

        Raises ConfigError for a file that is wrong, once each time that it is saved.
        """
        seen: Stamp | None = None
        since = time.monotonic()
        while True:
            now = await asyncio.to_thread(stamp, self._path)
            if now != seen:
                seen, since = now, time.monotonic()
            elif now != self._judged:
                config = await self._judge(now, certain=time.monotonic() - since >= DOUBT)
                if config:
                    return config
            await asyncio.sleep(LOOK)

    async def _judge(self, seen: Stamp, *, certain: bool) -> Config | None:
        former, self._judged = self._judged, seen
        try:
            return await self.read()
        except ConfigError:
            if certain:
                raise
            self._judged = former
            return None

    async def read(self) -> Config:
        """What the file says at this moment. Raises ConfigError."""
        return await asyncio.to_thread(read_config, self._path)
