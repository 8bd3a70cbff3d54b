"""HTTP/1.1 as uvicorn speaks it, but what is at hand goes out at once: without a task, a scope or a router.

Most requests are polls for a feed that has not changed, or has been sent to somebody else just now.
"""

from collections.abc import Sequence
from typing import Protocol

from dispatch.service.bounds import BoundedConnection
from dispatch.web.replies import Reply

READING = (b"GET", b"HEAD")


class Door(Protocol):
    """The server's application, as far as it is asked here."""

    def ready(self, address: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Reply | None:
        """The answer to a GET or HEAD, where it is at hand."""


class QuickReplies(BoundedConnection):
    """One connection. Whatever is not at hand, or not plain, goes the way that uvicorn has for it."""

    def begin(self) -> None:
        """Answer, or let uvicorn call the application."""
        reply = self._reply()
        if reply is None:
            super().begin()
        else:
            self.send(reply)

    def _reply(self) -> Reply | None:
        """The answer at hand, where this request waits for no other and the connection stays open after it."""
        parser = self.parser
        if self.is_answering() or self.flow.write_paused:
            return None
        if parser.get_method() not in READING or parser.get_http_version() != "1.1" or not parser.should_keep_alive():
            return None
        door: Door = self.config.app  # type: ignore[assignment]  # made so by WebServer
        return door.ready(self.url, self.headers)
