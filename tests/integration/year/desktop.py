"""The publication under test: opened, closed and opened again, while its clock is turned."""

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from dispatch.acts.act import Desk
from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.context import Context
from dispatch.deliver.rescue import rescue
from dispatch.deliver.run import run_chunk
from dispatch.engine.local import LocalEngine
from dispatch.store import chunks, issues

from .notebook import Notebook
from .reader import Mail
from .script import START

Mails = Counter[Mail]


@dataclass
class Desktop:
    """A publication that is opened and closed again while its clock is turned."""

    folder: Path
    now: datetime = START
    notebook: Notebook = field(default_factory=Notebook)
    said: list[str] = field(default_factory=list)
    kinds: dict[int, tuple[str, str]] = field(default_factory=dict)
    _open: AsyncExitStack | None = None

    async def open(self) -> None:
        """Start, as the service does."""
        self._open = AsyncExitStack()
        opening = open_app(read_config(self.folder), tell=self.said.append, clock=lambda: self.now)
        app = await self._open.enter_async_context(opening)
        self.context: Context = replace(app.context, provider=self.notebook)
        self.desk = Desk(self.context, "editor")
        self.engine = LocalEngine(self._ready, self._handle, self._take_over)

    async def close(self) -> None:
        """Stop."""
        assert self._open
        await self._open.aclose()

    async def _ready(self, limit: int) -> list[tuple[int, int]]:
        async with self.context.store.read() as tx:
            return await chunks.ready(tx, self.now, limit)

    async def _handle(self, issue: int, chunk: int) -> float:
        return await run_chunk(self.context, issue, chunk)

    async def _take_over(self) -> int:
        return await rescue(self.context)

    async def mails(self) -> Mails:
        """What was mailed since it was last asked for."""
        taken = self.notebook.take()
        for number in {number for number, _, _ in taken} - self.kinds.keys():
            async with self.context.store.read() as tx:
                found = await issues.get(tx, number)
            assert found
            self.kinds[number] = found.list_slug, found.cadence.value
        return Counter(Mail(who, *self.kinds[number], what.titles, what.more) for number, who, what in taken)
