"""Reads a publication's settings."""

import tomllib
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError

from dispatch.config.places import explain
from dispatch.config.tables import Config
from dispatch.errors import ConfigError


def read_config(path: Path) -> Config:
    """Read and validate `path`, a dispatch.toml or the folder that holds one. Raises ConfigError."""
    path = (path / "dispatch.toml" if path.is_dir() else path).absolute()
    text = _read(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}.") from None
    try:
        config = Config(**tables)
    except ValidationError as error:
        raise ConfigError(explain(error, path, text)) from None
    except SettingsError as error:
        raise ConfigError(f"The environment (DISPATCH_…): {error}.") from None
    config._path, config._text = path, text
    return config


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{path} does not exist. Make a publication with `dispatch init DIR`, or name one with `--config PATH`."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from None
