"""The site: feeds and pages as files below `public/`, for any web server.

A post that is no longer live keeps its address: its page becomes a notice, and an empty file `.gone` beside
it tells our own server to answer 410 instead of 200.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dispatch.content.picture_file import picture_for_mail
from dispatch.content.renditions import Renditions
from dispatch.errors import ContentError, TemplateError
from dispatch.model.feed import ATOM, JSON_FEED, RSS, Feed
from dispatch.model.post import Post, PostState, Problem
from dispatch.syndicate import feedxml, jsonfeed, pages
from dispatch.syndicate.budget import fit
from dispatch.syndicate.contents import SiteContents, Topic
from dispatch.syndicate.entries import feed
from dispatch.syndicate.folder import PublicFolder
from dispatch.theme import Theme

GONE = ".gone"
WRITERS: dict[str, Callable[[Feed], bytes]] = {
    RSS.name: feedxml.rss,
    ATOM.name: feedxml.atom,
    JSON_FEED.name: jsonfeed.json_feed,
}


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What one pass did to the site."""

    written: tuple[str, ...]  # relative to public/, in order of writing
    problems: tuple[Problem, ...] = ()  # posts that had to be left out


def write_site(
    contents: SiteContents,
    public: Path,
    theme: Theme,
    renditions: Renditions,
    *,
    entries: int = 30,
    full_text: bool = True,
) -> SiteReport:
    """Bring `public/` up to date: changed posts' pages, then each topic's page and feeds of at most `entries`.

    `renditions` are the pictures made for mail, which lie beside those that the pages show.

    Raises StoreError if the disk refuses, TemplateError if a template is broken; a broken post is only reported.
    """
    folder = PublicFolder(public)
    problems: list[Problem] = []
    folder.write("style.css", pages.style(contents.publication, theme).encode())
    for post in contents.changed:
        if problem := _write_post(contents, post, folder, theme):
            problems.append(problem)
        if post.state is PostState.LIVE:  # wherever its page is, its mails and entries show these
            problems += _copy_assets(post, folder, renditions)
    for topic in contents.topics:
        problems += _write_topic(contents, topic, folder, theme, entries, full_text)
    return SiteReport(tuple(folder.written), tuple(dict.fromkeys(problems)))


def _write_post(contents: SiteContents, post: Post, folder: PublicFolder, theme: Theme) -> Problem | None:
    """Write the post's page, or the notice that it is gone; answers why it cannot be written."""
    if not post.url.startswith(contents.publication.url + "/"):
        return None  # its page is somebody else's
    path = f"posts/{post.slug.strip('/')}"
    try:
        if post.state is PostState.LIVE:
            folder.write(f"{path}/index.html", pages.post_page(contents, post, path, theme).encode(errors="replace"))
            folder.remove(f"{path}/{GONE}")
        elif post.state is PostState.WITHDRAWN or folder.has(f"{path}/index.html"):  # a draft is no news
            folder.write(f"{path}/{GONE}", b"")
            folder.write(f"{path}/index.html", pages.withdrawn_page(contents, path, theme).encode(errors="replace"))
    except (ContentError, TemplateError) as error:
        return Problem(post.where, str(error))
    return None


def _copy_assets(post: Post, folder: PublicFolder, renditions: Renditions) -> list[Problem]:
    problems = []
    for asset in post.assets:
        try:
            if asset.mails:
                folder.write(asset.target, picture_for_mail(asset, renditions))
            else:
                folder.copy(asset.source, asset.target)
        except ContentError as error:
            problems.append(Problem(post.where, str(error), fatal=False))
    return problems


def _write_topic(
    contents: SiteContents, topic: Topic, folder: PublicFolder, theme: Theme, entries: int, full_text: bool
) -> list[Problem]:
    made, problems = feed(contents.publication, topic, entries=entries, full_text=full_text)
    prefix = f"{topic.path}/" if topic.path else ""
    latest = tuple(post for post in topic.posts if post.state is PostState.LIVE)[:entries]
    try:
        for name, write in WRITERS.items():
            folder.write(prefix + name, fit(made, write))
        page = pages.topic_page(contents, topic, latest, theme)
        folder.write(f"{prefix}index.html", page.encode(errors="replace"))
    except ContentError as error:
        return [*problems, Problem(topic.path, str(error))]
    return list(problems)
