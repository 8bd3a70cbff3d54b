"""DKIM signatures (RFC 6376, RFC 8463) over spliced messages, c=relaxed/simple.

What is the same for all recipients is canonicalised once an edition; a recipient costs one SHA-256 of the body and
one signature a key. There is no `t=`, and neither algorithm rolls dice: the same message has the same signature.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatch.message.slots import Kind, finder
from dispatch.model.dkim import Algorithm

if TYPE_CHECKING:
    from dispatch.message.signingkey import SigningKey

# Named once more than they stand in a message, so that nobody can add a second one (RFC 6376, section 8.15).
GUARDED = ("from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type")
SIGNED = (*GUARDED, "list-id", "list-unsubscribe", "list-unsubscribe-post")
HEAD_END = b"\r\n\r\n"
WIDTH = 72  # base64 characters of a signature's line

_FIELD_END = re.compile(r"\r\n(?![ \t])")
_BLANKS = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Signer:
    """One key of a domain: signs any number of editions, in any thread."""

    domain: str  # d=, in ASCII
    selector: str  # s=
    algorithm: Algorithm
    key: "SigningKey"

    @classmethod
    def from_pem(cls, domain: str, selector: str, algorithm: Algorithm, pem: bytes) -> "Signer":
        """A signer with the private key of a PEM file. Raises ValueError saying what is wrong with the key."""
        from dispatch.message.signingkey import read_key  # most publications have no key: theirs need no cryptography

        return cls(domain, selector, algorithm, read_key(pem, algorithm))

    @property
    def record_name(self) -> str:
        """The name of the DNS record that holds the public key (RFC 6376, section 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """What the DNS record says (RFC 6376, section 3.6.1)."""
        return f"v=DKIM1; k={self.algorithm.value}; p={self.key.public()}"


@dataclass(frozen=True, slots=True)
class _Stamp:
    """One signer's header field, as far as it is the same for everybody."""

    key: "SigningKey"
    written: bytes  # up to the body's hash
    canonical: bytes  # the same, in relaxed form

    def field(self, signed: bytes, body_hash: bytes) -> bytes:
        """The DKIM-Signature over canonical headers and a body's hash, with its line end."""
        data = b"%s%s%s; b=" % (signed, self.canonical, body_hash)
        signature = b64encode(self.key.sign(data))
        lines = b"\r\n ".join(signature[at : at + WIDTH] for at in range(0, len(signature), WIDTH))
        return b"%s%s;\r\n b=%s\r\n" % (self.written, body_hash, lines)


class Seal:
    """An edition's headers in canonical form, cut at their slots, and a stamp for each signer."""

    def __init__(self, headers: str, marker: str, signers: Sequence[Signer]) -> None:
        """`headers` are those of a compiled edition, slots included, without the empty line after them."""
        fields = {field.partition(":")[0].lower(): field for field in _FIELD_END.split(headers)}
        names = [name for name in SIGNED if name in fields]
        pieces = finder(marker, Kind).split("".join(f"{relaxed(fields[name])}\r\n" for name in names))
        self._pieces = [piece.encode() for piece in pieces]
        self._places = [(index, Kind(pieces[index])) for index in range(1, len(pieces), 2)]
        names += [name for name in GUARDED if name in fields]
        self._stamps = [_stamp(signer, names) for signer in signers]

    def signatures(self, values: Mapping[Kind, bytes], message: bytes) -> Iterator[bytes]:
        """A DKIM-Signature header field for each signer; `values` are those that the message was spliced from."""
        body = memoryview(message)[message.index(HEAD_END) + len(HEAD_END) :]
        body_hash = b64encode(hashlib.sha256(body).digest())  # simple form: ours ends in one line end, as it is
        pieces = self._pieces.copy()
        for index, kind in self._places:
            pieces[index] = values[kind].replace(b"\r\n ", b" ")  # the only fold and blank that an encoder writes
        signed = b"".join(pieces)
        return (stamp.field(signed, body_hash) for stamp in self._stamps)


def relaxed(field: str) -> str:
    """A header field in relaxed form, without its line end (RFC 6376, section 3.4.2)."""
    name, _, value = field.partition(":")
    return f"{name.strip().lower()}:{_BLANKS.sub(' ', value).strip(' ')}"


def _stamp(signer: Signer, names: Sequence[str]) -> _Stamp:
    written = (
        f"DKIM-Signature: v=1; a={signer.algorithm.value}-sha256; c=relaxed/simple;\r\n"
        f" d={signer.domain}; s={signer.selector};\r\n h={_folded(names)};\r\n bh="
    )
    return _Stamp(signer.key, written.encode(), relaxed(written).encode())


def _folded(names: Sequence[str]) -> str:
    """Names with colons between them, on lines of at most 76 characters."""
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > WIDTH:
            lines.append("")
        lines[-1] += f"{name}:"
    return "\r\n ".join(lines).removesuffix(":")
