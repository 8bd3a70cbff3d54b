"""The site on disk: what changed is written, whole, and never outside its folder."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from PIL import Image

from dispatch.content.renditions import Renditions
from dispatch.errors import StoreError
from dispatch.model.post import Asset, Post, PostState, Problem
from dispatch.syndicate.folder import PublicFolder
from dispatch.syndicate.site import GONE, Site
from dispatch.theme import Theme

Maker = Callable[..., Any]
Posts = Callable[..., Post]


@dataclass(frozen=True)
class Report:
    """What was written, and what could not be."""

    written: tuple[str, ...]
    problems: list[Problem]


def write(due: Any, public: Path) -> Report:
    """Write all that is due, as one pass does."""
    site = Site(due.contents, PublicFolder(public), Theme(), Renditions(public.parent / "cache"))
    for post in due.changed:
        site.write_post(post)
    for topic in due.topics:
        site.write_topic(topic)
    site.write_frame()
    return Report(tuple(site.folder.written), site.problems)


def test_every_topic_gets_a_page_and_three_feeds(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """The whole publication, each list and each tag have their files at the paths of the contract."""
    report = write(make_site(make_post()), tmp_path)
    names = ("feed.xml", "atom.xml", "feed.json", "index.html", "follow/index.html")
    folders = ("", "lists/weekly/", "tags/python/")
    others = {"style.css", "feeds.opml", "posts/post-1/index.html"}
    expected = {folder + name for folder in folders for name in names} | others
    assert set(report.written) == expected
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == expected


def test_a_title_is_not_said_twice(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """A page that is called as the publication is has that one title; any other names the publication after its own."""
    same = "Tom & Ann’s <Letter>"
    write(make_site(make_post(1, title=same), make_post(2, title="Tides")), tmp_path)
    said = {path.parent.name: lxml_html.parse(str(path)).findtext(".//title") for path in tmp_path.rglob("index.html")}
    assert (said["post-1"], said["post-2"]) == (same, f"Tides · {same}")
    assert said["weekly"] == f"The Weekly · {same}"


def test_a_second_pass_writes_nothing(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """Files that are right keep their bytes and their time."""
    contents = make_site(make_post())
    write(contents, tmp_path)
    os.utime(tmp_path / "feed.xml", (1, 1))
    second = write(contents, tmp_path)
    assert second.written == ()
    assert (tmp_path / "feed.xml").stat().st_mtime == 1


def test_an_edit_touches_only_what_shows_it(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """Another post's page is left alone."""
    one, two = make_post(1), make_post(2)
    write(make_site(two, one), tmp_path)
    edited = replace(one, html="<p>New</p>")
    report = write(replace(make_site(two, edited), changed=(edited,)), tmp_path)
    assert "posts/post-1/index.html" in report.written
    assert "posts/post-2/index.html" not in report.written
    assert not [name for name in report.written if name.endswith("index.html") and not name.startswith("posts/")]


def test_a_withdrawn_post_becomes_a_notice(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """Its page keeps the address, says nothing of the post and is marked as gone."""
    write(make_site(make_post()), tmp_path)
    write(make_site(make_post(state=PostState.WITHDRAWN)), tmp_path)
    page = (tmp_path / "posts/post-1/index.html").read_text(encoding="utf-8")
    assert "withdrawn" in page
    assert "Body 1" not in page
    assert "Title 1" not in page
    assert (tmp_path / "posts/post-1" / GONE).exists()
    assert "Title 1" not in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_draft_that_was_never_shown_leaves_no_trace(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """Only what readers have seen is replaced by a notice."""
    write(make_site(make_post(state=PostState.DRAFT)), tmp_path)
    assert not (tmp_path / "posts").exists()
    write(make_site(make_post()), tmp_path)
    write(make_site(make_post(state=PostState.DRAFT)), tmp_path)
    assert "Body 1" not in (tmp_path / "posts/post-1/index.html").read_text(encoding="utf-8")


def test_a_post_that_returns_is_shown_again(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """The mark of the withdrawn goes when the post is live again."""
    write(make_site(make_post(state=PostState.WITHDRAWN)), tmp_path)
    write(make_site(make_post()), tmp_path)
    assert not (tmp_path / "posts/post-1" / GONE).exists()


@pytest.mark.parametrize(
    "slug", ["../../evil", "a/../../../evil", "..", "a//b", "a\\b", "a\x00b", "x" * 256, "a\ud800"]
)
def test_a_slug_that_leads_outside_is_refused(slug: str, tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """Such a post is reported by its file, the others are written, and nothing is outside the folder."""
    public = tmp_path / "site" / "public"
    report = write(make_site(make_post(1, url=f"https://news.example.org/posts/{slug}/"), make_post(2)), public)
    assert [problem.where for problem in report.problems] == ["posts/1.md"]
    assert "posts/post-2/index.html" in report.written
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert [path.name for path in public.parent.iterdir()] == ["public"]


def test_a_link_in_the_folder_is_no_way_out(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """A symbolic link below public/ does not lead writing elsewhere."""
    public, elsewhere = tmp_path / "public", tmp_path / "elsewhere"
    public.mkdir()
    elsewhere.mkdir()
    (public / "posts").symlink_to(elsewhere)
    report = write(make_site(make_post()), public)
    assert len(report.problems) == 1
    assert not list(elsewhere.iterdir())


def test_a_slug_may_hold_a_path_and_any_script(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """A given path makes folders, and letters stay as they are."""
    post = make_post(url="https://news.example.org/posts/2026/组版/")
    assert "posts/2026/组版/index.html" in write(make_site(post), tmp_path).written


def test_pictures_are_copied_once(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """An asset lands below public/ and is left alone while it stays the same."""
    (tmp_path / "a.png").write_bytes(b"picture")
    contents = make_site(make_post(assets=(Asset(tmp_path / "a.png", "media/a.png"),)))
    assert "media/a.png" in write(contents, tmp_path / "public").written
    assert (tmp_path / "public/media/a.png").read_bytes() == b"picture"
    assert write(contents, tmp_path / "public").written == ()


def test_a_picture_for_mail_is_made_again_where_it_is_gone(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """It comes from the author's own file, so that neither `public/` nor the folder of pictures made needs a backup."""
    Image.new("RGB", (20, 10), "red").save(tmp_path / "a.webp")
    asset = Asset(tmp_path / "a.webp", "media/1/a-mail.png", "media/1/a.webp")
    write(make_site(make_post(assets=(asset,))), tmp_path / "public")
    assert Image.open(tmp_path / "public/media/1/a-mail.png").size == (20, 10)


def test_a_post_that_lives_elsewhere_has_its_pictures_here(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """Its page is not ours, but mails and feeds show the pictures at our address."""
    (tmp_path / "a.png").write_bytes(b"picture")
    post = make_post(url="https://elsewhere.example/1", assets=(Asset(tmp_path / "a.png", "media/a.png"),))
    assert "media/a.png" in write(make_site(post), tmp_path / "public").written


def test_a_missing_picture_costs_no_page(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """It is reported, and the post is there all the same."""
    report = write(make_site(make_post(assets=(Asset(tmp_path / "no.png", "media/no.png"),))), tmp_path / "public")
    assert "posts/post-1/index.html" in report.written
    assert [(problem.where, problem.fatal) for problem in report.problems] == [("posts/1.md", False)]


def test_what_is_in_the_way_is_named(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """A folder where a file should be, a file where a folder should be: each costs its own file, and says the cure."""
    for name in ("feed.xml", "style.css", "posts/post-1/index.html", "tags/python/index.html"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "lists").write_text("mine")
    report = write(make_site(make_post(1), make_post(2)), tmp_path)
    assert {problem.where for problem in report.problems} == {
        "posts/1.md", "public/", "public/lists/weekly", "public/style.css", "public/tags/python"
    }  # fmt: skip
    assert all("something else is in the way" in problem.message for problem in report.problems)
    assert "posts/post-2/index.html" in report.written
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_disk_that_refuses_is_said_in_words(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """A file system that takes no more concerns everything; the message names the file and the cure."""
    with pytest.raises(StoreError, match=r"cannot be written: .*Make room"):
        write(make_site(make_post()), Path("/proc/public"))


def test_a_post_at_home_elsewhere_has_no_page_here(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """It is listed and fed with its own address."""
    report = write(make_site(make_post(url="https://elsewhere.example.com/a")), tmp_path)
    assert not [name for name in report.written if name.startswith("posts/")]
    assert 'href="https://elsewhere.example.com/a"' in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_page_advertises_its_own_feeds_only(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """Autodiscovery on a list's page finds that list's three feeds, relative to the page."""
    write(make_site(make_post()), tmp_path)
    page = lxml_html.fromstring((tmp_path / "lists/weekly/index.html").read_text(encoding="utf-8"))
    found = [(link.get("type"), link.get("href")) for link in page.xpath('//link[@rel="alternate"]')]
    assert found == [
        ("application/rss+xml", "../../lists/weekly/feed.xml"),
        ("application/atom+xml", "../../lists/weekly/atom.xml"),
        ("application/feed+json", "../../lists/weekly/feed.json"),
    ]


def test_a_lists_page_says_how_often_it_comes(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """The pace and the other choices are in words."""
    write(make_site(make_post()), tmp_path)
    page = (tmp_path / "lists/weekly/index.html").read_text(encoding="utf-8")
    assert "By mail once a week, when there is something new; if you like, daily." in page


def test_pages_escape_what_is_text(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """A title is text, never markup; the cleaned body is markup."""
    write(make_site(make_post(title="<script>alert(1)</script>")), tmp_path)
    page = (tmp_path / "posts/post-1/index.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>bold</b>" in page


def test_pages_link_within_the_site_by_relative_addresses(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """Stylesheet, posts and tags are found below any prefix."""
    write(make_site(make_post()), tmp_path)
    post = (tmp_path / "posts/post-1/index.html").read_text(encoding="utf-8")
    assert 'href="../../style.css"' in post
    assert 'href="../../tags/python/"' in post
    assert 'href="../../posts/post-1/"' in (tmp_path / "lists/weekly/index.html").read_text(encoding="utf-8")


def test_the_home_page_names_all_lists_and_tags(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """It is the same page whichever topics a pass has to write."""
    due = make_site(make_post())
    write(due, tmp_path)
    assert 'href="./tags/rust/"' in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="./lists/weekly/"' in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert write(replace(due, topics=due.topics[:1]), tmp_path).written == ()


def test_a_post_says_its_language_and_direction(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """A page in Arabic is marked as such and runs from right to left."""
    write(make_site(make_post(language="ar")), tmp_path)
    assert '<html lang="ar" dir="rtl">' in (tmp_path / "posts/post-1/index.html").read_text(encoding="utf-8")


def test_authors_names_keep_their_order(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """Whichever way they run; on a page of their own way they are as they were written."""
    names = ("נועה לוי", "Jo Kim", "דנה")
    write(make_site(make_post(authors=names)), tmp_path)
    assert "\u2068נועה לוי\u2069, Jo Kim, \u2068דנה\u2069</p>" in (tmp_path / "posts/post-1/index.html").read_text()
    write(make_site(make_post(2, authors=names[:1], language="he")), tmp_path)
    assert " · נועה לוי</p>" in (tmp_path / "posts/post-2/index.html").read_text()


def test_text_that_utf8_cannot_hold_breaks_no_page(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """A lone surrogate that slipped through is replaced, and the page is written."""
    report = write(make_site(make_post(title="a\ud800", html="<p>b\udfff</p>")), tmp_path)
    assert report.problems == []
    assert "posts/post-1/index.html" in report.written


@pytest.mark.parametrize(
    ("language", "spoken", "said"),
    [
        (
            "fr",
            "fr",
            "Par courriel une fois par semaine, quand il y a du nouveau\u202f; si vous préférez, chaque jour.",
        ),
        ("nl", "en", "By mail once a week, when there is something new; if you like, daily."),
    ],
)
def test_pages_speak_the_publications_language(
    tmp_path: Path, make_site: Maker, make_post: Posts, language: str, spoken: str, said: str
) -> None:
    """Or English, and then they say so."""
    due = make_site(make_post())
    contents = replace(due.contents, publication=replace(due.contents.publication, language=language))
    write(replace(due, contents=contents), tmp_path)
    page = (tmp_path / "lists/weekly/index.html").read_text(encoding="utf-8")
    assert f'<html lang="{spoken}" dir="ltr">' in page
    assert said in page


def test_a_post_keeps_its_language_within_a_page_in_another(tmp_path: Path, make_site: Maker, make_post: Posts) -> None:
    """A screen reader changes its voice where the words around the post begin."""
    write(make_site(make_post(language="ar")), tmp_path)
    page = (tmp_path / "posts/post-1/index.html").read_text(encoding="utf-8")
    assert '<html lang="ar" dir="rtl">' in page
    assert '<body lang="en" dir="ltr">' in page
    assert '<article lang="ar" dir="rtl">' in page
