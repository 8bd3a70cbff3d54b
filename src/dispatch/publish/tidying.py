"""Beside the path: what is over is forgotten, so that the store keeps no address that nobody asked it to keep."""

from datetime import datetime, timedelta

from dispatch.context import Context
from dispatch.deliver.retry import RETRY_FOR
from dispatch.store import facts, service_mails, sign_ups

EVERY = timedelta(hours=1)
TIDIED = "tidied"  # fact: when that was last
CONFIRM_WITHIN = timedelta(days=7)  # a link to confirm with works so long; then the sign-up is forgotten
AT_ONCE = 50  # sign-ups forgotten in one transaction


async def tidy(context: Context, now: datetime) -> None:
    """Forget sign-ups that nobody confirmed, end mails whose time is up; at most once an hour. Raises StoreError."""
    async with context.store.read() as tx:
        last = await facts.get(tx, TIDIED)
    if last and abs(now - datetime.fromisoformat(last)) < EVERY:
        return
    await tidy_service_mails(context, now)
    while await _forget_some(context, now) == AT_ONCE:
        pass
    async with context.store.write() as tx:
        await facts.put(tx, TIDIED, now.isoformat())


async def tidy_service_mails(context: Context, now: datetime) -> None:
    """End what has waited for too long or has become pointless, and say how many are lost. Raises StoreError."""
    async with context.store.write() as tx:
        ended = await service_mails.tidy(tx, now, now - RETRY_FOR)
    for one in ended:
        many = "mails were" if one.count > 1 else "mail was"
        context.tell(f"{one.count} {one.kind} {many} given up after a day: {one.detail or 'it was not tried'}")


async def _forget_some(context: Context, now: datetime) -> int:
    async with context.store.write() as tx:
        return await sign_ups.forget_unconfirmed(tx, now - CONFIRM_WITHIN, AT_ONCE)
