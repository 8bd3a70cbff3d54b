"""Issues as pages: what was mailed, with nothing of anybody, and a line above it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from dispatch.compose.issue_pages import in_other_languages, is_listed, is_one_post, issue_path, shows_issues
from dispatch.message.compile import compile_edition
from dispatch.message.slots import opening
from dispatch.model.delivery import Slot
from dispatch.model.issue import CompiledEdition, Edition, Issue, IssueState, MailingList, Publication, Sibling, Words
from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence
from dispatch.syndicate.issue_pages import (
    Home,
    Leaf,
    Past,
    Sent,
    issue_page,
    issues_page,
    withdrawn_page,
)
from dispatch.theme import Theme

MARKER = "zq0123456789abcdef0123456789abcdef"
NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
HOME = Home("Notes & <queries>", "lists/notes", "Europe/Berlin", may_join=True, past=True)
SENT = Sent(7, 2, "en", NOON, ())
LINKS = "@rel='canonical' or @rel='alternate' or @rel='icon'"
LOADS = f"//script | //iframe | //object | //embed | //form | //base | //link[not({LINKS})]"


def compiled(
    html: str, language: str = "en", archived_at: str = "https://news.example.org/issues/7/2/"
) -> CompiledEdition:
    """A mail with this HTML."""
    edition = Edition(
        issue=7,
        subject="Ice",
        preheader="",
        html=html,
        text="Ice",
        language=language,
        sender="ann@example.org",
        reply_to="",
        list_id="Notes <notes.news.example.org>",
        archive="https://news.example.org/lists/notes/",
        archived_at=archived_at,
        feedback_id="7:notes:weekly:news.example.org",
        date=NOON,
        marker=MARKER,
    )
    return compile_edition(edition)


def mail(body: str, language: str = "en") -> CompiledEdition:
    """A mail as the templates make it."""
    head = "<head>\n<title>Ice</title>\n<style>h1 > b {}</style>\n</head>"
    attributes = f'lang="{language}" style="margin:0; font-family:\'A > B\'"'
    page = f'<!DOCTYPE html>\n<html lang="{language}" dir="ltr">\n{head}\n<body {attributes}>\n{body}\n</body>\n</html>'
    return compiled(page, language)


def test_every_slot_says_what_holds_for_everybody(publication: Publication) -> None:
    """No name, no address, and links that lead where people ask for their own."""
    slots = {slot: opening(MARKER, slot) for slot in Slot}
    links = "".join(f'<a href="{slots[at]}">x</a>' for at in (Slot.UNSUBSCRIBE, Slot.PREFERENCES, Slot.CONFIRM))
    sent = mail(f'<p title="{slots[Slot.NAME]}">Dear {slots[Slot.NAME]}: {slots[Slot.EMAIL]}</p>{links}')
    page = issue_page(SENT, sent, HOME, replace(publication, web_url="https://a.example/x?a&b"), Theme())
    ask = "https://a.example/x?a&amp;b/preferences/"
    assert f'<p title="">Dear : your address</p><a href="{ask}">x</a><a href="{ask}">x</a><a href="">x</a>' in page
    assert MARKER not in page


def test_the_words_of_the_line_are_the_readers(publication: Publication) -> None:
    """As those of the mail are."""
    slot = opening(MARKER, Slot.EMAIL)
    page = issue_page(replace(SENT, language="de"), mail(f"<p>{slot}</p>", "de"), HOME, publication, Theme())
    assert "22.\xa0November\xa02026" in page
    assert slot not in page


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=200))
def test_the_mail_stands_in_its_page_as_it_is(text: str) -> None:
    """Whatever it says: nothing is parsed, nothing is cleaned twice, nothing gets out of its place."""
    body = f'<p title="{escape(text)}">{escape(text)}</p>'
    page = issue_page(SENT, mail(body), HOME, PLAIN, Theme())
    assert page.count(body) == 1
    assert page.count("<main>") == page.count("</main>") == page.count("<body") == page.count("</body>") == 1
    assert page.index('class="sent-bar"') < page.index("<main>") < page.index(body)


PLAIN = Publication(
    "Sea", "https://sea.example", "https://sea.example", "", "en", "UTC", "", "a@sea.example", "", "", "#336699"
)


@pytest.mark.parametrize("html", ["<p>Bare</p>", "", "<body><p>Bare</p>", "<html><head></head><p>Bare</p></html>"])
def test_a_template_of_ones_own_needs_no_frame(html: str, publication: Publication) -> None:
    """What is no whole document is shown as it is."""
    assert f"<main>\n{html}\n</main>" in issue_page(SENT, compiled(html), HOME, publication, Theme())


def test_a_page_loads_nothing_but_pictures(publication: Publication) -> None:
    """So that the policy of our server allows it, and no stranger hears of its readers."""
    hostile = replace(publication, title='"><script>alert(1)</script>')
    home = replace(HOME, title="</title><script>alert(1)</script>")
    for page in (
        issue_page(SENT, mail("<p>Ice</p>"), home, hostile, Theme()),
        withdrawn_page(SENT, home, hostile, Theme()).replace('<link rel="stylesheet" href="../../../style.css">', ""),
    ):
        assert lxml_html.document_fromstring(page).xpath(LOADS) == []
        assert "@import" not in page


def test_own_pictures_are_found_from_the_page(publication: Publication) -> None:
    """Before the site has its address, too; other people's are left alone."""
    pictures = f'<img src="{publication.url}/media/a.png"><img src="https://else.example/media/b.png">'
    page = issue_page(SENT, mail(pictures), HOME, publication, Theme())
    assert '<img src="../../../media/a.png"><img src="https://else.example/media/b.png">' in page
    assert 'href="../../../lists/notes/feed.xml"' in page


def test_search_engines_hear_which_address_stands_for_a_page(
    publication: Publication, make_post: Callable[..., Post]
) -> None:
    """A post stands for its mail; a digest is not to be listed; a letter, or a post with an intro, for itself."""
    one, two, own = make_post(1), make_post(2), "https://news.example.org/issues/7/2/"
    for posts, archived_at, canonical, listed in (
        ((), own, own, True),
        ((one,), one.url, one.url, True),
        ((one,), own, own, True),
        ((one, two), own, own, False),
        ((one, two), "https://news.example.org/lists/notes/", own, False),
    ):
        sent = compiled("<p>Ice</p>", archived_at=archived_at)
        page = issue_page(replace(SENT, posts=posts), sent, HOME, publication, Theme())
        assert f'<link rel="canonical" href="{canonical}">' in page
        assert ('content="noindex"' not in page) is listed


def test_a_notice_says_nothing_of_what_was_mailed(publication: Publication, make_post: Callable[..., Post]) -> None:
    """But where the other posts can be read."""
    post = make_post(1)
    page = withdrawn_page(replace(SENT, posts=(post,), hidden=(2,)), HOME, publication, Theme())
    assert f'<a href="{post.url}">{escape(post.title)}</a>' in page
    assert 'content="noindex"' in page
    assert "Body" not in page


def test_past_issues_are_named_by_subject_day_and_number(publication: Publication) -> None:
    """By year, the newest first; of one with a withdrawn post its subject is not said."""
    past = (
        Past(9, "Notes & <queries>: <b>Ice</b>", "de", datetime(2026, 12, 31, 23, 30, tzinfo=UTC)),
        Past(8, "", "en", NOON),
    )
    page = issues_page(Leaf(0, 0, past), HOME, publication, Theme())
    assert page.index('id="in-2027"') < page.index("No. 9") < page.index('id="in-2026"') < page.index("No. 8")
    assert '<h3 lang="de" dir="ltr"><a href="../../../issues/9/">&lt;b&gt;Ice&lt;/b&gt;</a></h3>' in page
    assert "This issue is not shown any more" in page


@pytest.mark.parametrize(
    ("number", "newest", "links"), [(0, 0, []), (0, 3, ["./3/"]), (3, 3, ["../", "../2/"]), (1, 3, ["../2/"])]
)
def test_pages_of_issues_lead_to_their_neighbours(
    number: int, newest: int, links: list[str], publication: Publication
) -> None:
    """From the newest to the oldest and back."""
    page = issues_page(Leaf(number, newest, (Past(1, "Ice", "en", NOON),)), HOME, publication, Theme())
    found = lxml_html.document_fromstring(page).xpath("//nav[@class='after']//a/@href")
    assert found == links


def test_which_issues_are_posts() -> None:
    """An immediate issue of one post is that post, unless an editor says something before it."""
    issue = Issue(1, "notes", Cadence.IMMEDIATE, IssueState.SENDING, 1, 1, NOON, NOON)
    intro = replace(issue, words={"de": Words(intro="Liebe Leser")})
    digest = replace(issue, cadence=Cadence.WEEKLY)
    assert is_one_post(issue, [1], "en")
    assert not is_listed(issue, [1], "en")
    assert is_one_post(intro, [1], "en")
    assert not is_one_post(intro, [1], "de")
    assert is_listed(intro, [1], "de")
    assert is_listed(issue, [1, 2], "en")
    assert is_listed(issue, [], "en")
    assert is_listed(digest, [1], "en")
    assert (issue_path(7, 0), issue_path(7, 2)) == ("issues/7", "issues/7/2")


def test_an_edition_leads_to_the_same_stories_in_each_other_language() -> None:
    """To what differs least, and of such to the largest; an edition that has no page leads nowhere."""
    every, sea = frozenset("abc"), frozenset("ac")
    _, other, german, tagged, french = editions = [
        Sibling(0, "en", every),
        Sibling(1, "en", sea),
        Sibling(2, "de", every),
        Sibling(4, "de", sea),
        Sibling(5, "fr", frozenset("x")),
    ]
    assert in_other_languages(0, editions) == (german, french)
    assert in_other_languages(1, editions) == (tagged, french)
    assert in_other_languages(4, editions) == (other, french)
    assert in_other_languages(5, [*editions, replace(tagged, cohort=6)]) == (tagged, other)
    assert in_other_languages(3, editions) == in_other_languages(0, []) == ()


def test_a_list_of_single_posts_leads_to_no_past_issues(weekly: MailingList) -> None:
    """Its own page lists them already; nor does a list without pages of issues."""
    only = replace(weekly, cadence=Cadence.IMMEDIATE, cadences=(Cadence.IMMEDIATE,))
    assert not shows_issues(only)
    assert shows_issues(replace(only, cadences=(Cadence.IMMEDIATE, Cadence.WEEKLY)))
    assert not shows_issues(replace(only, cadence=Cadence.WEEKLY, archive=False))
