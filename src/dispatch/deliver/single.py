"""A few messages that are in no ledger: a test of an issue, a receipt to its editors."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dispatch.context import Context
from dispatch.deliver import grants
from dispatch.deliver.grants import NotNow, Used
from dispatch.deliver.pace import IN_LINE
from dispatch.deliver.turnstile import Turnstile, now_on_this_boot
from dispatch.errors import ProviderDown, ProviderError
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.model.issue import CompiledEdition
from dispatch.model.pace import Demand, Grant
from dispatch.store.connect import Tx

PATIENCE = 60.0  # seconds, for all of them together
LOOK = 0.1  # seconds between two looks at the provider
SILENCE = "the provider gave no answer"
NOT_TRIED = "it was not handed over"


class SingleWatch(Turnstile):
    """The Watch of a send without journal and claim (see providers.base): one connection, the pace of its grant."""

    connections = 1

    def __init__(self, context: Context, grant: Grant) -> None:
        self.begins = now_on_this_boot() + (grant.start - context.clock()).total_seconds()
        super().__init__(grant.interval, self.begins)
        self.receipts: dict[int, Receipt] = {}  # by index
        self.in_hand: set[int] = set()
        self.told_to_stop = False
        self._stopping = context.stopping

    @property
    def stopping(self) -> bool:
        """Shutting down, or the provider wants fewer."""
        return self.told_to_stop or self._stopping.is_set()

    def has_left(self, index: int) -> bool:
        """Nobody here is on a list that they could leave."""
        return False

    def intent(self, index: int) -> None:
        """Note that this message is about to be in the provider's hands."""
        self.in_hand.add(index)

    def receipt(self, index: int, receipt: Receipt) -> None:
        """Note the provider's answer."""
        self.in_hand.discard(index)
        self.receipts[index] = receipt

    def slow_down(self) -> None:
        """Hand over nothing more."""
        self.told_to_stop = True


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a few messages."""

    receipts: list[Receipt]  # in the order of the recipients; `retry` for whoever was not handed over
    used: Used
    error: ProviderError | None = None  # why nobody was handed over: all of it can safely be tried again


async def send_single(
    context: Context, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, patience: float = PATIENCE
) -> list[Receipt]:
    """Hand a few messages to the provider and return its answers, in the order of `recipients`.

    `retry` is the answer for whoever was not handed over, `unknown` for whoever was and got no answer within
    `patience` seconds. They count as messages a second and an hour; their one connection is beside those of chunks,
    so that nobody waits for a test until an issue is out.
    Raises ProviderError where nobody was handed over, for then all of it can safely be tried again.
    """
    try:
        async with context.store.write() as tx:
            grant = await grants.reserve(tx, context, Demand(len(recipients), 0, 0, 1), IN_LINE)
    except NotNow as later:
        raise ProviderDown(limits_reached(context, later)) from None
    handed = await hand_over(context, edition, recipients, key, grant, patience)
    async with context.store.write() as tx:
        told = await grants.settle(tx, context, grant, handed.used)
    for line in told:
        context.tell(line)
    if handed.error:
        raise handed.error
    return handed.receipts


async def reserve_beside(tx: Tx, context: Context, others: Demand) -> Grant:
    """One message and one connection beside those of `others`, ahead of the next chunks. Raises NotNow."""
    return await grants.reserve(tx, context, Demand(1, others.connections, others.claims, 1), IN_LINE)


def limits_reached(context: Context, later: NotNow) -> str:
    """Why nothing may be handed over, and from when on it may."""
    moment = context.clock() + timedelta(seconds=later.seconds)
    return f"the limits of {context.provider.name} are reached: there is room from {moment:%H:%M:%S} UTC on"


async def hand_over(
    context: Context,
    edition: CompiledEdition,
    recipients: Sequence[Recipient],
    key: str,
    grant: Grant,
    patience: float = PATIENCE,
) -> Handed:
    """Let the provider have as many messages as are granted; whoever calls settles the grant by what was used."""
    watch, error = SingleWatch(context, grant), None
    granted = recipients[: grant.messages]
    try:
        await _send(context.provider.send(edition, granted, key, watch), watch, patience)
    except ProviderError as raised:
        error = raised
    except Exception as raised:  # a provider is a plugin: its faults are no faults of ours
        error = ProviderDown(f"the provider failed: {type(raised).__name__}: {raised}")
    used = len(watch.receipts) + len(watch.in_hand)
    receipts = [_answer(context, watch, index, error) for index in range(len(recipients))]
    return Handed(receipts, Used(used, slow_down=watch.told_to_stop), None if used else error)


async def _send(work: Coroutine[Any, Any, None], watch: SingleWatch, patience: float) -> None:
    """Let the provider work until its time is up, or until it should stop and has nothing in hand."""
    sending, end = asyncio.create_task(work), max(now_on_this_boot(), watch.begins) + patience
    try:
        while not (await asyncio.wait([sending], timeout=LOOK))[0]:
            if now_on_this_boot() > end:
                raise ProviderDown(f"the provider did not come to an end within {patience:.0f} seconds")
            if watch.stopping and not watch.in_hand:
                return
    finally:
        sending.cancel()
        await asyncio.wait([sending])
    sending.result()


def _answer(context: Context, watch: SingleWatch, index: int, error: ProviderError | None) -> Receipt:
    if found := watch.receipts.get(index):
        return found
    if index not in watch.in_hand or context.provider.capabilities.idempotent:
        return Receipt(SendState.RETRY, str(error) if error else NOT_TRIED)
    return Receipt(SendState.UNKNOWN, SILENCE)
