"""What a source is. A new one is one file, one entry point, one fixture folder."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, Field

from dispatch.client import Client
from dispatch.model.post import SourcePass


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """What a source is built from."""

    name: str  # its key below [sources] in dispatch.toml
    folder: Path  # the publication's, for relative paths
    client: Client  # the one door to the network


class SourceOptions(BaseModel):
    """What every source's table may say of posts that do not say it themselves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    author: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = Field("", pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")  # BCP 47

    @property
    def everyone(self) -> tuple[str, ...]:
        """The authors, however the table names them."""
        return self.authors or ((self.author,) if self.author else ())


class Source(Protocol):
    """Where posts come from. Called by publish; built by app from its own `Options`."""

    name: str
    authors: tuple[str, ...]  # for posts that name none
    tags: tuple[str, ...]  # for posts that name none
    language: str  # for posts that name none; empty: the publication's
    Options: ClassVar[type[BaseModel]]  # validates the source's table in dispatch.toml
    every: timedelta | None  # how often to look without being told; None: only when changes() says so

    def __init__(self, setting: SourceSetting, options: Any) -> None:
        """Keep the settings; touch nothing."""

    async def collect(self, known: Mapping[str, str], state: Mapping[str, Any]) -> SourcePass:
        """Look once. `known` maps each ref seen before to its stamp, `state` is what the last pass left.

        Raises SourceError if the source as a whole cannot be read; what is wrong with one post is a Problem.
        """

    def changes(self) -> AsyncIterator[None]:
        """Yield whenever a look is worth while; never end. A source without news of its own waits for ever."""
