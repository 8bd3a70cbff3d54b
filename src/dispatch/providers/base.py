"""What a provider is. A new one is one file, one entry point, one fixture folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel

from dispatch.message.dkim import Signer
from dispatch.model.delivery import Receipt, Recipient
from dispatch.model.issue import CompiledEdition
from dispatch.model.pace import Limits


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can promise; deliver decides by these, never by a provider's name."""

    mails: bool  # False: nobody receives anything, as with the outbox
    idempotent: bool  # True: handing over the same key again cannot send twice


@dataclass(frozen=True, slots=True)
class ProviderSetting:
    """What a provider is built from."""

    name: str
    folder: Path  # the publication's, for relative paths
    hostname: str  # what we call ourselves
    signers: tuple[Signer, ...] = ()  # each adds its DKIM signature to every message


class Watch(Protocol):
    """How deliver looks over a provider's shoulder, between two messages. Implemented by deliver."""

    connections: int  # how many may be used at once for this send

    @property
    def stopping(self) -> bool:
        """Whether to hand over nothing more: paused, cancelled, shutting down or the lease half gone."""

    def delay(self) -> float:
        """Seconds until one more message is allowed; 0.0: it is, and counts as gone."""

    async def turn(self) -> bool:
        """Wait until one more message is allowed; False: stop, hand over nothing more."""

    def has_left(self, index: int) -> bool:
        """Whether recipient `index` has left, or was suppressed, by now: then nothing is handed over for them."""

    def intent(self, index: int) -> None:
        """Recipient `index` is about to be in the provider's hands. Durable against this process's death."""

    def receipt(self, index: int, receipt: Receipt) -> None:
        """The provider has answered for recipient `index`."""

    def slow_down(self) -> None:
        """The provider wants fewer messages: hand over nothing more now, and fewer a second from here on."""


class Provider(Protocol):
    """Who carries mail. Called by deliver; built by app from its own `Options`."""

    name: str
    capabilities: Capabilities
    limits: Limits
    Options: ClassVar[type[BaseModel]]  # validates the [provider] table

    def __init__(self, setting: ProviderSetting, options: Any) -> None:
        """Keep the settings; touch nothing."""

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Hand over one message a recipient, reporting each by `watch`; `key` names this very attempt.

        Who has neither intent nor receipt when this returns was not attempted. May be cancelled at any moment:
        who has an intent and no receipt by then is unknown. Raises ProviderDown where the provider cannot be
        reached and ProviderRefused where it refuses us as a whole.
        """

    async def check(self) -> str:
        """Connect and log in without sending; say in one line who answered. Raises ProviderError."""

    async def aclose(self) -> None:
        """Close what is open."""
