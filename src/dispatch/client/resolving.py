"""Names of hosts become addresses, each in a thread of its own: a name server that dawdles holds up nobody else."""

import asyncio
import socket
import threading
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from typing import Any

from dispatch.client.addresses import Address

AT_ONCE = 100  # names, for all whom one client serves


class Resolver:
    """Asks the system, and never more than so much at once: whoever gives up waiting leaves the thread behind."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._room = asyncio.Semaphore(at_once)

    async def addresses(self, host: str, port: int) -> list[Address]:
        """All addresses of a host, each once. Raises socket.gaierror."""
        found = await self._asked(host, port)
        return list(dict.fromkeys(ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found))

    async def _asked(self, host: str, port: int) -> Any:
        await self._room.acquire()
        loop = asyncio.get_running_loop()
        answer = loop.create_future()

        def settle(act: Any, value: Any) -> None:
            self._room.release()
            if not answer.done():
                act(value)

        def ask() -> None:
            try:
                settled = partial(settle, answer.set_result, socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            except Exception as error:  # handed on to whoever asked
                settled = partial(settle, answer.set_exception, error)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settled)

        threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
        return await answer
