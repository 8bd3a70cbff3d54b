"""Where posts' pages are, and what else has an address on the site."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.model.permalink import Permalink, checked, is_taken, page_path, page_url

SITE = "https://sea.example"
NEW_YEAR = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
PATTERNS = (
    "/posts/{slug}/",
    "/{slug}/",
    "/{year}/{month}/{day}/{slug}/",
    "/{language}/{source}/{slug}/",
    "/b-{slug}/x/",
)


def test_a_page_is_dated_by_the_publications_days() -> None:
    """Half past eleven at night in UTC is the new year in Berlin; the language is in small letters."""
    permalink = Permalink(SITE, "/{language}/{year}/{month}-{day}/{source}/{slug}/", "Europe/Berlin", "blog")
    assert permalink.path("tide", "pt-BR", NEW_YEAR) == "pt-br/2026/01-01/blog/tide"


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("posts/{slug}/", "begin and end with a slash"),
        ("/{slug}", "begin and end with a slash"),
        ("/{slug}.html", "begin and end with a slash"),
        ("//{slug}/", "no empty part"),
        ("/posts/", "must hold {slug} once"),
        ("/{slug}/{slug}/", "must hold {slug} once"),
        ("/{title}/{slug}/", "does not know {title}"),
        ("/a b/{slug}/", "may hold letters"),
        ("/../{slug}/", "may hold letters"),
        ("/{slug/", "must hold {slug} once"),
        ("/Media/{slug}/", "lies in /Media/"),
        ("/lists/{slug}/", "lies in /lists/"),
        ("/u/{year}/{slug}/", "lies in /u/"),
    ],
)
def test_a_wrong_pattern_is_refused_in_words(pattern: str, word: str) -> None:
    """Each says what is wrong, and what can be written."""
    with pytest.raises(ValueError, match=r".") as caught:
        checked(pattern)
    assert word in str(caught.value)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_right_pattern_stays_as_it_is(pattern: str) -> None:
    """Nothing is added and nothing taken away."""
    assert checked(pattern) == pattern


TAKEN = (
    "feed.xml FEED.JSON feed.xml/x _redirects media/a/b.png u/x lists/a tags/a/atom.xml hub archive/3 follow issues/7"
)


@pytest.mark.parametrize("path", ["", *TAKEN.split()])
def test_what_the_site_uses_is_taken(path: str) -> None:
    """Whatever case it is written in."""
    assert is_taken(path)


@pytest.mark.parametrize(
    "path", ["posts/x", "rss.xml", "tags/go/index.xml", "archive/old.html", "hub/x", "users", "2026/x"]
)
def test_what_the_site_does_not_use_is_free(path: str) -> None:
    """An old site's feeds of tags among them."""
    assert not is_taken(path)


@given(st.sampled_from(PATTERNS), st.text("aé日-/1", min_size=1).map(lambda text: text.strip("/")).filter(bool))
def test_an_address_and_its_path_are_the_same_told_twice(pattern: str, slug: str) -> None:
    """Whatever script the slug is in; and the address is ASCII."""
    path = Permalink(SITE, pattern, source="blog").path(slug, "en", NEW_YEAR)
    url = page_url(path, SITE)
    assert url.isascii()
    assert page_path(url, SITE) == path


def test_a_home_is_no_page_of_ours() -> None:
    """Be it below the site's own address, as where a feed of the site itself is the source."""
    home = f"{SITE}/2020/x/"
    permalink = Permalink(SITE)
    assert permalink.url("posts/x", home) == home
    assert page_path(home, SITE, home) is None
    assert Permalink(SITE, own=True).url("posts/x", home) == f"{SITE}/posts/x/"
