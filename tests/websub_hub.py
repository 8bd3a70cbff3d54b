"""Somebody else's WebSub hub on loopback, as far as a publisher sees it: it is told which topics have changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from urllib.parse import parse_qsl

from loopback import Reply, Request, answering

ACCEPTED = Reply(204)


@dataclass(frozen=True)
class Notice:
    """What the hub was told."""

    form: tuple[tuple[str, str], ...]
    kind: str  # its media type
    status: int  # what was answered; 0: nothing
    moment: float

    @property
    def topics(self) -> list[str]:
        """The addresses that have changed, each once, by the keys in use (the note in section 6)."""
        return list(dict.fromkeys(value for name, value in self.form if name in ("hub.url", "hub.topic")))

    @property
    def mode(self) -> str:
        """What the hub is asked to do."""
        return dict(self.form).get("hub.mode", "")


@dataclass
class Hub:
    """The hub; `answers` says what it answers to each notice."""

    url: str = ""
    answers: Iterator[Reply] = field(default_factory=lambda: repeat(ACCEPTED))
    notices: list[Notice] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator["Hub"]:
        """Answer while the block lasts."""
        with answering(self._answer) as base:
            self.url = f"{base}/hub"
            yield self

    @property
    def heard(self) -> list[str]:
        """The topics of all notices that were taken, in their order."""
        return [topic for notice in self.notices if notice.status // 100 == 2 for topic in notice.topics]

    def _answer(self, request: Request) -> Reply:
        reply = next(self.answers)
        form = tuple(parse_qsl(request.body.decode(), keep_blank_values=True))
        status = 0 if reply.hangs_up else reply.status
        self.notices.append(Notice(form, request.headers.get_content_type(), status, request.moment))
        return reply
