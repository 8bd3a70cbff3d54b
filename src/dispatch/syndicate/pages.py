"""The pages for people: what a topic is, how to follow it, and each post by itself.

Links inside the site are relative, so that the pages work below any prefix and before the site has its address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dispatch.catalogue import Catalogue, phrase
from dispatch.colour import readable
from dispatch.compose.issue_pages import shows_issues
from dispatch.content.code import highlight
from dispatch.content.text_clean import clean_text
from dispatch.language import day_in_words, direction, either, file_size, own_name
from dispatch.model.feed import FEED_FILES
from dispatch.model.issue import MailingList, Publication
from dispatch.model.post import Post, PostState
from dispatch.model.subscriber import Cadence
from dispatch.syndicate.contents import ArchivePage, SiteContents, Topic, address, archive_folder
from dispatch.syndicate.topics import ALL, tag_folder
from dispatch.theme import Theme, trusted

PAPER = "#fdfcfa"  # the backgrounds of templates/web/style.css
NIGHT = "#16181b"
OPML = "feeds.opml"
PACE = {
    # Translators: all of these go on after “By mail”, or stand by themselves.
    Cadence.IMMEDIATE: phrase("as soon as there is something new"),
    Cadence.DAILY: phrase("once a day, when there is something new"),
    Cadence.WEEKLY: phrase("once a week, when there is something new"),
    Cadence.MONTHLY: phrase("once a month, when there is something new"),
    Cadence.BY_HAND: phrase("now and then, when its editors send it"),
}
CHOICE = {
    Cadence.IMMEDIATE: phrase("at once"),
    Cadence.DAILY: phrase("daily"),
    Cadence.WEEKLY: phrase("weekly"),
    Cadence.MONTHLY: phrase("monthly"),
    Cadence.BY_HAND: phrase("now and then"),
}


@dataclass(frozen=True, slots=True)
class FeedLink:
    """One feed as a page offers it."""

    href: str  # below public/
    name: str  # RSS, Atom or JSON Feed
    media_type: str
    title: str
    address: str  # absolute, to be copied


def style(publication: Publication, theme: Theme) -> str:
    """The style sheet of all pages, in the publication's colour."""
    accent = publication.accent
    return theme.render("web/style.css", accent=readable(accent, PAPER), accent_dark=readable(accent, NIGHT))


def topic_page(contents: SiteContents, topic: Topic, theme: Theme) -> str:
    """The page of a topic: what it is, how often it comes, how to follow it, and its latest posts."""
    return theme.render(
        "web/list.html" if topic.path else "web/index.html",
        **_common(contents, topic.path, topic.language),
        **_of_topic(contents, topic, theme),
        posts=_live(topic.posts),
        older=f"archive/{topic.older}/" if topic.older else "",
        lists=contents.lists,
        tags=contents.tags,
        authors=contents.authors,
        languages=contents.languages,
        canonical=address(contents.publication, topic.path) + "/",
    )


def archive_page(contents: SiteContents, topic: Topic, page: ArchivePage, theme: Theme) -> str:
    """A page of a topic's history. It names the one before it and never the one after: a full page stays as it is."""
    path = archive_folder(topic.path, page.number)
    return theme.render(
        "web/archive.html",
        **_common(contents, path, topic.language),
        **_of_topic(contents, topic, theme),
        posts=_live(page.posts),
        number=page.number,
        older=f"../{page.number - 1}/" if page.number > 1 else "",
        canonical=address(contents.publication, path) + "/",
    )


def follow_page(contents: SiteContents, topic: Topic, theme: Theme) -> str:
    """What people see who open a feed in a browser: what it is, and the addresses to give to a feed reader."""
    return theme.render(
        "web/follow.html",
        **_common(contents, f"{topic.path}/follow".lstrip("/"), topic.language),
        **_of_topic(contents, topic, theme),
        opml=address(contents.publication, OPML),
    )


def _live(posts: tuple[Post, ...]) -> list[Post]:
    """Those that readers may see: one may have been withdrawn since they were chosen."""
    return [post for post in posts if post.state is PostState.LIVE]


def _of_topic(contents: SiteContents, topic: Topic, theme: Theme) -> dict[str, Any]:
    own = contents.mailing_list(topic.path)
    return {
        "topic": topic,
        "heading": topic.title.removeprefix(f"{contents.publication.title}: "),  # which the page says already
        "feeds": feed_links(contents.publication, topic.path, topic.title),
        "pace": pace(own, theme.catalogue(topic.language or contents.publication.language)) if own else "",
        "may_join": bool(own and own.sign_up),
        "past_issues": bool(own and shows_issues(own)),
    }


def post_page(contents: SiteContents, post: Post, path: str, theme: Theme) -> str:
    """The page of one post; `path` is its folder below public/."""
    folders = {page.path for page in contents.tags}
    return theme.render(
        "web/post.html",
        **_common(contents, path),
        post=post,
        home_host=urlsplit(post.home).hostname or "",
        content=trusted(_own_pictures(contents, path, highlight(clean_text(post.html)))),
        cover=post.image if post.image and post.image.url not in post.html else None,
        tags=[(tag, tag_folder(tag) if tag_folder(tag) in folders else "") for tag in post.tags],
        feeds=feed_links(contents.publication, ALL, contents.publication.title),
        revised=post.updated.date() > post.published.date(),
    )


def moved_page(contents: SiteContents, path: str, target: str, theme: Theme) -> str:
    """What leads on from an old address, where no server does; `path` is the page's folder below public/."""
    return theme.render("web/moved.html", **_common(contents, path), target=target)


def withdrawn_page(contents: SiteContents, path: str, theme: Theme) -> str:
    """The notice in the place of a post that is no longer shown; says nothing of what it was."""
    return theme.render("web/withdrawn.html", **_common(contents, path))


def ended_page(contents: SiteContents, path: str, theme: Theme) -> str:
    """The notice in the place of a topic that is offered no more."""
    return theme.render("web/ended.html", **_common(contents, path))


def pace(mailing_list: MailingList, words: Catalogue) -> str:
    """How often a list comes by mail, in words."""
    usual = words.gettext(PACE[mailing_list.cadence])
    others = [words.gettext(CHOICE[cadence]) for cadence in mailing_list.cadences if cadence != mailing_list.cadence]
    if not others:
        return usual
    return words.gettext("%(pace)s; if you like, %(choice)s", pace=usual, choice=either(others, words.language))


def _own_pictures(contents: SiteContents, path: str, html: str) -> str:
    """Pictures of ours are found relative to the page, before the site has its address too."""
    root = "../" * len(path.split("/"))
    return html.replace(f'src="{contents.publication.url}/', f'src="{root}')


def _common(contents: SiteContents, path: str, language: str = "") -> dict[str, Any]:
    """What every page needs, in a language; empty: the publication's."""
    publication = contents.publication
    language = language or publication.language
    root = "../" * len(path.split("/")) if path else "./"
    return {
        "publication": publication,
        "language": language,
        "root": root,
        "day": _day_writer(publication, language),
        "iso": lambda moment: moment.astimezone(ZoneInfo(publication.timezone)).date().isoformat(),
        "here": _shortener(publication, root),
        "direction": direction,
        "own_name": own_name,
        "size": lambda length: file_size(length, language),
    }


def _day_writer(publication: Publication, language: str) -> Callable[[datetime], str]:
    """Write a day of the publication as readers of a language do."""
    zone = ZoneInfo(publication.timezone)
    return lambda moment: day_in_words(moment.astimezone(zone).date(), language)


def _shortener(publication: Publication, root: str) -> Callable[[str], str]:
    """Make an address of ours relative to the page; one of somebody else's stays as it is."""
    own = publication.url + "/"
    return lambda url: root + url.removeprefix(own) if url.startswith(own) else url


def feed_links(publication: Publication, path: str, title: str) -> list[FeedLink]:
    """The live feeds of a topic, as a page offers them."""
    base = address(publication, path)
    return [
        FeedLink(
            f"{path}/{file.name}".lstrip("/"),
            file.title,
            file.media_type,
            f"{title} ({file.title})",
            f"{base}/{file.name}",
        )
        for file in FEED_FILES
    ]
