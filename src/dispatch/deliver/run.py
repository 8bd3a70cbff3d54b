"""One chunk: claim it, hand it to the provider, write down what became of it.

`run_chunk` is the one handler that every engine calls; nothing but the chunk's numbers passes through an engine.
"""

import asyncio
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from dispatch.context import Context
from dispatch.deliver import journal
from dispatch.deliver.retry import GiveUp, after_try
from dispatch.deliver.watch import LEASE, ChunkWatch
from dispatch.errors import ProviderDown, ProviderError, ProviderRefused, StoreError
from dispatch.model.delivery import OPEN_STATES, Claim, Receipt, Recipient, SendState
from dispatch.model.issue import Issue, IssueState, MailingList
from dispatch.store import highwater, issues, ledger
from dispatch.store.connect import Tx


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try at a chunk."""

    receipts: dict[int, Receipt]  # by subscriber id
    error: ProviderError | None = None


async def run_chunk(context: Context, issue_number: int, chunk: int) -> None:
    """Work on one chunk, if it can be claimed. Raises StoreError where the store or the disk refuses."""
    name = journal.name_of(issue_number, chunk, uuid.uuid4().hex[:12])
    try:
        book = journal.Journal.create(context.journals, name)
    except OSError as error:
        raise StoreError(f"{context.journals} cannot be written: {error.strerror}. Nothing was sent.") from None
    try:
        claim = await _claim(context, issue_number, chunk, journal.place(name))
        if claim:
            await _close(context, claim, await _hand_over(context, claim, book))
        book.drop()
    finally:
        book.close()


async def _claim(context: Context, issue_number: int, chunk: int, place: str) -> Claim | None:
    now = context.clock()
    async with context.store.write() as tx:
        claim = await ledger.claim(tx, issue_number, chunk, place, now=now, lease_until=now + LEASE)
        reached = await highwater.rise(tx) if claim else None
    if reached:
        highwater.mark(context.workplace, reached)
    return claim


async def _hand_over(context: Context, claim: Claim, book: journal.Journal) -> Tried:
    async with context.store.read() as tx:
        edition = await issues.compiled(tx, claim.edition)
        issue = await issues.get(tx, claim.issue)
        people = await ledger.recipients(tx, claim.issue, claim.chunk)
    if issue is None or not people:
        return Tried({})
    domain = edition.sender_address.rpartition("@")[2]
    recipients = [_recipient(context, issue, domain, *person) for person in people]
    watch = ChunkWatch(context, claim, recipients, book)
    heart = asyncio.create_task(watch.heartbeat())
    error: ProviderError | None = None
    try:
        await context.provider.send(edition, recipients, f"{claim.issue}/{claim.chunk}/{claim.attempt}", watch)
    except ProviderError as raised:
        error = raised
    except Exception as raised:  # a provider is a plugin: its faults cost a wait, never a recipient
        error = ProviderDown(f"the provider failed: {type(raised).__name__}: {raised}. It will be tried again.")
    finally:
        heart.cancel()
        with suppress(asyncio.CancelledError, StoreError):
            await heart
    watch.settle_unanswered()
    return Tried(dict(watch.receipts), error)


def _recipient(context: Context, issue: Issue, domain: str, subscriber: int, email: str, name: str) -> Recipient:
    one: MailingList = context.lists[issue.list_slug]
    token = context.keyring.unsubscribe(subscriber, one.id)
    return Recipient(
        subscriber=subscriber,
        email=email,
        name=name,
        unsubscribe=f"{context.publication.web_url}/u/{token}",
        message_id=f"{issue.number}.{subscriber}.{context.keyring.keyed_hash('message', token)}@{domain}",
    )


async def _close(context: Context, claim: Claim, tried: Tried) -> None:
    now = context.clock()
    async with context.store.write() as tx:
        if not await ledger.holds(tx, claim):
            return
        await ledger.record(tx, claim.issue, tried.receipts, now)
        issue = await issues.get(tx, claim.issue)
        if issue is not None:
            await put_back_or_close(tx, context, claim, issue, tried)
    if tried.error:
        context.tell(f"issue {claim.issue}: {tried.error}")


async def put_back_or_close(tx: Tx, context: Context, claim: Claim, issue: Issue, tried: Tried) -> None:
    """Decide what becomes of a chunk after a try, or after its holder died."""
    now = context.clock()
    if issue.state is IssueState.CANCELLED:
        await _end_open(tx, claim, SendState.CANCELLED, "issue cancelled", context)
    if isinstance(tried.error, ProviderRefused):
        values = {"note": str(tried.error)}
        await issues.move(tx, claim.issue, [IssueState.SENDING], IssueState.PAUSED, values)
    if await ledger.open_count(tx, claim.issue, claim.chunk):
        await _try_again(tx, context, claim, tried)
    else:
        await ledger.close(tx, claim.issue, claim.chunk)
    if await ledger.finish_if_balanced(tx, issue, now):
        tally = await ledger.tally(tx, issue.number)
        state = IssueState.CANCELLED if issue.state is IssueState.CANCELLED else IssueState.SENT
        accepted = tally.counts.get(SendState.ACCEPTED, 0)
        context.tell(f"issue {issue.number} is {state.value}: accepted {accepted} of {tally.audience}")


async def _try_again(tx: Tx, context: Context, claim: Claim, tried: Tried) -> None:
    """Put what is left back in line: at once where it was merely not reached, later where it failed."""
    now = context.clock()
    again = [receipt for receipt in tried.receipts.values() if receipt.state is SendState.RETRY]
    if not again and (tried.error is None or isinstance(tried.error, ProviderRefused)):
        await ledger.release(tx, claim.issue, claim.chunk, not_before=now, attempt=claim.attempt + 1)
        return
    asked = max((receipt.retry_after or timedelta(0) for receipt in again), default=None)
    decision = after_try(claim.attempt, claim.first_try or now, now, asked)
    error = str(tried.error) if tried.error else next((receipt.detail for receipt in again), "")
    if isinstance(decision, GiveUp):
        await _end_open(tx, claim, SendState.EXPIRED, error, context)
        await ledger.close(tx, claim.issue, claim.chunk)
        return
    await ledger.release(
        tx, claim.issue, claim.chunk, not_before=decision.not_before, attempt=claim.attempt + 1, error=error
    )


async def _end_open(tx: Tx, claim: Claim, state: SendState, detail: str, context: Context) -> None:
    await ledger.settle(tx, claim.issue, claim.chunk, state, detail, context.clock(), OPEN_STATES)
