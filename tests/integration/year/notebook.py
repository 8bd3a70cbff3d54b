"""A provider that carries nothing: it notes whose message it was and what stood in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import BaseModel

from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.model.issue import CompiledEdition
from dispatch.model.pace import Limits
from dispatch.providers.base import Capabilities, Watch

TITLES, MORE = re.compile(r"^\[(\w+)\]\r$", re.MULTILINE), re.compile(r"^more (\d+)\r$", re.MULTILINE)
ACCEPTED = Receipt(SendState.ACCEPTED)
TEMPLATES = {  # an issue as its posts' titles alone, a line each
    "issue.txt": "{% for post in posts %}\n[{{ post.title }}]\n{% endfor %}\nmore {{ left_out }}\n"
    "{{ slots.unsubscribe }}\n",
    "issue.html": '<html><body><p>{{ number }}</p><a href="{{ slots.unsubscribe }}">bye</a></body></html>',
}


@dataclass(frozen=True)
class Content:
    """What a reader sees in an edition."""

    titles: tuple[str, ...]
    more: int


@dataclass
class Notebook:
    """Who was handed what: (issue, name, content)."""

    name: ClassVar[str] = "notebook"
    capabilities: ClassVar[Capabilities] = Capabilities(mails=False, idempotent=True)
    limits: ClassVar[Limits] = Limits()
    Options: ClassVar[type[BaseModel]] = BaseModel
    taken: list[tuple[int, str, Content]] = field(default_factory=list)
    _read: dict[str, Content] = field(default_factory=dict)

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Note each message."""
        content = self._content(edition)
        for index, recipient in enumerate(recipients):
            watch.intent(index)
            self.taken.append((edition.issue, recipient.email.partition("@")[0], content))
            watch.receipt(index, ACCEPTED)

    def _content(self, edition: CompiledEdition) -> Content:
        if edition.digest not in self._read:
            text = edition.data.decode()
            more = MORE.search(text)
            assert more
            self._read[edition.digest] = Content(tuple(TITLES.findall(text)), int(more[1]))
        return self._read[edition.digest]

    def take(self) -> list[tuple[int, str, Content]]:
        """What was noted since it was last asked for."""
        found, self.taken = self.taken, []
        return found

    async def check(self) -> str:
        """Say that it is there."""
        return "notes"

    async def aclose(self) -> None:
        """Nothing is open."""
