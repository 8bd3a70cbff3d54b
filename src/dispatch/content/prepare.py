"""The door of this package: a raw post goes in, a clean one comes out. Read `prepare` for the order of the steps."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from dispatch.content import anchors, headings, limits, markdown, tables
from dispatch.content.aliases import read_aliases
from dispatch.content.cards import plain_cards
from dispatch.content.code_blocks import mark_code
from dispatch.content.embeds import replace_embeds
from dispatch.content.enclosures import own_enclosures
from dispatch.content.encoding import decode
from dispatch.content.excerpt import shorten, summarise
from dispatch.content.fields import Fields, read_fields
from dispatch.content.formulas import replace_formulas
from dispatch.content.front_matter import FrontMatter, split
from dispatch.content.html_file import read_page
from dispatch.content.links import Home, autolink, encoded, fits, resolve_links
from dispatch.content.notes import Notes
from dispatch.content.own_page import day_of, given_slug, own_address, slug_of_file
from dispatch.content.pictures import own_picture, resolve_pictures
from dispatch.content.plain import read_plain
from dispatch.content.references import clean_references
from dispatch.content.renditions import Renditions
from dispatch.content.sanitise import sanitise
from dispatch.content.shortcodes import fill_shortcodes
from dispatch.content.slug import FileName, fallback_slug, make_slug, read_name, slug_of_path
from dispatch.content.text_clean import clean_text, one_line
from dispatch.content.tree import Element, parse, serialise, text_of
from dispatch.errors import ContentError
from dispatch.model.permalink import Permalink
from dispatch.model.post import Asset, CleanPost, Enclosure, MediaType, Picture, RawPost

MOST_NAMES = 50  # tags of a post; and authors
LONGEST_NAME = 200  # characters of one


@dataclass(frozen=True, slots=True)
class ContentSetting:
    """What a publication and a source say for all their posts."""

    site_url: str  # the publication's address, without a trailing slash
    language: str = "en"  # BCP 47
    timezone: str = "UTC"  # IANA, for dates without a zone
    authors: tuple[str, ...] = ()  # of posts that name none
    tags: tuple[str, ...] = ()  # of every post, beside its own
    renditions: Renditions | None = None  # where pictures made for mail are kept; None: none are made
    permalink: Permalink | None = None  # how its posts' pages are addressed; None: as they usually are

    @property
    def pages(self) -> Permalink:
        """How its posts' pages are addressed."""
        return self.permalink or Permalink(self.site_url, zone=self.timezone)


@dataclass(frozen=True, slots=True)
class Body:
    """A post's body as a tree, and what it says of itself beneath the front matter."""

    tree: Element
    title: str = ""
    meta: Mapping[str, Any] | None = None


def prepare(raw: RawPost, setting: ContentSetting) -> CleanPost:
    """Make a raw post safe and whole; reads nothing but the files it shows, below `raw.root`.

    Pictures that mail cannot show are made anew, by a child process for each, and kept in `setting.renditions`.

    Raises ContentError, with its line in the file where known, for a post that cannot be used; what is merely
    odd is in the answer's `problems`.
    """
    limits.check_size(raw.data)
    text, warning = decode(raw.data)
    text = clean_text(text)
    if raw.path and not text.strip():
        raise ContentError("is empty: write something, or delete the file.")
    notes = Notes(raw.where, text)
    if warning:
        notes.add(f"The file {warning}")
    front = split(text, key_lines=raw.media_type is MediaType.MARKDOWN) if raw.path else FrontMatter(body=text)
    body = _read_body(raw, front, notes)
    fields = read_fields(front, {**(body.meta or {}), **_known(raw)}, setting.timezone)
    return _assemble(raw, setting, fields, body, notes)


def _known(raw: RawPost) -> dict[str, Any]:
    """What the source knows; a feed's `id` is the identifier that an old site gave."""
    known = dict(raw.meta)
    if raw.path is None and "id" in known:
        known.setdefault("guid", known.pop("id"))
    return known


def _read_body(raw: RawPost, front: FrontMatter, notes: Notes) -> Body:
    if raw.media_type is MediaType.HTML:
        page = read_page(front.body)
        _fill(page.tree, notes)
        return Body(page.tree, meta=page.meta)
    if raw.media_type is MediaType.PLAIN:
        return _read_plain(front, notes)
    tree = parse(markdown.to_html(front.body, notes))
    _fill(tree, notes)
    autolink(tree)
    return Body(tree)


def _fill(tree: Element, notes: Notes) -> None:
    """What is written for other programs to read becomes what everybody can; before anything else reads the text."""
    clean_references(tree)
    plain_cards(tree)
    mark_code(tree)
    fill_shortcodes(tree, notes)
    replace_formulas(tree)


def _read_plain(front: FrontMatter, notes: Notes) -> Body:
    known = next((str(value) for key, value in front.values.items() if key.lower() == "title" and value), "")
    plain = read_plain(front.body, known)
    for message, line in plain.notes:
        notes.add(message, line + front.body_line - 1)
    tree = parse(plain.html)
    autolink(tree)
    return Body(tree, plain.title)


def _assemble(raw: RawPost, setting: ContentSetting, fields: Fields, body: Body, notes: Notes) -> CleanPost:
    name = read_name(raw.ref, raw.index) if raw.path else FileName("", None, "")
    title = _title(raw, fields, body, name)
    language = fields.language or name.language or setting.language
    slug = _slug(raw, fields, name, language, setting, title)
    published = fields.published or day_of(raw.ref if raw.path else "", fields, setting.timezone)
    home = _home(raw, setting, slug, own_address(setting.pages, slug, language, published))
    tree, assets = _refine(body.tree, title, home, notes)
    image, own = own_picture(fields.image, home, notes) if fields.image else (None, ())
    enclosures, brought = own_enclosures(fields.enclosures, home, notes)
    post = CleanPost(
        ref=raw.ref,
        stamp=raw.stamp,
        where=raw.where,
        content_hash=hashlib.sha256(raw.data).hexdigest(),
        revision="",  # of what follows
        title=title,
        html=_html(tree, notes),
        summary=_summary(fields, tree, notes),
        language=language,
        authors=_few("authors", fields.authors or setting.authors, notes),
        tags=tuple(dict.fromkeys((*_few("tags", fields.tags, notes), *setting.tags))),
        published=published,
        updated=fields.updated,
        draft=fields.draft,
        slug=slug,
        explicit_slug=bool(given_slug(fields)),
        explicit_id=fields.explicit_id,
        guid=fields.guid,
        link=_address(raw.link or fields.link, "link", notes),
        canonical=_address(fields.canonical, "canonical", notes),
        aliases=read_aliases(fields.aliases, setting.site_url, notes, fields.aliases_line),
        aliases_line=fields.aliases_line,
        translation=fields.translation or name.group or None,
        image=image,
        assets=_once([*assets, *own, *brought]),
        enclosures=enclosures,
        problems=notes.problems,
    )
    return replace(post, revision=revision_of(post))


def _few(what: str, names: tuple[str, ...], notes: Notes) -> tuple[str, ...]:
    """As many tags or authors as a person gives, each once: each may become a page."""
    given = tuple(dict.fromkeys(names))
    kept = tuple(name for name in given if len(name) <= LONGEST_NAME)[:MOST_NAMES]
    if len(kept) < len(given):
        notes.add(
            f"has {len(given)} {what}: at most {MOST_NAMES} are used, each of at most {LONGEST_NAME} characters.",
            about=what,
        )
    return kept


def _home(raw: RawPost, setting: ContentSetting, slug: str, page: str) -> Home:
    """Where its links and pictures are found; `page` is its address here."""
    address = (raw.link if raw.path is None else None) or page
    place = (raw.path, raw.root, raw.ref)
    return Home(slug, setting.site_url, address, *place, setting.renditions, setting.pages, setting.language)


def _html(tree: Element, notes: Notes) -> str:
    html = sanitise(serialise(tree))
    if not html:
        notes.add("The post has no text.")
    return html


def _address(given: str | None, key: str, notes: Notes) -> str | None:
    address = encoded(given or "")
    if fits(address):
        return address or None
    notes.add(f"`{key}` is longer than any browser takes; it was left out. Write the page's own address.")
    return None


def _title(raw: RawPost, fields: Fields, body: Body, name: FileName) -> str:
    """What the author calls it, else its first h1 or first line, else its file's name in words."""
    given = markdown.plain_line(fields.title) if raw.media_type is not MediaType.PLAIN else fields.title
    words = " ".join(name.stem.replace("-", " ").replace("_", " ").split())
    found = given or body.title or headings.first_h1(body.tree) or words[:1].upper() + words[1:]
    return one_line(found) or shorten(text_of(body.tree), 80) or raw.where


def _slug(raw: RawPost, fields: Fields, name: FileName, language: str, setting: ContentSetting, title: str) -> str:
    """The slug given, else the path given, else the file's name (with its language, if that is not the usual one)."""
    if given := given_slug(fields):
        return given
    if raw.path is None:
        last = urlsplit(raw.link or "").path.rstrip("/").rpartition("/")[2]
        return slug_of_path(last) or make_slug(title) or fallback_slug(raw.ref)
    return slug_of_file(name, language, setting.language)


def _refine(tree: Element, title: str, home: Home, notes: Notes) -> tuple[Element, list[Asset]]:
    """All changes to the body's tree, in their order: sanitising, which would drop embeds, comes after."""
    headings.drop_title(tree, title)
    headings.shift(tree)
    replace_embeds(tree)
    tables.align(tree)
    headings.anchor(tree, anchors.targets(tree))
    anchors.prefix(tree, home.slug)
    assets = resolve_links(tree, home, notes)
    assets += resolve_pictures(tree, home, notes)
    return tree, assets


def _summary(fields: Fields, tree: Element, notes: Notes) -> str:
    if not fields.summary:
        return summarise(tree)
    given = parse(fields.summary)
    _fill(given, notes)
    return shorten(text_of(given))


def _once(assets: list[Asset]) -> tuple[Asset, ...]:
    return tuple({asset.target: asset for asset in assets}.values())


def revision_of(post: CleanPost) -> str:
    """SHA-256, in hex, over every field that a reader sees; whether they may see it counts as one."""
    seen = {
        "title": post.title,
        "html": post.html,
        "summary": post.summary,
        "language": post.language,
        "authors": post.authors,
        "tags": post.tags,
        "published": _text(post.published),
        "updated": _text(post.updated),
        "draft": post.draft,
        "slug": post.slug if post.explicit_slug else None,
        "link": post.link,
        "image": _picture(post.image),
        **_mailed(post.assets),
        **_enclosed(post.enclosures),
    }
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _mailed(assets: tuple[Asset, ...]) -> dict[str, Any]:
    """The pictures made for mail; nothing where there are none, so that posts of older stores stay as they were."""
    made = [asset.target for asset in assets if asset.mails]
    return {"mailed": made} if made else {}


def _enclosed(enclosures: tuple[Enclosure, ...]) -> dict[str, Any]:
    """The enclosures; as above, nothing where there are none."""
    return {"enclosures": [asdict(one) for one in enclosures]} if enclosures else {}


def _picture(picture: Picture | None) -> dict[str, Any] | None:
    return asdict(picture) if picture else None
