"""Names and addresses in headers: phrases (RFC 5322), encoded words (RFC 2047), hosts and URLs in ASCII."""

import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote, urlsplit, urlunsplit

from dispatch.message.plain import ascii_host, no_blanks, one_line

WORD_BYTES = 45  # of UTF-8 in one encoded word: 72 characters
FIRST_WORD_BYTES = 39  # 64 characters, so that `Reply-To: ` fits before it on a line of 76
PHRASE = 62  # characters of a name that may stand as it is

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*").fullmatch
_SENDER = re.compile(r"\s*(.*?)\s*<([^<>]*)>\s*", re.DOTALL).fullmatch
_URL_SAFE = "".join(chr(code) for code in range(33, 127) if chr(code) not in "<>")


def phrase(name: str) -> str:
    """A display name, made one line: atoms, a quoted string, or encoded words folded with CRLF and a blank."""
    if len(name) < PHRASE - 1 and _ATOMS(name) and "=?" not in name:
        return name
    name = one_line(name)
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if not name.isascii() or len(quoted) > PHRASE or "=?" in name:
        return "\r\n ".join(encoded_words(name))
    return name if not name or _ATOMS(name) else quoted


def encoded_words(text: str) -> Iterator[str]:
    """`text` as encoded words, none of which splits a character (RFC 2047, section 5)."""
    chunk, room = b"", FIRST_WORD_BYTES
    for character in text:
        encoded = character.encode("utf-8")
        if len(chunk) + len(encoded) > room:
            yield _word(chunk)
            chunk, room = b"", WORD_BYTES
        chunk += encoded
    if chunk:
        yield _word(chunk)


def _word(chunk: bytes) -> str:
    return f"=?utf-8?b?{b64encode(chunk).decode('ascii')}?="


def mailbox(name: str, address: str) -> str:
    """`name <address>`, on two lines where one would be too long; the bare address where there is no name."""
    words, bare = phrase(name), ascii_address(address)
    if not words:
        return bare
    gap = " " if len(words) + len(bare) <= 60 else "\r\n "
    return f"{words}{gap}<{bare}>"


def ascii_address(address: str) -> str:
    """`local@host` without blanks or brackets, the host in ASCII. A local part of other letters stays (RFC 6532)."""
    address = no_blanks(address)
    if address.isascii():
        return address
    local, at, host = address.rpartition("@")
    return f"{local}{at}{ascii_host(host)}"


def ascii_url(url: str) -> str:
    """A URL in ASCII, without blanks or angle brackets: host by IDNA, the rest percent-encoded as UTF-8."""
    url = no_blanks(url)
    if url.isascii():
        return url
    parts = urlsplit(url)
    return quote(urlunsplit(parts._replace(netloc=ascii_host(parts.netloc))), safe=_URL_SAFE)


def split_sender(sender: str) -> tuple[str, str]:
    """The name and the bare address of a From as an editor writes it: `Name <a@b>`, or `a@b`."""
    match = _SENDER(sender)
    if not match:
        return "", no_blanks(sender)
    name = match[1]
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return one_line(name), no_blanks(match[2])
