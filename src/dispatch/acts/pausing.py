"""Pausing whom and what can go on: a list, or one person's subscription."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.acts.act import ActError, Desk
from dispatch.acts.moment import Moment, moment
from dispatch.acts.shaping import known_list
from dispatch.acts.subscriber import normalised
from dispatch.model.subscriber import Subscription, SubscriptionState
from dispatch.store import lists, subscribers
from dispatch.store.connect import Tx


@dataclass(frozen=True, slots=True)
class Rest:
    """A subscription that rests."""

    list_slug: str
    before: datetime | None  # until when it was to rest so far; None: it did not


async def pause_list(desk: Desk, slug: str) -> None:
    """Let no issue of a list begin; those under way go on. Raises ActError."""
    await _set_list(desk, slug, paused=True)


async def resume_list(desk: Desk, slug: str) -> None:
    """Let a list go on: what has waited comes with its next pass, once. Raises ActError."""
    await _set_list(desk, slug, paused=False)


async def _set_list(desk: Desk, slug: str, *, paused: bool) -> None:
    one, act = known_list(desk, slug), "pause" if paused else "resume"
    async with desk.context.store.write() as tx:
        if not await lists.set_paused(tx, one.id, paused=paused):
            raise ActError(f"{slug} is {'paused already' if paused else 'not paused'}.")
        await desk.note(tx, f"list {act}", slug)


def until_when(desk: Desk, text: str, list_slug: str = "") -> Moment:
    """The moment that a person means; a day alone is its beginning. Raises ActError.

    It is read in the zone of the list, if one is named, else of the publication.
    """
    publication = desk.context.publication
    zone = known_list(desk, list_slug).timezone if list_slug else publication.timezone
    return moment(text, zone, desk.context.clock(), (publication.language,), day_start=True)


async def stay_away(desk: Desk, address: str, until: Moment, list_slug: str = "") -> tuple[Rest, ...]:
    """Let a person's subscriptions, or the one to a list, rest until a moment; then they get what they missed.

    Whoever rests already does so until this moment instead. Raises ActError.
    """
    email, now = normalised(address), desk.context.clock()
    async with desk.context.store.write() as tx:
        mine = as_of(await _active(tx, desk, email, list_slug), now)
        await _rest(tx, mine, until.instant)
        await desk.note(tx, "subscriber pause", email, f"{_names(mine)} until {until.instant.isoformat()}")
    return tuple(Rest(one.list_slug, one.away_until) for one in mine)


async def come_back(desk: Desk, address: str, list_slug: str = "") -> tuple[str, ...]:
    """End a person's rest, perhaps on one list only; returns the lists that they are back on. Raises ActError."""
    email, now = normalised(address), desk.context.clock()
    async with desk.context.store.write() as tx:
        mine = [one for one in as_of(await _active(tx, desk, email, list_slug), now) if one.away_until]
        if not mine:
            raise ActError(f"{email} is not paused{f' on {list_slug}' if list_slug else ''}.")
        await _rest(tx, mine, now)  # an absence that ends now is noticed by the next pass
        await desk.note(tx, "subscriber resume", email, _names(mine))
    return tuple(one.list_slug for one in mine)


def as_of(found: Iterable[Subscription], now: datetime) -> list[Subscription]:
    """Subscriptions as they are at a moment: a rest that is over by then, or of one that ended, is none."""
    return [one if _rests(one, now) else replace(one, away_until=None) for one in found]


def _rests(one: Subscription, now: datetime) -> bool:
    over = one.away_until is None or one.away_until <= now
    return one.state is SubscriptionState.ACTIVE and not over


async def _active(tx: Tx, desk: Desk, email: str, list_slug: str) -> list[Subscription]:
    """A person's subscriptions that get mail, perhaps of one list only. Raises ActError if there is none."""
    if list_slug:
        known_list(desk, list_slug)
    mine = await subscribers.of_address(tx, email)
    found = [one for one in mine if one.state is SubscriptionState.ACTIVE and list_slug in ("", one.list_slug)]
    if not found:
        to = f" to {list_slug}" if list_slug else ""
        raise ActError(f"{email} has no active subscription{to}." if mine else f"{email} is no subscriber.")
    return found


async def _rest(tx: Tx, mine: Iterable[Subscription], until: datetime) -> None:
    known = await lists.every(tx)
    for one in mine:
        await subscribers.stay_away(tx, one.subscriber.id, known[one.list_slug].id, until)


def _names(mine: Iterable[Subscription]) -> str:
    return ";".join(one.list_slug for one in mine)
