"""Whatever a person is called, their message is right and nothing breaks out."""

import re
import timeit
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from email.utils import parseaddr
from html import escape
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.message.address import ascii_url
from dispatch.message.compile import compile_edition
from dispatch.message.plain import one_line
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient
from dispatch.model.issue import CompiledEdition, Edition

NASTY = [
    'Ada "the Countess" Lovelace',
    "<script>alert(1)</script>",
    "Ada <evil@example.org>",
    "Zoë 🎉👩‍👩‍👧‍👦 Ångström",
    "דוד בן גוריון",
    "\u202eevil\u202c",
    "x" * 300,
    "Łódź " * 60,
    ".",
    "..leading",
    "From here",
    "a\r\nBcc: all@example.org\r\n\r\nbody",
    "a\0b",
    "=?utf-8?q?x?=",
    "a=3D",
    "Dr. Strange, MD; (really)",
    "back\\slash",
    " \t ",
    "\ud800",
    "漢字" * 150,
    "=" * 80,
    '"' * 60,
    "&amp; & &lt;",
]


@pytest.fixture(scope="module")
def splice(edition: Edition, person: Recipient) -> Callable[[str], bytes]:
    """The message of a person of any name."""
    splicer = Splicer(compile_edition(edition))
    return lambda name: splicer.splice(replace(person, name=name))


def parsed(message: bytes) -> EmailMessage:
    """The message as the standard library reads it."""
    return cast(EmailMessage, message_from_bytes(message, policy=default))


def contents(message: EmailMessage) -> list[str]:
    """The decoded parts, with plain line ends."""
    return [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()]


def nasty_names(law: Callable[..., None]) -> Callable[..., None]:
    """Try a law on the nasty names and on any others."""
    for name in NASTY:
        law = example(name)(law)
    return given(st.text(max_size=320))(law)


@nasty_names
def test_a_reader_sees_the_name_as_it_was_given(splice: Callable[[str], bytes], name: str) -> None:
    """The To header parses without a defect to the name, less control characters and folded blanks."""
    message = splice(name)
    header = parsed(message)["To"]
    assert not header.defects
    assert [address.addr_spec for address in header.addresses] == ["ada@example.org"]
    # The newer parser keeps the blank between two encoded words, against RFC 2047, section 6.2; the older does not.
    phrase, _ = parseaddr(message_from_bytes(message, policy=compat32)["To"].replace("\r\n", ""))
    assert str(make_header(decode_header(phrase))) == one_line(name)


@nasty_names
def test_both_parts_hold_the_name_escaped_for_them(splice: Callable[[str], bytes], name: str) -> None:
    """Text holds the name itself, HTML the escaped one, in text and in attribute alike."""
    message = parsed(splice(name))
    assert not message.defects
    text, html = contents(message)
    assert f"Dear {one_line(name)},\n\n. a dot\n" in text
    assert f"{'é' * 90} {one_line(name)}\n{one_line(name)}\nFrom me \n" in text
    assert f'<p title="{escape(one_line(name))}">Dear {escape(one_line(name))},</p>\n.dot' in html


@nasty_names
def test_the_bytes_keep_smtps_rules(splice: Callable[[str], bytes], name: str) -> None:
    """Lines of at most 76 bytes, CRLF only, ASCII only, no line that begins with a dot or `From `."""
    message = splice(name)
    assert message.isascii()
    assert b"\0" not in message
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", message)
    lines = message.split(b"\r\n")
    assert all(len(line) <= 76 for line in lines if not line.startswith(b" <https://"))
    assert not [line for line in lines if line.startswith((b".", b"From "))]


@nasty_names
def test_a_name_adds_no_header(splice: Callable[[str], bytes], name: str) -> None:
    """The headers' names are the same for everybody."""
    assert parsed(splice(name)).keys() == parsed(splice("Ada")).keys()


@given(address=st.from_regex(r"[a-z0-9.+_-]{1,64}@[a-zäöü0-9-]{1,60}\.example", fullmatch=True))
def test_without_a_name_to_is_the_bare_address(edition: Edition, person: Recipient, address: str) -> None:
    """An empty name leaves neither quotes nor brackets."""
    message = Splicer(compile_edition(edition)).splice(replace(person, name="", email=address))
    line = next(line for line in message.split(b"\r\n") if line.startswith(b"To:"))
    assert b"<" not in line
    assert b'"' not in line
    assert line.startswith(f"To: {address.partition('@')[0]}@".encode())


def test_a_hostile_address_or_link_cannot_break_out(edition: Edition, person: Recipient) -> None:
    """Line ends and brackets fall out of what stands between angle brackets."""
    hostile = replace(
        person,
        email="a@b.example>\r\nBcc: <c@d.example",
        unsubscribe="https://x.example/>\r\nBcc: c@d.example",
        preferences="https://x.example/\r\n\r\n--",
        message_id="1@x.example>\r\nBcc: c@d.example",
    )
    message = parsed(Splicer(compile_edition(edition)).splice(hostile))
    assert "Bcc" not in message
    assert {header.count("\n") for header in message.values()} == {0}


def test_the_personal_link_is_one_click_in_the_header_and_a_link_in_both_parts(
    edition: Edition, person: Recipient
) -> None:
    """RFC 8058's two headers, and the same link where people see it."""
    link = "https://verlag.example/u/" + "t" * 300 + "?a=1&b=2"
    message = parsed(Splicer(compile_edition(edition)).splice(replace(person, unsubscribe=link)))
    text, html = contents(message)
    assert message["List-Unsubscribe"] == f"<{link}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"Leave: {link}\n" in text
    assert f'href="{escape(link)}"' in html


@given(path=st.text(max_size=120).filter(lambda text: text == "".join(text.split())))
def test_both_links_reach_the_reader_whole(edition: Edition, person: Recipient, path: str) -> None:
    """Whatever an address holds, both parts lead to it; the page to choose on is not the one to leave by."""
    leave, choose = ascii_url(f"https://verlag.example/u/{path}"), ascii_url(f"https://verlag.example/p/{path}")
    one = replace(
        person, unsubscribe=f"https://verlag.example/u/{path}", preferences=f"https://verlag.example/p/{path}"
    )
    text, html = contents(parsed(Splicer(compile_edition(edition)).splice(one)))
    assert f"Leave: {leave}\n" in text
    assert f"Preferences: {choose}\n" in text
    assert f'href="{escape(leave)}"' in html
    assert f'href="{escape(choose)}"' in html


def test_a_stored_edition_splices_to_the_same_bytes(edition: Edition, person: Recipient) -> None:
    """Data and marker are all that is needed again."""
    compiled = compile_edition(edition)
    reloaded = CompiledEdition(0, "", bytes(compiled.data), compiled.marker, "", "")
    assert Splicer(reloaded).splice(person) == Splicer(compiled).splice(person)


def test_no_slot_is_left_open(edition: Edition, person: Recipient) -> None:
    """The marker is in no message."""
    assert edition.marker.encode() not in Splicer(compile_edition(edition)).splice(person)


def test_a_splice_costs_microseconds(edition: Edition, person: Recipient) -> None:
    """Building a message per recipient takes milliseconds; a splice is a hundred times cheaper."""
    splicer = Splicer(compile_edition(replace(edition, html=edition.html + "<p>text</p>\n" * 2000)))
    assert min(timeit.repeat(lambda: splicer.splice(person), number=200, repeat=5)) / 200 < 100e-6
