"""Encrypted from the first byte or after STARTTLS, with certificates checked: the SMTP provider and a real server."""

import ssl
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from certificates import sign
from dispatch.errors import ProviderRefused
from dispatch.model.delivery import Recipient, SendState
from dispatch.model.issue import CompiledEdition

from .test_providers import KEY, Notes, Post, build, free_port

Open = Callable[[str], tuple[Post, dict[str, Any]]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Open]:
    """Start a server that speaks TLS in one of the ways; the record of it, and the table that names it."""
    sign(tmp_path / "certificate.pem", tmp_path / "key.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    ways: dict[str, dict[str, Any]] = {
        "implicit": {"ssl_context": context},
        "starttls": {"tls_context": context, "require_starttls": True},
        "none": {},
    }
    started: list[Controller] = []

    def _open(way: str) -> tuple[Post, dict[str, Any]]:
        post = Post()
        started.append(Controller(post, hostname="127.0.0.1", port=free_port(), **ways[way]))
        started[-1].start()
        return post, {"host": "127.0.0.1", "port": started[-1].port, "timeout": 5}

    yield _open
    for one in started:
        one.stop()


@pytest.mark.parametrize("way", ["implicit", "starttls"])
async def test_mail_goes_encrypted_to_a_server_that_is_trusted(
    server: Open, way: str, tmp_path: Path, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """With its certificate named in `ca_file` everybody has a message, over several kept connections."""
    post, address = server(way)
    provider = build("smtp", tmp_path, **address, tls=way, ca_file="certificate.pem")
    notes = Notes(connections=3)
    await provider.send(compiled, people, KEY, notes)
    await provider.aclose()
    assert set(notes.states().values()) == {SendState.ACCEPTED}
    assert sorted(who for who, _ in post.mails) == sorted(person.email for person in people)


@pytest.mark.parametrize("way", ["implicit", "starttls"])
@pytest.mark.parametrize("trusted", ["", "missing.pem", "key.pem"])
async def test_nothing_goes_to_a_server_that_nobody_vouches_for(
    server: Open, way: str, trusted: str, tmp_path: Path, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """A certificate that is not trusted, or a `ca_file` that is none, needs a person; nobody is burnt."""
    post, address = server(way)
    notes = Notes()
    with pytest.raises(ProviderRefused, match=r"certificate|ca_file"):
        await build("smtp", tmp_path, **address, tls=way, ca_file=trusted).send(compiled, people, KEY, notes)
    assert (notes.intents, post.mails) == ([], [])


async def test_a_port_that_speaks_no_tls_needs_a_person(
    server: Open, tmp_path: Path, compiled: CompiledEdition, people: Sequence[Recipient]
) -> None:
    """Implicit TLS to a plain port, or STARTTLS where it is not offered: the settings are wrong, and say so."""
    _, address = server("none")
    for way in ("implicit", "starttls"):
        with pytest.raises(ProviderRefused, match=r"Mend \[provider\]"):
            await build("smtp", tmp_path, **address, tls=way).send(compiled, people, KEY, Notes())
