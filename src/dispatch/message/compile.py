"""An edition as MIME bytes with slots: done once, spliced for every recipient."""

import hashlib
from collections.abc import Iterator, Mapping
from email.utils import format_datetime
from textwrap import TextWrapper

from dispatch.errors import ConfigError
from dispatch.message.address import ascii_url, encoded_words, mailbox, split_sender
from dispatch.message.plain import one_line
from dispatch.message.quoted import SOFT, quoted_line
from dispatch.message.slots import HTML_KINDS, TEXT_KINDS, Kind, finder, opening
from dispatch.model.delivery import Slot
from dispatch.model.issue import CompiledEdition, Edition

_FOLD = TextWrapper(
    width=76, initial_indent="Subject: ", subsequent_indent=" ", break_long_words=False, break_on_hyphens=False
)
_CRLF = "\r\n"


def compile_edition(edition: Edition) -> CompiledEdition:
    """Headers, text and HTML as CRLF lines of at most 76 bytes (header tokens that cannot be folded apart).

    multipart/alternative (RFC 2046), quoted-printable, the same bytes for the same edition. One with a list can be
    left by its headers; one without a Feedback-ID is no issue but a machine's word to one person or a few, and says so
    (RFC 3834). Raises ConfigError if the sender is no address,
    ValueError if the date has no zone.
    """
    name, address = split_sender(edition.sender)
    if "@" not in address:
        raise ConfigError(
            f"The From of issue {edition.issue} is {edition.sender!r}, which is no mail address. "
            "Set `email` in [publication] or `from` in the list's table."
        )
    boundary = _boundary(edition.marker)
    headers = _CRLF.join(_headers(edition, mailbox(name, address), boundary))
    data = f"{headers}{_CRLF}{_CRLF}{_body(edition, boundary)}".encode()
    return CompiledEdition(
        issue=edition.issue,
        digest=hashlib.sha256(data).hexdigest(),
        data=data,
        marker=edition.marker,
        sender_address=address,
        subject=one_line(edition.subject),
    )


def _boundary(marker: str) -> str:
    """A boundary that no quoted-printable text can hold, for there `=` is followed by hex digits or a line's end."""
    return "=_" + hashlib.sha256(marker.encode()).hexdigest()[:24]


def _headers(edition: Edition, sender: str, boundary: str) -> Iterator[str]:
    marker = edition.marker
    if edition.date.tzinfo is None:
        raise ValueError("the edition's date has no zone")
    yield f"From: {sender}"
    yield f"To: {opening(marker, Kind.TO)}"
    if edition.reply_to:
        yield f"Reply-To: {mailbox(*split_sender(edition.reply_to))}"
    yield _subject(edition.subject)
    yield f"Date: {format_datetime(edition.date)}"
    yield f"Message-ID: <{opening(marker, Kind.MESSAGE_ID)}>"
    if edition.list_id:
        yield from _of_a_list(edition)
    yield from _of_an_issue(edition) if edition.feedback_id else ["Auto-Submitted: auto-generated"]
    yield "MIME-Version: 1.0"
    yield f"Content-Language: {one_line(edition.language)}"
    yield f'Content-Type: multipart/alternative;{_CRLF} boundary="{boundary}"'


def _of_a_list(edition: Edition) -> Iterator[str]:
    yield _list_id(edition.list_id)
    yield f"List-Unsubscribe: <{opening(edition.marker, Kind.UNSUBSCRIBE_HEADER)}>"
    yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    yield _bracketed("List-Archive", edition.archive)


def _of_an_issue(edition: Edition) -> Iterator[str]:
    if edition.archived_at:
        yield _bracketed("Archived-At", edition.archived_at)
    yield f"Feedback-ID: {one_line(edition.feedback_id)}"
    yield "Precedence: bulk"


def _subject(subject: str) -> str:
    """The Subject in lines that give it back: words that are folded at blanks, or else nothing but encoded words.

    A blank between two encoded words is none (RFC 2047, section 6.2), so those hold their blanks themselves. What
    looks like an encoded word is encoded, too.
    """
    subject = one_line(subject)
    lines = _FOLD.wrap(subject)
    if lines and subject.isascii() and "=?" not in subject and max(map(len, lines)) <= _FOLD.width:
        return _CRLF.join(lines)
    return "Subject: " + f"{_CRLF} ".join(encoded_words(subject))


def _list_id(list_id: str) -> str:
    """List-Id (RFC 2919): the list's title as a phrase, then its identifier."""
    title, identifier = split_sender(list_id)
    return f"List-Id: {mailbox(title, identifier)}" if title else f"List-Id: <{identifier}>"


def _bracketed(name: str, url: str) -> str:
    """A header that holds one URL; on a line of its own where it is long."""
    url = ascii_url(url)
    gap = " " if len(name) + len(url) <= 72 else f"{_CRLF} "
    return f"{name}:{gap}<{url}>"


def _body(edition: Edition, boundary: str) -> str:
    parts = (("text/plain", edition.text, TEXT_KINDS), ("text/html", edition.html, HTML_KINDS))
    whole = [
        f"--{boundary}{_CRLF}"
        f'Content-Type: {media}; charset="utf-8"{_CRLF}'
        f"Content-Transfer-Encoding: quoted-printable{_CRLF}{_CRLF}"
        f"{_part(text, edition.marker, kinds)}{_CRLF}"
        for media, text, kinds in parts
    ]
    return "".join(whole) + f"--{boundary}--{_CRLF}"


def _part(text: str, marker: str, kinds: Mapping[Slot, Kind]) -> str:
    slot = finder(marker, Slot)
    lines = text.replace(_CRLF, "\n").replace("\r", "\n").split("\n")
    return _CRLF.join(_line(slot.split(line), marker, kinds) for line in lines)


def _line(pieces: list[str], marker: str, kinds: Mapping[Slot, Kind]) -> str:
    """One line of text; every slot in it alone between soft breaks, so that any value fits."""
    written = [
        opening(marker, kinds[Slot(piece)]) if index % 2 else quoted_line(piece)
        for index, piece in enumerate(pieces)
        if piece
    ]
    return SOFT.join(written)
