"""What a check says of the hubs in the settings."""

from pathlib import Path

import pytest

from dispatch.acts.hubs import judge_hubs
from dispatch.config import Config, read_config
from dispatch.config.hubs import hubs_of
from dispatch.errors import ConfigError


def settings(folder: Path, feeds: str = "", web: str = "", url: str = "https://sea.example") -> Config:
    """A publication's settings."""
    path = folder / "dispatch.toml"
    head = f'[publication]\ntitle = "Sea"\nurl = "{url}"\nemail = "jules@sea.example"\n'
    path.write_text(f"{head}[feeds]\n{feeds}\n[web]\n{web}\n")
    return read_config(path)


@pytest.mark.parametrize(
    ("feeds", "hubs"),
    [
        ("", ("https://sea.example/hub",)),
        ("hub = false", ()),
        ('hubs = ["https://a.example/"]', ("https://sea.example/hub", "https://a.example/")),
        ('hub = false\nhubs = ["https://a.example/?x=hub", "https://a.example/?x=hub"]', ("https://a.example/?x=hub",)),
        ('hubs = ["https://sea.example/hub"]', ("https://sea.example/hub",)),
    ],
)
def test_feeds_name_our_own_hub_first(tmp_path: Path, feeds: str, hubs: tuple[str, ...]) -> None:
    """Then the others as the settings write them, slash and query and all, none twice."""
    assert hubs_of(settings(tmp_path, feeds)) == hubs


@pytest.mark.parametrize(
    "hub",
    ["hub.example", "ftp://a.example/", "https://a@b.example/", "https://a.example/#x", 'https://a.example/<"', "é"],
)
def test_what_is_no_hub_is_refused(tmp_path: Path, hub: str) -> None:
    """It would stand in headers and documents."""
    with pytest.raises(ConfigError, match=r"\[feeds\] hubs: must be the address of a WebSub hub"):
        settings(tmp_path, f"hubs = ['{hub}']")


@pytest.mark.parametrize(
    ("feeds", "web", "url", "said"),
    [
        ("", "", "http://sea.example", "http://sea.example/hub, is not https"),
        ("", 'allow_private_addresses = ["10.0.0.0/8"]', "https://sea.example", "opens 10.0.0.0/8 to the callbacks"),
        ('hubs = ["http://a.example/"]', "", "https://sea.example", "http://a.example/ in [feeds] hubs is not https"),
        ('hubs = ["https://a.example/"]', "", "http://localhost:8000", "cannot reach http://localhost:8000"),
        ('hubs = ["https://sea.example/hub/"]', "", "https://sea.example", "names our own"),
    ],
)
def test_what_followers_would_stumble_over_is_noted(tmp_path: Path, feeds: str, web: str, url: str, said: str) -> None:
    """With what to do about it; nothing fails by it."""
    found = judge_hubs(settings(tmp_path, feeds, web, url))
    assert any(said in one.said and one.note for one in found)
    assert all(one.ok for one in found)


@pytest.mark.parametrize("url", ["https://sea.example", "http://localhost:8000", "http://127.0.0.1:8000"])
def test_a_hub_that_is_well_is_no_note(tmp_path: Path, url: str) -> None:
    """A trial on this machine included."""
    assert [one.note for one in judge_hubs(settings(tmp_path, url=url))] == [False]


def test_without_hubs_there_is_nothing_to_say(tmp_path: Path) -> None:
    """Nor to open."""
    assert judge_hubs(settings(tmp_path, "hub = false", 'allow_private_addresses = ["10.0.0.0/8"]')) == []
