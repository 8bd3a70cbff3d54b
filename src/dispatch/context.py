"""The frozen bundle that app fills and everything below receives."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dispatch.config import Config
from dispatch.model.issue import MailingList, Publication
from dispatch.providers.base import Provider
from dispatch.sources.base import Source
from dispatch.store.connect import Store
from dispatch.theme import Theme
from dispatch.tokens import Keyring

Clock = Callable[[], datetime]  # the present instant, in UTC
Tell = Callable[[str], None]  # a line for whoever watches


class Stopping(asyncio.Event):
    """Set: finish what is in hand and begin nothing more."""

    patience: float = 2.0  # seconds for what is in hand to be answered; math.inf where nothing hurries


@dataclass(frozen=True, slots=True)
class Context:
    """One publication, wired: settings, store, sources, provider, clock."""

    config: Config
    publication: Publication
    lists: Mapping[str, MailingList]
    store: Store
    sources: tuple[Source, ...]
    provider: Provider
    theme: Theme
    keyring: Keyring
    clock: Clock
    tell: Tell
    workplace: Path  # all that is written lies below: the publication's folder, or a simulation's
    stopping: Stopping
    # Set whenever a live feed's file has changed, or somebody asks something of our hub.
    published: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_real(self) -> bool:
        """Whether this is the publication itself, and no simulation on a copy."""
        return self.workplace == self.config.folder

    @property
    def public(self) -> Path:
        """Where feeds and pages are written."""
        return self.workplace / "public"

    @property
    def journals(self) -> Path:
        """Where deliveries in hand are noted."""
        return self.workplace / "journal"

    @property
    def renditions(self) -> Path:
        """Where pictures made for mail are kept."""
        return self.workplace / "cache" / "pictures"
