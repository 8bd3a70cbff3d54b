"""Files below public/ are served whole, conditionally, packed, and nothing else is."""

import gzip
import os
from pathlib import Path

import httpx
import pytest

from dispatch.web.files import FileCache, PublicFiles


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
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
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
        "/feed.xml/",
        "/media/",
        "/nothing",
        "/" + "x" * 5000,
    ],
)
async def test_nothing_outside_is_reached(web: httpx.AsyncClient, public: Path, path: str) -> None:
    """Dots, escapes, links, hidden files, folders without a page: all are simply not there."""
    (public / "link.txt").symlink_to(public.parent / "secret.txt")
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


async def test_the_cache_keeps_within_its_bound(tmp_path: Path) -> None:
    """However many files are asked for, memory holds no more than the limit, the newest first."""
    cache = FileCache(limit=1000)
    for number in range(20):
        path = tmp_path / f"{number}.png"
        path.write_bytes(bytes(300))
        await cache.get(str(path), path.stat())
        assert cache.size <= 1000
    assert cache.size == 900


async def test_a_path_prefix_is_not_part_of_the_name(public: Path) -> None:
    """Behind a proxy that serves us below a prefix, the same files are found."""
    transport = httpx.ASGITransport(PublicFiles(public, b"no"), root_path="/news")
    async with httpx.AsyncClient(transport=transport, base_url="https://example.org") as client:
        assert (await client.get("/news/atom.xml")).text == "<feed/>"
