"""A service mail says one thing, to whoever holds the mailbox, and carries nobody else's words."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from dispatch.message.compile import compile_edition
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient
from dispatch.model.issue import Edition, MailingList, Publication
from dispatch.model.service_mail import ServiceMailKind
from dispatch.model.subscriber import Cadence
from dispatch.render.rhythm import Rhythm
from dispatch.render.service_mail import render_service_mail
from dispatch.theme import Theme

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KINDS = tuple(ServiceMailKind)
LANGUAGES = ("en", "de", "fr", "ja")
WEB = "https://mail.news.example.org"
ADA = Recipient(
    subscriber=7,
    email="ada@example.org",
    name="<b>Cheap pills</b> at https://pills.example",
    unsubscribe=f"{WEB}/u/k1.7.1.mac",
    message_id="confirm.5.ab@news.example.org",
    preferences=f"{WEB}/p/k1.7.1.mac",
    confirm=f"{WEB}/confirm/k1.7.1.1795420800.mac",
)
LINKS = {  # beside the site's own, which stands above each mail
    ServiceMailKind.CONFIRM: {ADA.confirm},
    ServiceMailKind.WELCOME: {ADA.preferences, ADA.unsubscribe, "https://news.example.org/lists/weekly/"},
    ServiceMailKind.PREFERENCES: {ADA.preferences},
    ServiceMailKind.GOODBYE: {"https://news.example.org/subscribe/weekly"},
}


@pytest.fixture(scope="module")
def weekly(mailing_list: MailingList) -> MailingList:
    """A list with a title and a description that want escaping."""
    words = {"title": "Ships & Men", "description": "What moved <this> week."}
    return replace(mailing_list, slug="weekly", timezone="Europe/Berlin", **words)


Said = Callable[..., Edition]  # of a kind, in a language


def rendered(kind: ServiceMailKind, one: MailingList, publication: Publication, theme: Theme, language: str) -> Edition:
    """One service mail of a list that comes on Mondays."""
    rhythm = Rhythm(Cadence.WEEKLY, ("0 8 * * 1",), "Europe/Berlin")
    return render_service_mail(kind, one, publication, theme, NOW, language=language, rhythm=rhythm)


@pytest.fixture(scope="module")
def said(weekly: MailingList, publication: Publication) -> Said:
    """Each service mail by the shipped templates, rendered once."""
    theme = Theme()

    @cache
    def edition(kind: ServiceMailKind, language: str = "en") -> Edition:
        return rendered(kind, weekly, publication, theme, language)

    return edition


def mail(edition: Edition, person: Recipient = ADA) -> EmailMessage:
    """It as a reader's program sees it."""
    data = Splicer(compile_edition(edition)).splice(person)
    return message_from_bytes(data, EmailMessage, policy=policy.default)  # type: ignore[misc]


def part(message: EmailMessage, kind: str) -> str:
    """Its HTML or its plain text."""
    body = message.get_body((kind,))
    assert body
    return str(body.get_content())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_have_the_same_links(
    kind: ServiceMailKind, language: str, publication: Publication, said: Said
) -> None:
    """Just those that its purpose needs, and the site's."""
    message = mail(said(kind, language))
    expected = LINKS[kind] | {publication.url}
    assert set(map(unescape, re.findall(r'href="([^"]*)"', part(message, "html")))) == expected
    assert set(re.findall(r"https://\S+", part(message, "plain"))) == expected


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_in_the_readers_language(kind: ServiceMailKind, language: str, said: Said) -> None:
    """Header, page and words; no two languages say the same."""
    edition = said(kind, language)
    assert (edition.language, mail(edition)["Content-Language"]) == (language, language)
    assert f'<html lang="{language}" dir="ltr">' in edition.html
    assert len({said(kind, one).subject for one in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_a_subscriber_typed_is_in_it(kind: ServiceMailKind, said: Said) -> None:
    """Whoever signs somebody else up cannot have us carry their words to them."""
    message = mail(said(kind))
    for text in (part(message, "plain"), part(message, "html"), str(message["Subject"])):
        assert "pills" not in text


@pytest.mark.parametrize("kind", ["html", "plain"])
def test_the_mail_that_asks_says_that_its_link_only_opens_a_page(kind: str, said: Said) -> None:
    """The button that lets them in is on that page: a link is followed by programs too."""
    assert "press its button" in " ".join(part(mail(said(ServiceMailKind.CONFIRM)), kind).split())


@pytest.mark.parametrize("kind", KINDS)
def test_no_empty_part_widens_a_mail(kind: ServiceMailKind, said: Said) -> None:
    """What a mail has nothing to say in is not there."""
    assert not re.search(r"<(div|p)[^>]*>\s*</\1>", said(kind).html)


@pytest.mark.parametrize("kind", [ServiceMailKind.CONFIRM, ServiceMailKind.PREFERENCES])
def test_what_anybody_can_ask_for_does_not_even_say_the_address(kind: ServiceMailKind, said: Said) -> None:
    """An address can be made of words, too."""
    message = mail(said(kind), replace(ADA, name=""))
    assert "ada@" not in part(message, "plain") + part(message, "html") + str(message["Subject"])


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_machines_word(kind: ServiceMailKind, said: Said) -> None:
    """No out-of-office note answers it (RFC 3834); only whoever is on the list can leave it by the headers."""
    message = mail(said(kind))
    assert message["Auto-Submitted"] == "auto-generated"
    assert {"Archived-At", "Feedback-ID", "Precedence"}.isdisjoint(message.keys())
    of_list = {"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive"} & set(message.keys())
    assert len(of_list) == (4 if kind is ServiceMailKind.WELCOME else 0)
    assert not message.defects


def test_a_welcome_says_what_will_come_and_when(said: Said) -> None:
    """What the list says of itself, its rhythm, and how to change it."""
    message = mail(said(ServiceMailKind.WELCOME))
    for words in ("Ships & Men", "What moved <this> week.", "every Monday at 08:00 (Europe/Berlin)"):
        assert words in part(message, "plain")
        assert words in unescape(part(message, "html"))
    assert "<this>" not in part(message, "html")


def test_the_same_bytes_come_again_in_short_lines(weekly: MailingList, publication: Publication, said: Said) -> None:
    """At most 76 columns, whatever the words."""
    again = Theme()
    for kind in KINDS:
        for language in LANGUAGES:
            data = compile_edition(said(kind, language)).data
            assert data == compile_edition(rendered(kind, weekly, publication, again, language)).data
            assert max(map(len, data.split(b"\r\n"))) <= 76


def test_a_publication_has_its_own_words(weekly: MailingList, publication: Publication, tmp_path: Path) -> None:
    """A template of its own stands before the shipped one, and can say one block of it anew."""
    own = tmp_path / "email" / "service"
    own.mkdir(parents=True)
    (own / "goodbye.html").write_text(
        '{% extends "shipped/email/service/goodbye.html" %}{% block lead %}<p>Fair winds!</p>{% endblock %}'
    )
    edition = rendered(ServiceMailKind.GOODBYE, weekly, publication, Theme(tmp_path), "en")
    assert "Fair winds!" in edition.html
    assert "/subscribe/weekly" in edition.html
