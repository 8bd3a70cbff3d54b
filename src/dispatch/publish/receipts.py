"""The stage after delivery: once an issue has ended, its editors get a receipt by mail."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from dispatch.context import Context
from dispatch.deliver.single import send_single
from dispatch.errors import ProviderError
from dispatch.message.address import split_sender
from dispatch.message.compile import compile_edition
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.model.issue import CompiledEdition, Issue
from dispatch.store import issues, receipts

RECENT = timedelta(days=1)  # whoever names editors for the first time hears nothing of what ended before


async def send_receipts(context: Context, now: datetime) -> tuple[int, ...]:
    """Tell the editors of every issue that has ended; returns the numbers of those that they were told of.

    A receipt is taken before it is handed over, so that no issue has two. Where the provider takes none of it, it is
    given back, and the next call tries again. Raises StoreError, or TemplateError for a template that is broken.
    """
    if not context.publication.editors:
        return ()
    async with context.store.read() as tx:
        due = [issue for number in await receipts.due(tx, now - RECENT) if (issue := await issues.get(tx, number))]
    known = [issue for issue in due if issue.list_slug in context.lists]
    return tuple([issue.number for issue in known if await _tell(context, issue, now)])


async def _tell(context: Context, issue: Issue, now: datetime) -> bool:
    """Take one receipt and hand it over; False: another process has it, or the provider does not take it now."""
    edition = await _written(context, issue, now)
    async with context.store.write() as tx:
        if not await receipts.take(tx, issue.number, now):
            return False
    answers = await _hand_over(context, issue, edition)
    if all(answer.state is SendState.RETRY for answer in answers):
        async with context.store.write() as tx:
            await receipts.give_back(tx, issue.number)
        return False
    for email, answer in zip(context.publication.editors, answers, strict=True):
        if answer.state is not SendState.ACCEPTED:
            context.tell(f"issue {issue.number}: its receipt to {email} is {answer.state.value}: {answer.detail}")
    return True


async def _written(context: Context, issue: Issue, now: datetime) -> CompiledEdition:
    """The receipt as bytes. Raises TemplateError."""
    from dispatch.publish.ended import ended_issue  # rendering takes time to load, and most often nothing has ended
    from dispatch.render.receipt import render_receipt

    one, publication = context.lists[issue.list_slug], context.publication
    async with context.store.read() as tx:
        ended = await ended_issue(tx, context, issue, one, now)
    sender = one.sender or publication.email
    edition = await asyncio.to_thread(render_receipt, ended, sender, publication, context.theme, now)
    return compile_edition(edition)


async def _hand_over(context: Context, issue: Issue, edition: CompiledEdition) -> Sequence[Receipt]:
    """The provider's answers by editor; none where it cannot be reached."""
    domain = edition.sender_address.rpartition("@")[2]
    people = [_recipient(context, issue, editor, domain) for editor in context.publication.editors]
    try:
        return await send_single(context, edition, people, f"receipt/{issue.number}")
    except ProviderError as error:
        context.tell(f"issue {issue.number}: its editors could not be told: {error}")
        return []


def _recipient(context: Context, issue: Issue, editor: str, domain: str) -> Recipient:
    """One editor. The same receipt tried again has the same Message-ID."""
    name, email = split_sender(editor)
    own = context.keyring.keyed_hash("receipt", f"{issue.number} {email}")
    return Recipient(0, email, name, unsubscribe="", message_id=f"receipt.{issue.number}.{own}@{domain}")
