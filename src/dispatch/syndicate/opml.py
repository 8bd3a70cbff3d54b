"""All feeds of the publication in one file that feed readers import: OPML 2.0 (http://opml.org/spec2.opml)."""

from collections.abc import Iterable
from xml.etree import ElementTree

from dispatch.content.text_clean import one_line
from dispatch.model.feed import RSS
from dispatch.model.issue import Publication
from dispatch.syndicate.contents import SiteContents, address
from dispatch.syndicate.topics import ALL


def opml(contents: SiteContents) -> bytes:
    """The RSS feed of each topic, the publication's own first; every reader that takes OPML takes RSS."""
    publication = contents.publication
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = one_line(publication.title)
    if publication.author:
        ElementTree.SubElement(head, "ownerName").text = one_line(publication.author)
    body = ElementTree.SubElement(root, "body")
    for path, name in _feeds(contents):
        body.append(_outline(publication, path, one_line(name)))
    ElementTree.indent(root, " ")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode(errors="replace")


def _feeds(contents: SiteContents) -> Iterable[tuple[str, str]]:
    yield ALL, contents.publication.title
    yield from ((f"lists/{one.slug}", one.title) for one in contents.lists)
    pages = (*contents.languages, *contents.tags, *contents.authors)
    yield from ((page.path, page.title) for page in pages)


def _outline(publication: Publication, path: str, name: str) -> ElementTree.Element:
    base = address(publication, path)
    return ElementTree.Element(
        "outline", text=name, title=name, type="rss", xmlUrl=f"{base}/{RSS.name}", htmlUrl=f"{base}/"
    )
