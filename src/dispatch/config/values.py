"""The kinds of values that dispatch.toml holds, each checked and explained in its own words."""

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator

from dispatch.model.language import language_tag

UNITS = {
    word: unit
    for unit, words in {
        "seconds": "s sec second seconds",
        "minutes": "m min minute minutes",
        "hours": "h hour hours",
        "days": "d day days",
        "weeks": "w week weeks",
    }.items()
    for word in words.split()
}
_FONT = re.compile(r"[\w -]+|'[\w -]+'").fullmatch
_PICTURE = re.compile(r"https?://[^/\s?#\[\]]+/\S*(?<!\.svg)(?<!\.webp)(?<!\.avif)", re.IGNORECASE).fullmatch
_HUB = re.compile(r"https?://[^/?#@\s<>\"\\]+(?:[/?][^#\s<>\"]*)?", re.IGNORECASE).fullmatch
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LABELS = re.compile(rf"{_LABEL}(?:\.{_LABEL})*").fullmatch
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - recognised, never bound


def _duration(value: Any) -> Any:
    """Accept "5 minutes", "5m", "24 h", and whole numbers as seconds."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int) and 0 <= value < 10**9:
        return timedelta(seconds=value)
    match = re.fullmatch(r"\s*(\d{1,6})\s*([a-z]+)\s*", value) if isinstance(value, str) else None
    if not match or match[2] not in UNITS:
        raise ValueError('must be a number and a unit, such as "5 minutes", "24 h" or "2 weeks"')
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no time zone; write one of the IANA's, such as Europe/Berlin or UTC") from None
    return value


def _address_of_site(value: str) -> str:
    parts = urlsplit(value)
    plain = not (parts.username or parts.password or parts.query or parts.fragment or re.search(r"\s", value))
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise ValueError("must be a web address without login or query, such as https://news.example.org")
    return _in_ascii(value.rstrip("/"))


def _in_ascii(address: str) -> str:
    """An address as feeds and mails have to write it (RFC 3987, section 3.1): the host as DNS has it, the path escaped.

    https://münchen.example becomes https://xn--mnchen-3ya.example.
    """
    if address.isascii():
        return address
    parts = urlsplit(address)
    try:
        authority = parts.netloc.encode("idna").decode()
    except UnicodeError:
        raise ValueError("must have a host that exists in DNS, such as https://news.example.org") from None
    return f"{parts.scheme}://{authority}{quote(parts.path, safe='/%')}"


def _hub(value: str) -> str:
    if not (_HUB(value) and value.isascii() and value.isprintable()):
        raise ValueError("must be the address of a WebSub hub, such as https://hub.example.org/")
    return value


def _network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError:
        raise ValueError("must be a network, such as 10.0.0.0/8 or 127.0.0.1/32") from None
    return value


def _line(value: str) -> str:
    if any(not char.isprintable() for char in value):
        raise ValueError("must be one line of plain text")
    return value


def _at_most(count: int) -> Callable[[str], str]:
    def checked(value: str) -> str:
        if len(value) > count:
            raise ValueError(f"has {len(value):,} characters, and no mail has room for more than {count:,}")
        return value

    return checked


def _named(value: Any) -> Any:
    """Accept "all", and lists of names."""
    if value == "all" or (isinstance(value, list | tuple) and all(_is_name(one) for one in value)):
        return value
    raise ValueError('must be "all", or a list of names, such as ["travel", "the sea"]')


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable() and len(value) <= 1000


def _slug(value: str) -> str:
    if not re.fullmatch(r"[\w-]+", value):
        raise ValueError("may hold letters, digits, _ and - only")
    return value


def _domain(value: str) -> str:
    if not _LABELS(value) or "." not in value or len(value) > 253:
        raise ValueError("must be a domain in ASCII, such as news.example.org")
    return value.lower()


def _selector(value: str) -> str:
    if not _LABELS(value) or len(value) > 63:
        raise ValueError("may hold letters, digits and - only, and dots between them")
    return value


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("must be a colour as #rrggbb, such as #0b5cad")
    return value


def _picture(value: str) -> str:
    if value and not _PICTURE(value):
        raise ValueError("must be the full address of a PNG, JPEG or GIF, such as https://example.org/logo.png")
    return value


def _font_stack(value: str) -> str:
    if not all(_FONT(name.strip()) for name in value.split(",")):
        raise ValueError("must be names of fonts between commas, such as \"Georgia, 'Times New Roman', serif\"")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Zone = Annotated[str, AfterValidator(_zone)]
SiteUrl = Annotated[str, AfterValidator(_address_of_site), AfterValidator(_at_most(500))]
HubUrl = Annotated[str, AfterValidator(_hub), AfterValidator(_at_most(500))]
Network = Annotated[str, AfterValidator(_network)]
Language = Annotated[str, AfterValidator(language_tag)]
Line = Annotated[str, AfterValidator(_line), AfterValidator(_at_most(1000))]  # what stands in mails and pages
Name = Annotated[Line, AfterValidator(_at_most(200))]
Names = Annotated[Literal["all"] | tuple[str, ...], BeforeValidator(_named)]
Slug = Annotated[str, AfterValidator(_slug)]
Domain = Annotated[str, AfterValidator(_domain)]
Selector = Annotated[str, AfterValidator(_selector)]  # of a DKIM key (RFC 6376, section 3.1)
FontStack = Annotated[str, AfterValidator(_at_most(300)), AfterValidator(_font_stack)]  # CSS Fonts 4, section 2.1
Colour = Annotated[str, AfterValidator(_colour)]
PictureUrl = Annotated[str, AfterValidator(_at_most(1000)), AfterValidator(_picture)]  # or empty
