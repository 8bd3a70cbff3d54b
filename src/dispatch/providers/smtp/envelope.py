"""What a server offers, and the commands of an envelope written to suit it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.providers.smtp.letter import Letter


@dataclass(frozen=True, slots=True)
class Offers:
    """The extensions that matter here, of those in the reply to EHLO (RFC 5321, section 4.1.1.1)."""

    pipelining: bool  # RFC 2920
    eight_bit: bool  # RFC 6152
    utf8: bool  # RFC 6531
    size: bool  # RFC 1870
    largest: int  # bytes of a message; 0: unknown or without limit

    @classmethod
    def of(cls, keywords: Mapping[str, str]) -> "Offers":
        """The offers of a server, by lower-case keyword."""
        limit = keywords.get("size", "").strip()
        return cls(
            pipelining="pipelining" in keywords,
            eight_bit="8bitmime" in keywords,
            utf8="smtputf8" in keywords,
            size="size" in keywords,
            largest=int(limit) if limit.isascii() and limit.isdigit() else 0,
        )

    def mail(self, letter: Letter) -> bytes:
        """The MAIL command. Our messages are of 7 bits, but for addresses that need SMTPUTF8."""
        size = f" SIZE={len(letter.message)}" if self.size else ""
        words = "" if letter.address.isascii() else " SMTPUTF8"
        body = " BODY=8BITMIME" if words and self.eight_bit else ""
        return f"MAIL FROM:<{letter.sender}>{size}{words}{body}\r\n".encode()

    def rcpt(self, letter: Letter) -> bytes:
        """The RCPT command."""
        return b"RCPT TO:<%s>\r\n" % letter.address.encode()

    def is_too_large(self, letter: Letter) -> bool:
        """Whether the server has said that it takes no message of this size."""
        return bool(self.largest) and len(letter.message) > self.largest

    def cannot_address(self, letter: Letter) -> bool:
        """Whether the server knows only ASCII addresses, and this is none."""
        return not self.utf8 and not letter.address.isascii()
