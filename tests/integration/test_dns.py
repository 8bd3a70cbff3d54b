"""Records are read from a real DNS server, and `check` judges by them."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from dispatch.acts.act import Desk
from dispatch.acts.check import check
from dispatch.acts.keys import make_dkim_key
from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.dns import Nameserver, Texts, texts
from dispatch.model.dkim import Algorithm

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SETTINGS = """\
[publication]
title = "Sea"
url = "https://sea.example"
email = "news@mail.sea.example"
address = "Pier 1"
[lists.news]
[provider]
type = "smtp"
host = "127.0.0.1"
port = 9
tls = "none"
"""


class Zone(asyncio.DatagramProtocol):
    """A DNS server on loopback that knows TXT records: name, then the record as a zone file writes it."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}
        self.silent = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers go out by."""
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        """Answer one question."""
        if self.silent:
            return
        question = dns.message.from_wire(data)
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.RA
        name = question.question[0].name
        found = self.records.get(name.to_text(omit_final_dot=True))
        if found:
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *found))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN if found is None else dns.rcode.SERVFAIL)
        self.transport.sendto(reply.to_wire(), sender)


@pytest.fixture
async def zone() -> AsyncIterator[tuple[Zone, Nameserver]]:
    """The server, and where it is."""
    made = Zone()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: made, ("127.0.0.1", 0))
    host, port = transport.get_extra_info("sockname")
    yield made, Nameserver(host, port)
    transport.close()


async def test_txt_records_are_read(zone: tuple[Zone, Nameserver]) -> None:
    """Several strings are one text, several records are several; a name without any has none, a failure says so."""
    server, nameserver = zone
    server.records = {"a.example": ['"v=spf1 " "mx -all"', '"other"'], "broken.example": []}
    answers = await texts(["a.example", "b.example", "broken.example", "not..a.name"], nameserver)
    assert answers["a.example"] == Texts(("other", "v=spf1 mx -all"))
    assert answers["b.example"] == Texts()
    assert answers["broken.example"].failed
    assert answers["not..a.name"].failed


async def test_a_silent_server_is_waited_for_once(zone: tuple[Zone, Nameserver]) -> None:
    """Many names cost no more time than one, and nothing is raised."""
    server, nameserver = zone
    server.silent = True
    start = time.monotonic()
    answers = await texts([f"{number}.example" for number in range(9)], nameserver, patience=0.4)
    assert set(answers.values()) == {Texts(failed="no answer within 0.4 seconds")}
    assert time.monotonic() - start < 1.5


def publication(folder: Path) -> dict[str, str]:
    """Two keys and the settings that name them; the records that were printed for them, by name."""
    (folder / "dispatch.toml").write_text(SETTINGS)
    made = {}
    for algorithm in Algorithm:
        key = make_dkim_key(read_config(folder), algorithm, "", "sea.example", NOW)
        with (folder / "dispatch.toml").open("a") as file:
            file.write(f"{key.settings}\n")
        made[key.name] = key.zone
    return made


async def findings(folder: Path, nameserver: Nameserver) -> dict[str, list[str]]:
    """What `check` says of SPF, DKIM and DMARC, each line headed by ok, note or MEND."""
    said: dict[str, list[str]] = {}
    async with open_app(read_config(folder), tell=print, clock=lambda: NOW) as app:
        async for one in check(Desk(app.context, "us"), nameserver):
            said.setdefault(one.what, []).append(f"{'MEND' if not one.ok else 'note' if one.note else 'ok'} {one.said}")
    return said


async def test_check_compares_the_dns_with_the_keys(tmp_path: Path, zone: tuple[Zone, Nameserver]) -> None:
    """Published as the zone lines say, all is well: 2048 bits of RSA take two strings."""
    server, nameserver = zone
    keys = publication(tmp_path)
    server.records = {name: [lines.partition("(")[2].strip(" )").replace("\n", " ")] for name, lines in keys.items()}
    server.records |= {"mail.sea.example": ['"v=spf1 mx -all"'], "_dmarc.sea.example": ['"v=DMARC1; p=reject"']}
    said = await findings(tmp_path, nameserver)
    assert said["SPF"] == ["ok mail.sea.example: v=spf1 mx -all"]
    assert said["DKIM"] == [
        "ok mail from mail.sea.example is signed for sea.example",
        "ok rsa-2026-11._domainkey.sea.example matches the key",
        "ok ed25519-2026-11._domainkey.sea.example matches the key",
    ]
    assert said["DMARC"] == ["ok _dmarc.sea.example: reject, what fails is refused"]


async def test_check_says_what_the_dns_lacks(tmp_path: Path, zone: tuple[Zone, Nameserver]) -> None:
    """Nothing published: keys must be mended before a send, the rest is a note."""
    publication(tmp_path)
    said = await findings(tmp_path, zone[1])
    assert [line.split(" ")[0] for line in said["DKIM"]] == ["ok", "MEND", "MEND"]
    assert said["SPF"][0].startswith("note mail.sea.example has no SPF record")
    assert said["DMARC"][0].startswith("note mail.sea.example has no DMARC record")


async def test_nothing_is_asked_where_nobody_is_mailed(tmp_path: Path, zone: tuple[Zone, Nameserver]) -> None:
    """With the outbox no record matters."""
    publication(tmp_path)
    text = (tmp_path / "dispatch.toml").read_text()
    (tmp_path / "dispatch.toml").write_text(
        text.replace('type = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"', 'type = "outbox"')
    )
    said = await findings(tmp_path, replace(zone[1], address="192.0.2.1"))
    assert {"SPF", "DMARC"}.isdisjoint(said)


async def test_check_says_who_signs_where_dispatch_does_not(tmp_path: Path, zone: tuple[Zone, Nameserver]) -> None:
    """Without [dkim] mail is not signed here: a note with the command."""
    (tmp_path / "dispatch.toml").write_text(SETTINGS)
    said = await findings(tmp_path, zone[1])
    assert [line for line in said["DKIM"] if line.startswith("note") and "dispatch keys dkim" in line]
