"""Addresses that dispatch.toml names."""

from pathlib import Path

import pytest

from dispatch.config import Config, read_config
from dispatch.errors import ConfigError

HEAD = '[publication]\ntitle = "Sea"\nurl = "https://sea.example"\n'


def config(folder: Path, text: str) -> Config:
    """What dispatch.toml comes to."""
    (folder / "dispatch.toml").write_text(HEAD + text)
    return read_config(folder)


def test_redirects_are_kept_as_they_lead_in_the_end(tmp_path: Path) -> None:
    """Whatever was written in between, and however the old address was escaped."""
    tables = '[redirects]\n"/rss.xml" = "/feed.xml"\n"/%C3%BC/" = "/two"\n"/two" = "https://else.example/ö"\n'
    assert config(tmp_path, tables).redirects == {
        "rss.xml": "/feed.xml",
        "two": "https://else.example/%C3%B6",
        "ü": "https://else.example/%C3%B6",
    }


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('"rss.xml" = "/feed.xml"', "must be a path of this site"),
        ('"//x/y" = "/feed.xml"', "must be a path of this site"),
        ('"/a/../b" = "/feed.xml"', "must be a path of this site"),
        ('"/a?b" = "/feed.xml"', "must be a path of this site"),
        ('"/*" = "/feed.xml"', "must be a path of this site"),
        ('"/" = "/feed.xml"', "must be a path of this site"),
        ('"/feed.xml" = "/atom.xml"', "the site itself uses"),
        ('"/lists/a/index.html" = "/x"', "the site itself uses"),
        ('"/media/a.png" = "/x"', "the site itself uses"),
        ('"/a" = "feed.xml"', "write a path"),
        ('"/a" = "//evil.example"', "write a path"),
        ('"/a" = "http://else.example/"', "write a path"),
        ('"/a" = "javascript:x"', "write a path"),
        ('"/a" = "/b c"', "write a path"),
        ('"/a" = "/a/"', "lead in a circle: /a → /a"),
        ('"/a" = "/b"\n"/b" = "/c"\n"/c" = "/a"', "lead in a circle: /a → /b → /c → /a"),
    ],
)
def test_a_wrong_redirect_is_refused_in_words(tmp_path: Path, line: str, word: str) -> None:
    """With file, line and table."""
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, f"\n[redirects]\n{line}\n")
    assert f"{tmp_path / 'dispatch.toml'}:5: [redirects]: " in str(caught.value)
    assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('permalink = "/{year}/"\n', ":4: [publication] permalink: must hold {slug}"),
        ('[sources.a]\ntype = "folder"\npermalink = "/x"\n', ":6: [sources.a] permalink: must begin"),
        ('[sources.a]\ntype = "folder"\npages = "mine"\n', ":6: [sources.a] pages: "),
        ('permalink = "/{source}/{slug}/"\n[sources.media]\ntype = "folder"\n', "[sources]: '/{source}/{slug}/' puts"),
    ],
)
def test_a_wrong_pattern_is_named_with_its_key(tmp_path: Path, text: str, place: str) -> None:
    """Of the publication or of a source."""
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, text)
    assert place in str(caught.value)


def test_where_pages_are_is_no_option_of_the_plugin(tmp_path: Path) -> None:
    """Every source may say it, whatever its own model knows."""
    table = config(tmp_path, '[sources.a]\ntype = "x"\nurl = "y"\npages = "own"\npermalink = "/b/{slug}/"\n').sources[
        "a"
    ]
    assert (table.options, table.pages, table.permalink) == ({"url": "y"}, "own", "/b/{slug}/")
