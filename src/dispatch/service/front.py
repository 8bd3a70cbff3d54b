"""The web server: one socket for as long as the process lives, whatever the settings say meanwhile."""

import asyncio
import socket
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from dispatch.errors import ConfigError

LAST_GUESTS = 2.0  # seconds that a request may take to end once its settings are gone


class FrontDoor:
    """The one ASGI application that the server knows: each request goes to the application of that moment."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application
        self._inside: Counter[ASGIApp] = Counter()
        self._somebody_left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        application = self._application
        self._inside[application] += 1
        try:
            await application(scope, receive, send)
        finally:
            self._inside[application] -= 1
            self._somebody_left.set()

    async def lead_to(self, application: ASGIApp) -> None:
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
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )

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
