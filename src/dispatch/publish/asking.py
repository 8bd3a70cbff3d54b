"""Takes what people ask of our WebSub hub, as long as there is room for it."""

from dispatch.context import Context
from dispatch.errors import DispatchError
from dispatch.model.websub import Asked
from dispatch.store import websub
from dispatch.store.connect import Tx
from dispatch.syndicate.websub import host_of, no_room, read_request, topic_path


class HubIsFull(DispatchError):
    """The hub takes no more at present."""


class AskingOfHub:
    """What the hub's address does."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def ask(self, body: bytes) -> bool:
        """Keep a request and have it verified; False: it asks for nothing.

        Raises Unasked for what is no request, HubIsFull, or StoreError.
        """
        asked = read_request(body)
        if asked is None:
            return False
        await self._context.store.write_at_once(lambda tx: self._keep(tx, asked))
        self._context.published.set()
        return True

    async def _keep(self, tx: Tx, asked: Asked) -> None:
        now, host = self._context.clock(), host_of(asked.callback)
        path = topic_path(asked.topic, self._context.publication.url) or ""
        refusal = no_room(await websub.crowd(tx, path, asked, host, now), asked.mode)
        if refusal:
            raise HubIsFull(refusal)
        await websub.ask(tx, asked, host, now)
