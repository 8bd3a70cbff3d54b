"""The site: feeds and pages as files below `public/`, for any web server.

A post that is no longer live keeps its address: its page becomes a notice, and an empty file `.gone` beside
it tells our own server to answer 410 instead of 200.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from dispatch.content.picture_file import picture_for_mail
from dispatch.content.renditions import Renditions
from dispatch.errors import ContentError, TemplateError
from dispatch.model.feed import ATOM, FEED_FILES, JSON_FEED, RSS, Feed
from dispatch.model.permalink import page_path
from dispatch.model.post import Post, PostState, Problem
from dispatch.syndicate import feedxml, jsonfeed, pages
from dispatch.syndicate.budget import fit
from dispatch.syndicate.contents import INDEX, ArchivePage, SiteContents, Topic, archive_folder
from dispatch.syndicate.entries import archive_feed, feed
from dispatch.syndicate.folder import PublicFolder
from dispatch.syndicate.opml import opml
from dispatch.theme import Theme

GONE = ".gone"
WRITERS: dict[str, Callable[[Feed], bytes]] = {
    RSS.name: feedxml.rss,
    ATOM.name: feedxml.atom,
    JSON_FEED.name: jsonfeed.json_feed,
}


@dataclass(frozen=True, slots=True)
class Site:
    """Writes below `public/` what is given to it.

    Every method raises StoreError if the disk refuses and TemplateError if a template that no post can spoil is
    broken. A post that cannot be shown, and a place where something else is in the way, are kept among the problems.
    """

    contents: SiteContents
    folder: PublicFolder
    theme: Theme
    renditions: Renditions  # pictures made for mail, which lie beside those that the pages show
    problems: list[Problem] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)  # of each live feed's file that was made: SHA-256, in hex

    def write_frame(self) -> None:
        """The files that all pages and feeds have in common."""
        for name, data in (
            ("style.css", pages.style(self.contents.publication, self.theme).encode()),
            (pages.OPML, opml(self.contents)),
        ):
            with self._noting(name):
                self.folder.write(name, data)

    def write_post(self, post: Post) -> None:
        """A post's page, or the notice that it is gone, and the files that it shows."""
        if post.state is PostState.LIVE:  # wherever its page is, its mails and entries show these
            self._copy_assets(post)
        path = page_path(post.url, self.contents.publication.url)
        if path is None or post.url == post.home:
            return  # its page is somebody else's
        try:
            self._write_page(post, path)
        except (ContentError, TemplateError) as error:
            self.problems.append(Problem(post.where, str(error)))

    def _write_page(self, post: Post, path: str) -> None:
        if post.state is PostState.LIVE:
            self._write_text(f"{path}/{INDEX}", pages.post_page(self.contents, post, path, self.theme))
            self.folder.remove(f"{path}/{GONE}")
        elif post.state is PostState.WITHDRAWN or self.folder.has(f"{path}/{INDEX}"):  # a draft is no news
            self._write_notice(path, pages.withdrawn_page(self.contents, path, self.theme))

    def _write_notice(self, path: str, page: str) -> None:
        self.folder.write(f"{path}/{GONE}", b"")
        self._write_text(f"{path}/{INDEX}", page)

    def remove_files(self, names: Iterable[str]) -> None:
        """Take away files that no post shows any more."""
        for name in names:
            with self._noting(name):
                self.folder.remove(name)

    def _copy_assets(self, post: Post) -> None:
        for asset in post.assets:
            try:
                if asset.mails:
                    self.folder.write(asset.target, picture_for_mail(asset, self.renditions))
                else:
                    self.folder.copy(asset.source, asset.target)
            except ContentError as error:
                self.problems.append(Problem(post.where, str(error), fatal=False))

    def write_topic(self, topic: Topic, *, everything: bool = False) -> None:
        """A topic's page and live feeds; one that cannot be written is kept among the problems.

        What hardly ever changes, the page for people who open a feed, is written if it is not there or `everything` is.
        """
        with self._noting(topic.path):
            self._write_topic(topic, everything=everything)

    def _write_topic(self, topic: Topic, *, everything: bool) -> None:
        prefix = f"{topic.path}/" if topic.path else ""
        made, problems = feed(
            self.contents.publication,
            topic,
            entries=self.contents.entries,
            full_text=self.contents.full_text,
            hubs=self.contents.hubs,
        )
        self.problems.extend(problems)
        self.digests.update(self._write_feeds(prefix, made))
        self._write_text(f"{prefix}{INDEX}", pages.topic_page(self.contents, topic, self.theme))
        self.folder.remove(f"{prefix}{GONE}")
        if everything or not self.folder.has(f"{prefix}follow/{INDEX}"):
            self._write_text(f"{prefix}follow/{INDEX}", pages.follow_page(self.contents, topic, self.theme))

    def write_archive_page(self, topic: Topic, page: ArchivePage) -> None:
        """A page of a topic's history, for people and in each format."""
        with self._noting(archive_folder(topic.path, page.number)):
            self._write_archive_page(topic, page)

    def _write_archive_page(self, topic: Topic, page: ArchivePage) -> None:
        prefix = f"{archive_folder(topic.path, page.number)}/"
        self.folder.remove(prefix + GONE)
        made, _ = archive_feed(self.contents.publication, topic, page, full_text=self.contents.full_text)
        self._write_feeds(prefix, made)
        self._write_text(f"{prefix}{INDEX}", pages.archive_page(self.contents, topic, page, self.theme))

    def _write_feeds(self, prefix: str, made: Feed) -> dict[str, str]:
        digests = {}
        for name, write in WRITERS.items():
            data = fit(made, write)
            self.folder.write(prefix + name, data)
            digests[prefix + name] = hashlib.sha256(data).hexdigest()
        return digests

    def remove_topic(self, path: str, numbers: Sequence[int]) -> None:
        """Put a notice in the place of a topic that is offered no more; readers of its feeds are told to stop."""
        self.remove_pages(path, numbers)
        self._end(path)
        with self._noting(path):
            self.folder.remove(f"{path}/follow/{INDEX}")

    def remove_pages(self, path: str, numbers: Iterable[int]) -> None:
        """Put a notice in the place of pages of a topic's history."""
        for number in numbers:
            self._end(archive_folder(path, number))

    def _end(self, folder: str) -> None:
        with self._noting(folder):
            for file in FEED_FILES:
                self.folder.remove(f"{folder}/{file.name}")
            self._write_notice(folder, pages.ended_page(self.contents, folder, self.theme))

    @contextmanager
    def _noting(self, name: str) -> Iterator[None]:
        """Keep what cannot be written below a name among the problems, and go on."""
        try:
            yield
        except ContentError as error:
            self.problems.append(Problem(f"public/{name}", str(error)))

    def _write_text(self, name: str, text: str) -> None:
        self.folder.write(name, text.encode(errors="replace"))
