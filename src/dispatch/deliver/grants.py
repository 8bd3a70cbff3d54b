"""What a send may use of the provider's limits: taken off in the store before it, put right after it.

`pace` decides. Whoever sends claims its work in the same transaction, so that it gets both or neither.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.context import Context
from dispatch.deliver import pace
from dispatch.model.pace import Demand, Grant
from dispatch.store import chunks, service_mails
from dispatch.store import pace as paces
from dispatch.store.connect import Tx

BUSY = 1.0  # seconds until it is worth asking again for what others hold


class NotNow(Exception):
    """Nothing may be claimed; ask again in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Used:
    """What a send made of its grant."""

    messages: int
    carried: int = 0  # by which to judge the rate that the provider bore; a few messages say nothing of it
    slow_down: bool = False  # the provider asked for fewer messages


async def others(tx: Tx, now: datetime) -> Demand:
    """What is under way in all processes, and what waits beside: a demand for no message yet."""
    load, mails = await chunks.load(tx, now, pace.CLAIMS), await service_mails.load(tx, now)
    return Demand(0, load.connections + mails.in_hand, load.claims, load.ready, single=mails.waiting)


async def reserve(tx: Tx, context: Context, demand: Demand, ahead: timedelta = pace.AHEAD) -> Grant:
    """What the provider's limits leave, beginning no later than `ahead` from now. Raises NotNow."""
    now, provider = context.clock(), context.provider
    if not demand.messages:
        return Grant(0, 0, now)
    before = await paces.get(tx, provider.name)
    reserved = pace.reserve(before, provider.limits, demand, now, ahead)
    if reserved is None:
        wait = (pace.free_again(before, provider.limits, now, ahead) - now).total_seconds()
        raise NotNow(wait or BUSY)
    grant, after = reserved
    if after != before:
        await paces.put(tx, provider.name, after)
    return grant


async def settle(tx: Tx, context: Context, grant: Grant, used: Used) -> list[str]:
    """Give back what was not used, slow down where that was asked for; returns what to tell."""
    now, provider = context.clock(), context.provider
    if provider.limits.per_hour is None and not used.slow_down and used.messages == grant.messages:
        return []
    before = await paces.get(tx, provider.name)
    after = pace.settle(before, provider.limits, grant, used.messages, now)
    if used.slow_down:
        after = pace.slow_down(after, provider.limits, used.carried, grant.start, now)
    if after != before:
        await paces.put(tx, provider.name, after)
    rate = pace.rate_at(after, provider.limits, now)
    asked = f"{provider.name} asks for fewer messages: at most {rate or 0:,.1f} a second from now on"
    return [asked] if used.slow_down else []
