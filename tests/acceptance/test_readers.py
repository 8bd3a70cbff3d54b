"""Real feed readers on the served feeds: newsboat, sfeed and rss2email, as Debian ships them, and npm's feedsmith."""

import json
import sqlite3
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

POSTS = {"one": "Ebb & flow <three>", "two": "灯台の日", "three": "Über die Flut"}
NOTES = "https://cdn.example.org/notes.pdf?a=1&b=2"  # beside an episode of the site's own, in the second post
DAY = 24 * 60 * 60  # seconds
EPISODE = 54_321  # bytes
FEEDSMITH = Path(__file__).parents[1] / "judges" / "feedsmith.mjs"


@pytest.fixture(scope="module")
def blog(tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Three posts, served."""
    port = tools.free_port()
    publication = tools.Publication(tmp_path_factory.mktemp("blog")).settings(url=f"http://127.0.0.1:{port}")
    (publication.folder / "posts").mkdir(exist_ok=True)
    (publication.folder / "posts" / "episode.mp3").write_bytes(bytes(EPISODE))
    files = f"[{{file: episode.mp3, duration: '12:34'}}, {{url: '{NOTES}', length: 77}}]"
    for number, (slug, title) in enumerate(POSTS.items()):
        more = {"enclosures": files, "author": "Ann & Jo", "tags": "[tides, R&D]"} if slug == "two" else {}
        day = f"2026-06-0{number + 1}"
        publication.post(f"{slug}.md", f'"{title}"', f"Words with [a link](/{slug}).", date=day, **more)
    publication.once()
    with publication.service(port) as running:
        publication.url = running.url
        publication.running = running
        yield publication


def episode(blog: Any) -> str:
    """The address of the episode, as the feed has it."""
    found = [link for entry in blog.feed().entries for link in entry.links if link["rel"] == "enclosure"]
    assert [(link["length"], link["type"]) for link in found] == [(str(EPISODE), "audio/mpeg")]
    assert (blog.folder / "public" / found[0]["href"].removeprefix(f"{blog.url}/")).stat().st_size == EPISODE
    return str(found[0]["href"])


def instant(blog: Any, slug: str) -> int:
    """When a post was published, in seconds since 1970."""
    zone = ZoneInfo(tomllib.loads((blog.folder / "dispatch.toml").read_text())["publication"].get("timezone", "UTC"))
    return int(datetime(2026, 6, 1 + list(POSTS).index(slug), tzinfo=zone).timestamp())


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
        rows = cache.execute("SELECT title, guid, url, content, pubDate, enclosure_url FROM rss_item").fetchall()
    assert {row[0] for row in rows} == set(POSTS.values())
    assert {row[1] for row in rows} == {entry.id for entry in blog.feed().entries}
    assert {row[2] for row in rows} == {f"{blog.url}/posts/{slug}/" for slug in POSTS}
    assert all("<a href" in row[3] for row in rows)
    assert [row[4] - min(row[4] for row in rows) for row in sorted(rows, key=lambda row: row[4])] == [0, DAY, 2 * DAY]
    assert {row[0]: row[5] for row in rows if row[5]} == {POSTS["two"]: episode(blog)}


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
    assert sorted(int(row[0]) for row in rows) == sorted(instant(blog, slug) for slug in POSTS)
    assert {row[1]: (row[6], row[7], row[8]) for row in rows if row[7]} == {
        POSTS["two"]: ("Ann & Jo", episode(blog), "tides|R&D")
    }


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml"])
def test_rss2email_mails_every_post_once(blog: Any, name: str, tools: Any, tmp_path: Path) -> None:
    """Run twice, it has sent one mail a post, with title, id, link, tags, content and enclosures."""
    settings = {
        "from": "reader@example.org",
        "to": "reader@example.org",
        "email-protocol": "maildir",
        "maildir-path": str(tmp_path),
        "maildir-mailbox": "maildir",
        "html-mail": "True",
        "use-8bit": "True",
    }
    (tmp_path / "config").write_text("[DEFAULT]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))
    for command in (["add", "blog", f"{blog.url}/{name}"], ["run"], ["run"]):
        program = ["r2e", "-c", str(tmp_path / "config"), "-d", str(tmp_path / "feeds.json"), *command]
        done = subprocess.run(program, capture_output=True, text=True, timeout=30, env={"PATH": "/usr/bin:/bin"})
        assert done.returncode == 0, done.stderr
    mails = [tools.parsed(file.read_bytes()) for file in (tmp_path / "maildir" / "new").iterdir()]
    found = {mail["Subject"]: mail for mail in mails}
    assert len(mails) == 3
    assert set(found) == set(POSTS.values())
    assert {mail["X-RSS-ID"] for mail in mails} == {entry.id for entry in blog.feed().entries}
    assert {mail["X-RSS-URL"] for mail in mails} == {f"{blog.url}/posts/{slug}/" for slug in POSTS}
    bodies = {title: mail.get_content() for title, mail in found.items()}
    assert all("<a href" in body for body in bodies.values())
    assert episode(blog) in bodies[POSTS["two"]]
    assert found[POSTS["two"]]["X-RSS-TAGS"] == "tides,R&D"


def test_feedsmith_reads_every_field(blog: Any) -> None:
    """Each format holds the same for it: all posts with dates, authors, tags, content and both enclosures."""
    documents = [blog.running.get(f"/{name}").body for name in ("feed.xml", "atom.xml", "feed.json")]
    done = subprocess.run(
        ["node", str(FEEDSMITH)], input=json.dumps(documents), capture_output=True, text=True, timeout=30, check=True
    )
    rss, atom, json_feed = (found["feed"] for found in json.loads(done.stdout))
    two = [
        next(
            item
            for item in items
            if (item["title"] if isinstance(item["title"], str) else item["title"]["value"]) == POSTS["two"]
        )
        for items in (rss["items"], atom["entries"], json_feed["items"])
    ]
    uid, page, sound = blog.feed().entries[1].id, f"{blog.url}/posts/two/", episode(blog)
    assert [len(rss["items"]), len(atom["entries"]), len(json_feed["items"])] == [3, 3, 3]
    assert [two[0]["guid"]["value"], two[1]["id"], two[2]["id"]] == [uid] * 3
    assert [two[0]["link"], two[1]["links"][0]["href"], two[2]["url"]] == [page] * 3
    assert len({two[0]["content"]["encoded"], two[1]["content"]["value"], two[2]["content_html"]}) == 1
    assert [two[0]["dc"]["creators"], [one["name"] for one in two[1]["authors"]]] == [["Ann & Jo"]] * 2
    assert [[one["name"] for one in two[0]["categories"]], two[2]["tags"]] == [["tides", "R&D"]] * 2
    assert two[0]["enclosures"] == [{"url": sound, "length": EPISODE, "type": "audio/mpeg"}]
    assert [(one["href"], one["length"]) for one in two[1]["links"][1:]] == [(sound, EPISODE), (NOTES, 77)]
    assert two[2]["attachments"] == [
        {"url": sound, "mime_type": "audio/mpeg", "size_in_bytes": EPISODE, "duration_in_seconds": 754},
        {"url": NOTES, "mime_type": "application/pdf", "size_in_bytes": 77},
    ]
    media = two[0]["media"]["contents"]
    assert [(one["url"], one["fileSize"], one.get("duration")) for one in media] == [
        (sound, EPISODE, 754),
        (NOTES, 77, None),
    ]


def test_the_page_plays_what_the_feed_encloses(blog: Any) -> None:
    """With the browser's own controls, loading nothing before somebody listens; any file can be downloaded."""
    page = blog.running.get("/posts/two/").body
    target = episode(blog).removeprefix(f"{blog.url}/")
    assert f'<audio controls preload="none" src="../../{target}" aria-label="episode.mp3"></audio>' in page
    assert f'<a href="../../{target}" download>Download episode.mp3</a> · 12:34 · 54.3 kB' in page
    assert f'<a href="{NOTES.replace("&", "&amp;")}" download>Download notes.pdf</a> · 0.1 kB' in page
    assert page.count("<audio") == 1


def test_xmllint_finds_every_feed_well_formed(blog: Any) -> None:
    """Each of the site's XML files, archives and subscription lists as well."""
    files = [str(file) for kind in ("*.xml", "*.opml") for file in (blog.folder / "public").rglob(kind)]
    done = subprocess.run(["xmllint", "--noout", *files], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(files) >= 4
