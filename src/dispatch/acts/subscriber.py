"""What people do with subscriptions, and editors for them."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath

from dispatch.acts.act import ActError, Desk
from dispatch.context import Context
from dispatch.errors import SubscribersError
from dispatch.model.service_mail import ServiceMailKind
from dispatch.model.subscriber import Subscription, SubscriptionState
from dispatch.publish import intake as intakes
from dispatch.publish.intake import Intake, Told, untold
from dispatch.publish.joining import WAITS, Joined
from dispatch.store import audit, facts, lists, service_mails, subscribers
from dispatch.store.connect import Tx
from dispatch.subscribe.address import normalise

THEMSELVES = "subscriber"


@dataclass(frozen=True, slots=True)
class LeavePage:
    """Whose subscription a link ends: enough to recognise oneself, too little to learn an address."""

    email: str  # masked: a…@example.org
    list_title: str  # empty: nobody knows any more which it was
    already_left: bool
    language: str = ""  # BCP 47, the subscriber's; empty: theirs is the publication's
    list_slug: str = ""  # by which they may sign up again; empty: they may not


class LeavingByLink:
    """What stands behind the unsubscribe link in every mail."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def look(self, token: str) -> LeavePage:
        """Whose link this is; changes nothing. Raises TokenError if it was not made here."""
        read = self._context.keyring.read_unsubscribe(token)
        async with self._context.store.read() as tx:
            return self._page(await subscribers.of_id(tx, read.subscriber, read.list_id))

    async def leave(self, token: str) -> LeavePage:
        """End the subscription. Raises TokenError if the link was not made here."""
        read = self._context.keyring.read_unsubscribe(token)
        now = self._context.clock()
        async with self._context.store.write() as tx:
            found = await subscribers.of_id(tx, read.subscriber, read.list_id)
            await leave_by_hand(tx, self._context, read.subscriber, read.list_id, now)
            return self._page(found)

    def _page(self, found: Subscription | None) -> LeavePage:
        if found is None:
            return LeavePage("…", "", already_left=True)  # they were forgotten: their links still work
        one = self._context.lists.get(found.list_slug)
        title = one.title if one else found.list_slug
        person, left = found.subscriber, found.state is SubscriptionState.ENDED
        back = one.slug if one and one.sign_up else ""
        return LeavePage(masked(person.email), title, left, person.language, back)


async def leave_by_hand(tx: Tx, context: Context, subscriber_id: int, list_id: int, now: datetime) -> bool:
    """End a subscription because its person says so, with a last mail where the list sends one.

    False if it had ended, or never was.
    """
    if not await subscribers.end(tx, subscriber_id, list_id, now):
        return False
    if any(one.goodbye for one in context.lists.values() if one.id == list_id):
        await service_mails.ask(tx, ServiceMailKind.GOODBYE, subscriber_id, list_id, now)
    await audit.note(tx, audit.AuditLine(now, THEMSELVES, "unsubscribe", str(subscriber_id), f"list {list_id}"))
    return True


def masked(email: str) -> str:
    """Enough of an address to recognise one's own by, too little to learn it: a…@example.org."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


async def unsubscribe(desk: Desk, address: str, list_slug: str | None) -> list[str]:
    """End a person's subscriptions, or one of them; returns the lists they left."""
    email = normalised(address)
    now = desk.context.clock()
    async with desk.context.store.write() as tx:
        found = [one for one in await subscribers.of_address(tx, email) if list_slug in (None, one.list_slug)]
        if not found:
            raise ActError(f"{email} has no such subscription.")
        ids = await lists.every(tx)
        left = []
        for one in found:
            if await subscribers.end(tx, one.subscriber.id, ids[one.list_slug].id, now):
                left.append(one.list_slug)
        await desk.note(tx, "subscriber unsubscribe", email, ";".join(left))
    return left


async def of_address(desk: Desk, address: str) -> tuple[list[Subscription], str | None]:
    """What a person is subscribed to, and why their address is never mailed, if so."""
    email = normalised(address)
    async with desk.context.store.read() as tx:
        found = await subscribers.of_address(tx, email)
        reason = await subscribers.suppressed(tx, email)
    if not found and reason is None:
        raise ActError(f"{email} is no subscriber.")
    return found, reason


def normalised(address: str) -> str:
    """An address as the store writes it. Raises ActError."""
    try:
        return normalise(address)
    except ValueError as error:
        raise ActError(f"{address!r}: {error}") from None


@asynccontextmanager
async def read_file(desk: Desk, path: Path, told: Told = untold) -> AsyncIterator[Intake]:
    """Read a subscribers' file without taking anybody yet. Raises ActError or StoreError."""
    async with AsyncExitStack() as opened:
        try:
            intake = await opened.enter_async_context(intakes.read_file(desk.context, path, str(path), told))
        except OSError as error:
            raise ActError(f"{path} cannot be read: {error.strerror}.") from None
        except SubscribersError as error:
            place = f"{path}:{error.line}" if error.line else str(path)
            raise ActError(f"{place}: {error}") from None
        yield intake


def _where(path: Path, folder: Path) -> str:
    """A file as passes name it: relative to the publication."""
    return PurePath(os.path.relpath(path, folder)).as_posix()


async def import_people(desk: Desk, path: Path, intake: Intake) -> Joined:
    """Let the new people of a file join because an editor says so; whoever left stays away."""
    now = desk.context.clock()
    async with desk.context.store.write() as tx:
        await facts.drop(tx, f"{WAITS} {_where(path, desk.context.config.folder)}")
        await desk.note(tx, "subscriber import", str(path), f"{intake.rows} rows")
    return Joined(await intake.join(now), intake.problems)
