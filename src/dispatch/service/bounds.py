"""How much of the process one stranger's connection may take, and all of them together.

uvicorn and httptools would wait for the rest of a request for ever and whatever its size, and uvicorn counts a
connection only once it has asked for something.
"""

import asyncio
import resource
from types import SimpleNamespace
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from dispatch.web.replies import Reply, make_reply

LONGEST_TARGET = 8 * 1024  # bytes of an address; RFC 9112, section 3, wants 8,000 at least
LONGEST_HEAD = 64 * 1024  # bytes of a request without its body
MOST_IN_LINE = 32  # requests that wait for the answer to one before them
MOST_CONNECTIONS = 4096  # however many files the process may open
PATIENCE = 10  # seconds for a whole head to come, the first as well as the next
HURRY = 2  # seconds instead, while more than half of all places are taken
READING = 6  # times as long for a reader to take some of what they are sent
JOINED_UP_TO = 16 * 1024  # bytes of a body that are worth copying to have one write less

TOO_LONG = {status: make_reply(status, {"connection": "close", "content-length": "0"}) for status in (414, 431)}

# What uvicorn finds in place of a request that is being answered: nothing is left to do, and nobody waits for it.
ANSWERED = cast(RequestResponseCycle, SimpleNamespace(response_complete=True, message_event=asyncio.Event()))


def places() -> int:
    """How many connections there may be: half of the files that may be open, for the store and the mail need some."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if most == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, most // 2)


def patience(connections: int) -> int:
    """Seconds to wait for a head while there are so many connections."""
    return HURRY if connections > places() // 2 else PATIENCE


class BoundedConnection(HttpToolsProtocol):
    """One connection. Whoever has it calls `look` once a second."""

    url = b""  # until a request begins
    _unread = 0  # bytes since the last whole head, or piece of a body
    _quiet = 0  # seconds in which nothing has come about
    _unsent = 0  # bytes that waited to be sent a second ago

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody has come: one too many is sent away at once."""
        super().connection_made(transport)
        if len(self.connections) > places():
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read on, but no head that does not end."""
        self._unread += len(data)
        super().data_received(data)
        if self._unread > LONGEST_HEAD:
            self._refuse(414 if len(self.url) > LONGEST_TARGET else 431)

    def on_headers_complete(self) -> None:
        """All headers have been read: begin to answer, unless they are too long or too many requests are waiting."""
        too_long = self._too_long()
        self._unread = self._quiet = 0
        if too_long:
            self._refuse(too_long)
        elif len(self.pipeline) >= MOST_IN_LINE:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.begin()

    def begin(self) -> None:
        """Let uvicorn call the application."""
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body has come; how much of it may come is for its reader to say."""
        self._unread = 0
        super().on_body(body)

    def look(self, patience: int) -> None:
        """End the connection if nothing has come about for so many seconds.

        A byte of a head is nothing, and nor is one of a body that nobody reads.
        """
        before, self._unsent = self._unsent, self.transport.get_write_buffer_size()
        if self._unsent != before or (self.is_answering() and not self._unsent):
            self._quiet = 0
        self._quiet += 1
        if self._quiet > patience * (READING if self._unsent else 1):
            self.transport.abort()

    def is_answering(self) -> bool:
        """Whether an earlier request has not got all of its answer."""
        return self.cycle is not None and not self.cycle.response_complete

    def send(self, reply: Reply) -> None:
        """Answer at once, without the body where HEAD was asked."""
        self.cycle = ANSWERED
        self.server_state.total_requests += 1
        dated = [reply.head, *(b"%s: %s\r\n" % one for one in self.server_state.default_headers), b"\r\n"]
        if self.parser.get_method() == b"HEAD":
            self.transport.write(b"".join(dated))
        elif len(reply.body) <= JOINED_UP_TO:
            self.transport.write(b"".join([*dated, reply.body]))
        else:
            self.transport.writelines([b"".join(dated), reply.body])

    def _too_long(self) -> int:
        """The status that refuses a whole head; 0 for one that is well."""
        if len(self.url) > LONGEST_TARGET:
            return 414
        if self._unread <= LONGEST_HEAD:
            return 0
        return 431 if sum(len(name) + len(value) for name, value in self.headers) > LONGEST_HEAD else 0

    def _refuse(self, status: int) -> None:
        """Say what is too long and hang up; without a word where that would come amid another answer."""
        if self.is_answering():
            self.transport.abort()
        elif not self.transport.is_closing():
            self.send(TOO_LONG[status])
            self.transport.close()
