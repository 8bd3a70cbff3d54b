"""Files below public/ are served whole, conditionally, packed, and nothing else is."""

import gzip
import os
from pathlib import Path

import httpx
import pytest

from dispatch.web.feed_links import FeedLinks
from dispatch.web.files import PublicFiles


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/feed.xml", "application/rss+xml; charset=utf-8"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/feed.json", "application/feed+json; charset=utf-8"),
        ("/media/a.png", "image/png"),
        ("/posts/a/", "text/html; charset=utf-8"),
    ],
)
async def test_each_file_has_its_type(web: httpx.AsyncClient, path: str, kind: str) -> None:
    """The Content-Type is the format's own, and browsers may not guess another."""
    answer = await web.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_known_tag_answers_304(web: httpx.AsyncClient) -> None:
    """Alone, weak, in a list or as a star: the reader has it, and nothing is sent."""
    tag = (await web.get("/feed.xml")).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*", f'W/"x",W/{tag}'):
        answer = await web.get("/feed.xml", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert (await web.get("/feed.xml", headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_date_answers_304_only_where_no_tag_is_given(web: httpx.AsyncClient) -> None:
    """If-None-Match outranks If-Modified-Since; a date nobody understands is no date."""
    date = (await web.get("/feed.xml")).headers["last-modified"]
    assert (await web.get("/feed.xml", headers={"If-Modified-Since": date})).status_code == 304
    both = {"If-Modified-Since": date, "If-None-Match": '"other"'}
    assert (await web.get("/feed.xml", headers=both)).status_code == 200
    for other in ("Thu, 01 Jan 1970 00:00:00 GMT", "yesterday", ""):
        assert (await web.get("/feed.xml", headers={"If-Modified-Since": other})).status_code == 200


async def test_whoever_wants_one_state_alone_gets_no_other(web: httpx.AsyncClient) -> None:
    """412 where If-Match names other bytes, or the file has changed since; a tag outranks a date, and comes first."""
    now = (await web.get("/feed.xml")).headers
    past, tag = "Thu, 01 Jan 1970 00:00:00 GMT", now["etag"]
    for asked in (
        {"If-Match": '"other"'},
        {"If-Match": f"W/{tag}"},
        {"If-Match": '"other"', "If-None-Match": tag},
        {"If-Match": '"other"', "If-Unmodified-Since": now["last-modified"]},
        {"If-Unmodified-Since": past},
        {"If-Unmodified-Since": past, "Range": "bytes=0-1"},
    ):
        answer = await web.get("/feed.xml", headers=asked)
        assert (answer.status_code, answer.content) == (412, b"")
    for asked in (
        {"If-Match": tag},
        {"If-Match": f'"other" ,{tag}'},
        {"If-Match": "*"},
        {"If-Match": tag, "If-Unmodified-Since": past},
        {"If-Unmodified-Since": now["last-modified"]},
        {"If-Unmodified-Since": "yesterday"},
    ):
        assert (await web.get("/feed.xml", headers=asked)).status_code == 200
    assert (await web.get("/feed.xml", headers={"If-Match": tag, "If-None-Match": tag})).status_code == 304


async def test_the_folder_may_be_a_link_that_is_led_elsewhere(tmp_path: Path) -> None:
    """What was served from the former folder is not shown any more, and nothing outside the new one is."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "feed.xml").write_text(f"<rss>{name}</rss>")
    (tmp_path / "two/out").symlink_to(tmp_path / "one/feed.xml")
    public = tmp_path / "public"
    public.symlink_to("one")
    transport = httpx.ASGITransport(PublicFiles(public, b"no"))
    async with httpx.AsyncClient(transport=transport, base_url="https://example.org") as client:
        assert (await client.get("/feed.xml")).text == "<rss>one</rss>"
        public.unlink()
        public.symlink_to("two")
        assert (await client.get("/feed.xml")).text == "<rss>two</rss>"
        assert (await client.get("/out")).status_code == 404


async def test_the_tag_comes_from_the_bytes(web: httpx.AsyncClient, public: Path) -> None:
    """A file rewritten with the same bytes keeps its tag; with others it gets another, at once."""
    first = (await web.get("/feed.xml")).headers["etag"]
    os.utime(public / "feed.xml", (1, 1))
    assert (await web.get("/feed.xml")).headers["etag"] == first
    (public / "feed.xml").write_bytes(b"<rss>new</rss>")
    answer = await web.get("/feed.xml")
    assert answer.headers["etag"] != first
    assert answer.content == b"<rss>new</rss>"


async def test_text_is_packed_for_those_who_take_it(web: httpx.AsyncClient, public: Path) -> None:
    """gzip for feeds and pages, under a tag of its own that is known again; never for pictures."""
    request = web.build_request("GET", "/feed.xml", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    answer = await web.send(request, stream=True)
    packed = b"".join([piece async for piece in answer.aiter_raw()])
    assert gzip.decompress(packed) == (public / "feed.xml").read_bytes()
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding, Sec-Fetch-Dest")
    assert answer.headers["etag"] != (await web.get("/feed.xml")).headers["etag"]
    assert (await web.get("/feed.xml", headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    picture = await web.get("/media/a.png", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in picture.headers


@pytest.mark.parametrize("accept", ["", "br", "gzip;q=0", "identity", "gzip;q=0, *;q=0"])
async def test_nobody_is_sent_gzip_unasked(web: httpx.AsyncClient, accept: str) -> None:
    """A weight of nought forbids it."""
    assert "content-encoding" not in (await web.get("/feed.xml", headers={"Accept-Encoding": accept})).headers


async def test_head_says_what_get_would(web: httpx.AsyncClient) -> None:
    """The same headers, no body."""
    get, head = await web.get("/feed.xml"), await web.head("/feed.xml")
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)


async def test_only_reading_is_allowed(web: httpx.AsyncClient) -> None:
    """Other methods are refused with the list of those that are not."""
    answer = await web.post("/feed.xml")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/posts/../../secret.txt",
        "/posts/%2e%2e/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "/secret.txt%00.png",
        "/link.txt",
        "/posts/gone/.gone",
        "/_redirects",
        "/_headers",
        "/.well-known/../.git/config",
        "/feed.xml/",
        "/media/",
        "/nothing",
        "/" + "x" * 5000,
    ],
)
async def test_nothing_outside_is_reached(web: httpx.AsyncClient, public: Path, path: str) -> None:
    """Dots, escapes, links, hidden files, folders without a page: all are simply not there."""
    (public / "link.txt").symlink_to(public.parent / "secret.txt")
    (public / "_redirects").write_text("/old /a\n")
    (public / "_headers").write_text("/*\n")
    answer = await web.get(httpx.URL("https://news.example.org").copy_with(raw_path=path.encode()))
    assert answer.status_code == 404
    assert "Nothing is here" in answer.text


async def test_a_folder_is_asked_for_with_a_slash(web: httpx.AsyncClient) -> None:
    """Without it the page's relative links would lead astray, so the reader is sent there."""
    answer = await web.get("/posts/für alle")
    assert (answer.status_code, answer.headers["location"]) == (308, "./f%C3%BCr%20alle/")
    assert (await web.get("/posts/für alle/")).text == "<h1>All</h1>"


async def test_a_withdrawn_page_answers_410(web: httpx.AsyncClient) -> None:
    """Gone is gone, also for those who had it, and people still get the notice."""
    answer = await web.get("/posts/gone/")
    assert (answer.status_code, answer.text) == (410, "<h1>Withdrawn</h1>")
    again = await web.get("/posts/gone/", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 410


async def test_pages_may_run_no_script(web: httpx.AsyncClient) -> None:
    """The policy allows pictures and style, and an SVG opened by itself is boxed in."""
    assert "default-src 'none'" in (await web.get("/")).headers["content-security-policy"]
    assert "sandbox" in (await web.get("/media/a.png")).headers["content-security-policy"]


async def test_health(web: httpx.AsyncClient) -> None:
    """A monitor hears "ok"."""
    answer = await web.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


async def test_a_path_prefix_is_not_part_of_the_name(public: Path) -> None:
    """Behind a proxy that serves us below a prefix, the same files are found."""
    transport = httpx.ASGITransport(PublicFiles(public, b"no"), root_path="/news")
    async with httpx.AsyncClient(transport=transport, base_url="https://example.org") as client:
        assert (await client.get("/news/atom.xml")).text == "<feed/>"


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml", "feed.json"])
async def test_feeds_of_a_withdrawn_topic_answer_410(web: httpx.AsyncClient, public: Path, name: str) -> None:
    """Whether their files are still there or not, with the sentence for people; so does HEAD."""
    (public / "posts/gone/feed.xml").write_text("<rss/>")
    answer = await web.get(f"/posts/gone/{name}")
    assert (answer.status_code, answer.text) == (410, "<h1>Withdrawn</h1>")
    assert (await web.head(f"/posts/gone/{name}")).status_code == 410


async def test_a_mark_without_a_page_is_enough_for_410(web: httpx.AsyncClient, public: Path) -> None:
    """Gone is gone, though nobody wrote what to say of it; what else lies in the folder is still served."""
    (public / "media/.gone").touch()
    assert (await web.get("/media/feed.xml")).status_code == 410
    assert (await web.get("/media/a.png")).status_code == 200


async def test_a_person_who_opens_a_feed_is_shown_what_it_is(web: httpx.AsyncClient, public: Path) -> None:
    """303 to the page beside it, kept by nobody; programs, frames and feeds without such a page get the feed."""
    visit = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    (public / "index.html").rename(public / "aside.html")
    assert (await web.get("/feed.xml", headers=visit)).status_code == 200
    (public / "aside.html").rename(public / "index.html")
    assert (await web.get("/feed.xml", headers=visit)).headers["location"] == "./"
    (public / "follow").mkdir()
    (public / "follow/index.html").write_text("<h1>Follow</h1>")
    answer = await web.get("/feed.xml?utm=1", headers=visit)
    assert (answer.status_code, answer.headers["location"]) == (303, "./follow/")
    assert answer.headers["cache-control"] == "no-store"
    assert "Sec-Fetch-Dest" in answer.headers["vary"]
    for other in ({"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, {**visit, "Sec-Fetch-Dest": "iframe"}, {}):
        answer = await web.get("/feed.xml", headers=other)
        assert (answer.status_code, "Sec-Fetch-Dest" in answer.headers["vary"]) == (200, True)
    assert (await web.get("/", headers=visit)).status_code == 200


async def test_web_readers_of_other_sites_may_fetch_feeds(web: httpx.AsyncClient) -> None:
    """Feeds are for everybody, also with 304; pages are left to those who visit them."""
    answer = await web.get("/feed.xml")
    assert answer.headers["access-control-allow-origin"] == "*"
    again = await web.get("/feed.xml", headers={"If-None-Match": answer.headers["etag"]})
    assert again.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in (await web.get("/")).headers


async def test_the_tag_of_304_is_the_one_that_the_reader_has(web: httpx.AsyncClient) -> None:
    """A cache freshens the packing that it holds (RFC 9111, section 4.3.4), whichever it would be sent now."""
    packed = (await web.get("/feed.xml", headers={"Accept-Encoding": "gzip"})).headers["etag"]
    answer = await web.get("/feed.xml", headers={"If-None-Match": packed, "Accept-Encoding": "br"})
    assert (answer.status_code, answer.headers["etag"]) == (304, packed)


async def test_conditions_in_two_lines_are_one_list(web: httpx.AsyncClient) -> None:
    """RFC 9110, section 5.3: a proxy may have split it."""
    tag = (await web.get("/feed.xml")).headers["etag"]
    request = web.build_request("GET", "/feed.xml", headers=[("If-None-Match", '"x"'), ("If-None-Match", tag)])
    assert (await web.send(request)).status_code == 304


@pytest.mark.parametrize(
    ("asked", "sent", "place"),
    [
        ("bytes=0-9", slice(0, 10), "bytes 0-9/2004"),
        ("bytes=2000-", slice(2000, None), "bytes 2000-2003/2004"),
        ("bytes=-4", slice(2000, None), "bytes 2000-2003/2004"),
        ("bytes=2000-9999", slice(2000, None), "bytes 2000-2003/2004"),
        ("bytes=-9999", slice(0, None), "bytes 0-2003/2004"),
    ],
)
async def test_players_get_the_part_they_ask_for(
    web: httpx.AsyncClient, public: Path, asked: str, sent: slice, place: str
) -> None:
    """206 with the bytes and their place; the whole file says that it has parts."""
    answer = await web.get("/media/a.png", headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (206, place)
    assert answer.content == (public / "media/a.png").read_bytes()[sent]
    assert answer.headers["content-length"] == str(len(answer.content))
    assert (await web.get("/media/a.png")).headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=2004-", "bytes=9999-", "bytes=-0"])
async def test_a_part_that_is_not_there_is_refused(web: httpx.AsyncClient, asked: str) -> None:
    """416 says how long the file is."""
    answer = await web.get("/media/a.png", headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */2004")


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=a-b", "bytes 1-2", ""])
async def test_what_is_no_single_range_gets_the_whole(web: httpx.AsyncClient, asked: str) -> None:
    """A server may pass over a Range (RFC 9110, section 14.2); over texts, which are packed, it always does."""
    answer = await web.get("/media/a.png", headers={"Range": asked})
    assert (answer.status_code, len(answer.content)) == (200, 2004)
    assert (await web.get("/feed.xml", headers={"Range": "bytes=0-1"})).status_code == 200


async def test_a_part_goes_only_with_the_beginning_that_it_belongs_to(web: httpx.AsyncClient) -> None:
    """If-Range: the strong tag or the exact date of these bytes, else the whole."""
    whole = await web.get("/media/a.png")
    tag, date = whole.headers["etag"], whole.headers["last-modified"]
    for condition, status in ((tag, 206), (date, 206), (f"W/{tag}", 200), ('"other"', 200), ("yesterday", 200)):
        answer = await web.get("/media/a.png", headers={"Range": "bytes=1-2", "If-Range": condition})
        assert answer.status_code == status


async def test_a_known_file_is_304_before_any_part(web: httpx.AsyncClient) -> None:
    """If-None-Match comes first (RFC 9110, section 13.2.2)."""
    tag = (await web.get("/media/a.png")).headers["etag"]
    answer = await web.get("/media/a.png", headers={"Range": "bytes=1-2", "If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


async def test_a_large_file_arrives_whole_and_in_parts(web: httpx.AsyncClient, public: Path) -> None:
    """An hour of sound is not read into memory; its tag is still of its bytes."""
    sound = bytes(range(256)) * 5000
    (public / "media/hour.mp3").write_bytes(sound)
    answer = await web.get("/media/hour.mp3")
    assert (answer.content, answer.headers["content-type"]) == (sound, "audio/mpeg")
    part = await web.get("/media/hour.mp3", headers={"Range": "bytes=300000-900000"})
    assert (part.status_code, part.content) == (206, sound[300_000:900_001])
    assert (await web.head("/media/hour.mp3")).headers["content-length"] == str(len(sound))
    tag = answer.headers["etag"]
    assert (await web.get("/media/hour.mp3", headers={"If-None-Match": tag})).status_code == 304


async def test_a_live_feed_names_its_hubs_and_itself(public: Path) -> None:
    """Link, as WebSub has it; a page of the archive, which nobody pushes, names none, and neither does a page."""
    (public / "lists/für/archive/3").mkdir(parents=True)
    for name in ("lists/für/feed.xml", "lists/für/archive/3/feed.xml"):
        (public / name).write_text("<rss/>")
    hubs = ("https://example.org/hub", "https://other.example/")
    site = PublicFiles(public, b"no", FeedLinks("https://example.org/n", hubs))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="https://x") as client:
        link = (await client.get("/lists/für/feed.xml")).headers["link"]
        assert link == (
            '<https://example.org/hub>; rel="hub", <https://other.example/>; rel="hub", '
            '<https://example.org/n/lists/f%C3%BCr/feed.xml>; rel="self"'
        )
        assert 'rel="self"' in (await client.head("/feed.json")).headers["link"]
        assert "link" not in (await client.get("/lists/für/archive/3/feed.xml")).headers
        assert "link" not in (await client.get("/")).headers


async def test_deltas_are_not_offered(web: httpx.AsyncClient) -> None:
    """A-IM (RFC 3229) is passed over: the whole feed comes, with 200."""
    answer = await web.get("/feed.xml", headers={"A-IM": "feed", "If-None-Match": '"old"'})
    assert answer.status_code == 200
    assert "im" not in answer.headers
