"""Takes over chunks whose holder died: who was accepted stays accepted, who was in doubt is unknown."""

from dispatch.context import Context
from dispatch.deliver import journal
from dispatch.deliver.close import Tried, put_back_or_close
from dispatch.model.delivery import Claim, Receipt, SendState
from dispatch.store import chunks, issues, ledger


async def rescue(context: Context) -> int:
    """Take over every chunk whose holder is dead, or whose lease has run out; returns how many."""
    found = journal.files(context.journals)  # before the claims are read: none that is newer is swept away
    async with context.store.read() as tx:
        held = await chunks.claimed(tx)
    journal.sweep(context.journals, found, [chunk.journal for chunk in held])
    orphans = [chunk for chunk in held if _is_orphan(context, chunk)]
    for chunk in orphans:
        await _take_over(context, chunk)
    return len(orphans)


def _is_orphan(context: Context, chunk: chunks.ChunkRow) -> bool:
    """Its lock is free; or, where that cannot be seen from here, its lease is over."""
    alive = journal.is_held(context.journals, chunk.journal)
    if alive is None:
        return chunk.lease_until is None or chunk.lease_until < context.clock()
    return not alive


async def _take_over(context: Context, chunk: chunks.ChunkRow) -> None:
    now = context.clock()
    claim = Claim(chunk.issue, chunk.number, chunk.fence, chunk.attempt, "", chunk.first_try)
    async with context.store.write() as tx:
        issue = await issues.get(tx, chunk.issue)
        if issue is None or not await ledger.holds(tx, claim):
            return
        waiting = [person[0] for person in await ledger.recipients(tx, chunk.issue, chunk.number)]
        receipts = _what_is_known(context, issue.list_slug, chunk, waiting)
        await ledger.record(tx, chunk.issue, receipts, now, await issues.revision_in(tx, chunk.issue, chunk.number))
        said = await put_back_or_close(tx, now, claim, Tried())
    for line in said:
        context.tell(line)
    journal.forget(context.journals, chunk.journal)


def _what_is_known(context: Context, list_slug: str, chunk: chunks.ChunkRow, waiting: list[int]) -> dict[int, Receipt]:
    """What the journal proves. In doubt: unknown, unless sending again is safe or the list prefers it."""
    entries = journal.read(context.journals, chunk.journal)
    if entries is None:
        lost = Receipt(SendState.UNKNOWN, "Dispatch stopped, and no journal says how far it had come")
        entries = dict.fromkeys(waiting, lost)
    resend = context.provider.capabilities.idempotent or _prefers_resend(context, list_slug)
    return {who: receipt for who, receipt in entries.items() if not (resend and receipt.state is SendState.UNKNOWN)}


def _prefers_resend(context: Context, list_slug: str) -> bool:
    table = context.config.lists.get(list_slug)
    return table is not None and table.on_unknown == "resend"
