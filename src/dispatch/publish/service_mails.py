"""Beside the path: mail to one person because of something they did, soon after they did it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dispatch.context import Context
from dispatch.deliver import grants
from dispatch.deliver.grants import NotNow
from dispatch.deliver.retry import Again, after_try
from dispatch.deliver.single import Handed, hand_over, limits_reached, reserve_beside
from dispatch.errors import StoreError, TemplateError
from dispatch.message.compile import compile_edition
from dispatch.model.delivery import Recipient, SendState
from dispatch.model.issue import CompiledEdition, MailingList
from dispatch.model.pace import Grant
from dispatch.model.service_mail import ServiceMail, ServiceMailKind
from dispatch.model.subscriber import Cadence
from dispatch.publish.tidying import tidy_service_mails
from dispatch.store import highwater, service_mails, subscribers
from dispatch.store.connect import Tx

AT_ONCE = 100  # mails, at most, from one look at what is due to the next
UNTIL_MENDED = timedelta(minutes=1)  # between two looks at what is broken
NAMELESS = (ServiceMailKind.CONFIRM, ServiceMailKind.PREFERENCES)  # nobody knows yet who asked for these


async def send_service_mails(context: Context, now: datetime) -> int:
    """Send what is due, each mail by itself; returns how many the provider has accepted.

    A mail is taken before it is handed over, so that nobody has it twice. Where the provider does not take it now, it
    is given back, and tried again as `deliver.retry` says. Raises StoreError.
    """
    by_id = {one.id: one for one in context.lists.values()}
    accepted, round_ = 0, _Round(context, now)
    while not context.stopping.is_set() and (waiting := await _due(context, now, list(by_id))):
        await tidy_service_mails(context, now)
        accepted += await round_.send(waiting, by_id)
    return accepted


async def _due(context: Context, now: datetime, list_ids: Sequence[int]) -> list[ServiceMail]:
    """What is to be sent; also what a process left behind, where the provider sends nothing twice."""
    async with context.store.read() as tx:
        if not (context.provider.capabilities.idempotent and await service_mails.any_left(tx, now)):
            return await service_mails.due(tx, now, list_ids, AT_ONCE)
    async with context.store.write() as tx:
        await service_mails.take_over(tx, now)
        return await service_mails.due(tx, now, list_ids, AT_ONCE)


class _Round:
    """All that is due at one moment. Whoever is told the same gets the same edition, rendered once."""

    def __init__(self, context: Context, now: datetime) -> None:
        self._context, self._now = context, now
        self._editions: dict[object, CompiledEdition] = {}
        self._down = ""  # why the provider takes nothing at present

    async def send(self, waiting: Sequence[ServiceMail], by_id: Mapping[int, MailingList]) -> int:
        """How many were accepted. Where the provider takes nothing now, nothing more is tried."""
        accepted = 0
        for index, mail in enumerate(waiting):
            if self._context.stopping.is_set():
                break
            try:
                accepted += await self._one(mail, by_id[mail.list_id]) is SendState.ACCEPTED
            except NotNow as later:
                await self._make_room(waiting[index:], later)
                break
            except StoreError:
                raise
            except Exception as error:  # one bad mail stops no other
                await self._break_down(mail, error)
            if self._down:
                self._context.tell(f"service mail waits: {self._down}")
                await self._try_again(waiting[index + 1 :], timedelta(0), self._down)
                self._down = ""
                break
        return accepted

    async def _make_room(self, mails: Sequence[ServiceMail], later: NotNow) -> None:
        """Let mails wait until the provider's limits leave room; the chunks claimed meanwhile leave it to them."""
        if later.seconds > grants.BUSY:
            self._context.tell(f"service mail waits: {limits_reached(self._context, later)}")
        await self._put_off(mails, self._moment() + timedelta(seconds=later.seconds), "")

    async def _break_down(self, mail: ServiceMail, error: Exception) -> None:
        """Tell what is wrong with a mail, and let it wait for somebody to mend that."""
        why = str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
        self._context.tell(f"{mail.kind} mail waits: {why}")
        await self._try_again([mail], UNTIL_MENDED, why)

    async def _try_again(self, mails: Sequence[ServiceMail], least: timedelta, why: str) -> None:
        again = after_try(self._now, self._now, least)
        if isinstance(again, Again):
            await self._put_off(mails, again.not_before, why)

    async def _put_off(self, mails: Sequence[ServiceMail], not_before: datetime, why: str) -> None:
        async with self._context.store.write() as tx:
            await service_mails.put_off(tx, [mail.id for mail in mails], not_before, why)

    def _moment(self) -> datetime:
        """The present; not before the round began, for a clock put back must not make anything due."""
        return max(self._context.clock(), self._now)

    async def _one(self, mail: ServiceMail, one: MailingList) -> SendState | None:
        """Take a mail and hand it over; None: it is another process's, or not to be sent any more. Raises NotNow."""
        edition = await self._edition(mail, one)
        recipient = _recipient(self._context, mail, edition.sender_address.rpartition("@")[2])
        async with self._context.store.write() as tx:  # both or neither: the mail, and its share of the limits
            others = await grants.others(tx, self._moment())
            if not await service_mails.take(tx, mail.id, self._moment()):
                return None
            grant = await reserve_beside(tx, self._context, others)
            reached = await highwater.rise(tx)
        highwater.mark(self._context.workplace, reached)
        handed = await hand_over(self._context, edition, [recipient], f"service/{mail.id}", grant)
        self._down = str(handed.error or "")
        async with self._context.store.write() as tx:
            return await self._settle(tx, mail, handed, grant)

    async def _edition(self, mail: ServiceMail, one: MailingList) -> CompiledEdition:
        """The mail as bytes with slots. Raises TemplateError."""
        from dispatch.publish.rhythm import rhythm_of  # rendering takes time to load, and most often nothing waits
        from dispatch.render.service_mail import render_service_mail

        context, language = self._context, mail.subscriber.language or self._context.publication.language
        rhythm = rhythm_of(context, one, *await self._wishes(mail, one))
        key = (mail.kind, one.id, language, rhythm)
        if key not in self._editions:
            edition = await asyncio.to_thread(
                render_service_mail,
                mail.kind,
                one,
                context.publication,
                context.theme,
                self._now,
                language=language,
                rhythm=rhythm,
            )
            self._editions[key] = compile_edition(edition)
        return self._editions[key]

    async def _wishes(self, mail: ServiceMail, one: MailingList) -> tuple[Cadence, str, str]:
        """At which cadence, in which time zone and at which hour of their own somebody gets the list, if told so."""
        found = None
        if mail.kind is ServiceMailKind.WELCOME:
            async with self._context.store.read() as tx:
                found = await subscribers.of_id(tx, mail.subscriber.id, one.id)
        return (found.cadence, found.subscriber.timezone, found.hour) if found else (one.cadence, "", "")

    async def _settle(self, tx: Tx, mail: ServiceMail, handed: Handed, grant: Grant) -> SendState:
        """Write what became of a mail, and tell of what will not go on by itself."""
        (receipt,), now = handed.receipts, self._moment()
        for line in await grants.settle(tx, self._context, grant, handed.used):
            self._context.tell(line)
        state = receipt.state
        if state is SendState.RETRY:
            again = after_try(mail.first_try or self._now, now, receipt.retry_after)
            if isinstance(again, Again):
                await service_mails.give_back(tx, mail.id, now, again.not_before, receipt.detail)
                return state
            state = SendState.EXPIRED
        await service_mails.done(tx, mail.id, now, state, receipt.detail)
        if state is not SendState.ACCEPTED:
            self._context.tell(f"{mail.kind} mail to {mail.subscriber.email} is {state.value}: {receipt.detail}")
        return state


def _recipient(context: Context, mail: ServiceMail, domain: str) -> Recipient:
    """The person and their links. The same mail tried again has the same Message-ID."""
    person, keyring, web = mail.subscriber, context.keyring, context.publication.web_url
    token = keyring.unsubscribe(person.id, mail.list_id)
    own = keyring.keyed_hash("service mail", f"{mail.id} {person.email}")
    return Recipient(
        subscriber=person.id,
        email=person.email,
        name="" if mail.kind in NAMELESS else person.name,
        unsubscribe=f"{web}/u/{token}",
        preferences=f"{web}/p/{token}",
        confirm=f"{web}/confirm/{keyring.confirm(person.id, mail.list_id, mail.asked)}",
        message_id=f"{mail.kind}.{mail.id}.{own}@{domain}",
    )
