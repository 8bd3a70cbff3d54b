"""One recipient's message and its envelope."""

from dispatch.message.address import ascii_address
from dispatch.model.delivery import Recipient

LONGEST_LOCAL_PART = 64  # RFC 5321, section 4.5.3.1.1


class Letter:
    """A message on its way; `settled` once it has its receipt, after which no reply says anything more of it."""

    __slots__ = ("address", "fault", "index", "message", "sender", "settled")

    def __init__(self, index: int, sender: str, address: str, message: bytes, fault: str = "") -> None:
        self.index, self.sender, self.address, self.message = index, sender, address, message
        self.fault = fault  # why there is no message
        self.settled = False


class Sender:
    """The envelope sender: one address, or one for each recipient (VERP), so that a bounce says whom it is about."""

    def __init__(self, address: str, *, verp: bool) -> None:
        self._plain = ascii_address(address)
        self._local, _, self._domain = self._plain.rpartition("@")
        self._verp = verp

    def of(self, recipient: Recipient) -> str:
        """The sender of this recipient's message; the plain address where theirs would be too long."""
        local = f"{self._local}+{recipient.tag}"
        own = self._verp and recipient.tag and len(local) <= LONGEST_LOCAL_PART
        return f"{local}@{self._domain}" if own else self._plain
