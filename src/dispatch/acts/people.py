"""What editors do with people: add, suppress, forget, hand out."""

import asyncio
import csv
import io
from collections.abc import Collection, Mapping
from pathlib import Path

from dispatch.acts.act import ActError, Desk
from dispatch.acts.subscriber import normalised
from dispatch.model.subscriber import PersonRow, Subscription, SubscriptionState
from dispatch.publish.joining import new_person, starting_marks
from dispatch.store import audit, subscribers
from dispatch.store.connect import Tx
from dispatch.subscribe.csvfile import COLUMNS, person_row

EVERYBODY = 10_000_000  # more than any export holds


async def add(desk: Desk, cells: Mapping[str, str], *, again: bool) -> None:
    """Let one person join one list. `cells` are those of a subscribers' file, `lists` among them.

    Whoever has left comes back only if `again` says that they asked to.
    """
    context = desk.context
    offered = {slug: table.offered for slug, table in context.config.lists.items()}
    try:
        row = person_row(cells, "", 0, "", offered)
    except ValueError as error:
        raise ActError(str(error)) from None
    async with context.store.write() as tx:
        await refuse_suppressed(tx, row.email)
        for slug in row.lists:
            await _add_to(tx, desk, row, slug, again=again)
        await desk.note(tx, "subscriber add", row.email, ";".join(row.lists))


async def _add_to(tx: Tx, desk: Desk, row: PersonRow, slug: str, *, again: bool) -> None:
    refuse_hour(desk, slug, row.hour)
    context, now = desk.context, desk.context.clock()
    person = new_person(context, row, slug, await starting_marks(tx))
    before = next((one for one in await subscribers.of_address(tx, row.email) if one.list_slug == slug), None)
    if before and before.state is SubscriptionState.ACTIVE:
        raise ActError(f"{row.email} is on {slug} already.")
    if before and before.state is SubscriptionState.ENDED and not again:
        raise ActError(f"{row.email} has left {slug}. If they asked to come back, add --again.")
    if before:
        await subscribers.come_back(tx, before.subscriber.id, person, now)
    else:
        await subscribers.join(tx, [person], now)
    await subscribers.take_hashes(tx, [context.keyring.taken(row.email, context.lists[slug].born_as)])


async def refuse_suppressed(tx: Tx, email: str) -> None:
    """Raise ActError if this address is never mailed, saying why and how to lift that."""
    reason = await subscribers.suppressed(tx, email)
    if reason is not None:
        raise ActError(f"{email} is suppressed ({reason}). Lift it first: dispatch subscriber suppress {email} --lift")


def refuse_hour(desk: Desk, slug: str, hour: str) -> None:
    """Raise ActError for an hour of one's own on a list that has one hour for everybody."""
    one = desk.context.lists.get(slug)
    if hour and not (one and one.local_time):
        raise ActError(
            f"{slug} goes out at one hour for everybody, so nobody has an hour of their own there; "
            f"local_time = true in [lists.{slug}] changes that."
        )


async def suppress(desk: Desk, address: str, reason: str) -> None:
    """Never mail this address again, on any list, from the next message on."""
    email = normalised(address)
    async with desk.context.store.write() as tx:
        await subscribers.suppress(tx, email, reason, desk.context.clock())
        await desk.note(tx, "subscriber suppress", email, reason)


async def lift(desk: Desk, address: str) -> None:
    """Let a suppressed address be mailed again."""
    email = normalised(address)
    async with desk.context.store.write() as tx:
        if not await subscribers.release(tx, email):
            raise ActError(f"{email} is not suppressed.")
        await desk.note(tx, "subscriber lift", email)


async def forget(desk: Desk, address: str) -> list[str]:
    """Erase a person from the store; returns the files that still hold the address."""
    email = normalised(address)
    async with desk.context.store.write() as tx:
        if not await subscribers.erase(tx, email):
            raise ActError(f"{email} is no subscriber.")
        await audit.erase(tx, email, subscribers.ERASED)
        await desk.note(tx, "subscriber forget", subscribers.ERASED)
    return await asyncio.to_thread(_files_with, desk.context.config.folder, email)


def _files_with(folder: Path, email: str) -> list[str]:
    files = sorted((folder / "subscribers").glob("*.csv"))
    return [str(path) for path in files if email in path.read_text(encoding="utf-8", errors="replace").lower()]


async def export(desk: Desk, list_slug: str | None) -> str:
    """Subscriptions as a CSV that `subscriber import` reads, a row each; whoever is suppressed is written as ended."""
    async with desk.context.store.read() as tx:
        found = await subscribers.everybody(tx, list_slug, EVERYBODY)
        barred = await subscribers.all_suppressed(tx)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(one, barred) for one in found)
    return out.getvalue()


def _cells(one: Subscription, barred: Collection[str]) -> tuple[str, ...]:
    person, tags = one.subscriber, ";".join(one.tags)
    state = SubscriptionState.ENDED if person.email in barred else one.state  # no import mails them by mistake
    wishes = (one.cadence, tags, person.timezone, one.hour)
    return (person.email, person.name, one.list_slug, *wishes, person.language, state)
