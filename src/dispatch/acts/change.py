"""What a person's subscription changes to. Nothing is lost for it and nothing comes twice."""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.acts.act import ActError, Desk
from dispatch.acts.people import refuse_hour, refuse_suppressed
from dispatch.acts.subscriber import normalised
from dispatch.model.subscriber import PersonRow, Subscription, SubscriptionState
from dispatch.store import audit, facts, lists, subscribers
from dispatch.store.connect import Tx
from dispatch.subscribe.csvfile import person_row

PERSONAL = ("name", "language", "timezone")
OF_A_LIST = ("cadence", "tags", "hour")


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different, by the columns of a subscribers' file; what is not named stays."""

    cells: Mapping[str, str]  # any of email, name, language, timezone, cadence, tags, hour
    list_slug: str = ""  # whose cadence, tags and hour; empty: the person's only list


async def change(desk: Desk, address: str, wanted: Change) -> list[str]:
    """Change a person or one of their subscriptions; returns the columns that differ now. Raises ActError."""
    email = normalised(address)
    async with desk.context.store.write() as tx:
        mine = await subscribers.of_address(tx, email)
        if not mine:
            raise ActError(f"{email} is no subscriber.")
        subscription = _chosen(mine, wanted)
        row = _row(desk, email, subscription, wanted)
        refuse_hour(desk, subscription.list_slug, row.hour)
        different = await _change_person(tx, mine[0], row, wanted)
        different += await _change_subscription(tx, subscription, row, wanted)
        different += await _change_address(tx, desk, mine, row)
        await desk.note(tx, "subscriber change", row.email, ", ".join(different))
    return different


def _chosen(mine: list[Subscription], wanted: Change) -> Subscription:
    """The subscription that is meant; for what is the person's own any of them will do."""
    if not wanted.list_slug and not set(OF_A_LIST) & set(wanted.cells):
        return mine[0]
    there = [one for one in mine if one.state is not SubscriptionState.ENDED]
    found = [one for one in there if wanted.list_slug in ("", one.list_slug)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(one.list_slug for one in there) or "none"
    if wanted.list_slug:
        raise ActError(f"{mine[0].subscriber.email} is not on {wanted.list_slug}; their lists are: {known}.")
    raise ActError(f"Say with --list which subscription; their lists are: {known}.")


def _row(desk: Desk, email: str, subscription: Subscription, wanted: Change) -> PersonRow:
    """The wish, checked as a row of a file is."""
    offered = {slug: table.offered for slug, table in desk.context.config.lists.items()}
    lists_ = subscription.list_slug if "cadence" in wanted.cells else next(iter(offered), "")
    try:
        return person_row({"email": email, **wanted.cells, "lists": lists_}, "", 0, "", offered)
    except ValueError as error:
        raise ActError(str(error)) from None


async def _change_person(tx: Tx, before: Subscription, row: PersonRow, wanted: Change) -> list[str]:
    values = {column: getattr(row, column) for column in PERSONAL if column in wanted.cells}
    different = [column for column, value in values.items() if getattr(before.subscriber, column) != value]
    await subscribers.change(tx, before.subscriber.id, {column: values[column] for column in different})
    return different


async def _change_subscription(tx: Tx, before: Subscription, row: PersonRow, wanted: Change) -> list[str]:
    who, list_id = before.subscriber.id, (await lists.every(tx))[before.list_slug].id
    different = []
    if row.cadence and row.cadence is not before.cadence:
        await subscribers.change_cadence(tx, who, list_id, row.cadence)
        different.append("cadence")
    if "tags" in wanted.cells and row.tags != before.tags:
        await subscribers.change_tags(tx, who, list_id, row.tags, await facts.arrival_head(tx))
        different.append("tags")
    if "hour" in wanted.cells and row.hour != before.hour:
        await subscribers.change_hour(tx, who, list_id, row.hour)
        different.append("hour")
    return different


async def _change_address(tx: Tx, desk: Desk, mine: list[Subscription], row: PersonRow) -> list[str]:
    """Give the person another address; no file lets the new one join again, as none does the old one."""
    person = mine[0].subscriber
    if row.email == person.email:
        return []
    if row.email in await subscribers.ids_of(tx, [row.email]):
        raise ActError(f"{row.email} is another subscriber's address.")
    await refuse_suppressed(tx, row.email)
    await subscribers.change(tx, person.id, {"email": row.email})
    known = await lists.every(tx)
    names = [known[one.list_slug].born_as for one in mine]
    await subscribers.take_hashes(tx, [desk.context.keyring.taken(row.email, name) for name in names])
    await audit.erase(tx, person.email, row.email)
    return ["email"]
