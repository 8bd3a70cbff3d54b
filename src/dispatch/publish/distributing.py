"""Brings subscribers of our hub what has changed (https://www.w3.org/TR/websub/, section 7)."""

import asyncio
from collections.abc import Collection
from datetime import datetime

from dispatch.client import Client
from dispatch.config.hubs import hubs_of
from dispatch.context import Context
from dispatch.errors import ClientError
from dispatch.model.feed import CONTENT_TYPES
from dispatch.model.websub import Answer, Push
from dispatch.publish.lane import CLAIM
from dispatch.publish.verifying import user_agent
from dispatch.store import websub
from dispatch.store.connect import Tx
from dispatch.syndicate.contents import address
from dispatch.syndicate.websub import delivered, push_headers, wait_after

KEPT = 8  # documents at hand while they are pushed: news of one post are several, in three formats each


class Distributing:
    """The errand of pushing: each subscriber gets the newest content, byte for byte."""

    def __init__(self, context: Context, client: Client) -> None:
        self._context, self._client = context, client
        self._content: dict[tuple[str, str], asyncio.Future[bytes]] = {}  # what was pushed last, by path and digest

    def host(self, job: Push) -> str:
        """The callback's."""
        return job.host

    async def due(self, tx: Tx, now: datetime, busy: Collection[str], share: int, limit: int) -> list[Push]:
        """Whoever has not had the newest content."""
        return await websub.due_pushes(tx, now, list(busy), share, limit)

    async def take(self, tx: Tx, job: Push, now: datetime) -> Push | None:
        """For as long as a request may take, and no longer."""
        return await websub.take_push(tx, job, now + CLAIM)

    async def run(self, job: Push) -> None:
        """Send the content, and write what became of it."""
        answer = await self._send(job)
        await self._context.store.write_at_once(lambda tx: self._settle(tx, job, answer))

    async def _send(self, job: Push) -> Answer:
        topic = address(self._context.publication, job.path)
        try:
            body, kind = await self._read(job), CONTENT_TYPES[job.path.rpartition("/")[2]]
            headers = push_headers(kind, hubs_of(self._context.config), topic, job.secret, body)
            headers["User-Agent"] = user_agent(self._context)
            return delivered((await self._client.send("POST", job.callback, headers, body)).status)
        except (ClientError, OSError):  # nobody there, or the file is not
            return Answer.NOTHING

    async def _read(self, job: Push) -> bytes:
        """The file, read once for all who are owed it now. Raises OSError."""
        which = (job.path, job.digest)
        reading = self._content.pop(which, None)
        if reading is None:
            reading = asyncio.ensure_future(asyncio.to_thread((self._context.public / job.path).read_bytes))
        self._content[which] = reading  # the last in the order of use
        while len(self._content) > KEPT:
            del self._content[next(iter(self._content))]
        try:
            return await asyncio.shield(reading)  # others wait for it, too
        except OSError:
            self._content.pop(which, None)
            raise

    async def _settle(self, tx: Tx, job: Push, answer: Answer) -> None:
        wait = wait_after(job.tries.attempts + 1)
        if answer is Answer.GONE:
            await websub.end(tx, job)
        elif answer is Answer.DONE or wait is None:
            await websub.brought(tx, job)
        else:
            await websub.missed(tx, job, self._context.clock() + wait)
