"""Providers and sources are found by the name in dispatch.toml."""

import pytest

from dispatch import plugins
from dispatch.errors import ConfigError
from dispatch.providers.outbox import Outbox
from dispatch.sources.folder import Folder


def test_built_ins_register_like_any_other() -> None:
    """The entry points of this very distribution are found by name."""
    assert plugins.load(plugins.PROVIDERS, "outbox") is Outbox
    assert plugins.load(plugins.SOURCES, "folder") is Folder


def test_an_unknown_name_says_which_there_are() -> None:
    """The message names every name that would do."""
    with pytest.raises(ConfigError, match=r"'pigeon' is unknown; known are: outbox, smtp"):
        plugins.load(plugins.PROVIDERS, "pigeon")
