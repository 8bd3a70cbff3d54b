"""Looks over a provider's shoulder between two messages: journal, pace, lease and the issue's state."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from dispatch.context import Context
from dispatch.deliver.breaker import Count
from dispatch.deliver.journal import MARK_OF, Journal, Mark
from dispatch.deliver.turnstile import Turnstile, now_on_this_boot
from dispatch.errors import StoreError
from dispatch.model.delivery import Claim, Receipt, Recipient, SendState
from dispatch.model.issue import Issue, IssueState
from dispatch.model.pace import Grant
from dispatch.store import audit, issues, ledger
from dispatch.store.connect import Tx

LEASE = timedelta(seconds=60)
HEARTBEAT = 1.0  # seconds: also how soon a pause or a cancel is noticed
LAST_WORD = 2.0  # seconds for what is in hand to be answered, once the issue should stop
FAIR_WAIT = 5.0  # seconds that an answer may take in a pause, counted from when the message was handed over


class ChunkWatch(Turnstile):
    """The Watch of one claim (see providers.base)."""

    def __init__(
        self, context: Context, claim: Claim, grant: Grant, recipients: Sequence[Recipient], journal: Journal
    ) -> None:
        start = now_on_this_boot() + (grant.start - context.clock()).total_seconds()
        super().__init__(grant.interval, start)
        self.receipts: dict[int, Receipt] = {}  # by subscriber id
        self.connections = grant.connections
        self.asked_to_slow_down = False
        self._context, self._claim, self._recipients, self._journal = context, claim, recipients, journal
        self._in_hand: dict[int, float] = {}  # since when
        self._told_to_stop = False
        self._ended = asyncio.Event()
        self._left: frozenset[int] = frozenset()
        self._acts_seen = -1
        self._refused = 0
        self._safe_until = now_on_this_boot() + LEASE.total_seconds() / 2
        self._give_up_at = float("inf")

    @property
    def stopping(self) -> bool:
        """Paused, cancelled, told to, shutting down, or half of the lease gone without a heartbeat."""
        told = self._told_to_stop or self._context.stopping.is_set()
        return told or now_on_this_boot() > self._safe_until

    @property
    def may_be_cut(self) -> bool:
        """Whether to wait no longer for a provider that was told to stop: nothing is in its hands, or time is up."""
        if not self.stopping:
            return False
        if self._context.stopping.is_set():
            self._give_up(self._context.stopping.patience)
        return not self._in_hand or now_on_this_boot() > self._give_up_at

    def _give_up(self, patience: float) -> None:
        """Wait for so many seconds and no longer."""
        self._give_up_at = min(self._give_up_at, now_on_this_boot() + patience)

    def has_left(self, index: int) -> bool:
        """Whether this recipient was found gone at the last heartbeat."""
        return bool(self._left) and self._recipients[index].subscriber in self._left

    def intent(self, index: int) -> None:
        """Note, before anything is handed over, that it is about to be."""
        self._in_hand[index] = now_on_this_boot()
        self._journal.mark(index, Mark.INTENT)

    def receipt(self, index: int, receipt: Receipt) -> None:
        """Note the provider's answer; where refusals pile up, stop for the breaker to judge."""
        self._in_hand.pop(index, None)
        self._journal.mark(index, MARK_OF[receipt.state])
        self.receipts[self._recipients[index].subscriber] = receipt
        if receipt.state is SendState.REJECTED:
            self._refused += 1
            if Count(len(self.receipts), self._refused).trips:
                self.stop()

    def slow_down(self) -> None:
        """Hand over nothing more now, and fewer a second from here on."""
        self.asked_to_slow_down = True
        self.stop()

    def stop(self) -> None:
        """Hand over nothing more."""
        self._told_to_stop = True

    def settle_unanswered(self) -> None:
        """Whoever was being handed over and got no answer is unknown, unless handing over again is safe."""
        safe = self._context.provider.capabilities.idempotent
        for index in tuple(self._in_hand):
            self.receipt(index, Receipt(SendState.RETRY if safe else SendState.UNKNOWN, "the provider gave no answer"))

    async def heartbeat(self) -> None:
        """Renew the lease until the end; stop when it is not ours or its issue is no longer being sent.

        It is told to end and not cancelled: a write that is cut off half-way would keep the store locked.
        """
        while not await self._has_ended():
            beaten = now_on_this_boot()
            with suppress(StoreError):  # locked, perhaps: the lease says how long that may last
                if await self._renew():
                    self._safe_until = beaten + LEASE.total_seconds() / 2

    def end(self) -> None:
        """The hand-over is over: no further heartbeat."""
        self._ended.set()

    async def _has_ended(self) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), HEARTBEAT)
        return self._ended.is_set()

    async def _renew(self) -> bool:
        """Renew the lease, look who has left; False if the issue should not be worked on any more."""
        ours, held, issue = await self._context.store.write_at_once(self._look)
        if ours:
            return True
        self.stop()
        newest = max(self._in_hand.values(), default=0.0)
        paused = held and issue is not None and issue.state is not IssueState.CANCELLED
        self._give_up(max(LAST_WORD, newest + FAIR_WAIT - now_on_this_boot()) if paused else LAST_WORD)
        return False

    async def _look(self, tx: Tx) -> tuple[bool, bool, Issue | None]:
        ours = await ledger.extend(tx, self._claim, self._context.clock() + LEASE)
        acts = await audit.head(tx)
        if acts != self._acts_seen:  # somebody did something: perhaps a person of this chunk left
            self._acts_seen = acts
            self._left = frozenset(await ledger.departed(tx, self._claim))
        return ours, await ledger.holds(tx, self._claim), await issues.get(tx, self._claim.issue)
