"""How people join by themselves: they sign up, a mail asks whether it was they, and one press on its page lets them in.

Whoever fills in the form learns nothing of who is subscribed: all answers are one, and what differs goes by mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.acts.act import ActError
from dispatch.acts.offering import Offering, Offerings
from dispatch.acts.subscriber import THEMSELVES, masked
from dispatch.catalogue import phrase
from dispatch.context import Context
from dispatch.message.plain import one_line
from dispatch.model.issue import MailingList
from dispatch.model.service_mail import ServiceMailKind
from dispatch.model.subscriber import Cadence, Subscription, SubscriptionState
from dispatch.publish.joining import starting_marks
from dispatch.publish.tidying import CONFIRM_WITHIN
from dispatch.store import audit, service_mails, sign_ups, subscribers
from dispatch.store.connect import Tx
from dispatch.subscribe.address import normalise

APART = timedelta(minutes=15)  # between two mails that anybody can have sent to an address
A_DAY = timedelta(days=1)
MOST_A_DAY = 5  # of such mails to one address
LONGEST_NAME = 100  # characters
NO_ADDRESS = phrase("This is no mail address. Write it as in name@example.org.")
LONG_NAME = phrase("The name is too long: at most %(most)s characters.")
NO_CADENCE = phrase("Choose one of these.")


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody wrote into the form, as it came."""

    list_slug: str
    email: str
    name: str = ""
    cadence: str = ""  # empty: the list's own
    language: str = ""  # BCP 47; one that the publication does not have is its own


class WrongFieldsError(ActError):
    """Something in the form cannot be used."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {why}" for field, why in fields.items()))
        self.fields = fields  # what is wrong with each, a sentence of the catalogues


class Standing(StrEnum):
    """Where a link to confirm with leads."""

    WAITS = "waits"  # one press and they are in
    IN = "in"  # they are in already
    EXPIRED = "expired"  # too old, or the sign-up was forgotten: they may sign up again
    CLOSED = "closed"  # the list is no more, or the address is never mailed


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """What the page of such a link says."""

    standing: Standing
    list_slug: str = ""
    list_title: str = ""
    email: str = ""  # masked
    language: str = ""  # theirs; empty: the publication's
    cadence: Cadence = Cadence.IMMEDIATE
    preferences: str = ""  # the token of their page, once they are in by this very link


class JoiningByForm:
    """What stands behind the form to sign up and the link to confirm."""

    def __init__(self, context: Context, offerings: Offerings) -> None:
        self._context = context
        self._offerings = offerings

    async def offering(self) -> Offering:
        """What there is to sign up for. Raises StoreError."""
        return await self._offerings.now()

    async def sign_up(self, wish: SignUp) -> None:
        """Let somebody wait for their own word, and mail them what to do. Raises WrongFieldsError or StoreError.

        Whoever is on the list already gets the link to their page instead, and whoever is never mailed gets nothing.
        """
        now = self._context.clock()
        person = await self._person(wish)
        async with self._context.store.write() as tx:
            if await subscribers.suppressed(tx, person.email) is None:
                await self._ask(tx, person, now)

    async def _person(self, wish: SignUp) -> subscribers.NewPerson:
        one, name = self._context.lists[wish.list_slug], one_line(wish.name)
        offering = await self.offering()
        wrong: dict[str, str] = {}
        email = _address(wish.email, wrong)
        if len(name) > LONGEST_NAME:
            wrong["name"] = LONG_NAME
        if wish.cadence and wish.cadence not in one.cadences:
            wrong["cadence"] = NO_CADENCE
        if wrong:
            raise WrongFieldsError(wrong)
        language = wish.language if wish.language in offering.languages[1:] else ""
        cadence = Cadence(wish.cadence or one.cadence)
        return subscribers.NewPerson(
            email, name, language, "", one.id, SubscriptionState.PENDING, cadence, tags=(), mark=0
        )

    async def _ask(self, tx: Tx, person: subscribers.NewPerson, now: datetime) -> None:
        if not await may_be_written_to(tx, person.email, now):
            return
        who = await sign_ups.wait_for_word(tx, person, now)
        found = await subscribers.of_id(tx, who, person.list_id)
        inside = found is not None and found.state is SubscriptionState.ACTIVE
        kind = ServiceMailKind.PREFERENCES if inside else ServiceMailKind.CONFIRM
        if await service_mails.ask(tx, kind, who, person.list_id, now):
            await sign_ups.call(tx, who, person.name, person.language)
        await audit.note(tx, audit.AuditLine(now, THEMSELVES, "sign up", str(who), f"list {person.list_id}"))

    async def look(self, token: str) -> ConfirmPage:
        """Where a link to confirm with leads; changes nothing. Raises TokenError if it was not made here."""
        read = self._context.keyring.read_confirm(token)
        async with self._context.store.read() as tx:
            found = await subscribers.of_id(tx, read.subscriber, read.list_id)
            return await self._page(tx, found, read.asked)

    async def confirm(self, token: str) -> ConfirmPage:
        """Let whoever has this link in. Raises TokenError if it was not made here.

        Who had left comes back by it; an address that is never mailed is not mailed for it.
        """
        read, now = self._context.keyring.read_confirm(token), self._context.clock()
        async with self._context.store.write() as tx:
            found = await subscribers.of_id(tx, read.subscriber, read.list_id)
            page = await self._page(tx, found, read.asked)
            if found is None or page.standing is not Standing.WAITS:
                return page
            await sign_ups.keep_name_of(tx, read.subscriber, read.asked)
            await let_in(tx, self._context, found, now)
            await audit.note(tx, audit.AuditLine(now, THEMSELVES, "confirm", str(read.subscriber), page.list_slug))
            if self._context.lists[page.list_slug].welcome:
                await service_mails.ask(tx, ServiceMailKind.WELCOME, read.subscriber, read.list_id, now)
            found = await subscribers.of_id(tx, read.subscriber, read.list_id)
            return await self._page(tx, found, read.asked)

    async def _page(self, tx: Tx, found: Subscription | None, asked: datetime) -> ConfirmPage:
        one = self._context.lists.get(found.list_slug) if found else None
        if found is None:
            return ConfirmPage(Standing.EXPIRED)
        if one is None or await subscribers.suppressed(tx, found.subscriber.email) is not None:
            return ConfirmPage(Standing.CLOSED, language=found.subscriber.language)
        fresh = self._context.clock() - asked < CONFIRM_WITHIN and not _has_left_since(found, asked)
        inside = found.state is SubscriptionState.ACTIVE
        return ConfirmPage(
            standing=Standing.IN if inside else Standing.WAITS if fresh else Standing.EXPIRED,
            list_slug=one.slug,
            list_title=one.title,
            email=masked(found.subscriber.email),
            language=found.subscriber.language,
            cadence=_offered(one, found.cadence),
            preferences=self._context.keyring.unsubscribe(found.subscriber.id, one.id) if inside and fresh else "",
        )


async def let_in(tx: Tx, context: Context, found: Subscription, now: datetime) -> None:
    """Make a subscription that waits or has ended active, from where newcomers begin or, had it come further, its own.

    No file lets the same person join another time.
    """
    one, marks = context.lists[found.list_slug], await starting_marks(tx)
    person, cadence = found.subscriber, _offered(one, found.cadence)
    newcomer = subscribers.NewPerson(
        email=person.email,
        name=person.name,
        language=person.language,
        timezone=person.timezone,
        list_id=one.id,
        state=SubscriptionState.ACTIVE,
        cadence=cadence,
        tags=found.tags,
        mark=marks[one.slug, cadence],
        hour=found.hour,
    )
    await subscribers.come_back(tx, person.id, newcomer, now)
    await subscribers.take_hashes(tx, [context.keyring.taken(person.email, one.born_as)])


def _has_left_since(found: Subscription, asked: datetime) -> bool:
    """Whether somebody left after the second in which they asked for a link: it is no way back then."""
    return found.ended is not None and found.ended >= asked + timedelta(seconds=1)


async def may_be_written_to(tx: Tx, email: str, now: datetime) -> bool:
    """Whether one more mail that anybody can ask for may go to a mailbox: nobody fills a stranger's by forms."""
    asked = await sign_ups.asked_since(tx, email, now - A_DAY)
    return not asked or (asked[0] <= now - APART and len(asked) < MOST_A_DAY)


def _address(text: str, wrong: dict[str, str]) -> str:
    try:
        return normalise(text)
    except ValueError:
        wrong["email"] = NO_ADDRESS
        return ""


def _offered(one: MailingList, cadence: Cadence) -> Cadence:
    """The cadence that somebody chose, if the list still offers it."""
    return cadence if cadence in one.cadences else one.cadence
