"""What people choose for themselves, on the page that every mail to them links to: the link proves the address."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from dispatch.acts import pausing, people, private_feed
from dispatch.acts.act import ActError, Desk
from dispatch.acts.change import Change, change
from dispatch.acts.joining import let_in, may_be_written_to
from dispatch.acts.offering import Offering, Offerings, zones
from dispatch.acts.private_feed import OwnFeed, own_feed
from dispatch.acts.subscriber import THEMSELVES, leave_by_hand, masked
from dispatch.context import Context
from dispatch.model.issue import MailingList
from dispatch.model.service_mail import ServiceMailKind
from dispatch.model.subscriber import Cadence, Subscriber, Subscription, SubscriptionState
from dispatch.store import audit, service_mails, subscribers
from dispatch.subscribe.address import normalise

PERSONAL = ("name", "language", "timezone")
STANDINGS = (SubscriptionState.ACTIVE, SubscriptionState.ENDED, SubscriptionState.PENDING)


@dataclass(frozen=True, slots=True)
class OnList:
    """One list that somebody gets, and what they may choose on it."""

    one: MailingList
    cadence: Cadence
    hour: str  # HH:MM; empty: the list's
    tags: tuple[str, ...]  # chosen; empty: everything
    common_tags: tuple[str, ...]  # to choose from, their own among them
    away_until: str  # the day, YYYY-MM-DD, in the list's zone; empty: they are there


@dataclass(frozen=True, slots=True)
class Choices:
    """What the page shows."""

    known: bool  # False: the person was forgotten, and there is nothing to choose
    email: str = ""  # masked
    name: str = ""
    language: str = ""  # empty: the publication's
    timezone: str = ""  # empty: each list's
    languages: tuple[str, ...] = ()
    has_hours: bool = False  # their time zone makes a difference
    suppressed: bool = False  # nothing is mailed to this address, whatever they choose
    lists: tuple[OnList, ...] = ()
    others: tuple[MailingList, ...] = ()  # which they may join
    feed: OwnFeed = field(default_factory=OwnFeed)


# Whether somebody may choose a value; cadences, hours and days are looked at where they are changed.
OFFERED: Mapping[str, Callable[[str, Choices], bool]] = {
    "name": lambda _, __: True,
    "language": lambda value, choices: value in ("", *choices.languages),
    "timezone": lambda value, _: value in ("", *zones()),
}


@dataclass(frozen=True, slots=True)
class ListWish:
    """What somebody wants of one list."""

    cadence: str = ""  # empty: as it is
    tags: tuple[str, ...] | None = None  # None: as they are; empty: everything
    hour: str | None = None  # None: as it is; empty: the list's
    until: str | None = None  # a day, YYYY-MM-DD; None: as it is; empty: no pause


@dataclass(frozen=True, slots=True)
class Wish:
    """All that somebody sends from the page; what is not in it stays as it is."""

    personal: Mapping[str, str] = field(default_factory=dict)  # any of PERSONAL
    lists: Mapping[str, ListWish] = field(default_factory=dict)  # by slug


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a wish."""

    choices: Choices  # as they are now
    changed: tuple[tuple[str, str], ...] = ()  # (list's slug or "", what): cadence, tags, hour, until, name, feed, ...
    wrong: Mapping[str, str] = field(default_factory=dict)  # by `what` or `what:slug`: why it was not done


class ChoosingByLink:
    """What stands behind the page of preferences."""

    def __init__(self, context: Context, offerings: Offerings) -> None:
        self._context = context
        self._offerings = offerings
        self._desk = Desk(context, THEMSELVES)

    async def look(self, token: str) -> Choices:
        """What there is to choose; changes nothing. Raises TokenError if the link was not made here, or StoreError."""
        read, offering = self._context.keyring.read_unsubscribe(token), await self._offerings.now()
        async with self._context.store.read() as tx:
            found = await subscribers.of_person(tx, read.subscriber)
            if not found:
                return Choices(known=False)
            barred = await subscribers.suppressed(tx, found[0].subscriber.email) is not None
            feed = await own_feed(tx, self._context, read.subscriber)
        return self._choices(offering, pausing.as_of(found, self._context.clock()), feed, barred=barred)

    def _choices(self, offering: Offering, found: list[Subscription], feed: OwnFeed, *, barred: bool) -> Choices:
        person, own = found[0].subscriber, {one.list_slug: one for one in found}
        active = {slug for slug, one in own.items() if one.state is SubscriptionState.ACTIVE}
        there = {slug: one for slug, one in offering.lists.items() if slug in active}
        languages = dict.fromkeys((*offering.languages, *filter(None, [person.language])))
        return Choices(
            known=True,
            email=masked(person.email),
            name=person.name,
            language=person.language,
            timezone=person.timezone,
            languages=tuple(languages),
            has_hours=bool(person.timezone) or any(one.local_time for one in offering.lists.values()),
            suppressed=barred,
            lists=tuple(_on_list(one, own[slug], offering.tags[slug]) for slug, one in there.items()),
            others=() if barred else tuple(one for slug, one in offering.open.items() if slug not in active),
            feed=feed,
        )

    async def save(self, token: str, wish: Wish) -> Saved:
        """Do what somebody wishes, as far as it can be done. Raises TokenError or StoreError."""
        person, before = await self._person(token), await self.look(token)
        if person is None:
            return Saved(before)
        doing = _Doing()
        for what in PERSONAL:
            value = wish.personal.get(what, getattr(before, what))
            if value != getattr(before, what):
                offered = OFFERED[what](value, before)
                await doing.attempt("", what, self._changing(person, {what: value}), offered=offered)
        for one in before.lists:
            await self._save_list(doing, person, one, wish.lists.get(one.one.slug, ListWish()))
        return Saved(await self.look(token), tuple(doing.changed), doing.wrong)

    async def _save_list(self, doing: "_Doing", person: Subscriber, before: OnList, wish: ListWish) -> None:
        slug = before.one.slug
        if wish.cadence and wish.cadence != before.cadence:
            await doing.attempt(slug, "cadence", self._changing(person, {"cadence": wish.cadence}, slug))
        if wish.tags is not None and set(wish.tags) != set(before.tags):
            offered = set(wish.tags) <= set(before.common_tags)
            tags = self._changing(person, {"tags": ";".join(wish.tags)}, slug)
            await doing.attempt(slug, "tags", tags, offered=offered)
        if wish.hour is not None and wish.hour != before.hour:
            await doing.attempt(slug, "hour", self._changing(person, {"hour": wish.hour}, slug))
        if wish.until is not None and wish.until != before.away_until:
            await doing.attempt(slug, "until", self._resting(person, slug, wish.until))

    def _changing(
        self, person: Subscriber, cells: Mapping[str, str], slug: str = ""
    ) -> Callable[[], Awaitable[object]]:
        return lambda: change(self._desk, person.email, Change(cells, slug))

    def _resting(self, person: Subscriber, slug: str, until: str) -> Callable[[], Awaitable[object]]:
        if not until:
            return lambda: pausing.come_back(self._desk, person.email, slug)

        async def rest() -> None:
            when = pausing.until_when(self._desk, until, slug)
            await pausing.stay_away(self._desk, person.email, when, slug)

        return rest

    async def join(self, token: str, slug: str) -> Saved:
        """Let them join another list, or come back to one: a mail to confirm would only prove what the link does."""
        person = await self._person(token)
        doing = _Doing()
        if person and slug in (await self._offerings.now()).open:
            await doing.attempt(slug, "joined", lambda: self._join(person, slug))
        return Saved(await self.look(token), tuple(doing.changed), doing.wrong)

    async def _join(self, person: Subscriber, slug: str) -> None:
        """With what they had chosen before, if they were on it once. Raises ActError."""
        async with self._context.store.write() as tx:
            await people.refuse_suppressed(tx, person.email)
            before = await subscribers.of_id(tx, person.id, self._context.lists[slug].id)
            if before and before.state is not SubscriptionState.ACTIVE:
                await let_in(tx, self._context, before, self._context.clock())
                await self._desk.note(tx, "subscriber add", person.email, slug)
        if before is None:
            await people.add(self._desk, {"email": person.email, "lists": slug}, again=True)

    async def leave(self, token: str, slug: str = "") -> Saved:
        """End one of their subscriptions, or all of them. Raises TokenError or StoreError."""
        read, now = self._context.keyring.read_unsubscribe(token), self._context.clock()
        left = []
        async with self._context.store.write() as tx:
            for one in self._context.lists.values():
                wanted = slug in ("", one.slug)
                if wanted and await leave_by_hand(tx, self._context, read.subscriber, one.id, now):
                    left.append((one.slug, "left"))
        return Saved(await self.look(token), tuple(left))

    async def renew_feed(self, token: str, series: int) -> Saved:
        """Give them a feed of their own or, if `series` is that of its address, a new address."""
        person, before = await self._person(token), await self.look(token)
        doing = _Doing()
        if person and series == before.feed.series:
            what = "moved-feed" if before.feed.folder else "feed"
            await doing.attempt("", what, lambda: private_feed.renew(self._desk, person.email, series))
        return Saved(await self.look(token), tuple(doing.changed), doing.wrong)

    async def end_feed(self, token: str) -> Saved:
        """Switch their own feed off."""
        person = await self._person(token)
        doing = _Doing()
        if person and (await self.look(token)).feed.folder:
            await doing.attempt("", "no-feed", lambda: private_feed.switch_off(self._desk, person.email))
        return Saved(await self.look(token), tuple(doing.changed), doing.wrong)

    async def languages(self) -> tuple[str, ...]:
        """Those that the publication speaks, its own first. Raises StoreError."""
        return (await self._offerings.now()).languages

    async def ask(self, address: str) -> None:
        """Mail somebody the link to their page, if we know them. Raises ValueError if it is no address, or StoreError.

        Nothing is said of whether we do: nobody learns who is subscribed.
        """
        email, now = normalise(address), self._context.clock()
        async with self._context.store.write() as tx:
            mine = await subscribers.of_address(tx, email)
            here = sorted(
                (one for one in mine if one.list_slug in self._context.lists),
                key=lambda one: STANDINGS.index(one.state),
            )
            if not here or await subscribers.suppressed(tx, email) is not None:
                return
            who, one = here[0].subscriber.id, self._context.lists[here[0].list_slug]
            if not await may_be_written_to(tx, email, now):
                return
            await service_mails.ask(tx, ServiceMailKind.PREFERENCES, who, one.id, now)
            await audit.note(tx, audit.AuditLine(now, THEMSELVES, "ask for preferences", str(who), f"list {one.id}"))

    async def _person(self, token: str) -> Subscriber | None:
        read = self._context.keyring.read_unsubscribe(token)
        async with self._context.store.read() as tx:
            found = await subscribers.of_person(tx, read.subscriber)
        return found[0].subscriber if found else None


class _Doing:
    """One thing after another: what was changed, and what could not be."""

    def __init__(self) -> None:
        self.changed: list[tuple[str, str]] = []
        self.wrong: dict[str, str] = {}

    async def attempt(
        self, slug: str, what: str, act: Callable[[], Awaitable[object]], *, offered: bool = True
    ) -> None:
        """Do it, if it was to be chosen at all, and write down what came of it."""
        try:
            if not offered:
                raise ActError("That was not to be chosen.")
            await act()
        except ActError as error:
            self.wrong[f"{what}:{slug}" if slug else what] = str(error)
        else:
            self.changed.append((slug, what))


def _on_list(one: MailingList, own: Subscription, common: tuple[str, ...]) -> OnList:
    known = {tag.casefold() for tag in common}
    away = own.away_until.astimezone(ZoneInfo(one.timezone)).date().isoformat() if own.away_until else ""
    return OnList(
        one=one,
        cadence=own.cadence,
        hour=own.hour,
        tags=own.tags,
        common_tags=tuple(
            sorted((*common, *(tag for tag in own.tags if tag.casefold() not in known)), key=str.casefold)
        ),
        away_until=away,
    )
