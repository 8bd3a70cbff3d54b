"""What differs from person to person, and how each value is written for the place it stands in.

In an edition a slot reads marker + `Slot` + "zq". Compiled, it reads marker + `Kind` + "zq": a kind is a slot
and its context, and has one encoder. All kinds and all encoders are in this file.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from html import escape

from dispatch.message.address import ascii_address, ascii_url, mailbox
from dispatch.message.plain import is_ordinary, one_line
from dispatch.message.quoted import quoted_value
from dispatch.model.delivery import Recipient, Slot

END = "zq"

_SAME_EVERYWHERE = re.compile(r"[A-Za-z0-9:/_~-][A-Za-z0-9:/_~.-]{0,74}").fullmatch  # a URL with nothing to encode


class Kind(StrEnum):
    """A slot in its context."""

    TO = "to"
    MESSAGE_ID = "messageid"
    UNSUBSCRIBE_HEADER = "unsubscribeheader"
    TEXT_NAME = "textname"
    TEXT_EMAIL = "textemail"
    TEXT_UNSUBSCRIBE = "textunsubscribe"
    TEXT_PREFERENCES = "textpreferences"
    TEXT_CONFIRM = "textconfirm"
    HTML_NAME = "htmlname"
    HTML_EMAIL = "htmlemail"
    HTML_UNSUBSCRIBE = "htmlunsubscribe"
    HTML_PREFERENCES = "htmlpreferences"
    HTML_CONFIRM = "htmlconfirm"


TEXT_KINDS = {
    Slot.NAME: Kind.TEXT_NAME,
    Slot.EMAIL: Kind.TEXT_EMAIL,
    Slot.UNSUBSCRIBE: Kind.TEXT_UNSUBSCRIBE,
    Slot.PREFERENCES: Kind.TEXT_PREFERENCES,
    Slot.CONFIRM: Kind.TEXT_CONFIRM,
}
HTML_KINDS = {
    Slot.NAME: Kind.HTML_NAME,
    Slot.EMAIL: Kind.HTML_EMAIL,
    Slot.UNSUBSCRIBE: Kind.HTML_UNSUBSCRIBE,
    Slot.PREFERENCES: Kind.HTML_PREFERENCES,
    Slot.CONFIRM: Kind.HTML_CONFIRM,
}


def opening(marker: str, name: Slot | Kind) -> str:
    """The text that stands for a slot."""
    return f"{marker}{name.value}{END}"


def finder(marker: str, names: type[StrEnum]) -> re.Pattern[str]:
    """A pattern that finds every slot of this marker and captures its name."""
    return re.compile(f"{re.escape(marker)}({'|'.join(names)}){END}")


def _text(value: str) -> bytes:
    return quoted_value(value if is_ordinary(value) else one_line(value))


def _html(value: str) -> bytes:
    return quoted_value(escape(value if is_ordinary(value) else one_line(value)))


def _text_url(url: str) -> bytes:
    return url.encode("ascii") if _SAME_EVERYWHERE(url) else quoted_value(ascii_url(url))


def _html_url(url: str) -> bytes:
    return url.encode("ascii") if _SAME_EVERYWHERE(url) else quoted_value(escape(ascii_url(url)))


ENCODERS: dict[Kind, Callable[[Recipient], bytes]] = {
    Kind.TO: lambda person: mailbox(person.name, person.email).encode(),
    Kind.MESSAGE_ID: lambda person: ascii_address(person.message_id).encode(),
    Kind.UNSUBSCRIBE_HEADER: lambda person: ascii_url(person.unsubscribe).encode(),
    Kind.TEXT_NAME: lambda person: _text(person.name),
    Kind.TEXT_EMAIL: lambda person: _text(person.email),
    Kind.TEXT_UNSUBSCRIBE: lambda person: _text_url(person.unsubscribe),
    Kind.TEXT_PREFERENCES: lambda person: _text_url(person.preferences),
    Kind.TEXT_CONFIRM: lambda person: _text_url(person.confirm),
    Kind.HTML_NAME: lambda person: _html(person.name),
    Kind.HTML_EMAIL: lambda person: _html(person.email),
    Kind.HTML_UNSUBSCRIBE: lambda person: _html_url(person.unsubscribe),
    Kind.HTML_PREFERENCES: lambda person: _html_url(person.preferences),
    Kind.HTML_CONFIRM: lambda person: _html_url(person.confirm),
}
