"""One chunk: claim it, hand it to the provider, write down what became of it.

`run_chunk` is the one handler that every engine calls; nothing but the chunk's numbers passes through an engine.
"""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from dispatch.context import Context
from dispatch.deliver import grants, journal
from dispatch.deliver.close import Tried, judge, put_back_or_close
from dispatch.deliver.grants import NotNow, Used
from dispatch.deliver.watch import LEASE, ChunkWatch
from dispatch.errors import ProviderDown, ProviderError, StoreError
from dispatch.model.delivery import Claim, Recipient
from dispatch.model.issue import CompiledEdition, Issue, MailingList
from dispatch.model.pace import Grant
from dispatch.store import highwater, issues, ledger
from dispatch.store.connect import Tx

LOOK = 0.1  # seconds between two looks at a provider that was told to stop


@dataclass(frozen=True, slots=True)
class Order:
    """What one claim is to do."""

    claim: Claim
    grant: Grant
    issue: Issue
    edition: CompiledEdition
    people: list[tuple[int, str, str]]  # subscriber id, address, name
    reached: highwater.Mark


async def run_chunk(context: Context, issue_number: int, chunk: int) -> float:
    """Work on one chunk, if it can be claimed; returns the seconds until it is worth asking again, 0.0 after work.

    Raises StoreError where the store or the disk refuses.
    """
    name = journal.name_of(issue_number, chunk, uuid.uuid4().hex[:12])
    with _disk(context):
        book = journal.Journal.create(context.journals, name)
    try:
        order = await _claim(context, issue_number, chunk, journal.place(name))
        if order:
            highwater.mark(context.workplace, order.reached)
            await _close(context, order, await _hand_over(context, order, book))
        book.drop()
    except NotNow as later:
        book.drop()
        return later.seconds
    finally:
        book.close()
    return 0.0


async def _claim(context: Context, number: int, chunk: int, place: str) -> Order | None:
    """Take the chunk and its share of the provider's limits, both or neither. Raises NotNow."""
    now = context.clock()

    async def claim(tx: Tx) -> Order | None:
        demand = await grants.others(tx, now)
        claim = await ledger.claim(tx, number, chunk, place, now=now, lease_until=now + LEASE)
        issue = await issues.get(tx, number) if claim else None
        if claim is None or issue is None:
            return None
        people = await ledger.recipients(tx, number, chunk)
        grant = await grants.reserve(tx, context, replace(demand, messages=len(people)))
        await ledger.use_connections(tx, claim, grant.connections)
        edition = await issues.compiled(tx, claim.edition)
        return Order(claim, grant, issue, edition, people[: grant.messages], await highwater.rise(tx))

    return await context.store.write_at_once(claim)


async def _hand_over(context: Context, order: Order, book: journal.Journal) -> Tried:
    if not order.people:
        return Tried()
    recipients = _recipients(context, order)
    with _disk(context):
        book.begin([one.subscriber for one in recipients])
    watch = ChunkWatch(context, order.claim, order.grant, recipients, book)
    heart = asyncio.create_task(watch.heartbeat())
    error: ProviderError | None = None
    try:
        await _send(context, order, recipients, watch)
    except ProviderError as raised:
        error = raised
    except Exception as raised:  # a provider is a plugin: its faults cost a wait, never a recipient
        error = ProviderDown(f"the provider failed: {type(raised).__name__}: {raised}. It will be tried again.")
    finally:
        watch.end()
        await heart
    watch.settle_unanswered()
    return Tried(watch.receipts, error, slow_down=watch.asked_to_slow_down)


async def _send(context: Context, order: Order, recipients: list[Recipient], watch: ChunkWatch) -> None:
    """Let the provider work; cut it short where it should stop and has nothing in hand, or takes too long over it."""
    claim = order.claim
    key = f"{claim.issue}/{claim.chunk}/{claim.attempt}"
    sending = asyncio.create_task(context.provider.send(order.edition, recipients, key, watch))
    try:
        while not (await asyncio.wait([sending], timeout=LOOK))[0]:
            if watch.may_be_cut:
                break
    finally:
        sending.cancel()
        await asyncio.wait([sending])
    if not sending.cancelled():
        sending.result()


def _recipients(context: Context, order: Order) -> list[Recipient]:
    one: MailingList = context.lists[order.issue.list_slug]
    number, tokens_of = order.issue.number, context.keyring.message
    domain = order.edition.sender_address.rpartition("@")[2]
    leave, choose = f"{context.publication.web_url}/u/", f"{context.publication.web_url}/p/"
    made = []
    for subscriber, email, name in order.people:
        tokens = tokens_of(subscriber, one.id)
        made.append(
            Recipient(
                subscriber=subscriber,
                email=email,
                name=name,
                unsubscribe=leave + tokens.unsubscribe,
                preferences=choose + tokens.unsubscribe,
                message_id=f"{number}.{subscriber}.{tokens.public}@{domain}",
                tag=f"{number}.{subscriber}.{tokens.bounce}",
            )
        )
    return made


async def _close(context: Context, order: Order, tried: Tried) -> None:
    """Write what became of the chunk, all in one transaction; what the claim did not use is given back."""
    claim, now = order.claim, context.clock()
    used = Used(len(tried.receipts), tried.accepted, tried.slow_down)

    async def close(tx: Tx) -> list[str]:
        if not await ledger.holds(tx, claim):
            return []
        await ledger.record(tx, claim.issue, tried.receipts, now, order.edition.revision)
        return [
            *await judge(tx, claim, {who: email for who, email, _ in order.people}, tried),
            *await grants.settle(tx, context, order.grant, used),
            *await put_back_or_close(tx, now, claim, tried),
        ]

    for line in await context.store.write_at_once(close):
        context.tell(line)
    if tried.error:
        context.tell(f"issue {claim.issue}: {tried.error}")


@contextmanager
def _disk(context: Context) -> Iterator[None]:
    """Turn what the disk says into a StoreError: nothing has been handed over yet."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{context.journals} cannot be written: {error.strerror}. Nothing was sent.") from None
