"""RSS 2.0 and Atom (RFC 4287): the only importer of feedgen.

feedgen gives the documents' frame; the extension below adds what it leaves out or gets wrong: the attributes of
an Atom entry's links, `dc:creator` (RSS wants e-mail addresses in `author`), pictures, enclosures, an entry's
language, hubs and the pages of an archive, and the absence of a build date where a feed has no entries.
"""

import hashlib
import html
import re
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
from dispatch.model.feed import ATOM, RSS, Entry, Feed, FeedFile
from dispatch.model.post import Enclosure
from dispatch.syndicate.relations import relations

ATOM_SPACE = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HISTORY = "http://purl.org/syndication/history/1.0"
RSS_PICTURES = (".gif", ".jpeg", ".jpg", ".png")
MEDIUMS = ("audio", "image", "video")
# The RSS Profile has `&` and `<` of plain texts as hexadecimal references, which no reader takes for markup.
PLAIN = re.compile(rb"<(?:title|category|media:title[^>]*)>[^<]*")
ABOUT = re.compile(rb"<description>[^<]*")
ID = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")


def _rfc822(moment: datetime) -> str:
    """A date as RSS wants it, in GMT."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


# feedgen's own formatter switches the locale of the whole process while it runs, under the feet of other threads.
feedgen.feed.formatRFC2822 = feedgen.entry.formatRFC2822 = _rfc822


class FeedExtension(BaseExtension):  # type: ignore[misc]
    """What feedgen cannot say of a feed."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        """The namespaces: those of entries in every document, in use or not, so that they never move."""
        return {"dc": DC, "media": MEDIA, **({"fh": HISTORY} if self.feed.newer else {})}

    def extend_rss(self, root: Any) -> Any:
        """Add hubs and archive, and take away the date of an empty feed: there is none."""
        channel = root[0]
        if not self.feed.entries:
            channel.remove(channel.find("lastBuildDate"))
        self._relate(channel, f"{{{ATOM_SPACE}}}link", RSS)
        return root

    def extend_atom(self, root: Any) -> Any:
        """Add hubs and archive."""
        self._relate(root, "link", ATOM)
        return root

    def _relate(self, parent: Any, name: str, file: FeedFile) -> None:
        for relation in relations(self.feed, file):
            link = xml_elem(name, parent, href=relation.href, rel=relation.rel)
            if relation.media_type:
                link.set("type", relation.media_type)
        if self.feed.newer:
            xml_elem(f"{{{HISTORY}}}archive", parent)


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """What feedgen cannot say of an entry."""

    entry: Entry
    language = ""  # the feed's

    def extend_rss(self, item: Any) -> Any:
        """Add authors, language, picture and enclosures: one of them as RSS has it, all further ones as Media RSS."""
        for name in self.entry.authors:
            xml_elem(f"{{{DC}}}creator", item).text = name
        if self._differs():
            xml_elem(f"{{{DC}}}language", item).text = self.entry.language
        self._add_picture(item)
        for number, one in enumerate(self.entry.enclosures):
            if number == 0:
                xml_elem("enclosure", item, url=one.url, length=str(one.length), type=one.media_type)
            if number or one.seconds:
                _add_media(item, one)
        return item

    def extend_atom(self, element: Any) -> Any:
        """Give the link its attributes back, and add language, picture and enclosures."""
        link = element.find("link")
        link.set("rel", "alternate")
        link.set("type", "text/html")
        if self._differs():
            element.set(XML_LANG, self.entry.language)
        self._add_picture(element)
        for one in self.entry.enclosures:
            enclosure = xml_elem("link", element, rel="enclosure", href=one.url, type=one.media_type)
            if one.length:
                enclosure.set("length", str(one.length))
            if one.seconds:
                _add_media(element, one)
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
        if picture.alt:  # as its title: feedparser, and all that reads by it, takes a description for the entry's
            xml_elem(f"{{{MEDIA}}}title", content, type="plain").text = picture.alt


def _add_media(parent: Any, one: Enclosure) -> None:
    """Say of an enclosure what its element has no room for (Media RSS 1.5.1)."""
    content = xml_elem(f"{{{MEDIA}}}content", parent, url=one.url, type=one.media_type)
    medium = one.media_type.partition("/")[0]
    told = {"medium": medium if medium in MEDIUMS else "", "fileSize": one.length or "", "duration": one.seconds or ""}
    for name, value in told.items():
        if value:
            content.set(name, str(value))


def rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0 in UTF-8, with the whole text in `content:encoded`.

    `description` is the plain summary as HTML, for readers show it so.
    """
    generator = _generator(feed, RSS)
    if feed.logo.lower().endswith(RSS_PICTURES):
        generator.image(url=feed.logo, title=feed.title, link=feed.home)
    for entry in feed.entries:
        item = _add(generator, entry, feed)
        item.guid(entry.uid, permalink=entry.uid_is_link and _is_uri(entry.uid))
        item.description(html.escape(entry.summary or entry.title, quote=False))
        if entry.html:
            item.content(entry.html)
    data = PLAIN.sub(_hexadecimal, generator.rss_str())
    return ABOUT.sub(_hexadecimal, data, count=1) + b"\n"


def atom(feed: Feed) -> bytes:
    """The feed as Atom 1.0 in UTF-8."""
    generator = _generator(feed, ATOM)
    if feed.logo:
        generator.logo(feed.logo)
    for entry in feed.entries:
        item = _add(generator, entry, feed)
        item.updated(_told_apart(entry))
        item.id(_iri(entry.uid))
        item.author([{"name": name} for name in entry.authors])
        if entry.summary or not entry.html:
            item.summary(entry.summary or entry.title)
        if entry.html:
            item.content(entry.html, type="html")
    data: bytes = generator.atom_str()
    return data + b"\n"


def _generator(feed: Feed, file: FeedFile) -> Any:
    generator = FeedGenerator()
    generator.register_extension("ours", FeedExtension, EntryExtension)
    generator.ours.feed = feed
    generator.id(_iri(feed.uid))
    generator.title(feed.title)
    generator.description(feed.description)
    generator.language(feed.language)
    generator.author(name=feed.author)
    generator.generator("Dispatch", version=__version__)
    generator.docs("https://www.rssboard.org/rss-specification")
    generator.updated(feed.updated)
    # RSS takes the last link as the channel's own, so the page for people comes last.
    generator.link(href=f"{feed.base}/{file.name}", rel="self", type=file.media_type)
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


def _told_apart(entry: Entry) -> datetime:
    """When an entry was updated, with a fraction of a second that is its own whichever document it stands in.

    Readers that sort by this date would show posts of one instant in any order, and the W3C's validator warns of it.
    """
    digest = hashlib.sha256(entry.uid.encode()).digest()
    return entry.updated.replace(microsecond=int.from_bytes(digest[:4], "big") % 1_000_000)


def _iri(uid: str) -> str:
    """An id that Atom accepts: an address as it is, any other text as a UUID made from it (RFC 4122, section 4.3)."""
    return uid if _is_uri(uid) else uuid.uuid5(uuid.NAMESPACE_URL, uid).urn


def _is_uri(uid: str) -> bool:
    return bool(ID.fullmatch(uid))


def _hexadecimal(text: re.Match[bytes]) -> bytes:
    return text[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")
