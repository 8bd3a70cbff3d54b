"""An edition says the right things, once, in both its parts."""

import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from html import unescape
from itertools import accumulate
from pathlib import Path

import pytest

from dispatch.errors import TemplateError
from dispatch.message.compile import compile_edition
from dispatch.message.slots import opening
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient, Slot
from dispatch.model.issue import Cohort, Edition, Issue, MailingList, Publication
from dispatch.model.post import Picture, Post
from dispatch.model.subscriber import Cadence
from dispatch.render.edition import render_edition
from dispatch.render.envelope import archive_url
from dispatch.theme import Theme

Render = Callable[..., Edition]
MakePost = Callable[..., Post]


@pytest.fixture(scope="module")
def one(render: Render, make_post: MakePost) -> Edition:
    """An issue of one post."""
    return render(make_post())


@pytest.fixture(scope="module")
def several(render: Render, make_post: MakePost) -> Edition:
    """An issue of three posts."""
    picture = Picture("https://news.example.org/lead.jpg", "", 1200, 600)
    return render(make_post(1), replace(make_post(2, "Boats <b>"), image=picture), make_post(3, "Nets"))


def links(html: str) -> set[str]:
    """All pages that the HTML part links to."""
    found = {unescape(url) for url in re.findall(r'<a\b[^>]*?\bhref="([^"#][^"]*)"', html)}
    return {url for url in found if not url.startswith("mailto:")}


def test_one_post_is_the_whole_mail(one: Edition) -> None:
    """Its title is the subject, its text is full, its page the issue's home."""
    assert one.subject == "Sea and land"
    assert one.preheader == "What the tide left."
    assert "Cranes" in one.html
    assert "Cranes\n------" in one.text
    assert one.archived_at == "https://news.example.org/posts/post-1/"
    assert ">Read on</a>" not in one.html


@pytest.mark.parametrize("before", ["", "<p>" + "tide " * 30_000 + "</p>"], ids=["whole", "cut off"])
@pytest.mark.parametrize("url", ["https://a.example/c.png", "https://a.example/c?w=1&h=2"])
def test_the_picture_of_a_post_is_shown_once(render: Render, make_post: MakePost, url: str, before: str) -> None:
    """Where its text holds it, there; where a cut took that away, or it is another's beginning, above the text."""
    image = f'<p><img src="{url.replace("&", "&amp;")}" alt=""></p>'
    post = replace(make_post(html=f"<p>Ebb.</p>{before}{image}"), image=Picture(url, "", 600, 300))
    assert render(post).html.count(f'src="{url.replace("&", "&amp;")}"') == 1
    longer = replace(post, html=image.replace('" alt', '&amp;more" alt'))
    assert render(longer).html.count(f'src="{url.replace("&", "&amp;")}') == 2


def test_several_posts_are_a_digest(several: Edition) -> None:
    """Contents, summaries and links on, but no full text; the list's page is the issue's home."""
    edition = several
    assert edition.subject == "The Weekly: Sea and land and 2 more"
    assert edition.preheader == "Also: Boats <b> · Nets"
    assert edition.html.count("Read on →") == 3
    assert edition.html.count("What the tide left.") == 3
    assert 'width="540" height="270"' in edition.html
    assert "Cranes" not in edition.html + edition.text
    assert edition.archive == "https://news.example.org/lists/w%C3%B6chentlich/"
    assert edition.archived_at == "https://news.example.org/issues/7/"


def test_the_headers_of_a_list_are_ascii_and_its_own(one: Edition) -> None:
    """List-Id and Feedback-ID stand below the publication's host, another alphabet by IDNA."""
    assert one.list_id == "The Weekly <xn--wchentlich-ecb.news.example.org>"
    assert one.feedback_id == "7:xn--wchentlich-ecb:weekly:news.example.org"


@pytest.mark.parametrize("which", ["one", "several"])
def test_text_and_html_hold_the_same_links(which: str, request: pytest.FixtureRequest) -> None:
    """What one can follow in one part one can follow in the other."""
    edition = request.getfixturevalue(which)
    own = {opening(edition.marker, slot) for slot in (Slot.UNSUBSCRIBE, Slot.PREFERENCES)}
    assert links(edition.html) == set(re.findall(r"https?://\S+", edition.text)) | own
    assert all(slot in edition.text for slot in own)


@pytest.mark.parametrize("which", ["one", "several"])
def test_the_html_keeps_the_rules_of_mail(which: str, request: pytest.FixtureRequest) -> None:
    """Doctype, one h1, language and direction thrice, layout tables named, alt and width on pictures."""
    html = request.getfixturevalue(which).html
    assert html.startswith("<!DOCTYPE html>")
    assert html.count("<h1") == 1
    assert len(re.findall(r'<(?:html|body|div)[^>]* lang="en" dir="ltr"', html)) >= 3
    tables = [tag for tag in re.findall(r"<table[^>]*>", html) if 'class="data"' not in tag]
    assert all('role="presentation"' in tag for tag in tables)
    assert all(re.search(r' width="\d+"', tag) and " alt=" in tag for tag in re.findall(r"<img[^>]*>", html))
    assert not re.search(r"srcset|<svg|\.svg\"(?! style)[^>]*alt|data:image|<script", html)
    assert re.search(r'class="preheader"[^>]*style="display:none; mso-hide:all"', html)
    assert "1 Quay, Kiel" in html


def test_the_kept_style_is_small_flat_and_verbatim(one: Edition) -> None:
    """One style element stays, media queries and all, under 16 KB, with no @ inside an @."""
    styles = re.findall(r"<style>(.*?)</style>", re.sub(r"<!--.*?-->", "", one.html, flags=re.S), re.S)
    assert len(styles) == 1
    assert len(styles[0]) < 16_000
    assert "@media (prefers-color-scheme: dark)" in styles[0]
    assert "!important" in styles[0]
    depths = accumulate({"{": 1, "}": -1}.get(character, 0) for character in styles[0])
    assert {depth for depth, character in zip(depths, styles[0], strict=True) if character == "@"} == {0}


def test_the_day_is_the_publications(one: Edition) -> None:
    """Half past eleven in the evening UTC is tomorrow in Berlin."""
    assert "November 22, 2026" in one.html
    assert "November 22, 2026" in one.text


def test_the_same_issue_gives_the_same_edition(render: Render, make_post: MakePost, one: Edition) -> None:
    """No clock, no chance, no order of a dictionary."""
    assert render(make_post()) == one


def test_slots_survive_rendering_and_compiling(one: Edition) -> None:
    """The unsubscribe link stands as a whole href, and the marker occurs only where a slot is."""
    assert f'href="{opening(one.marker, Slot.UNSUBSCRIBE)}"' in one.html
    assert one.html.count(one.marker) == 3
    assert one.text.count(one.marker) == 3
    assert compile_edition(one).data.count(one.marker.encode()) == 9


def test_titles_are_words_not_markup(render: Render, make_post: MakePost) -> None:
    """A title is escaped in HTML, plain in subject and text, and holds no line end."""
    edition = render(make_post(title="<script>\r\nBcc: x@example.org & \x00co"))
    assert edition.subject == "<script> Bcc: x@example.org & co"
    assert "&lt;script&gt; Bcc: x@example.org &amp; co</a></h1>" in edition.html
    assert "<script>" not in edition.html


def test_a_preheader_does_not_repeat_the_subject(render: Render, make_post: MakePost) -> None:
    """A summary that opens with the title goes on after it."""
    assert render(make_post(summary="Sea and land: the ebb.")).preheader == "the ebb."


def test_without_a_summary_the_preheader_is_the_beginning(render: Render, make_post: MakePost) -> None:
    """An inbox always shows something of the post."""
    assert render(make_post(summary="Sea and land")).preheader.startswith("Boats & tides")


def test_a_publication_overrides_any_part(
    tmp_path: Path, issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost
) -> None:
    """Its own footer takes the place of ours, the rest stays; every slot is at its hand."""
    part = tmp_path / "email/parts/footer.html"
    part.parent.mkdir(parents=True)
    part.write_text('<p class="colophon" title="{{ slots.name }}">For {{ slots.name }} only</p>')
    cohort = Cohort((make_post(),), "en", ())
    edition = render_edition(issue, cohort, mailing_list, publication, Theme(tmp_path))
    message = Splicer(compile_edition(edition)).splice(
        Recipient(1, "a@b.example", '"><b>', "https://u.example/", "1@b")
    )
    html = message_from_bytes(message, policy=default).get_body(("html",)).get_content()
    assert ">For &quot;&gt;&lt;b&gt; only</p>" in html
    assert "1 Quay" not in html
    assert "Sea and land</a></h1>" in edition.html


@pytest.mark.parametrize("style", ["</style><p>", "x" * 16_001])
def test_a_style_sheet_that_breaks_the_mail_is_refused(
    tmp_path: Path,
    style: str,
    issue: Issue,
    mailing_list: MailingList,
    publication: Publication,
    make_post: MakePost,
) -> None:
    """The message names the file."""
    (tmp_path / "email").mkdir()
    (tmp_path / "email/kept.css").write_text(style)
    with pytest.raises(TemplateError, match=re.escape("templates/email/kept.css")):
        render_edition(issue, Cohort((make_post(),), "en", ()), mailing_list, publication, Theme(tmp_path))


def test_a_long_title_is_shortened_at_a_word(render: Render, make_post: MakePost) -> None:
    """In a digest, the count stays readable."""
    subject = render(make_post(1, "Word " * 60), make_post(2)).subject
    assert len(subject) <= 110
    assert subject.endswith("Word… and 1 more")


def test_an_issue_that_is_not_frozen_is_refused(
    issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost
) -> None:
    """Its date would be missing."""
    cohort = Cohort((make_post(),), "en", ())
    with pytest.raises(ValueError, match="frozen"):
        render_edition(replace(issue, frozen=None), cohort, mailing_list, publication, Theme())


def test_right_to_left_posts_say_so(render: Render, make_post: MakePost) -> None:
    """A Hebrew post in an English issue carries its own direction."""
    assert '<div class="rtl" lang="he" dir="rtl">' in render(replace(make_post(), language="he")).html


def test_a_list_without_pages_of_its_issues_links_to_none(
    issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost
) -> None:
    """Neither header nor body leads where nothing is, and nobody is offered to share it; a single post is its page."""
    private = replace(mailing_list, archive=False)
    sharing = replace(publication, share=("bluesky",))
    digest = render_edition(issue, Cohort((make_post(1), make_post(2)), "en", ()), private, sharing, Theme())
    assert digest.archived_at == ""
    assert "Archived-At" not in compile_edition(digest).data.decode()
    assert "Read on the web" not in digest.html + digest.text
    assert "bsky.app" not in digest.html + digest.text
    single = render_edition(issue, Cohort((make_post(1),), "en", ()), private, sharing, Theme())
    assert single.archived_at == "https://news.example.org/posts/post-1/"


def test_all_issues_are_where_the_list_shows_them(
    issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost
) -> None:
    """On the page of its issues; on that of the list, where that one lists all that is sent, or has no such page."""
    page = archive_url(mailing_list, publication)
    single = replace(mailing_list, cadence=Cadence.IMMEDIATE, cadences=(Cadence.IMMEDIATE,))
    for one, address in (
        (mailing_list, f"{page}issues/"),
        (replace(single, cadences=(Cadence.IMMEDIATE, Cadence.WEEKLY)), f"{page}issues/"),
        (single, page),
        (replace(mailing_list, archive=False), page),
    ):
        edition = render_edition(issue, Cohort((make_post(1),), "en", ()), one, publication, Theme())
        assert f"\nAll issues: {address}\n" in edition.text
        assert re.search(f'<a href="{address}"[^>]*>All\xa0issues</a>', edition.html)
        assert edition.archive == page


def test_a_smaller_cohort_has_a_page_below_the_largest_ones(
    issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost
) -> None:
    """By its number, in all parts."""
    cohort = Cohort((make_post(1), make_post(2)), "en", (), number=3)
    edition = render_edition(issue, cohort, mailing_list, publication, Theme())
    assert edition.archived_at == "https://news.example.org/issues/7/3/"
    assert edition.archived_at in edition.text
    assert edition.archived_at in edition.html
