"""The embedded default: writes each message as a file into a Maildir, and nobody receives anything.

A message's file is named after its Message-ID, so handing the same one over twice leaves one file.
"""

import asyncio
import os
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from dispatch.errors import ProviderDown
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.model.issue import CompiledEdition
from dispatch.model.pace import Limits
from dispatch.providers.base import Capabilities, ProviderSetting, Watch


class OutboxOptions(BaseModel):
    """[provider] type = "outbox"."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    path: str = "outbox"


class Outbox:
    """A Maildir of complete .eml files (https://cr.yp.to/proto/maildir.html)."""

    capabilities = Capabilities(mails=False, idempotent=True)
    limits = Limits()
    Options = OutboxOptions

    def __init__(self, setting: ProviderSetting, options: OutboxOptions) -> None:
        self.name = setting.name
        self._folder = setting.folder / options.path
        self._signers = setting.signers

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Write a file a recipient."""
        splicer = Splicer(edition, self._signers)
        for index, recipient in enumerate(recipients):
            if not await watch.turn():
                return
            if watch.has_left(index):
                continue
            watch.intent(index)
            name = await asyncio.to_thread(self._write, splicer, recipient)
            watch.receipt(index, Receipt(SendState.ACCEPTED, name))

    def _write(self, splicer: Splicer, recipient: Recipient) -> str:
        name = f"{recipient.message_id.partition('@')[0]}.eml"
        try:
            self._make_folders()
            if not (self._folder / "cur" / name).exists():  # a reader may have moved it there
                temporary = self._folder / "tmp" / name
                temporary.write_bytes(splicer.splice(recipient))
                os.replace(temporary, self._folder / "new" / name)
        except OSError as error:
            raise ProviderDown(f"{self._folder} cannot be written: {error.strerror}. It will be tried again.") from None
        return name

    def _make_folders(self) -> None:
        for folder in ("tmp", "new", "cur"):
            (self._folder / folder).mkdir(parents=True, exist_ok=True)

    async def check(self) -> str:
        """Say where the files go."""
        try:
            self._make_folders()
        except OSError as error:
            raise ProviderDown(f"{self._folder} cannot be written: {error.strerror}.") from None
        return f"writes files to {self._folder}; nobody receives mail"

    async def aclose(self) -> None:
        """Nothing is open."""
