"""Tells other people's hubs which of our feeds have changed (https://www.w3.org/TR/websub/, section 6)."""

from collections.abc import Collection
from datetime import datetime

from dispatch.client import Client
from dispatch.context import Context
from dispatch.errors import ClientError
from dispatch.model.websub import Answer, Notice
from dispatch.publish.lane import CLAIM
from dispatch.publish.verifying import user_agent
from dispatch.store import websub_notices
from dispatch.store.connect import Tx
from dispatch.syndicate.contents import address
from dispatch.syndicate.websub import delivered, host_of, notice_body, wait_after

FORM = "application/x-www-form-urlencoded"


class Notifying:
    """The errand of telling hubs, which then fetch the feed themselves."""

    def __init__(self, context: Context, client: Client) -> None:
        self._context, self._client = context, client

    def host(self, job: Notice) -> str:
        """The hub's."""
        return host_of(job.hub)

    async def due(self, tx: Tx, now: datetime, busy: Collection[str], share: int, limit: int) -> list[Notice]:
        """Feeds that hubs do not know as they are."""
        full = [hub for hub in self._context.config.feeds.hubs if host_of(hub) in busy]
        return await websub_notices.due(tx, now, full, share, limit)

    async def take(self, tx: Tx, job: Notice, now: datetime) -> Notice | None:
        """For as long as a request may take, and no longer."""
        return await websub_notices.take(tx, job, now + CLAIM)

    async def run(self, job: Notice) -> None:
        """Tell the hub, and write what became of it."""
        topic = address(self._context.publication, job.path)
        headers = {"Content-Type": FORM, "User-Agent": user_agent(self._context)}
        try:
            sent = await self._client.send("POST", job.hub, headers, notice_body(topic))
            answer, why = delivered(sent.status), f"{job.hub} answers {sent.status}"
        except ClientError as error:
            answer, why = Answer.NOTHING, str(error).removesuffix(".")  # it names the address
        await self._context.store.write_at_once(lambda tx: self._settle(tx, job, answer, why))

    async def _settle(self, tx: Tx, job: Notice, answer: Answer, why: str) -> None:
        wait = wait_after(job.tries.attempts + 1)
        if answer is Answer.DONE or wait is None:
            await websub_notices.told(tx, job)
        else:
            await websub_notices.missed(tx, job, self._context.clock() + wait)
        if answer is not Answer.DONE:
            then = "it is tried again" if wait else "it is told of the next change"
            self._context.tell(f"a hub could not be told of news: {why}; {then}")
