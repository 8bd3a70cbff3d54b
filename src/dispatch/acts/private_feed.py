"""Feeds of subscribers' own: opened, moved to a new address, switched off; by themselves or by an editor."""

from dataclasses import dataclass

from dispatch.acts.act import ActError, Desk
from dispatch.acts.subscriber import normalised
from dispatch.context import Context
from dispatch.model.feed import FEED_FILES, RSS
from dispatch.model.issue import Publication
from dispatch.model.subscriber import SubscriptionState
from dispatch.store import private_feeds, subscribers
from dispatch.store.connect import Tx
from dispatch.syndicate.private_feed import FOLDER

ACT = "subscriber feed"  # in the audit, which never holds an address


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """Where somebody reads their own feed."""

    series: int = 0  # how many addresses it has had; the last one counts
    folder: str = ""  # absolute, without a trailing slash; empty: they have no feed, or switched it off

    @property
    def address(self) -> str:
        """The address to hand to a reader; empty: there is none."""
        return self.addresses.get(RSS.title, "")

    @property
    def addresses(self) -> dict[str, str]:
        """One for each format, by its name."""
        return {file.title: f"{self.folder}/{file.name}" for file in FEED_FILES} if self.folder else {}


async def own_feed(tx: Tx, context: Context, subscriber_id: int) -> OwnFeed:
    """The feed of one person as it is now."""
    row = await private_feeds.of_person(tx, subscriber_id)
    if row is None or not row.open:
        return OwnFeed(row.series if row else 0)
    token = context.keyring.feed(subscriber_id, row.series)
    return feed_at(context.publication, token, row.series)


def feed_at(publication: Publication, token: str, series: int) -> OwnFeed:
    """The feed whose addresses hold this token."""
    return OwnFeed(series, f"{publication.web_url}/{FOLDER}/{token}")


async def feed_of(desk: Desk, address: str) -> OwnFeed:
    """The feed of one person as it is now. Raises ActError."""
    email = normalised(address)
    async with desk.context.store.read() as tx:
        return await own_feed(tx, desk.context, await _known(tx, email))


async def renew(desk: Desk, address: str, series: int | None = None) -> OwnFeed:
    """Open somebody's own feed, or give it a new address: those it had before lead nowhere from then on.

    Where `series` is given and there has been a newer address since, nothing changes: a button that is pressed twice
    does what it does once. Raises ActError for somebody who is on no list.
    """
    email = normalised(address)
    async with desk.context.store.write() as tx:
        who = await _known(tx, email)
        if not any(one.state is SubscriptionState.ACTIVE for one in await subscribers.of_person(tx, who)):
            raise ActError(f"{email} is on no list, so that a feed of their own would hold nothing.")
        before = await own_feed(tx, desk.context, who)
        if series in (None, before.series) and await private_feeds.renew(tx, who, before.series):
            await desk.note(tx, ACT, email, "renewed" if before.folder else "opened")
        return await own_feed(tx, desk.context, who)


async def switch_off(desk: Desk, address: str) -> bool:
    """Let the addresses of somebody's own feed lead nowhere; False if none did. Raises ActError."""
    email = normalised(address)
    async with desk.context.store.write() as tx:
        closed = await private_feeds.close(tx, await _known(tx, email))
        if closed:
            await desk.note(tx, ACT, email, "switched off")
        return closed


async def _known(tx: Tx, email: str) -> int:
    found = (await subscribers.ids_of(tx, [email])).get(email)
    if found is None:
        raise ActError(f"{email} is no subscriber.")
    return found
