"""Asks whoever a request at our hub names whether it was theirs (https://www.w3.org/TR/websub/, section 5.3)."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch import __version__
from dispatch.client import Client
from dispatch.config.hubs import own_hub
from dispatch.context import Context
from dispatch.errors import ClientError
from dispatch.model.websub import Answer, Intent, Mode
from dispatch.publish.lane import CLAIM
from dispatch.store import websub
from dispatch.store.connect import Tx
from dispatch.syndicate.websub import VERIFY_WAITS, denial, topic_path, verification, verified, wait_after, with_query

CHALLENGE_BYTES = 32
NO_FEED = "There is no such feed here. The topic is the address that the feed gives itself as rel=self."


class Verifying:
    """The errand of verifying requests: what is confirmed comes into force."""

    def __init__(self, context: Context, client: Client) -> None:
        self._context, self._client = context, client

    def host(self, job: Intent) -> str:
        """The callback's."""
        return job.host

    async def due(self, tx: Tx, now: datetime, busy: Collection[str], share: int, limit: int) -> list[Intent]:
        """Requests whose senders have not been asked."""
        return await websub.due_intents(tx, now, list(busy), share, limit)

    async def take(self, tx: Tx, job: Intent, now: datetime) -> Intent | None:
        """With a challenge that nobody can guess, and that is used once."""
        return await websub.take_intent(tx, job, secrets.token_urlsafe(CHALLENGE_BYTES), now, now + CLAIM)

    async def run(self, job: Intent) -> None:
        """Ask, and do what was confirmed; a subscription to no feed of ours is denied instead."""
        path = topic_path(job.asked.topic, self._context.publication.url)
        async with self._context.store.read() as tx:
            digest = await websub.digest_of(tx, path) if path is not None else None
        now = self._context.clock()
        if path is None or (digest is None and job.asked.mode is Mode.SUBSCRIBE):
            await self._deny(job)
            return
        answer = await self._ask(job)
        until = now + timedelta(seconds=job.asked.lease)  # a lease counts from the moment of asking
        wanted = _Wanted(path, digest or "", until)
        await self._context.store.write_at_once(lambda tx: self._settle(tx, job, wanted, answer))

    async def _deny(self, job: Intent) -> None:
        """Tell them, once, and be done with it."""
        await self._get(job, denial(job.asked.topic, NO_FEED), 0)
        now = self._context.clock()
        await self._context.store.write_at_once(lambda tx: websub.settle_intent(tx, job, now))

    async def _ask(self, job: Intent) -> Answer:
        wanted = len(job.challenge) + 1  # one byte more tells a longer answer
        answer = await self._get(job, verification(job.asked, job.challenge), wanted)
        return verified(*answer, job.challenge) if answer else Answer.NOTHING

    async def _get(self, job: Intent, parameters: dict[str, str], max_bytes: int) -> tuple[int, bytes] | None:
        headers = {"User-Agent": user_agent(self._context)}
        try:
            url = with_query(job.asked.callback, parameters)
            fetched = await self._client.send("GET", url, headers, max_bytes=max_bytes)
        except ClientError:
            return None
        return fetched.status, fetched.body

    async def _settle(self, tx: Tx, job: Intent, wanted: "_Wanted", answer: Answer) -> None:
        """Write what the answer means."""
        now = self._context.clock()
        wait = wait_after(job.attempts + 1, VERIFY_WAITS) if answer is Answer.NOTHING else None
        if wait is not None:
            await websub.postpone_intent(tx, job, now + wait)
            return
        if answer is Answer.DONE and job.asked.mode is Mode.SUBSCRIBE:
            await websub.subscribe(tx, job, wanted.path, wanted.digest, now, wanted.lease_until)
        elif answer is Answer.DONE:
            await websub.unsubscribe(tx, wanted.path, job.asked.callback)
        await websub.settle_intent(tx, job, now)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a confirmed request comes to."""

    path: str  # of the document
    digest: str  # that it had when they were asked: what comes later is owed to them
    lease_until: datetime


def user_agent(context: Context) -> str:
    """Who we are, to those whom we call by WebSub."""
    return f"Dispatch/{__version__} (WebSub; +{own_hub(context.config) or context.publication.url})"
