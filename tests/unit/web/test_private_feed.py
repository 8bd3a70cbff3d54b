"""The addresses of subscribers' own feeds: secrets that no cache keeps, and that tell nothing to whoever guesses."""

from typing import Any

import httpx
import pytest

HEADERS = {
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
    "x-content-type-options": "nosniff",
}


@pytest.mark.parametrize("path", ["good/feed.xml", "old/atom.xml", "forged/feed.json", "good/other.xml", "good/.gone"])
async def test_no_answer_is_kept_indexed_or_passed_on(web: httpx.AsyncClient, path: str) -> None:
    """Whatever it says."""
    answer = await web.get(f"/f/{path}")
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "link" not in answer.headers


@pytest.mark.parametrize(
    ("name", "kind"),
    [("feed.xml", "application/rss+xml"), ("atom.xml", "application/atom+xml"), ("feed.json", "application/feed+json")],
)
async def test_each_format_has_its_type(web: httpx.AsyncClient, privates: Any, name: str, kind: str) -> None:
    """HEAD says the same of it as GET."""
    answer, head = await web.get(f"/f/good/{name}"), await web.head(f"/f/good/{name}")
    assert (answer.status_code, answer.content) == (200, privates.body)
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert (head.status_code, dict(head.headers)) == (200, dict(answer.headers))


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
async def test_a_reader_who_has_it_is_told_so(web: httpx.AsyncClient, privates: Any, coding: str) -> None:
    """By the tag of whatever packing they have; other bytes are other tags."""
    asked = {"Accept-Encoding": coding}
    first = await web.get("/f/good/feed.xml", headers=asked)
    assert first.content == privates.body
    assert first.headers.get("content-encoding", "") == coding
    tag = first.headers["etag"]
    again = await web.get("/f/good/feed.xml", headers={**asked, "If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    privates.body += b"more"
    assert (await web.get("/f/good/feed.xml", headers={**asked, "If-None-Match": tag})).status_code == 200


async def test_a_reader_who_wants_another_gets_none(web: httpx.AsyncClient) -> None:
    """412 where If-Match names other bytes (RFC 9110, section 13.1.1)."""
    tag = (await web.get("/f/good/feed.xml")).headers["etag"]
    other = await web.get("/f/good/feed.xml", headers={"If-Match": '"other"'})
    assert (other.status_code, other.content) == (412, b"")
    assert (await web.get("/f/good/feed.xml", headers={"If-Match": f'"other", {tag}'})).status_code == 200


async def test_packings_do_not_share_a_tag(web: httpx.AsyncClient) -> None:
    """A strong tag names exact bytes (RFC 9110, section 8.8.1)."""
    answers = [await web.get("/f/good/feed.xml", headers={"Accept-Encoding": one}) for one in ("", "gzip", "br")]
    assert len({answer.headers["etag"] for answer in answers}) == 3
    assert {answer.headers["vary"] for answer in answers} == {"Accept-Encoding, Sec-Fetch-Dest"}


async def test_whoever_guesses_learns_nothing(web: httpx.AsyncClient) -> None:
    """Every wrong address is answered alike: that of nobody, half of a right one, a file that there is not."""
    paths = ("forged/feed.xml", "g%C3%B6%00/feed.xml", "a.1.1.xyz/atom.xml", "good/other.xml", "old/other.xml")
    answers = [await web.get(f"/f/{path}") for path in paths]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, "Nothing is here.\n")}
    assert len({tuple(answer.headers.items()) for answer in answers}) == 1


async def test_an_address_that_has_ended_says_so_in_a_sentence(web: httpx.AsyncClient) -> None:
    """410, so that readers stop asking."""
    answer = await web.get("/f/old/feed.xml")
    assert (answer.status_code, answer.text) == (410, "This feed has ended.\n")
    assert answer.headers["content-type"].startswith("text/plain")


async def test_a_person_who_opens_it_is_told_what_it_is(web: httpx.AsyncClient) -> None:
    """With all its addresses to copy; whoever guesses is told no more than a reader is."""
    visit = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    page = await web.get("/f/good/feed.xml", headers=visit)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert {name: page.headers.get(name) for name in HEADERS} == HEADERS
    assert "Sec-Fetch-Dest" in page.headers["vary"]
    text = page.text.replace("<wbr>", "")
    for name in ("feed.xml", "atom.xml", "feed.json"):
        assert f">https://example.org/f/good/{name}</code>" in text
    for path in ("forged/feed.xml", "old/feed.xml"):
        bare, visited = await web.get(f"/f/{path}"), await web.get(f"/f/{path}", headers=visit)
        assert (visited.status_code, visited.text) == (bare.status_code, bare.text)


async def test_a_store_that_is_away_is_no_end(web: httpx.AsyncClient, privates: Any) -> None:
    """Readers are told to come back."""
    privates.broken = True
    answer = await web.get("/f/good/feed.xml")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


async def test_it_can_only_be_read(web: httpx.AsyncClient) -> None:
    """Nothing is posted there (law 5)."""
    assert (await web.post("/f/good/feed.xml", data={"a": "b"})).status_code == 405
