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
        ('"/sea/*" = "/tags/sea/:splat"', "has a *, and no redirect stands for others; name each"),
        ("'/a b' = '/feed.xml'", "must be a path of this site"),
        ('"/" = "/feed.xml"', "must be a path of this site"),
        ('"/feed.xml" = "/atom.xml"', "the site itself uses"),
        ('"/lists/a/index.html" = "/x"', "the site itself uses"),
        ('"/media/a.png" = "/x"', "the site itself uses"),
        ('"/a" = "feed.xml"', "write a path"),
        ('"/a" = "//evil.example"', "write a path"),
        ('"/a" = "http://else.example/"', "write a path"),
        ('"/a" = "javascript:x"', "write a path"),
        ('"/a" = "/b c"', "write a path"),
        ('"/a" = "/a/"', "leads in a circle, /a → /a; let one"),
        ('"/a" = "/b"\n"/b" = "/c"\n"/c" = "/a"', "leads in a circle, /a → /b → /c → /a; let one"),
    ],
)
def test_a_wrong_redirect_is_refused_in_words(tmp_path: Path, line: str, word: str) -> None:
    """With file, table, key and the key's own line."""
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, f'\n[redirects]\n"/fine" = "/feed.xml"\n\n{line}\n')
    key = line.partition(" = ")[0].strip("\"'")
    assert str(caught.value).startswith(f"{tmp_path / 'dispatch.toml'}:8: [redirects] {key}: ")
    assert word in str(caught.value)


def test_a_redirect_is_named_once(tmp_path: Path) -> None:
    """However it is written, so that none is lost without a word."""
    with pytest.raises(ConfigError, match=r":6: \[redirects\] /a%2Fb/: names the same address as '/a/b'"):
        config(tmp_path, '[redirects]\n"/a/b" = "/feed.xml"\n"/a%2Fb/" = "/atom.xml"\n')


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('permalink = "/{year}/"\n', ":4: [publication] permalink: must hold {slug}"),
        ('permalink = "/hub/{slug}/"\n', ":4: [publication] permalink: lies in /hub/, which the site itself uses"),
        ('permalink = "/{source}/{slug}/"\n[sources.hub]\ntype = "folder"\n', "into /hub/, which the site itself uses"),
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
