"""HTTP/1.1 as uvicorn speaks it, but what is at hand goes out at once: without a task, a scope or a router.

Most requests are polls for a feed that has not changed, or has been sent to somebody else just now.
"""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from dispatch.web.replies import Reply

READING = (b"GET", b"HEAD")
JOINED_UP_TO = 16 * 1024  # bytes of a body that are worth copying to have one write less


class Door(Protocol):
    """The server's application, as far as it is asked here."""

    def ready(self, address: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Reply | None:
        """The answer to a GET or HEAD, where it is at hand."""


# What uvicorn finds in place of a request that is being answered: nothing is left to do, and nobody waits for it.
ANSWERED = cast(RequestResponseCycle, SimpleNamespace(response_complete=True, message_event=asyncio.Event()))


class QuickReplies(HttpToolsProtocol):
    """One connection. Whatever is not at hand, or not plain, goes the way that uvicorn has for it."""

    def on_headers_complete(self) -> None:
        """All headers have been read: answer, or let uvicorn call the application."""
        reply = self._reply()
        if reply is None:
            super().on_headers_complete()
            return
        self.cycle = ANSWERED
        self._write(reply)
        self.on_response_complete()

    def _reply(self) -> Reply | None:
        """The answer at hand, where this request waits for no other and the connection stays open after it."""
        waits = self.cycle is not None and not self.cycle.response_complete
        parser = self.parser
        if waits or self.flow.write_paused or not parser.should_keep_alive() or parser.get_http_version() != "1.1":
            return None
        if parser.get_method() not in READING:
            return None
        door: Door = self.config.app  # type: ignore[assignment]  # made so by WebServer
        return door.ready(self.url, self.headers)

    def _write(self, reply: Reply) -> None:
        dated = [reply.head, *(b"%s: %s\r\n" % one for one in self.server_state.default_headers), b"\r\n"]
        if self.parser.get_method() == b"HEAD":
            self.transport.write(b"".join(dated))
        elif len(reply.body) <= JOINED_UP_TO:
            self.transport.write(b"".join([*dated, reply.body]))
        else:
            self.transport.writelines([b"".join(dated), reply.body])
