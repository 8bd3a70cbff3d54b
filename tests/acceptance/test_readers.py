"""Real feed readers on the served feeds: newsboat and sfeed, as Debian ships them."""

import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

POSTS = {"one": "Ebb & flow <three>", "two": "灯台の日", "three": "Über die Flut"}


@pytest.fixture(scope="module")
def blog(tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Three posts, served."""
    port = tools.free_port()
    publication = tools.Publication(tmp_path_factory.mktemp("blog")).settings(url=f"http://127.0.0.1:{port}")
    for number, (slug, title) in enumerate(POSTS.items()):
        publication.post(f"{slug}.md", f'"{title}"', f"Words with [a link](/{slug}).", date=f"2026-06-0{number + 1}")
    publication.once()
    with publication.service(port) as running:
        publication.url = running.url
        publication.running = running
        yield publication


@pytest.fixture
def newsboat(tmp_path: Path) -> Any:
    """newsboat with a home of its own; answers what it says to commands."""
    home = tmp_path / "home"
    home.mkdir()

    def run(url: str, *commands: str) -> str:
        (home / "urls").write_text(f"{url}\n")
        arguments = ["newsboat", "-u", str(home / "urls"), "-c", str(home / "cache.db"), "-C", str(home / "config")]
        (home / "config").write_text("")
        environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [*arguments, "-x", *commands], env=environment, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run.cache = home / "cache.db"  # type: ignore[attr-defined]
    return run


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml", "lists/news/feed.xml"])
def test_newsboat_reads_every_post_once(blog: Any, newsboat: Any, name: str) -> None:
    """Reloaded twice, newsboat has three unread posts with titles, ids, links and content as they are."""
    url = f"{blog.url}/{name}"
    newsboat(url, "reload")
    newsboat(url, "reload")
    assert newsboat(url, "print-unread").startswith("3 ")
    with sqlite3.connect(newsboat.cache) as cache:
        rows = cache.execute("SELECT title, guid, url, content FROM rss_item").fetchall()
    assert {row[0] for row in rows} == set(POSTS.values())
    assert {row[1] for row in rows} == {entry.id for entry in blog.feed().entries}
    assert {row[2] for row in rows} == {f"{blog.url}/posts/{slug}/" for slug in POSTS}
    assert all("<a href" in row[3] for row in rows)


def test_newsboat_sees_an_edit_as_the_same_post(blog: Any, newsboat: Any, tools: Any) -> None:
    """A new title on a post read before does not make a second one."""
    url = f"{blog.url}/feed.xml"
    newsboat(url, "reload")
    before = (blog.folder / "posts/one.md").read_text()
    blog.post("one.md", "Ebb alone", date="2026-06-01")
    assert tools.until(lambda: "Ebb alone" in blog.running.get("/feed.xml").body)
    newsboat(url, "reload")
    assert newsboat(url, "print-unread").startswith("3 ")
    blog.write("posts/one.md", before)
    assert tools.until(lambda: "Ebb alone" not in (blog.folder / "public/index.html").read_text())


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml"])
def test_sfeed_reads_every_post(blog: Any, tools: Any, name: str) -> None:
    """sfeed's lines have time, title, link and id of each post."""
    body = blog.running.get(f"/{name}").body
    done = subprocess.run(
        ["sfeed", blog.url], input=body.encode(), capture_output=True, timeout=10, check=True
    ).stdout.decode()
    rows = [line.split("\t") for line in done.splitlines()]
    assert {row[1] for row in rows} == set(POSTS.values())
    assert {row[2] for row in rows} == {f"{blog.url}/posts/{slug}/" for slug in POSTS}
    assert {row[5] for row in rows} == {entry.id for entry in blog.feed().entries}
    assert all(row[0].isdigit() for row in rows)
