"""Old addresses lead on in one step, and never away from a page."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.syndicate.redirects import Leading, leading, page_at, path_of, paths_in, redirects_file

SITE = "https://sea.example"
PATHS = st.sampled_from(["a", "b", "c", "d/e", "old/x.html", "日", "posts/1", "posts/2"])
TARGETS = PATHS.map(lambda path: f"/{path}/") | st.sampled_from(["/", "/feed.xml", "https://else.example/x", "/a/?x=1"])
URLS = PATHS.map(lambda path: f"{SITE}/{path}/") | st.just("https://else.example/home")


@given(
    st.dictionaries(PATHS, URLS),
    st.sets(PATHS),
    st.dictionaries(PATHS, TARGETS),
    st.sets(PATHS),
)
def test_every_old_address_leads_in_one_step_and_no_page_is_shadowed(
    posts: dict[str, str], gone: set[str], named: dict[str, str], pages: set[str]
) -> None:
    """Whatever posts, authors and editors say: no chains, no circles, and what is there is shown."""
    ways = leading(SITE, posts, gone, named, {}, pages)
    assert not pages & {*ways.single, *ways.gone}
    assert not ways.single.keys() & {*ways.gone}
    for path, end in ways.single.items():
        assert path_of(end, SITE) != path
        following = ways.single.get(path_of(end, SITE))
        assert following is None or path_of(following, SITE) == path_of(end, SITE)
    assert set(ways.gone) == gone - pages


@given(st.dictionaries(PATHS, URLS), st.dictionaries(PATHS, TARGETS))
def test_the_file_names_what_it_was_made_of(posts: dict[str, str], named: dict[str, str]) -> None:
    """Each line has its three words in ASCII, and can be found again to be taken back."""
    ways = leading(SITE, posts, (), named, {"lists/old": "lists/new"}, ())
    data = redirects_file(ways, SITE)
    lines = data.decode("ascii").splitlines()[1:]
    assert all(len(line.split(" ")) == 3 and line.endswith(" 301") for line in lines)
    assert paths_in(data) == {*ways.single, "lists/old"}
    assert len(lines) == len({line.split(" ")[0] for line in lines})


def test_the_file_has_the_form_that_hosts_read() -> None:
    """A folder ends with a slash and a file does not; what leads a whole folder on comes last."""
    posts = {"日本": f"{SITE}/posts/%E6%97%A5/", "old/a.html": f"{SITE}/posts/a/", "z": "https://else.example/ü z"}
    ways = leading(SITE, posts, (), {"rss.xml": "/feed.xml"}, {"lists/old": "lists/new"}, ())
    assert redirects_file(ways, SITE).decode().splitlines()[1:] == [
        "/%E6%97%A5%E6%9C%AC/ /posts/%E6%97%A5/ 301",
        "/old/a.html /posts/a/ 301",
        "/rss.xml /feed.xml 301",
        "/z/ https://else.example/%C3%BC%20z 301",
        "/lists/old/* /lists/new/:splat 301",
    ]


def test_a_site_below_a_path_of_its_host_is_led_to_by_whole_addresses() -> None:
    """Nobody but the host knows what stands before the path."""
    site = f"{SITE}/news"
    ways = leading(site, {"a": f"{site}/posts/b/"}, (), {"rss.xml": "/feed.xml"}, {}, ())
    assert b"/a/ https://sea.example/news/posts/b/ 301\n" in redirects_file(ways, site)
    assert b"/rss.xml https://sea.example/news/feed.xml 301\n" in redirects_file(ways, site)


def test_what_an_editor_names_follows_a_post_that_has_moved() -> None:
    """In one step; and a post that leads to itself leads nowhere."""
    ways = leading(
        SITE, {"posts/a": f"{SITE}/posts/b/", "h": f"{SITE}/h/"}, (), {"x": "/posts/a/#note"}, {}, ["posts/b"]
    )
    assert ways.single == {"posts/a": f"{SITE}/posts/b/", "x": f"{SITE}/posts/b/"}


def test_nothing_that_leads_makes_no_file() -> None:
    """Not even the line that says who wrote it."""
    assert redirects_file(Leading(), SITE) == b""


def test_people_are_shown_the_way_where_a_page_can_be() -> None:
    """Programs that ask for an old feed read no page."""
    assert [page_at(path) for path in ("a/b", "a.html", "v1.2", "rss.xml")] == [
        "a/b/index.html",
        "a.html",
        "v1.2/index.html",
        None,
    ]
