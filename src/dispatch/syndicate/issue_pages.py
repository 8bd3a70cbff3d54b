"""The pages of issues: what was mailed, as everybody may read it, and the list of what has been sent.

A page is made of the stored edition, never rendered anew: its HTML with a neutral value in each slot, and a line of
ours above it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from html import escape
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.catalogue import phrase
from dispatch.compose.issue_pages import issue_path, shows_issues
from dispatch.language import day_in_words, direction, own_name
from dispatch.message.slots import HTML_KINDS, Kind, finder
from dispatch.model.delivery import Slot
from dispatch.model.feed import FEED_FILES
from dispatch.model.issue import CompiledEdition, MailingList, Publication, Sibling
from dispatch.model.post import Post
from dispatch.theme import Theme, trusted

# Translators: in place of the address, in “You get this because … is subscribed to …”. Say what fits in there.
NOBODY = phrase("your address")
_ATTRIBUTES = r"""((?:[^>"']|"[^"]*"|'[^']*')*)"""
_DOCUMENT = re.compile(
    rf"<html{_ATTRIBUTES}>.*?<head[^>]*>(.*?)</head>.*?<body{_ATTRIBUTES}>(.*)</body>", re.DOTALL | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Home:
    """The list that an issue belongs to, as its page names it."""

    title: str
    path: str  # of its page, below public/; empty: it is no more, and the publication's stands for it
    timezone: str  # IANA
    may_join: bool = False
    past: bool = False  # it has a page of its issues to lead to


@dataclass(frozen=True, slots=True)
class Advertised:
    """A feed of the list, for programs that look at the page."""

    href: str  # below public/
    media_type: str
    title: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One edition that went out."""

    issue: int
    cohort: int
    language: str  # BCP 47
    frozen: datetime
    posts: tuple[Post, ...]  # those that readers may see, as they are now
    hidden: tuple[int, ...] = ()  # ids of those that they may not see any more
    others: tuple[Sibling, ...] = ()  # its editions in other languages


@dataclass(frozen=True, slots=True)
class Past:
    """One issue among those that a list shows."""

    issue: int
    title: str  # its subject; empty: a post of it was withdrawn
    language: str
    frozen: datetime


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of the list of issues."""

    number: int  # 0 is the newest; the others count from the oldest on, and stay what they are
    newest: int  # of those others, the highest
    issues: tuple[Past, ...]  # newest first
    singles: bool = False  # single posts were sent, too, which are not among them

    @property
    def path(self) -> str:
        """Its folder below that of the list's issues."""
        return f"{self.number}/" if self.number else ""


@dataclass(frozen=True, slots=True)
class _Row:
    """One issue as the template names it."""

    number: int
    title: str
    language: str
    href: str
    day: str
    iso: str


@dataclass(frozen=True, slots=True)
class _Other:
    """The same issue in another language, as the template names it."""

    language: str
    href: str

    @property
    def name(self) -> str:
        """What its speakers call the language."""
        return own_name(self.language)


def home_of(mailing_list: MailingList | None, publication: Publication) -> Home:
    """What a page says of its list; None: the list has left dispatch.toml."""
    if mailing_list is None:
        return Home(publication.title, "", publication.timezone)
    title, path = mailing_list.title or publication.title, f"lists/{mailing_list.slug}"
    return Home(title, path, mailing_list.timezone, mailing_list.sign_up, shows_issues(mailing_list))


def issue_page(sent: Sent, compiled: CompiledEdition, home: Home, publication: Publication, theme: Theme) -> str:
    """The page of an edition: the mail of a reader without name, address and links of their own. Raises TemplateError.

    Pictures of ours are found relative to the page, before the site has its address too. Search engines are told which
    address stands for it: that of its one post, or else its own; a digest, which says nothing but what the pages of
    its posts say, is not to be listed at all.
    """
    words = theme.catalogue(sent.language)
    message = message_from_bytes(compiled.data)
    mail = _parts(_neutral(_html_of(message), compiled.marker, publication, words.gettext(NOBODY)))
    values = _values(sent, home, publication)
    own = f"{publication.url}/{issue_path(sent.issue, sent.cohort)}/"
    is_its_post = len(sent.posts) == 1 and own not in str(message["Archived-At"])
    page = {
        "attributes": trusted(mail[0]),
        "head": trusted(mail[1]),
        "body_attributes": trusted(mail[2]),
        "body": trusted(mail[3].replace(f'src="{publication.url}/', f'src="{values["root"]}')),
        "canonical": sent.posts[0].url if is_its_post else own,
        "indexed": len(sent.posts) < 2,
    }
    others = [_Other(one.language, f"{values['root']}{issue_path(sent.issue, one.cohort)}/") for one in sent.others]
    return theme.render("web/issue.html", language=sent.language, **values, page=page, others=others)


def _html_of(message: Message) -> str:
    """The HTML of a compiled edition, slots and all; empty if it has none."""
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if part.get_content_type() == "text/html" and isinstance(payload, bytes):
            return payload.decode("utf-8").replace("\r\n", "\n")
    return ""


def _parts(html: str) -> tuple[str, str, str, str]:
    """Attributes of html, inside of head, attributes of body, inside of body."""
    found = _DOCUMENT.search(html)
    return (found[1], found[2], found[3], found[4]) if found else ("", "", "", html)


def _neutral(html: str, marker: str, publication: Publication, nobody: str) -> str:
    """Give each slot what holds for everybody: both links lead where people ask for their own."""
    ask = escape(f"{publication.web_url}/preferences/")
    values = {
        HTML_KINDS[Slot.EMAIL]: escape(nobody),
        HTML_KINDS[Slot.UNSUBSCRIBE]: ask,
        HTML_KINDS[Slot.PREFERENCES]: ask,
    }
    return finder(marker, Kind).sub(lambda slot: values.get(Kind(slot[1]), ""), html)


def withdrawn_page(sent: Sent, home: Home, publication: Publication, theme: Theme) -> str:
    """What stands in place of an edition one of whose posts was withdrawn: nothing that was mailed.

    It leads to the posts that can still be read, by the titles that they have at this moment. Raises TemplateError.
    """
    values = _values(sent, home, publication)
    return theme.render("web/issue_withdrawn.html", language=sent.language, **values, posts=sent.posts)


def issues_page(leaf: Leaf, home: Home, publication: Publication, theme: Theme) -> str:
    """One page of the issues that a list has sent, newest first. Raises TemplateError."""
    root = "../" * (f"{home.path}/issues/{leaf.path}".count("/"))
    return theme.render(
        "web/issues.html",
        language=publication.language,
        **_common(home, publication, root),
        leaf=leaf,
        top="../" if leaf.path else "./",
        canonical=f"{publication.url}/{home.path}/issues/{leaf.path}",
        years=[(year, list(rows)) for year, rows in groupby(_rows(leaf, home, publication, root), _year)],
    )


def _values(sent: Sent, home: Home, publication: Publication) -> dict[str, Any]:
    root = "../" * (issue_path(sent.issue, sent.cohort).count("/") + 1)
    return {
        **_common(home, publication, root),
        "number": sent.issue,
        "day": _day(sent.frozen, home, sent.language),
        "iso": _iso(sent.frozen, home),
    }


def _common(home: Home, publication: Publication, root: str) -> dict[str, Any]:
    folder = f"{root}{home.path}/" if home.path else root
    slug = home.path.removeprefix("lists/")
    return {
        "publication": publication,
        "root": root,
        "home": home,
        "past": home.past,
        "list_page": folder,
        "join": f"{publication.web_url}/subscribe/{slug}" if home.may_join else "",
        "feeds": [
            Advertised(f"{home.path}/{file.name}".lstrip("/"), file.media_type, f"{home.title} ({file.title})")
            for file in FEED_FILES
        ],
        "direction": direction,
    }


def _rows(leaf: Leaf, home: Home, publication: Publication, root: str) -> Iterator[_Row]:
    for one in leaf.issues:
        yield _Row(
            number=one.issue,
            title=one.title.removeprefix(f"{home.title}: "),  # which the page says already
            language=one.language,
            href=f"{root}{issue_path(one.issue, 0)}/",
            day=_day(one.frozen, home, publication.language),
            iso=_iso(one.frozen, home),
        )


def _year(row: _Row) -> str:
    return row.iso[:4]


def _iso(moment: datetime, home: Home) -> str:
    return moment.astimezone(ZoneInfo(home.timezone)).date().isoformat()


def _day(moment: datetime, home: Home, language: str) -> str:
    return day_in_words(moment.astimezone(ZoneInfo(home.timezone)).date(), language)
