"""The provider itself: a line of letters, and as many connections as were granted to work on it."""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from dispatch.errors import ProviderDown, ProviderError
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient
from dispatch.model.issue import CompiledEdition
from dispatch.model.pace import Limits
from dispatch.providers.base import Capabilities, ProviderSetting, Watch
from dispatch.providers.smtp.connect import connect, place_of
from dispatch.providers.smtp.exchange import Exchange
from dispatch.providers.smtp.letter import Sender
from dispatch.providers.smtp.line import Line
from dispatch.providers.smtp.options import SmtpOptions
from dispatch.providers.smtp.pool import Pool

FULL = 0.05  # seconds until a lane that found no connection asks again


class Smtp:
    """An SMTP server, ours or a service's relay."""

    capabilities = Capabilities(mails=True, idempotent=False)
    Options = SmtpOptions

    def __init__(self, setting: ProviderSetting, options: SmtpOptions) -> None:
        self.name = setting.name
        self.limits = Limits(options.connections, options.per_second, options.per_hour)
        self._setting, self._options = setting, options
        self._pool = Pool(self._open)
        self._threads: ThreadPoolExecutor | None = None

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Hand over one message a recipient, over up to `watch.connections` connections at once."""
        sender = Sender(self._options.bounces or edition.sender_address, verp=self._options.verp)
        splicer = Splicer(edition, self._setting.signers)
        line = Line(sender, splicer, recipients, watch, self._signing_threads())
        try:
            ends = await self._work(line, min(watch.connections, len(recipients)))
        finally:
            line.close()
        _raise_worst(line, ends)

    async def _work(self, line: Line, hands: int) -> list[BaseException]:
        """Let so many lanes work; once the line is over nobody waits for a connection that is still to come."""
        connecting: set[asyncio.Task[None]] = set()
        lanes = {asyncio.create_task(self._lane(line, connecting)) for _ in range(hands)}
        left = lanes
        try:
            while left:
                _, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
                for lane in connecting if line.over else ():
                    lane.cancel()
        except asyncio.CancelledError:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
            raise
        return [error for lane in lanes if not lane.cancelled() and (error := lane.exception())]

    async def _lane(self, line: Line, connecting: set[asyncio.Task[None]]) -> None:
        """Work on the line over one connection, and over another where the server closed that after some messages."""
        myself = cast(asyncio.Task[None], asyncio.current_task())
        while not line.over:
            connecting.add(myself)
            try:
                exchange = await self._pool.take()
            finally:
                connecting.discard(myself)
            if exchange is None:
                await asyncio.sleep(FULL)
                continue
            try:
                await exchange.work(line)
            except ProviderDown:
                if exchange.left_doubt or not exchange.carried:
                    raise
            finally:
                self._pool.give(exchange)

    def _signing_threads(self) -> ThreadPoolExecutor | None:
        """Signing takes its time, and most of it without Python's lock: as many threads as there are processors."""
        if self._setting.signers and self._threads is None:
            self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="sign")
        return self._threads

    async def _open(self) -> Exchange:
        options = self._options
        connected = await connect(options, self._setting.folder, self._setting.hostname)
        return Exchange(connected, place_of(options), options.timeout)

    async def check(self) -> str:
        """Connect, log in, and say who answered."""
        exchange = await self._open()
        await exchange.quit()
        return f"{place_of(self._options)} answers"

    async def aclose(self) -> None:
        """Close what is open."""
        await self._pool.aclose()
        if self._threads:
            self._threads.shutdown()


def _raise_worst(line: Line, errors: Sequence[BaseException]) -> None:
    """Raise a fault of ours, else why the line was halted, else why nobody could work on what is left of it."""
    for error in errors:
        if not isinstance(error, ProviderError):
            raise error
    if line.error:
        raise line.error
    if errors and not line.over:
        raise min(errors, key=lambda error: isinstance(error, ProviderDown))
