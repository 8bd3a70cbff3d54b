"""Finds providers and sources by the name in dispatch.toml; loads only the one that is asked for."""

from importlib.metadata import entry_points
from typing import Any

from dispatch.errors import ConfigError

PROVIDERS = "dispatch.providers"
SOURCES = "dispatch.sources"


def load(group: str, name: str) -> Any:
    """The class registered as `name` in an entry point group.

    Raises ConfigError, naming what is known, if there is none or it cannot be imported.
    """
    found = {point.name: point for point in entry_points(group=group)}
    if name not in found:
        known = ", ".join(sorted(found))
        raise ConfigError(f"{name!r} is unknown; known are: {known}.")
    try:
        return found[name].load()
    except ImportError as error:
        raise ConfigError(f"{name!r} cannot be loaded: {error}.") from error
