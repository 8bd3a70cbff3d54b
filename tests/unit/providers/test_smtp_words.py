"""What is said to an SMTP server, and what is understood of its answers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.model.delivery import Recipient, SendState
from dispatch.providers.smtp.envelope import Offers
from dispatch.providers.smtp.letter import Letter, Sender
from dispatch.providers.smtp.replies import BadReply, Reply, ReplyReader

words = st.binary(max_size=40).map(lambda line: line.translate(None, b"\r\n"))
replies = st.lists(st.tuples(st.integers(200, 599), st.lists(words, min_size=1, max_size=4)), max_size=6)


def wire(code: int, lines: list[bytes]) -> bytes:
    """A reply as a server sends it."""
    last = len(lines) - 1
    return b"".join(b"%d%c%s\r\n" % (code, b" -"[at < last], line) for at, line in enumerate(lines))


@given(replies, st.lists(st.integers(0, 400), max_size=8))
def test_replies_are_the_same_however_they_come(said: list[tuple[int, list[bytes]]], cuts: list[int]) -> None:
    """One byte at a time or all at once: each reply is read once, whole, in order."""
    data = b"".join(wire(code, lines) for code, lines in said)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    reader = ReplyReader()
    read = [reply for start, end in pairwise(places) for reply in reader.feed(data[start:end])]
    assert [reply.code for reply in read] == [code for code, _ in said]
    for reply, (_, lines) in zip(read, said, strict=True):
        assert reply.words == b" ".join(line.strip() for line in lines)


@pytest.mark.parametrize("garbage", [b"HTTP/1.1 400 Bad Request\r\n", b"\r\n", b"25\r\n", b"2x0 ok\r\n", b"x" * 40_000])
def test_what_is_no_reply_is_said_so(garbage: bytes) -> None:
    """A server of another kind, or one that never ends a line, is noticed."""
    with pytest.raises(BadReply):
        list(ReplyReader().feed(garbage))


def test_a_reply_without_end_is_bounded() -> None:
    """Endless continuation lines do not fill the memory."""
    with pytest.raises(BadReply):
        list(ReplyReader().feed(b"250-more\r\n" * 10_000))


@pytest.mark.parametrize(
    ("code", "state"),
    [(550, SendState.REJECTED), (554, SendState.REJECTED), (450, SendState.RETRY), (421, SendState.RETRY)],
)
def test_a_refusal_is_final_or_not(code: int, state: SendState) -> None:
    """5xx rejects, everything else is tried again."""
    assert Reply(code, b"no").state is state


def test_no_letter_of_a_reply_is_one_that_a_store_refuses() -> None:
    """Bytes of any kind become text without NUL."""
    assert str(Reply(550, b"caf\xe9 \0 full")) == "550 caf\ufffd  full"


def letter(address: str, size: int = 100, sender: str = "news@example.org") -> Letter:
    """A letter of so many bytes."""
    return Letter(0, sender, address, b"x" * size)


@pytest.mark.parametrize(
    ("keywords", "address", "expected"),
    [
        ({}, "ada@example.org", b"MAIL FROM:<news@example.org>\r\n"),
        ({"size": "1000"}, "ada@example.org", b"MAIL FROM:<news@example.org> SIZE=100\r\n"),
        ({"8bitmime": "", "smtputf8": ""}, "ada@example.org", b"MAIL FROM:<news@example.org>\r\n"),
        (
            {"8bitmime": "", "smtputf8": ""},
            "zoë@example.org",
            b"MAIL FROM:<news@example.org> SMTPUTF8 BODY=8BITMIME\r\n",
        ),
    ],
)
def test_mail_says_what_the_server_offers_and_the_letter_needs(
    keywords: dict[str, str], address: str, expected: bytes
) -> None:
    """SIZE where it is offered; SMTPUTF8 and 8BITMIME only for an address that needs them."""
    assert Offers.of(keywords).mail(letter(address)) == expected


def test_what_a_server_cannot_take_is_known_before() -> None:
    """A message over SIZE, and an address in other letters without SMTPUTF8; SIZE 0 or none is no limit."""
    assert Offers.of({"size": "99"}).is_too_large(letter("ada@example.org"))
    assert not Offers.of({"size": "0"}).is_too_large(letter("ada@example.org"))
    assert not Offers.of({"size": ""}).is_too_large(letter("ada@example.org"))
    assert Offers.of({}).cannot_address(letter("zoë@example.org"))
    assert not Offers.of({"smtputf8": ""}).cannot_address(letter("zoë@example.org"))


def person(tag: str) -> Recipient:
    """Somebody whose bounces carry this tag."""
    return Recipient(1, "ada@example.org", "Ada", "https://example.org/u/x", "1.1.x@example.org", tag)


@given(st.text("abc123._-", min_size=1, max_size=80))
def test_an_envelope_sender_is_never_too_long(tag: str) -> None:
    """Theirs where it fits into 64 octets, else the plain address."""
    sender = Sender("news@example.org", verp=True).of(person(tag))
    assert sender == (f"news+{tag}@example.org" if len(tag) <= 59 else "news@example.org")
    assert Sender("news@example.org", verp=False).of(person(tag)) == "news@example.org"
