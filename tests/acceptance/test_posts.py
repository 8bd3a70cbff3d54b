"""Real kinds of posts in; messages and feeds out, read by other people's parsers."""

import json
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000"
    "00907753de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
KINDS = {
    "hugo.md": '---\ntitle: "Hugo: the tide & the moon"\ndate: 2026-05-01T08:00:00+02:00\ntags: [Sea, Ünï]\n'
    "summary: Of tides.\ndraft: false\n---\n\nIntro.\n\n<!-- more -->\n\n# A heading\n\nText with [a link](/about/).\n",
    "zola.md": '+++\npath = "2026/05/02/Zola"\ntitle = "Zola rises"\ndate = 2026-05-02\n'
    'authors = ["The Zola Team"]\naliases = ["releases/zola"]\n\n[taxonomies]\ntags = ["sea"]\n+++\n\n'
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
    "2026-05-03-jekyll-day.markdown": "---\nlayout: post\ntitle: 'Jekyll day'\ncategories: [sea, shore]\n---\n\n"
    "{% highlight python %}\nprint(1)\n{% endhighlight %}\n\nJekyll text.[^1]\n\n[^1]: A note.\n",
    "pelican.md": "Title: Pelican morning\nDate: 2026-05-04 10:20\nCategory: Birds\nTags: pelican, sea\n"
    "Slug: pelican-slug\nAuthors: Alexis, Ann\nSummary: Short.\n\nA pelican.\n",
    "json.md": '{"title": "JSON front", "date": "2026-05-05", "tags": ["sea"]}\n\n- [x] done\n- [ ] open\n',
    "pasted.txt": "Pasted from a page\n\nWhy it matters\n\nA paragraph of plain text that goes on for a while, so that "
    "it cannot be taken for a heading.\n\nTakeaways\n\n• First thing\n• Second thing\n\nShowing 0 Comment\n",
    "bundle/index.md": "---\ntitle: A bundle\ndate: 2026-05-06\n---\n\n![A dot](dot.png)\n",
    "page.html": "<!doctype html><html lang=en><head><title>An HTML page</title>"
    '<meta name="date" content="2026-05-07"></head><body><h1>An HTML page</h1><p onclick="x()">Hello '
    "<script>alert(1)</script>there.</p></body></html>",
}
TITLES = {
    "Hugo: the tide & the moon", "Zola rises", "Jekyll day", "Pelican morning", "JSON front", "Pasted from a page",
    "A bundle", "An HTML page",
}  # fmt: skip
HEADERS = (
    "From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
    "List-Archive", "Archived-At", "Feedback-ID", "Precedence", "MIME-Version",
)  # fmt: skip


@pytest.fixture(scope="module")
def magazine(tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Posts of every kind, and three readers, after a first pass."""
    publication = tools.Publication(tmp_path_factory.mktemp("magazine")).settings()
    for name, text in KINDS.items():
        publication.write(f"posts/{name}", text)
    publication.write("posts/bundle/dot.png", PNG)
    publication.write(
        "subscribers/news.csv", "email,name\nada@example.org,Ada\nbo@example.org,\nzoe@example.org,Zoë 栞\n"
    )
    publication.said = publication.once()
    return publication


def test_every_kind_of_post_becomes_mail_and_feeds(magazine: Any) -> None:
    """Each post is in each of the three feeds once, with one id in all of them, and in the mail."""
    assert [line for line in magazine.said.splitlines() if line.strip().startswith("left out")] == []
    rss, atom = magazine.feed("feed.xml"), magazine.feed("atom.xml")
    items = json.loads((magazine.folder / "public/feed.json").read_text())["items"]
    for feed in (rss, atom):
        assert not feed.bozo, feed.get("bozo_exception")
        assert {entry.title for entry in feed.entries} == TITLES
        assert len(feed.entries) == len(TITLES)
    ids = {item["title"]: item["id"] for item in items}
    assert len(items) == len(set(ids.values())) == len(TITLES)
    assert ids == {entry.title: entry.id for entry in rss.entries} == {entry.title: entry.id for entry in atom.entries}
    text = magazine.mails()[0].get_body(("plain",)).get_content()
    assert [title for title in sorted(TITLES) if title not in text] == []


def test_messages_are_clean_mime(magazine: Any) -> None:
    """Python's email finds no defect; text and HTML are alternatives, and all headers a bulk mail owes are there."""
    mails = magazine.mails()
    assert len(mails) == 3
    for mail in mails:
        assert mail.defects == []
        assert all(part.defects == [] for part in mail.walk())
        assert mail.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        assert [name for name in HEADERS if mail[name] is None] == []
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "Auto-Submitted" not in mail
        assert mail["Message-ID"].rstrip(">").endswith("@tide.example.org")
        assert parsedate_to_datetime(mail["Date"]).tzinfo is not None


def test_each_reader_has_their_own_message(magazine: Any) -> None:
    """Message-ID and unsubscribe link belong to one recipient, and the link is in both parts."""
    mails = magazine.mails()
    assert len({mail["Message-ID"] for mail in mails}) == 3
    assert len({mail["List-Unsubscribe"] for mail in mails}) == 3
    for mail in mails:
        link = str(mail["List-Unsubscribe"]).strip("<>")
        assert link.startswith("https://tide.example.org/u/")
        assert all(link in part.get_content() for part in mail.iter_parts())
    names = {mail["To"].addresses[0].addr_spec: mail["To"].addresses[0].display_name for mail in mails}
    assert names["zoe@example.org"] == "Zoë 栞"


def test_lines_of_a_message_are_short_and_end_in_crlf(magazine: Any) -> None:
    """No line is longer than RFC 5322 recommends for quoted-printable bodies, and every one ends in CRLF."""
    for path in (magazine.folder / "outbox/new").glob("*.eml"):
        data = path.read_bytes()
        assert data.count(b"\n") == data.count(b"\r\n")
        body = data.partition(b"\r\n\r\n")[2]
        assert max(map(len, body.split(b"\r\n"))) <= 76


def test_nothing_active_gets_through(magazine: Any) -> None:
    """Scripts and handlers of a post are in no page, feed or message."""
    html = [mail.get_body(("html",)).get_content() for mail in magazine.mails()]
    pages = [path.read_text() for path in (magazine.folder / "public").rglob("*") if path.suffix in (".html", ".xml")]
    for text in [*html, *pages]:
        assert "alert(1)" not in text
        assert "onclick" not in text


def test_pasted_text_keeps_its_shape(magazine: Any) -> None:
    """Of a pasted text the first line is the title, short lines are headings, bullets a list; page furniture goes."""
    entry = next(one for one in magazine.feed("atom.xml").entries if one.title == "Pasted from a page")
    content = entry.content[0].value
    assert "Takeaways</h" in content
    assert content.count("<li>") == 2
    assert "Showing 0 Comment" not in content


def test_a_picture_beside_its_post_is_served(publication: Any) -> None:
    """A bundle's picture is published, and feed and mail point to it by a full address."""
    publication.people("ada@example.org")
    publication.write("posts/bundle/index.md", KINDS["bundle/index.md"])
    publication.write("posts/bundle/dot.png", PNG)
    publication.once()
    html = publication.mails()[0].get_body(("html",)).get_content()
    feed = publication.feed("feed.xml").entries[0].content[0].value
    sources = {part.partition('"')[0] for text in (html, feed) for part in text.split('src="')[1:] if "dot.png" in part}
    assert len(sources) == 1
    (source,) = sources
    assert source.startswith("https://tide.example.org/")
    assert (publication.folder / "public" / source.removeprefix("https://tide.example.org/")).read_bytes()


def test_a_second_run_sends_and_writes_nothing(magazine: Any) -> None:
    """Nothing new: no file in the outbox, no page touched."""
    before = _stamps(magazine.folder / "public"), _stamps(magazine.folder / "outbox")
    said = magazine.once()
    assert "nothing to send" in said
    assert (_stamps(magazine.folder / "public"), _stamps(magazine.folder / "outbox")) == before


def test_a_feed_built_anew_is_the_same_to_the_byte(magazine: Any) -> None:
    """Feeds hold no clock and no chance: one that was deleted comes back as it was."""
    before = (magazine.folder / "public/feed.xml").read_bytes()
    (magazine.folder / "public/feed.xml").unlink()
    magazine.once()
    assert (magazine.folder / "public/feed.xml").read_bytes() == before


def _stamps(folder: Any) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
