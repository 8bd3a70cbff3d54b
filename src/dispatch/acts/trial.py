"""A test of an issue, sent to an editor: the very mail a subscriber would get, in no ledger."""

import asyncio
import uuid

from dispatch.acts.act import ActError, Desk, known_issue
from dispatch.acts.people import refuse_suppressed
from dispatch.acts.preview import Reader, edition_for
from dispatch.acts.subscriber import normalised
from dispatch.deliver.single import send_single
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.publish.freezing import load_renderer

MOST = 10  # addresses at a time: a test is no send


async def trial(desk: Desk, number: int, addresses: tuple[str, ...], reader: Reader) -> dict[str, Receipt]:
    """Send an issue as one reader would get it to these addresses; returns the provider's answers.

    Nobody's mark moves, and its links are nobody's: the one to leave by leads to the publication, the one to
    preferences to the page where people ask for theirs.
    """
    people = tuple(dict.fromkeys(normalised(one) for one in addresses))
    if not 1 <= len(people) <= MOST:
        raise ActError(f"A test goes to at least one address and at most {MOST}.")
    async with desk.context.store.read() as tx:
        await known_issue(tx, number)
        for one in people:
            await refuse_suppressed(tx, one)
    await asyncio.to_thread(load_renderer)
    edition = await edition_for(desk, number, reader)
    key = uuid.uuid4().hex
    recipients = [_recipient(desk, number, at, email, key, edition.sender_address) for at, email in enumerate(people)]
    receipts = await send_single(desk.context, edition, recipients, f"test/{number}/{key}")
    async with desk.context.store.write() as tx:
        await desk.note(tx, "issue test", str(number), f"to {len(people)}")
    return dict(zip(people, receipts, strict=True))


def _recipient(desk: Desk, number: int, at: int, email: str, key: str, sender: str) -> Recipient:
    domain = sender.rpartition("@")[2]
    return Recipient(
        subscriber=0,
        email=email,
        name="",
        unsubscribe=desk.context.publication.web_url + "/",
        preferences=desk.context.publication.web_url + "/preferences/",
        message_id=f"test.{number}.{at}.{key}@{domain}",
    )


def failed(receipts: dict[str, Receipt]) -> list[str]:
    """The addresses that the provider did not take."""
    return [email for email, receipt in receipts.items() if receipt.state is not SendState.ACCEPTED]
