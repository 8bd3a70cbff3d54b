"""What can go wrong with a mail server, phase by phase of SMTP (RFC 5321); `faultserver` makes it happen."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

CLOSE = "close"  # an answer: the connection ends instead
SILENCE = "silence"  # an answer: none ever comes
OFFERS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10485760")
ALWAYS = 10**9


class Phase(StrEnum):
    """Where in the conversation something can go wrong."""

    BANNER = "banner"
    EHLO = "EHLO"
    HELO = "HELO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BODY = "body"  # in the middle of the message
    DOT = "dot"  # the message is complete
    RSET = "RSET"
    QUIT = "QUIT"


@dataclass
class Fault:
    """What goes wrong in a phase."""

    phase: Phase
    answer: str  # a reply, CLOSE or SILENCE; a reply that ends with 421 closes too
    people: Sequence[str] = ()  # only for these recipients; nobody named: for all
    spare: int = 0  # so many times all goes well before
    times: int = ALWAYS  # so many times it happens; then the server is well again
    keep: bool = False  # at the dot: the message is taken and recorded all the same

    def strikes(self, phase: Phase, people: Sequence[str]) -> bool:
        """Whether it happens now; counts down."""
        if phase is not self.phase or (self.people and not set(self.people) & set(people)):
            return False
        if self.spare:
            self.spare -= 1
            return False
        self.times -= 1
        return self.times >= 0


class Manner(StrEnum):
    """How replies go onto the wire; a client must understand all of them."""

    TOGETHER = "together"  # whatever answers one packet of commands comes in one packet
    APART = "apart"  # a packet a reply
    DRIBBLE = "dribble"  # a packet a byte
    MANY_LINES = "many lines"  # every reply has three lines


@dataclass(frozen=True)
class Taken:
    """A message in the record."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes  # as it came, without the final dot
