"""A compiled edition is a complete message but for its slots."""

import hashlib
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.errors import ConfigError
from dispatch.message.compile import compile_edition
from dispatch.message.plain import one_line
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient
from dispatch.model.issue import Edition


def test_the_headers_are_those_of_a_good_list(edition: Edition, person: Recipient) -> None:
    """Every header bulk mail needs, once, and no Auto-Submitted."""
    message = message_from_bytes(Splicer(compile_edition(edition)).splice(person), policy=default)
    assert message["From"] == "Jules Verne <jules@verlag.example>"
    assert message["Date"] == "Sun, 22 Nov 2026 08:00:00 +0000"
    assert message["Message-ID"] == "<42.7.ab@verlag.example>"
    assert message["List-Id"] == "Bücher, neu <weekly.verlag.example>"
    assert message["List-Archive"] == "<https://verlag.example/lists/weekly/>"
    assert message["Archived-At"].strip() == f"<{edition.archived_at}>"
    assert message["Feedback-ID"] == "42:weekly:weekly:verlag.example"
    assert message["Precedence"] == "bulk"
    assert message["Content-Language"] == "de"
    assert message["MIME-Version"] == "1.0"
    assert message.get_content_type() == "multipart/alternative"
    assert len(message.keys()) == len(set(message.keys()))
    assert {"Auto-Submitted", "Reply-To"}.isdisjoint(message.keys())


def test_an_edition_without_a_list_is_a_machines_word(edition: Edition, person: Recipient) -> None:
    """Nothing of a list is claimed, nobody can leave it, and no out-of-office note answers it (RFC 3834)."""
    receipt = replace(edition, list_id="", archived_at="", feedback_id="")
    message = message_from_bytes(Splicer(compile_edition(receipt)).splice(person), policy=default)
    assert message["Auto-Submitted"] == "auto-generated"
    assert not [name for name in message if name.startswith("List-")]
    assert {"Archived-At", "Feedback-ID", "Precedence"}.isdisjoint(message.keys())
    assert len(message.keys()) == len(set(message.keys()))


def test_a_lists_mail_that_is_no_issue_can_be_left_and_is_a_machines_word(edition: Edition, person: Recipient) -> None:
    """What stands nowhere on the web is no bulk mail, but the list that it belongs to can be left by its headers."""
    message = message_from_bytes(
        Splicer(compile_edition(replace(edition, archived_at="", feedback_id=""))).splice(person), policy=default
    )
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert {"List-Id", "List-Unsubscribe", "List-Archive"} <= set(message.keys())
    assert {"Archived-At", "Feedback-ID", "Precedence"}.isdisjoint(message.keys())


def test_text_comes_before_html(edition: Edition, person: Recipient) -> None:
    """The last part is the preferred one (RFC 2046, section 5.1.4); both are quoted-printable UTF-8."""
    message = message_from_bytes(Splicer(compile_edition(edition)).splice(person), policy=default)
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in parts} == {"quoted-printable"}
    assert {part.get_content_charset() for part in parts} == {"utf-8"}


@given(subject=st.text(min_size=1, max_size=200))
@example(subject="=?utf-8?q?no?=")
@example(subject="word " * 40)
@example(subject="x" * 200)
@example(subject="a\r\nBcc: x@example.org")
@example(subject="00000000¡¡ࠀࠀࠀࠀࠀࠀࠀࠀࠀ ¡ ¡")  # a blank where an encoded word is full
@example(subject="é " * 30 + "x" * 80 + " e")
@example(subject="x" * 67 + " " + "y" * 75)
@example(subject="x" * 68)
@example(subject="\0")
def test_any_subject_is_read_back(edition: Edition, subject: str) -> None:
    """Folded or encoded, a subject parses to itself as one line, on lines of at most 76 bytes, for both readers."""
    data = compile_edition(replace(edition, subject=subject)).data
    message = message_from_bytes(data, policy=default)
    assert message["Subject"] == one_line(subject)
    raw = message_from_bytes(data, policy=compat32)["Subject"].replace("\r\n", "")
    assert str(make_header(decode_header(raw))) == one_line(subject)
    assert "Bcc" not in message
    assert max(map(len, data.partition(b"\r\nDate:")[0].split(b"\r\n"))) <= 76


def test_a_subject_of_plain_words_is_only_folded(edition: Edition) -> None:
    """Spam filters count it against a sender who encodes what need not be."""
    subject = "Tides, and well-known wrecks: " + "a word " * 20 + "more"
    data = compile_edition(replace(edition, subject=subject)).data
    assert f"\r\nSubject: {subject}\r\nDate:".encode() in data.replace(b"\r\n ", b" ")


@given(name=st.text(max_size=120))
@example(name='Verne, "Jules"')
@example(name="é" * 100)
@example(name='"' * 61)
def test_any_senders_name_is_read_back(edition: Edition, name: str) -> None:
    """The From header keeps the name, and the envelope's sender is the bare address."""
    sender = f"{name} <jules@verlag.example>"
    compiled = compile_edition(replace(edition, sender=sender, reply_to=sender, list_id=sender))
    assert all(len(line) <= 76 for line in compiled.data.split(b"\r\n") if not line.startswith(b" <https"))
    address = message_from_bytes(compiled.data, policy=default)["From"].addresses[0]
    assert address.addr_spec == compiled.sender_address == "jules@verlag.example"
    assert not message_from_bytes(compiled.data, policy=default)["From"].defects


def test_a_quoted_sender_loses_its_quotes_only(edition: Edition) -> None:
    """An editor may write the name as RFC 5322 does."""
    data = compile_edition(replace(edition, sender='"Verne, \\"J.\\"" <j@v.example>')).data
    assert message_from_bytes(data, policy=default)["From"].addresses[0].display_name == 'Verne, "J."'


def test_replies_go_where_the_list_says(edition: Edition) -> None:
    """Reply-To stands where there is one."""
    data = compile_edition(replace(edition, reply_to="Büro <desk@verlag.example>")).data
    assert str(message_from_bytes(data, policy=default)["Reply-To"]) == "Büro <desk@verlag.example>"


def test_the_same_edition_gives_the_same_bytes(edition: Edition) -> None:
    """No clock and no chance: the digest is of the data."""
    first, second = compile_edition(edition), compile_edition(edition)
    assert first == second
    assert first.digest == hashlib.sha256(first.data).hexdigest()


def test_static_lines_are_short_and_never_begin_with_a_dot(edition: Edition) -> None:
    """Only a URL in a header, which cannot be folded, may be longer than 76."""
    lines = compile_edition(edition).data.split(b"\r\n")
    assert [line for line in lines if len(line) > 76] == [f" <{edition.archived_at}>".encode()]
    assert not [line for line in lines if line.startswith(b".")]


@pytest.mark.parametrize("sender", ["", "Nobody", "Nobody <>"])
def test_a_sender_without_address_is_refused_in_words(edition: Edition, sender: str) -> None:
    """The message names the setting."""
    with pytest.raises(ConfigError, match="publication"):
        compile_edition(replace(edition, sender=sender))


def test_a_date_without_zone_is_refused(edition: Edition) -> None:
    """Every instant has its zone."""
    with pytest.raises(ValueError, match="zone"):
        compile_edition(replace(edition, date=datetime(2026, 1, 1)))  # noqa: DTZ001
