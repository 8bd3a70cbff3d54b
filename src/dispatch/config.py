"""dispatch.toml and the environment become one frozen Config.

Environment variables named DISPATCH_TABLE__KEY override a key. A plugin's table stays raw here; `app`
validates it by the plugin's own model. Every error names table, key, what is allowed and, where it can
be found, the line.
"""

import re
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from dispatch.errors import ConfigError
from dispatch.model.subscriber import Cadence

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - recognised, never bound


def _duration(value: Any) -> Any:
    """Accept "5 minutes", "5m", "24 h" beside what pydantic takes."""
    match = re.fullmatch(r"\s*(\d+)\s*([smhdw])[a-z]*\s*", value) if isinstance(value, str) else None
    return timedelta(**{UNITS[match[2]]: int(match[1])}) if match else value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no time zone; write one of the IANA's, such as Europe/Berlin or UTC") from None
    return value


def _address_of_site(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a web address, such as https://news.example.org")
    return value.rstrip("/")


def _slug(value: str) -> str:
    if not re.fullmatch(r"[\w-]+", value):
        raise ValueError("may hold letters, digits, _ and - only")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Zone = Annotated[str, AfterValidator(_zone)]
SiteUrl = Annotated[str, AfterValidator(_address_of_site)]
Slug = Annotated[str, AfterValidator(_slug)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class Table(BaseModel):
    """A table of dispatch.toml: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PublicationTable(Table):
    """[publication]: whose posts these are."""

    title: str = Field(min_length=1)
    url: SiteUrl
    description: str = ""
    language: str = "en"
    timezone: Zone = "UTC"
    author: str = ""
    email: str = ""
    address: str = ""
    logo: str = ""
    accent: Colour = "#0b5cad"


class AtTable(Table):
    """[lists.NAME.at]: when each cadence goes out, as wall-clock time in the list's zone."""

    daily: str = "08:00"
    weekly: str = "mon 08:00"
    monthly: str = "1 08:00"


class ListTable(Table):
    """[lists.NAME]: a named audience."""

    title: str = ""
    description: str = ""
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    cadence: Cadence = Cadence.IMMEDIATE
    cadences: tuple[Cadence, ...] = ()
    timezone: Zone | None = None
    since: date | None = None
    hold: Duration = timedelta(minutes=5)
    on_unknown: Literal["keep", "resend"] = "keep"
    sender: str = Field("", alias="from")
    reply_to: str = ""
    at: AtTable = AtTable()

    @property
    def offered(self) -> tuple[Cadence, ...]:
        """The cadences a subscriber may have, the default one first."""
        return (self.cadence, *(cadence for cadence in self.cadences if cadence != self.cadence))


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
    allow_private_addresses: tuple[str, ...] = ()


class FeedsTable(Table):
    """[feeds]: what the feeds hold."""

    entries: Annotated[int, Field(ge=1, le=500)] = 30
    full_text: bool = True


class Plugin(BaseModel):
    """A plugin's table: its type is ours to know, the rest is the plugin's."""

    model_config = ConfigDict(extra="allow", frozen=True)
    type: str

    @property
    def options(self) -> dict[str, Any]:
        """All keys but the type."""
        return dict(self.model_extra or {})


class Config(BaseSettings):
    """A publication's settings, whole and valid."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="DISPATCH_", env_nested_delimiter="__", populate_by_name=True
    )

    publication: PublicationTable
    sources: dict[Slug, Plugin] = Field(default_factory=dict)
    lists: dict[Slug, ListTable] = Field(default_factory=dict)
    provider: Plugin = Plugin(type="outbox")
    store: StoreTable = StoreTable()
    engine: EngineTable = EngineTable()
    web: WebTable = WebTable()
    feeds: FeedsTable = FeedsTable()
    path: Path  # of the file itself

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


def read_config(path: Path) -> Config:
    """Read and validate `path`, a dispatch.toml or the folder that holds one. Raises ConfigError."""
    path = (path / "dispatch.toml" if path.is_dir() else path).absolute()
    text = _read(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}.") from None
    try:
        return Config(**tables, path=path)
    except ValidationError as error:
        raise ConfigError(explain(error, path, text)) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{path} does not exist. Make a publication with `dispatch init DIR`, or name one with `--config PATH`."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from None


def explain(error: ValidationError, path: Path, text: str, prefix: tuple[str, ...] = ()) -> str:
    """All that a model found wrong, a line each: file, line, table, key, what is allowed."""
    lines = []
    for item in error.errors():
        location = prefix + tuple(str(part) for part in item["loc"] if part != "model_extra")
        lines.append(_explain_one(location, item, path, text))
    return "\n".join(lines)


def _explain_one(location: tuple[str, ...], item: Any, path: Path, text: str) -> str:
    number = line_of(text, location)
    place = f"{path}:{number}" if number else str(path)
    table, key = ".".join(location[:-1]), location[-1] if location else ""
    name = f"[{table}] {key}" if table else key and f"[{key}]"
    return f"{place}: {name}: {_in_words(item)}" if name else f"{place}: {_in_words(item)}"


def _in_words(item: Any) -> str:
    if item["type"] == "extra_forbidden":
        return "unknown key; see docs/start.md for those that exist."
    if item["type"] == "missing":
        return "is missing."
    message = item["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    given = "" if isinstance(item["input"], dict | BaseModel) else f" (it says {item['input']!r})"
    return f"{message}{given}."


def line_of(text: str, location: tuple[str, ...]) -> int | None:
    """The 1-based line on which a key, or else its table's header, stands in a TOML text."""
    table = ""
    header: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            table = match[1].replace('"', "")
            if table == ".".join(location) or table == ".".join(location[:-1]):
                header = header or number
        elif (
            location and table == ".".join(location[:-1]) and re.match(rf"\s*\"?{re.escape(location[-1])}\"?\s*=", line)
        ):
            return number
    return header
