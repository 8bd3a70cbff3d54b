"""Every table and key of dispatch.toml, with its default."""

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from dispatch.config.addresses import Permalink, Redirects
from dispatch.config.lists import ListTable
from dispatch.config.places import Location, placed
from dispatch.config.table import Table
from dispatch.config.values import (
    LOCAL_HOSTS,
    Colour,
    Domain,
    FontStack,
    HubUrl,
    Language,
    Line,
    Name,
    Names,
    Network,
    PictureUrl,
    Selector,
    SiteUrl,
    Slug,
    Zone,
)
from dispatch.model.dkim import Algorithm
from dispatch.model.issue import Share
from dispatch.model.permalink import PATTERN, is_used


class PublicationTable(Table):
    """[publication]: whose posts these are."""

    title: Annotated[Name, Field(min_length=1)]
    url: SiteUrl
    description: Line = ""
    language: Language = "en"
    timezone: Zone = "UTC"
    author: Name = ""
    email: Name = ""
    address: Line = ""
    logo: PictureUrl = ""
    logo_dark: PictureUrl = ""
    logo_width: Annotated[int, Field(ge=8, le=480)] = 32
    logo_height: Annotated[int, Field(ge=8, le=200)] = 32
    accent: Colour = "#0b5cad"
    font: FontStack = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
    heading_font: FontStack = "Georgia, 'Times New Roman', serif"
    width: Annotated[int, Field(ge=480, le=660)] = 600
    share: tuple[Share, ...] = ("bluesky", "linkedin", "whatsapp")
    editors: tuple[Line, ...] = ()
    permalink: Permalink = PATTERN

    @field_validator("share", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        if isinstance(value, str):
            raise ValueError(f'must be a list, such as ["{value or "bluesky"}"]')
        return value

    @field_validator("logo_dark")
    @classmethod
    def _beside_a_logo(cls, value: str, info: ValidationInfo) -> str:
        if value and not info.data.get("logo"):
            raise ValueError("takes the place of `logo` in the dark: name that, too")
        return value


class StoreTable(Table):
    """[store]: where the truth is kept."""

    url: str = "sqlite:///dispatch.db"


class EngineTable(Table):
    """[engine]: who runs the chunks."""

    type: Literal["local"] = "local"


class WebTable(Table):
    """[web]: the addresses of links that act, and the server behind them."""

    url: SiteUrl | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    allow_insecure_web: bool = False
    allow_private_addresses: tuple[Network, ...] = ()


class FeedsTable(Table):
    """[feeds]: what the feeds hold."""

    entries: Annotated[int, Field(ge=1, le=500)] = 30
    archive: Annotated[int | None, Field(ge=10, le=500)] = None
    full_text: bool = True
    tags: Names = "all"
    authors: Names = ()
    hub: bool = True
    hubs: tuple[HubUrl, ...] = ()

    @property
    def page(self) -> int:
        """Posts on a full page of a feed's history: as many as the live feed holds at least."""
        return self.archive or max(50, self.entries)

    @field_validator("archive")
    @classmethod
    def _no_fewer_than_live(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and value < info.data.get("entries", 0):
            raise ValueError(
                f"must not be smaller than `entries`, {info.data['entries']}: a feed goes on in its archive"
            )
        return value


class DkimKey(Table):
    """[[dkim.keys]]: one key that signs every message."""

    selector: Selector
    algorithm: Algorithm
    file: Annotated[str, Field(min_length=1)]


class DkimTable(Table):
    """[dkim]: the domain that answers for the mail, and its keys."""

    domain: Domain
    keys: Annotated[tuple[DkimKey, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _selectors_differ(self) -> "DkimTable":
        selectors = [key.selector for key in self.keys]
        if twice := next((one for one in selectors if selectors.count(one) > 1), None):
            raise ValueError(f"two keys have the selector {twice!r}; each needs its own")
        return self


class Plugin(BaseModel):
    """A plugin's table: its type is ours to know, the rest is the plugin's."""

    model_config = ConfigDict(extra="allow", frozen=True)
    type: str

    @property
    def options(self) -> dict[str, Any]:
        """All keys but the type."""
        return dict(self.model_extra or {})


class SourceTable(Plugin):
    """[sources.NAME]: how a source is read is its plugin's to know; where its posts have their pages is ours."""

    permalink: Permalink | None = None
    pages: Literal["home", "own"] = "home"


class Config(BaseSettings):
    """A publication's settings, whole and valid."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="DISPATCH_", env_nested_delimiter="__", populate_by_name=True
    )

    publication: PublicationTable
    sources: dict[Slug, SourceTable] = Field(default_factory=dict)
    lists: dict[Slug, ListTable] = Field(default_factory=dict)
    provider: Plugin = Plugin(type="outbox")
    dkim: DkimTable | None = None
    store: StoreTable = StoreTable()
    engine: EngineTable = EngineTable()
    web: WebTable = WebTable()
    feeds: FeedsTable = FeedsTable()
    redirects: Redirects = Field(default_factory=dict)
    _path: Path = PrivateAttr(Path("dispatch.toml"))
    _text: str = PrivateAttr("")

    @field_validator("sources")
    @classmethod
    def _pages_find_room(cls, sources: dict[str, SourceTable], info: ValidationInfo) -> dict[str, SourceTable]:
        """No source may be called as a folder of the site where its name begins the addresses of its posts."""
        publication = info.data.get("publication")
        for name, table in sources.items():
            pattern = table.permalink or (publication.permalink if publication else PATTERN)
            first = pattern.split("/")[1].replace("{source}", name)
            if is_used(first):
                raise ValueError(
                    f'{pattern!r} puts the posts of "{name}" into /{first}/, which the site itself uses; '
                    f'write a `permalink` of its own into [sources.{name}], such as "{PATTERN}"'
                )
        return sources

    @property
    def path(self) -> Path:
        """The file itself."""
        return self._path

    @property
    def text(self) -> str:
        """The file as it is written, to find lines in."""
        return self._text

    def place(self, location: Location, message: str) -> str:
        """A message about one key, with file, line, table and key before it."""
        return placed(location, message, self._path, self.text)

    @property
    def folder(self) -> Path:
        """The publication's folder: all relative paths start here."""
        return self.path.parent

    @property
    def web_url(self) -> str:
        """The address of links that act."""
        return self.web.url or self.publication.url

    @property
    def web_is_insecure(self) -> bool:
        """Whether mail clients could not use the one-click link: RFC 8058 wants https, and a host others reach."""
        parts = urlsplit(self.web_url)
        return parts.scheme != "https" or parts.hostname in LOCAL_HOSTS

    @model_validator(mode="after")
    def _lists_name_known_sources(self) -> "Config":
        for slug, table in self.lists.items():
            unknown = [name for name in table.sources if name not in self.sources]
            if unknown:
                known = ", ".join(self.sources) or "none"
                raise ValueError(f"[lists.{slug}] sources: {unknown[0]!r} is no source; known are: {known}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment outranks the file; nothing else is read."""
        return env_settings, init_settings
