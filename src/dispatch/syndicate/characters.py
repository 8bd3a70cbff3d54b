"""Addresses in the characters that every feed reader takes."""

import re
from urllib.parse import quote

from dispatch.content.text_clean import one_line

# RFC 3986, section 2.2. Square brackets belong to an address of IPv6 alone.
URI_CHARACTERS = "%/:=&?~#+!$,;'@()*"
AUTHORITY = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^/?#\\]*)")
HOST = re.compile(r"[A-Za-z0-9.:-]+")
STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")


def uri(address: str) -> str:
    """An address in ASCII (RFC 3987, section 3.1); what is escaped already stays as it is."""
    text = one_line(address)
    start = AUTHORITY.match(text)
    if not start:
        return _escaped(text)
    return start[1] + _host(start[2]) + _escaped(text[start.end() :])


def _host(authority: str) -> str:
    """The host as DNS has it (RFC 5891), for few readers look one up that is escaped."""
    if authority.isascii():
        return _escaped(authority, "[]")
    try:
        host = authority.encode("idna").decode()
    except UnicodeError:
        host = ""
    return host if HOST.fullmatch(host) else _escaped(authority)


def _escaped(text: str, also: str = "") -> str:
    return quote(STRAY.sub("%25", text), safe=URI_CHARACTERS + also)
