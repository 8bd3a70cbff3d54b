"""Former addresses lead where `_redirects` says."""

import os
from pathlib import Path

import httpx
import pytest


async def place(web: httpx.AsyncClient, path: str) -> tuple[int, str]:
    """The status and Location of a path as it is spelt."""
    answer = await web.get(httpx.URL("https://news.example.org").copy_with(raw_path=path.encode()))
    return answer.status_code, answer.headers.get("location", "")


@pytest.fixture(autouse=True)
def redirects(public: Path) -> Path:
    """A few of them, one for a page that is still there."""
    path = public / "_redirects"
    path.write_text(
        "# what moved\n"
        "/old/ /posts/a/ 301\n"
        "/f%C3%BCr/alt /posts/f%C3%BCr%20alle/ 301\n"
        "/posts/a /posts/b/ 301\n"
        "/rss.xml /feed.xml\n"
        "/elsewhere https://example.org/x?y=1 302\n"
        "/old/ /later/ 301\n"
        "/lists/old/* /lists/new/:splat 301\n"
        "/lists/old/special /posts/a/\n"
        "/out/* /:splat\n"
        "/blog/:year/* /posts/:splat 301\n"
        "/app /index.html 200\n"
        "nonsense\n\n"
    )
    return path


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("/old", (301, "/posts/a/")),
        ("/old/", (301, "/posts/a/")),
        ("/old/?utm=x&y=%20", (301, "/posts/a/?utm=x&y=%20")),
        ("/f%C3%BCr/alt/", (301, "/posts/f%C3%BCr%20alle/")),
        ("/posts/a/", (301, "/posts/b/")),
        ("/rss.xml", (301, "/feed.xml")),
        ("/elsewhere?z=2", (302, "https://example.org/x?y=1")),
        ("/lists/old", (301, "/lists/new/")),
        ("/lists/old/", (301, "/lists/new/")),
        ("/lists/old/feed.xml?a", (301, "/lists/new/feed.xml?a")),
        ("/lists/old/f%C3%BCr%20alle/", (301, "/lists/new/f%C3%BCr%20alle/")),
        ("/lists/old/special/", (301, "/posts/a/")),
        ("/lists/older", (404, "")),
        ("/out//evil.example/", (301, "/evil.example/")),
        ("/out/x%22:y", (301, "/x%22%3Ay")),
        ("/blog/2020/one", (404, "")),
        ("/app", (404, "")),
        ("/", (200, "")),
    ],
)
async def test_a_former_address_leads_on(web: httpx.AsyncClient, asked: str, answer: tuple[int, str]) -> None:
    """With its query, with and without a slash, before any page at its place; the first line of a path counts."""
    assert await place(web, asked) == answer


async def test_the_file_is_read_as_it_is_now(web: httpx.AsyncClient, redirects: Path) -> None:
    """A line that is added counts at once, and none does when the file is gone."""
    assert await place(web, "/feed.xml") == (200, "")
    new = redirects.with_name(".new")
    new.write_text("/feed.xml /lists/a/feed.xml 301\n")
    os.replace(new, redirects)
    assert await place(web, "/feed.xml") == (301, "/lists/a/feed.xml")
    os.unlink(redirects)
    assert await place(web, "/old/") == (404, "")


async def test_head_is_led_on_too(web: httpx.AsyncClient) -> None:
    """Whoever only looks is told the same."""
    assert (await web.head("/old")).headers["location"] == "/posts/a/"
