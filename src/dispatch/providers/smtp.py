"""Hands mail to an SMTP server (RFC 5321) over a few kept connections: the only importer of aiosmtplib."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Annotated, Literal

import aiosmtplib
from aiosmtplib import SMTPConnectError, SMTPException, SMTPResponseException, SMTPServerDisconnected
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from dispatch.errors import ProviderDown, ProviderError, ProviderRefused
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.model.issue import CompiledEdition
from dispatch.providers.base import Capabilities, ProviderSetting, Watch
from dispatch.providers.secret import Secret

FAREWELL = 2  # seconds that a server may take to answer QUIT


def _tls(value: object) -> object:
    """`true` and `false` are words for STARTTLS and none."""
    return {True: "starttls", False: "none"}[value] if isinstance(value, bool) else value


class SmtpOptions(BaseModel):
    """[provider] type = "smtp"."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Annotated[Literal["starttls", "implicit", "none"], BeforeValidator(_tls)] = "starttls"
    username: str = ""
    password: Secret | None = None
    connections: Annotated[int, Field(ge=1, le=100)] = 4
    timeout: Annotated[float, Field(gt=0, le=600)] = 60


class Smtp:
    """An SMTP server, ours or a provider's relay."""

    capabilities = Capabilities(mails=True, idempotent=False)
    Options = SmtpOptions

    def __init__(self, setting: ProviderSetting, options: SmtpOptions) -> None:
        self.name = setting.name
        self._setting, self._options = setting, options
        self._free = asyncio.Semaphore(options.connections)  # over all chunks at once

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Hand over one message a recipient, over up to `connections` connections at once."""
        line = iter(enumerate(recipients))
        splicer = Splicer(edition)
        hands = min(self._options.connections, len(recipients))
        works = [self._work(edition.sender_address, splicer, line, watch) for _ in range(hands)]
        errors = [error for error in await asyncio.gather(*works, return_exceptions=True) if error]
        if errors:
            raise min(errors, key=lambda one: not isinstance(one, ProviderRefused))

    async def _work(self, sender: str, splicer: Splicer, line: Iterator[tuple[int, Recipient]], watch: Watch) -> None:
        """One connection's share of the line; whoever comes too late for a share needs no connection."""
        async with self._free:
            following = next(line, None)
            if following is None or not await watch.turn():
                return
            client = await self._connect()
            try:
                while following:
                    await self._exchange(Exchange(client, sender, watch, following[0]), following[1], splicer)
                    following = next(line, None) if await watch.turn() else None
                await _part(client)
            finally:
                client.close()

    async def _exchange(self, exchange: "Exchange", recipient: Recipient, splicer: Splicer) -> None:
        await exchange.run(recipient, splicer)
        if exchange.down:
            raise ProviderDown(f"{self._place()}: {exchange.down}")

    async def _connect(self) -> aiosmtplib.SMTP:
        options = self._options
        client = aiosmtplib.SMTP(
            hostname=options.host,
            port=options.port,
            use_tls=options.tls == "implicit",
            start_tls=options.tls == "starttls",
            local_hostname=self._setting.hostname,
            timeout=options.timeout,
        )
        try:
            await client.connect()
            if options.username:
                await client.login(options.username, self._password())
        except aiosmtplib.SMTPAuthenticationError as error:
            raise ProviderRefused(
                f"{self._place()} refuses the login of {options.username!r}: {error.message}."
            ) from None
        except (SMTPException, OSError) as error:
            raise _unreachable(self._place(), error) from None
        return client

    def _password(self) -> str:
        secret = self._options.password
        try:
            return secret.read(self._setting.folder).get_secret_value() if secret else ""
        except ValueError as error:
            raise ProviderRefused(f"[provider] password: {error}.") from None

    def _place(self) -> str:
        return f"{self._options.host}:{self._options.port}"

    async def check(self) -> str:
        """Connect, log in, and say who answered."""
        client = await self._connect()
        await _part(client)
        return f"{self._place()} answers"

    async def aclose(self) -> None:
        """Connections are closed at the end of each chunk."""


async def _part(client: aiosmtplib.SMTP) -> None:
    """Say QUIT, but do not wait long for an answer."""
    with suppress(SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(FAREWELL):
            await client.quit()


def _unreachable(place: str, error: Exception) -> ProviderError:
    """A server that says no to TLS or greets with 5xx needs a person; all else is worth another try."""
    permanent = isinstance(error, SMTPResponseException) and error.code >= 500
    if permanent and not isinstance(error, SMTPConnectError):
        return ProviderRefused(f"{place} refuses us: {error}.")
    return ProviderDown(f"{place} cannot be reached: {error}. Nothing is lost; it will be tried again.")


class Exchange:
    """One message on one connection: MAIL, RCPT, DATA, each reply read for itself."""

    def __init__(self, client: aiosmtplib.SMTP, sender: str, watch: Watch, index: int) -> None:
        self.down = ""  # why the connection is of no more use
        self._client, self._sender, self._watch, self._index = client, sender, watch, index
        self._handed_over = False

    async def run(self, recipient: Recipient, splicer: Splicer) -> None:
        """Hand the message over and report what became of it. Raises ProviderRefused if the sender is refused."""
        try:
            await self._mail()
            await self._client.rcpt(recipient.email)
            self._watch.intent(self._index)
            self._handed_over = True
            reply = await self._client.data(splicer.splice(recipient))
            self._report(Receipt(SendState.ACCEPTED, f"{reply.code} {reply.message}"))
        except SMTPResponseException as error:
            await self._refused(error)
        except (SMTPServerDisconnected, SMTPException, OSError) as error:
            self.down = f"the connection broke: {error}"
            state = SendState.UNKNOWN if self._handed_over else SendState.RETRY
            self._report(Receipt(state, self.down))

    async def _mail(self) -> None:
        try:
            await self._client.mail(self._sender)
        except SMTPResponseException as error:
            if error.code >= 500:
                self._report(Receipt(SendState.RETRY, str(error)))
                raise ProviderRefused(f"the sender {self._sender} is refused: {error.code} {error.message}.") from None
            raise

    async def _refused(self, error: SMTPResponseException) -> None:
        """A 5xx is this recipient's; a 4xx will be tried again, and 421 says that the connection closes."""
        state = SendState.REJECTED if error.code >= 500 else SendState.RETRY
        self._report(Receipt(state, f"{error.code} {error.message}"))
        if error.code == 421:
            self.down = f"{error.code} {error.message}"
        else:
            with suppress(SMTPException, OSError):
                await self._client.rset()

    def _report(self, receipt: Receipt) -> None:
        self._watch.receipt(self._index, receipt)
