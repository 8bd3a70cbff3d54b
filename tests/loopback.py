"""A web server on loopback whose every answer a test chooses."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any


@dataclass(frozen=True)
class Request:
    """What somebody asked."""

    method: str
    path: str  # with its query string, as it came
    headers: Message
    body: bytes
    moment: float  # when it was there as a whole, by time.monotonic()
    at: str  # the address of ours that it came to


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0  # before anything is answered
    hangs_up: bool = False  # instead of answering


@contextmanager
def answering(
    answer: Callable[[Request], Reply], port: int = 0, host: str = "127.0.0.1", context: SSLContext | None = None
) -> Iterator[str]:
    """Answer while the block lasts, each request in a thread of its own, by TLS if there is a context for it.

    Gives the server's address.
    """
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            at = str(self.connection.getsockname()[0])
            reply = answer(Request(self.command, self.path, self.headers, body, time.monotonic(), at))
            ended.wait(reply.seconds)
            self.close_connection = reply.hangs_up or ended.is_set()
            if not reply.hangs_up:
                self._send(reply)

        do_GET = do_HEAD = do_POST = _answer  # noqa: N815 - the library's names

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else reply.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    with _Server((host, port), Handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield f"{'https' if context else 'http'}://{host}:{server.server_address[1]}"
        finally:
            ended.set()
            server.shutdown()


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with few, a crowd at once waits a second for the system to try again
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked may have gone away: killing it is what some tests are for."""
