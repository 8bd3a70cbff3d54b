"""RSS 2.0 and Atom (RFC 4287): the only importer of feedgen.

feedgen gives the documents' frame; the extension below adds what it leaves out or gets wrong: the attributes of
an Atom entry's links, `dc:creator` (RSS wants e-mail addresses in `author`), pictures, an entry's language, and
the absence of a build date where a feed has no entries.
"""

import html
import uuid
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import feedgen.entry
import feedgen.feed
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from dispatch import __version__
from dispatch.model.feed import Entry, Feed

DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RSS_TYPE = "application/rss+xml"
ATOM_TYPE = "application/atom+xml"


def _rfc822(moment: datetime) -> str:
    """A date as RSS wants it, in GMT."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


# feedgen's own formatter switches the locale of the whole process while it runs, under the feet of other threads.
feedgen.feed.formatRFC2822 = feedgen.entry.formatRFC2822 = _rfc822


class FeedExtension(BaseExtension):  # type: ignore[misc]
    """What feedgen cannot say of a feed."""

    empty = False

    def extend_ns(self) -> dict[str, str]:
        """The namespaces that every document declares, in use or not, so that they never move."""
        return {"dc": DC, "media": MEDIA}

    def extend_rss(self, root: Any) -> Any:
        """Take away the date of an empty feed: there is none."""
        if self.empty:
            channel = root[0]
            channel.remove(channel.find("lastBuildDate"))
        return root


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """What feedgen cannot say of an entry."""

    entry: Entry
    language = ""  # the feed's

    def extend_rss(self, item: Any) -> Any:
        """Add authors, language and picture."""
        for name in self.entry.authors:
            xml_elem(f"{{{DC}}}creator", item).text = name
        if self._differs():
            xml_elem(f"{{{DC}}}language", item).text = self.entry.language
        self._add_picture(item)
        return item

    def extend_atom(self, element: Any) -> Any:
        """Give the link its attributes back, and add language and picture."""
        link = element.find("link")
        link.set("rel", "alternate")
        link.set("type", "text/html")
        if self._differs():
            element.set(XML_LANG, self.entry.language)
        self._add_picture(element)
        return element

    def _differs(self) -> bool:
        return bool(self.entry.language) and self.entry.language != self.language

    def _add_picture(self, parent: Any) -> None:
        picture = self.entry.image
        if picture is None:
            return
        content = xml_elem(f"{{{MEDIA}}}content", parent, url=picture.url, medium="image")
        for name, size in (("width", picture.width), ("height", picture.height)):
            if size:
                content.set(name, str(size))
        if picture.alt:
            xml_elem(f"{{{MEDIA}}}description", content, type="plain").text = picture.alt


def rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0 in UTF-8, with the whole text in `content:encoded`.

    `description` is the plain summary as HTML, for readers show it so.
    """
    generator = _generator(feed, "feed.xml", RSS_TYPE)
    for entry in feed.entries:
        item = _add(generator, entry, feed)
        item.guid(entry.uid, permalink=entry.uid_is_link)
        item.description(html.escape(entry.summary or entry.title, quote=False))
        if entry.html:
            item.content(entry.html)
    return _written(generator.rss_str())


def atom(feed: Feed) -> bytes:
    """The feed as Atom 1.0 in UTF-8."""
    generator = _generator(feed, "atom.xml", ATOM_TYPE)
    for entry in feed.entries:
        item = _add(generator, entry, feed)
        item.id(_iri(entry.uid))
        item.author([{"name": name} for name in entry.authors])
        if entry.summary:
            item.summary(entry.summary)
        if entry.html:
            item.content(entry.html, type="html")
    return _written(generator.atom_str())


def _generator(feed: Feed, name: str, media_type: str) -> Any:
    generator = FeedGenerator()
    generator.register_extension("ours", FeedExtension, EntryExtension)
    generator.ours.empty = not feed.entries
    generator.id(_iri(feed.uid))
    generator.title(feed.title)
    generator.description(feed.description)
    generator.language(feed.language)
    generator.author(name=feed.author)
    generator.generator("Dispatch", version=__version__)
    generator.docs("https://www.rssboard.org/rss-specification")
    generator.updated(feed.updated)
    if feed.logo:
        generator.logo(feed.logo)
    # RSS takes the last link as the channel's own, so the page for people comes last.
    generator.link(href=f"{feed.base}/{name}", rel="self", type=media_type)
    generator.link(href=feed.home, rel="alternate", type="text/html")
    return generator


def _add(generator: Any, entry: Entry, feed: Feed) -> Any:
    item = generator.add_entry(order="append")
    item.ours.entry = entry
    item.ours.language = feed.language
    item.title(entry.title)
    item.link(href=entry.url)
    item.published(entry.published)
    item.updated(entry.updated)
    item.category([{"term": tag} for tag in entry.tags])
    return item


def _iri(uid: str) -> str:
    """An id that Atom accepts: an address as it is, any other text as a UUID made from it (RFC 4122, section 4.3)."""
    scheme, colon, rest = uid.partition(":")
    valid = colon and rest and scheme.isascii() and scheme.isalnum() and " " not in uid
    return uid if valid else uuid.uuid5(uuid.NAMESPACE_URL, uid).urn


def _written(data: bytes) -> bytes:
    return data + b"\n"
