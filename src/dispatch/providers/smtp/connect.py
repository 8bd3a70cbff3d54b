"""A connection to the server, encrypted and logged in: the only importer of aiosmtplib."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import aiosmtplib
from aiosmtplib import SMTPConnectError, SMTPException, SMTPNotSupported, SMTPResponseException

from dispatch.errors import ProviderDown, ProviderError, ProviderRefused
from dispatch.providers.smtp.options import SmtpOptions

PASSING = (ssl.SSLEOFError, ssl.SSLZeroReturnError)  # the line broke in the handshake
ROOM = 262_144  # bytes: a whole message is the kernel's at once, and no connection waits for the one before


@dataclass(frozen=True, slots=True)
class Connected:
    """A transport on which a first MAIL may be said, and what the server's EHLO offers, by lower-case keyword."""

    transport: asyncio.Transport
    offers: Mapping[str, str]


async def connect(options: SmtpOptions, folder: Path, hostname: str) -> Connected:
    """Connect, negotiate TLS, log in. Raises ProviderDown where it is worth another try, else ProviderRefused."""
    place = place_of(options)
    password = _password(options, folder)
    trusted = _trusted(options, folder)
    client = aiosmtplib.SMTP(
        hostname=options.host,
        port=options.port,
        use_tls=options.tls == "implicit",
        start_tls=options.tls == "starttls",
        tls_context=trusted,
        local_hostname=hostname,
        timeout=options.timeout,
    )
    try:
        await _log_in(client, options.username, password)
        return _taken_over(client, place)
    except BaseException as error:
        client.close()
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            raise _login_refused(place, options.username, error) from None
        if isinstance(error, (SMTPException, OSError, ValueError)):
            raise _unreachable(place, error) from None
        raise


async def _log_in(client: aiosmtplib.SMTP, username: str, password: str) -> None:
    await client.connect()
    if client.is_ehlo_or_helo_needed:
        await _greet(client)
    if username:
        await client.login(username, password)


async def _greet(client: aiosmtplib.SMTP) -> None:
    """EHLO, or HELO where the server knows no better (RFC 5321, section 3.2)."""
    try:
        await client.ehlo()
    except SMTPResponseException as error:
        if error.code < 500:
            raise
        await client.helo()


def _taken_over(client: aiosmtplib.SMTP, place: str) -> Connected:
    """The transport, which from here on belongs to whoever asked for it."""
    transport = cast(asyncio.Transport | None, client.transport)
    if transport is None or transport.is_closing():
        raise ProviderDown(f"{place} closed the connection. Nothing is lost; it will be tried again.")
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
    return Connected(transport, client.esmtp_extensions)


def place_of(options: SmtpOptions) -> str:
    """How messages name the server."""
    return f"{options.host}:{options.port}"


def _password(options: SmtpOptions, folder: Path) -> str:
    try:
        return options.password.read(folder).get_secret_value() if options.password else ""
    except ValueError as error:
        raise ProviderRefused(f"[provider] password: {error}.") from None


def _trusted(options: SmtpOptions, folder: Path) -> ssl.SSLContext | None:
    """What certificates are checked by, where they are not the system's."""
    if not options.ca_file:
        return None
    path = folder / options.ca_file
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        reason = error.strerror if not isinstance(error, ssl.SSLError) else "it holds no certificate in PEM form"
        raise ProviderRefused(f"[provider] ca_file: {path} cannot be used: {reason}.") from None


def _login_refused(place: str, username: str, error: aiosmtplib.SMTPAuthenticationError) -> ProviderError:
    """4xx to a login is a passing trouble (RFC 4954, section 6)."""
    if error.code < 500:
        return ProviderDown(f"{place} cannot check logins now: {error.code} {error.message}. It will be tried again.")
    return ProviderRefused(f"{place} refuses the login of {username!r}: {error.message}.")


def _unreachable(place: str, error: Exception) -> ProviderError:
    """A server that lacks or refuses what was asked of it needs a person; all else is worth another try."""
    if _needs_a_person(error):
        return ProviderRefused(f"{place} refuses us: {str(error).rstrip('.')}. Mend [provider] in dispatch.toml.")
    return ProviderDown(f"{place} cannot be reached: {error}. Nothing is lost; it will be tried again.")


def _needs_a_person(error: Exception) -> bool:
    if any(isinstance(one, ssl.SSLError) and not isinstance(one, PASSING) for one in (error, error.__cause__)):
        return True  # a certificate that is not trusted, or a port that speaks something else
    if isinstance(error, SMTPResponseException):
        return error.code >= 500 and not isinstance(error, SMTPConnectError)
    return type(error) in (SMTPException, SMTPNotSupported, ValueError)
