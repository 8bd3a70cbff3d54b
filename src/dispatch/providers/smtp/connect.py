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
    try:
        client = aiosmtplib.SMTP(
            hostname=options.host,
            port=options.port,
            use_tls=options.tls == "implicit",
            start_tls=options.tls == "starttls",
            cert_bundle=str(folder / options.ca_file) if options.ca_file else None,
            local_hostname=hostname,
            timeout=options.timeout,
        )
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await _greet(client)
        if options.username:
            await client.login(options.username, password)
    except aiosmtplib.SMTPAuthenticationError as error:
        raise _login_refused(place, options.username, error) from None
    except (SMTPException, OSError, ValueError) as error:
        raise _unreachable(place, error) from None
    return _taken_over(client, place)


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


def _login_refused(place: str, username: str, error: aiosmtplib.SMTPAuthenticationError) -> ProviderError:
    """4xx to a login is a passing trouble (RFC 4954, section 6)."""
    if error.code < 500:
        return ProviderDown(f"{place} cannot check logins now: {error.code} {error.message}. It will be tried again.")
    return ProviderRefused(f"{place} refuses the login of {username!r}: {error.message}.")


def _unreachable(place: str, error: Exception) -> ProviderError:
    """A server that lacks or refuses what was asked of it needs a person; all else is worth another try."""
    if _needs_a_person(error):
        return ProviderRefused(f"{place} refuses us: {error}.")
    return ProviderDown(f"{place} cannot be reached: {error}. Nothing is lost; it will be tried again.")


def _needs_a_person(error: Exception) -> bool:
    if isinstance(error, ssl.SSLCertVerificationError) or isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return True
    if isinstance(error, SMTPResponseException):
        return error.code >= 500 and not isinstance(error, SMTPConnectError)
    return type(error) in (SMTPException, SMTPNotSupported, ValueError)
