"""A mail server on loopback that breaks on purpose, in any phase of SMTP (RFC 5321, pipelining of RFC 2920).

Every message it takes is in its record, a file, before it says so: what the record holds was received, nothing else.
"""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults import ALWAYS, OFFERS, Fault, Manner, Phase, Taken
from faulttalk import Gone, Talk


@dataclass
class FaultServer:
    """The server; `faults` may be changed at any time."""

    record: Path
    offers: Sequence[str] = OFFERS
    login: tuple[str, str] | None = None  # name and password, where one must log in
    messages_a_connection: int = ALWAYS  # after so many it hangs up
    manner: Manner = Manner.TOGETHER
    delay: float = 0  # seconds that taking a message lasts
    faults: list[Fault] = field(default_factory=list)
    port: int = 0
    connections: int = 0  # made so far
    open_now: int = 0
    peak: int = 0  # the most that were open at once
    silent: int = 0  # that wait for an answer which never comes
    taken: int = 0
    pipelined: int = 0  # commands that came before the reply to the one before them
    unanswered: list[str] = field(default_factory=list)  # whose message came whole, and got no answer that helps
    wrongs: list[str] = field(default_factory=list)  # what a client must not do, and ours did
    _loop: asyncio.AbstractEventLoop | None = None
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set["asyncio.Task[Any]"] = field(default_factory=set)
    _file: int = -1

    @contextmanager
    def open(self) -> Iterator["FaultServer"]:
        """Answer on the port: one of its own at first, the same one when opened again."""
        listening = socket.create_server(("127.0.0.1", self.port), backlog=200)
        self.port = listening.getsockname()[1]
        self._file = os.open(self.record, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        started = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._serve(listening, started)), daemon=True)
        thread.start()
        started.wait(10)
        try:
            yield self
        finally:
            self._tell(self._ended.set)
            thread.join(10)
            os.close(self._file)

    async def _serve(self, listening: socket.socket, started: threading.Event) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._meet, sock=listening)
        started.set()
        await self._ended.wait()
        server.close()
        self._hang_up()
        await asyncio.sleep(0)

    def _tell(self, act: Callable[[], None]) -> None:
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)

    def heal(self) -> None:
        """Nothing goes wrong any more; connections that hang are cut."""
        self.faults.clear()
        self._tell(self._hang_up)

    def _hang_up(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.connections += 1
        self.open_now += 1
        self.peak = max(self.peak, self.open_now)
        try:
            with suppress(Gone, OSError, asyncio.CancelledError):
                await Talk(self, reader, writer).run()
        finally:
            self._tasks.discard(task)
            self.open_now -= 1
            writer.close()

    def fault(self, phase: Phase, people: Sequence[str]) -> Fault | None:
        """What goes wrong here and now, if anything."""
        return next((one for one in self.faults if one.strikes(phase, people)), None)

    def take(self, sender: str, recipients: Sequence[str], data: bytes) -> None:
        """Write a message into the record."""
        line = {"sender": sender, "recipients": list(recipients), "data": data.decode("latin-1")}
        os.write(self._file, json.dumps(line).encode() + b"\n")
        self.taken += 1

    def messages(self) -> list[Taken]:
        """The record."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        found = [json.loads(line) for line in lines]
        return [Taken(one["sender"], tuple(one["recipients"]), one["data"].encode("latin-1")) for one in found]

    def recipients(self) -> list[str]:
        """Who received, one entry a message."""
        return [one for message in self.messages() for one in message.recipients]

    def forget(self) -> None:
        """An empty record."""
        os.truncate(self.record, 0)
        self.taken = 0

    def provider(self, more: str = "") -> str:
        """The [provider] table that sends here."""
        return f'[provider]\ntype = "smtp"\nhost = "127.0.0.1"\nport = {self.port}\ntls = "none"\n{more}\n'
