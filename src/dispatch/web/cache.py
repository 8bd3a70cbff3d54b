"""What readers were sent lately, ready to be sent again, within a bound."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from dispatch.web.codings import Coding
from dispatch.web.replies import Reply
from dispatch.web.served import ServedFile, examine, read_whole, stamp_of

CACHE_BYTES = 16 * 1024 * 1024
MOST_FILES = 4096  # whose tags are known, at one KiB each, and 1.5 for each 304
T = TypeVar("T")


class FileCache:
    """Files by path, and their replies by coding. Each is made once, however many ask for it at the same time.

    `link` makes the Link header of a path.
    """

    def __init__(self, limit: int = CACHE_BYTES, link: Callable[[str], str] = lambda _: "") -> None:
        self._files: OrderedDict[str, ServedFile] = OrderedDict()
        self._replies: OrderedDict[tuple[ServedFile, Coding], Reply] = OrderedDict()
        self._under_way: dict[object, asyncio.Task[Any]] = {}
        self._packer = ThreadPoolExecutor(1, "packer")  # each thread that ever packed keeps megabytes to itself
        self._preparing: asyncio.Task[Reply] | None = None
        self._limit, self._link = limit, link
        self.size = 0  # bytes of all replies

    async def file(self, path: str) -> ServedFile:
        """The file as it is now, read only if it has changed. Raises OSError."""
        stamp = stamp_of(os.stat(path))
        known = self._files.get(path)
        if known is None or known.stamp != stamp:
            known = await self._once((path, stamp), lambda: self._examined(path))
        return known

    def ready(self, file: ServedFile, coding: Coding) -> Reply | None:
        """The file's reply in this coding, if it is at hand."""
        reply = self._replies.get((file, coding))
        if reply is not None:
            self._replies.move_to_end((file, coding))
        return reply

    async def reply(self, file: ServedFile, coding: Coding) -> Reply:
        """The file's reply in this coding. Raises OSError, ChangedError if the file is another by now."""
        ready = self.ready(file, coding)
        return ready if ready else await self._once((file, coding), lambda: self._packed(file, coding))

    def prepare(self, file: ServedFile, coding: Coding) -> None:
        """Have the reply made meanwhile for whoever asks next, unless another is being made so."""
        if (self._preparing is None or self._preparing.done()) and (file, coding) not in self._under_way:
            self._preparing = self._begin((file, coding), self._packed(file, coding))

    def knows(self, file: ServedFile) -> bool:
        """Whether this is the file that its path stands for, as far as anybody has looked."""
        return self._files.get(file.path) is file

    async def _once(self, key: object, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the work, or of the same work where that is under way already."""
        result: T = await asyncio.shield(self._under_way.get(key) or self._begin(key, work()))
        return result

    def _begin(self, key: object, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._under_way[key] = task
        task.add_done_callback(lambda done: self._end(key, done))
        return task

    def _end(self, key: object, done: asyncio.Task[Any]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # whoever waits for it hears of it, and nobody may be left who does

    async def _examined(self, path: str) -> ServedFile:
        file = await asyncio.to_thread(examine, path, self._link(path))
        if file.settled:
            self._remember(file)
        return file

    def _remember(self, file: ServedFile) -> None:
        former = self._files.pop(file.path, None)
        self._files[file.path] = file
        if len(self._files) > MOST_FILES:
            _, former = self._files.popitem(last=False)
        if former is not None:
            self._drop(former)

    def _drop(self, file: ServedFile) -> None:
        for coding in file.tags.values():
            reply = self._replies.pop((file, coding), None)
            self.size -= reply.weight if reply else 0

    async def _packed(self, file: ServedFile, coding: Coding) -> Reply:
        packing = asyncio.get_running_loop().run_in_executor(self._packer, lambda: coding.pack(read_whole(file)))
        body = await packing
        reply = file.reply(200, coding, body)
        if self.knows(file):
            self._keep(file, coding, reply)
        return reply

    def _keep(self, file: ServedFile, coding: Coding, reply: Reply) -> None:
        self._replies[file, coding] = reply
        self.size += reply.weight
        while self.size > self._limit:
            _, oldest = self._replies.popitem(last=False)
            self.size -= oldest.weight
