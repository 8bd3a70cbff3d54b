"""The web server: one socket for as long as the process lives, whatever the settings say meanwhile."""

import asyncio
import socket
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import Receive, Scope, Send

from dispatch.errors import ConfigError
from dispatch.service.bounds import PATIENCE, BoundedConnection, patience, places
from dispatch.service.quick import QuickReplies
from dispatch.web.app import Site
from dispatch.web.replies import Reply

LAST_GUESTS = 2.0  # seconds that a request may take to end once its settings are gone
TICKS = 10  # of uvicorn, in a second


class FrontDoor:
    """The one ASGI application that the server knows: each request goes to the site of that moment."""

    def __init__(self, application: Site) -> None:
        self._application = application
        self._inside: Counter[Site] = Counter()
        self._somebody_left = asyncio.Event()

    def ready(self, address: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Reply | None:
        """The answer to a GET or HEAD, where the site has it at hand."""
        return self._application.ready(address, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        application = self._application
        self._inside[application] += 1
        try:
            await application(scope, receive, send)
        finally:
            self._inside[application] -= 1
            self._somebody_left.set()

    async def lead_to(self, application: Site) -> None:
        """Send newcomers elsewhere, and let those who are inside finish."""
        former, self._application = self._application, application
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_GUESTS):
                while self._inside[former]:
                    self._somebody_left.clear()
                    await self._somebody_left.wait()
        del self._inside[former]


class WebServer(uvicorn.Server):
    """A server that leaves signals to the service: uvicorn's own would kill the process before it has wound down."""

    def __init__(self, door: FrontDoor) -> None:
        super().__init__(
            uvicorn.Config(
                door,
                http=QuickReplies,
                ws="none",
                backlog=max(1, places() // 2),
                timeout_keep_alive=PATIENCE,
                log_level="error",  # a line for each request that cannot be read would let strangers fill the log
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )

    async def on_tick(self, counter: int) -> bool:
        """Look after the connections once a second."""
        if counter % TICKS == 0:
            self.look()
        return await super().on_tick(counter)

    def look(self) -> None:
        """End the connections on which nothing has come about for too long."""
        connections = [one for one in self.server_state.connections if isinstance(one, BoundedConnection)]
        longest = patience(len(connections))
        for one in connections:
            one.look(longest)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Catch none."""
        yield

    def end(self) -> None:
        """Answer what has been asked, then return from `serve`."""
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, made before anything else so that a taken port is said at once. Raises ConfigError."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigError(
            f"{host}:{port} cannot be listened on: {error.strerror}. Name another by --port, or [web] port."
        ) from None
