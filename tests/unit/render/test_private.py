"""A mail watches nobody, and no person's own values make it too long."""

import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from html import unescape

import pytest

from dispatch.message.compile import compile_edition
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient
from dispatch.model.issue import Cohort, Edition, Issue, MailingList, Publication
from dispatch.model.post import Post
from dispatch.render.edition import render_edition
from dispatch.theme import Theme

MakePost = Callable[..., Post]
Render = Callable[..., Edition]
CLIPPED = 100_000  # bytes of HTML that no mail may have


def test_nothing_is_loaded_that_nobody_put_there(render: Render, make_post: MakePost) -> None:
    """No picture, no background, no font: where posts have none, a mail asks for nothing when it is opened."""
    for edition in (render(make_post(html="<p>Words.</p>")), render(*(make_post(number) for number in (1, 2)))):
        assert not re.search(r"<img|<link|background\s*=|url\(|@import|@font-face", edition.html)


def test_links_are_as_they_were_written(render: Render, make_post: MakePost) -> None:
    """None leads through an address of ours that counts, and nothing is hung onto one."""
    url = "https://example.org/a?x=1&y=2#z"
    edition = render(make_post(html=f'<p><a href="{url.replace("&", "&amp;")}">there</a></p>'))
    assert url in {unescape(found) for found in re.findall(r'href="([^"]*)"', edition.html)}
    assert re.search(rf"(?m)^\[1\] {re.escape(url)}$", edition.text)


@pytest.mark.parametrize("count", [1, 200])
def test_no_persons_own_values_make_a_mail_too_long(
    issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost, count: int
) -> None:
    """An issue that is as long as it may be, to whoever has the longest address on a site with the longest address."""
    site = f"https://{'a' * 60}.example.org/{'b' * 420}"
    long = replace(publication, web_url=site)
    posts = tuple(make_post(number, html="<p>Words.</p>" * 4000, summary="word " * 60) for number in range(count))
    edition = render_edition(issue, Cohort(posts, "en", ()), mailing_list, long, Theme())
    assert edition.cut is not None
    link = f"{site}/u/{'t' * 80}"
    email = f"{'&' * 64}@{'x' * 63}.{'y' * 63}.{'z' * 57}.org"
    person = Recipient(1, email, "&" * 200, link, "1@example.org", preferences=link.replace("/u/", "/p/"))
    message = message_from_bytes(Splicer(compile_edition(edition)).splice(person), policy=default)
    html = message.get_body(("html",)).get_content()
    assert unescape(html).count(email) >= 1
    assert 90_000 < len(html.encode()) < CLIPPED
