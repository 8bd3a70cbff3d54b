"""What an SMTP server says: bytes become replies, and replies say what becomes of a recipient. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from dispatch.model.delivery import SendState

LONGEST = 32_768  # bytes of one reply: generous, and bounded
SLOW_DOWN = frozenset({421, 454})  # RFC 5321, section 3.8, and RFC 4954, section 6: not now, and not so fast
GO_AHEAD = 354


class Reply(NamedTuple):
    """One reply (RFC 5321, section 4.2): its code, and its lines joined by blanks."""

    code: int
    words: bytes

    @property
    def ok(self) -> bool:
        """Whether the command was taken."""
        return 200 <= self.code < 300

    @property
    def state(self) -> SendState:
        """What a refusal means for one recipient: 5xx is final, all else is tried again."""
        return SendState.REJECTED if self.code >= 500 else SendState.RETRY

    def __str__(self) -> str:
        return f"{self.code} {self.words.decode('utf-8', 'replace')}".rstrip().replace("\0", "")


class BadReply(ValueError):
    """The server does not speak SMTP."""


class ReplyReader:
    """Puts replies together from whatever pieces the network brings."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []

    def feed(self, data: bytes) -> Iterator[Reply]:
        """The replies that `data` completes. Raises BadReply at what cannot be one."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST:
            raise BadReply("a reply without end")
        for line in lines:
            if line[3:4] == b"-":
                self._more(line)
            else:
                yield self._reply(line)

    def _more(self, line: bytes) -> None:
        self._lines.append(line[4:].strip())
        if len(self._lines) * 80 > LONGEST:
            raise BadReply("a reply without end")

    def _reply(self, line: bytes) -> Reply:
        if not line[:3].isdigit():
            raise BadReply(f"no reply code in {line[:60].decode('ascii', 'replace').strip()!r}")
        words = line[4:].strip()
        if self._lines:
            words = b" ".join([*self._lines, words])
            self._lines.clear()
        return Reply(int(line[:3]), words)
