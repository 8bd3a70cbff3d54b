"""Looks over a provider's shoulder between two messages: journal, lease and the issue's state."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

from dispatch.context import Context
from dispatch.deliver.journal import MARK_OF, Journal, Mark
from dispatch.model.delivery import Claim, Receipt, Recipient, SendState
from dispatch.store import ledger

LEASE = timedelta(seconds=60)
HEARTBEAT = 1.0  # seconds: also how soon a pause or a cancel is noticed


def now_on_this_boot() -> float:
    """Seconds on a clock that also runs while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ChunkWatch:
    """The Watch of one claim (see providers.base)."""

    def __init__(self, context: Context, claim: Claim, recipients: Sequence[Recipient], journal: Journal) -> None:
        self.receipts: dict[int, Receipt] = {}
        self._context, self._claim, self._recipients, self._journal = context, claim, recipients, journal
        self._intents: set[int] = set()
        self._told_to_stop = False
        self._safe_until = now_on_this_boot() + LEASE.total_seconds() / 2

    @property
    def stopping(self) -> bool:
        """Paused, cancelled, shutting down, or half of the lease gone without a heartbeat."""
        told = self._told_to_stop or self._context.stopping.is_set()
        return told or now_on_this_boot() > self._safe_until

    async def turn(self) -> bool:
        """Let others run, then say whether one more message may go."""
        await asyncio.sleep(0)
        return not self.stopping

    def intent(self, index: int) -> None:
        """Note, before anything is handed over, that it is about to be."""
        self._intents.add(index)
        self._journal.write(self._recipients[index].subscriber, Mark.INTENT)

    def receipt(self, index: int, receipt: Receipt) -> None:
        """Note the provider's answer."""
        subscriber = self._recipients[index].subscriber
        self._intents.discard(index)
        self._journal.write(subscriber, MARK_OF[receipt.state])
        self.receipts[subscriber] = receipt

    def stop(self) -> None:
        """Hand over nothing more."""
        self._told_to_stop = True

    def settle_unanswered(self) -> None:
        """Whoever was being handed over and got no answer is unknown, unless handing over again is safe."""
        safe = self._context.provider.capabilities.idempotent
        for index in tuple(self._intents):
            self.receipt(index, Receipt(SendState.RETRY if safe else SendState.UNKNOWN, "the provider gave no answer"))

    async def heartbeat(self) -> None:
        """Renew the lease until cancelled; stop when it is not ours or its issue is no longer being sent."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            beaten = now_on_this_boot()
            async with self._context.store.write() as tx:
                ours = await ledger.extend(tx, self._claim, self._context.clock() + LEASE)
            if not ours:
                self.stop()
                return
            self._safe_until = beaten + LEASE.total_seconds() / 2
