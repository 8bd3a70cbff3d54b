"""Every message keeps the standards of mail, read by Python's `email`, verified by dkimpy."""

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage

import dkim
import pytest

from .conftest import Edited
from .editions import Complaint, Mail, listed

LINE = 76  # characters that a line should have at most
LONGEST = 998  # octets that a line may have (RFC 5322, section 2.1.1)


def defects(message: bytes) -> Iterator[str]:
    """What Python's parser finds wrong in a message, its parts and its headers."""
    parsed = message_from_bytes(message, EmailMessage, policy=policy.default)
    for part in parsed.walk():
        yield from (f"{part.get_content_type()}: {defect!r}" for defect in part.defects)
        for name, value in part.items():
            yield from (f"{name}: {defect!r}" for defect in value.defects)  # type: ignore[attr-defined]
        if part.get_content_maintype() == "text":
            part.get_content()  # raises where the charset or the encoding is a lie


def long_lines(message: bytes) -> Iterator[str]:
    """Lines that are too long, or that end otherwise than by CRLF. A header of one word may be longer than others."""
    head, _, body = message.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if len(line) > LONGEST or (len(line) > LINE and not re.fullmatch(rb"(?:[\w-]+:)? \S+", line)):
            yield f"header of {len(line)}: {line[:60]!r}"
    for line in body.split(b"\r\n"):
        if len(line) > LINE:
            yield f"line of {len(line)}: {line[:60]!r}"
    if re.search(rb"(?<!\r)\n|\r(?!\n)", message):
        yield "a line that does not end by CRLF"


def is_true(message: bytes, record: str) -> bool:
    """Whether dkimpy finds the signature true."""
    try:
        return bool(dkim.verify(message, dnsfunc=lambda _name, timeout=5: record.encode()))
    except dkim.DKIMException:
        return False


def test_no_message_has_a_defect(mails: Sequence[Mail]) -> None:
    """In itself, in its parts, in its headers."""
    found = listed(Complaint(mail.name, said) for mail in mails for said in defects(mail.message))
    assert not found, found


def test_no_line_is_long(mails: Sequence[Mail]) -> None:
    """76 characters, but for a header's word that cannot be parted; never 998."""
    found = listed(Complaint(mail.name, said) for mail in mails for said in long_lines(mail.message))
    assert not found, found


def test_every_signature_is_true(edited: Edited) -> None:
    """As another's program verifies it."""
    assert [mail.name for mail in edited.mails if not is_true(mail.message, edited.record)] == []


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (b'boundary="=_', b'boundary="=-', "StartBoundaryNotFoundDefect"),
        (b"\r\nTo: ", b"\r\nTo: a@@b, ", "To: InvalidHeaderDefect"),
        (b"\r\nDate: ", b"\r\nDate: soon, ", "Date: InvalidDateDefect"),
    ],
)
def test_a_defect_is_named(mails: Sequence[Mail], good: bytes, bad: bytes, said: str) -> None:
    """With the part or the header that has it."""
    assert said in " ".join(defects(mails[0].message.replace(good, bad, 1)))


def test_a_long_line_is_named(edited: Edited) -> None:
    """In the body and in a header, and a bare line feed; a change breaks the signature."""
    message = edited.mails[0].message
    long = message.replace(b"</html>", b"\r\n" + b"x" * 77)
    assert list(long_lines(long)) == [f"line of 77: {b'x' * 60!r}"]
    assert not is_true(long, edited.record)
    assert "header of" in " ".join(long_lines(message.replace(b"\r\nSubject: ", b"\r\nSubject: " + b"word " * 20)))
    assert "a line that does not end by CRLF" in long_lines(message.replace(b"</html>\r\n", b"</html>\n"))
