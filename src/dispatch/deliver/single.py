"""A few messages that are in no ledger: a test of an issue, a receipt to its editors."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from dispatch.context import Context
from dispatch.deliver.turnstile import Turnstile, now_on_this_boot
from dispatch.errors import ProviderDown, ProviderError
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.model.issue import CompiledEdition

PATIENCE = 60.0  # seconds, for all of them together
LOOK = 0.1  # seconds between two looks at the provider
SILENCE = "the provider gave no answer"
NOT_TRIED = "it was not handed over"


class SingleWatch(Turnstile):
    """The Watch of a send without journal and claim (see providers.base): one connection, the provider's own pace."""

    connections = 1

    def __init__(self, context: Context) -> None:
        per_second = context.provider.limits.per_second
        super().__init__(1 / per_second if per_second else 0.0, now_on_this_boot())
        self.receipts: dict[int, Receipt] = {}  # by index
        self.in_hand: set[int] = set()
        self._stopping, self._told_to_stop = context.stopping, False

    @property
    def stopping(self) -> bool:
        """Shutting down, or the provider wants fewer."""
        return self._told_to_stop or self._stopping.is_set()

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
        self._told_to_stop = True


async def send_single(
    context: Context, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, patience: float = PATIENCE
) -> list[Receipt]:
    """Hand a few messages to the provider and return its answers, in the order of `recipients`.

    `retry` is the answer for whoever was not handed over, `unknown` for whoever was and got no answer within
    `patience` seconds.
    Raises ProviderError where nobody was handed over, for then all of it can safely be tried again.
    """
    watch, error = SingleWatch(context), None
    try:
        await _send(context.provider.send(edition, recipients, key, watch), watch, patience)
    except ProviderError as raised:
        error = raised
    except Exception as raised:  # a provider is a plugin: its faults are no faults of ours
        error = ProviderDown(f"the provider failed: {type(raised).__name__}: {raised}")
    if error and not watch.receipts and not watch.in_hand:
        raise error
    return [_answer(context, watch, index, error) for index in range(len(recipients))]


async def _send(work: Coroutine[Any, Any, None], watch: SingleWatch, patience: float) -> None:
    """Let the provider work until its time is up, or until it should stop and has nothing in hand."""
    sending, end = asyncio.create_task(work), now_on_this_boot() + patience
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
