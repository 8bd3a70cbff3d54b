"""Front matter's words become typed fields. Which words mean what is a table; so is how each value is read."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from dispatch.content.dates import read_instant
from dispatch.content.front_matter import FrontMatter
from dispatch.content.text_clean import one_line
from dispatch.errors import ContentError
from dispatch.model.language import language_tag

# Names as Hugo, Jekyll, Zola, Pelican, Eleventy, Astro, Ghost, Obsidian and our own users write them, compared without
# case, `_` and `-`; of several given, the first in the row counts.
NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "published": (
        "date",
        "published",
        "pubdate",
        "publishdate",
        "publisheddate",
        "publishedat",
        "publishedon",
        "datepublished",
        "created",
        "createdat",
    ),
    "updated": (
        "updated",
        "lastmod",
        "modified",
        "lastmodified",
        "lastmodifiedat",
        "updatedat",
        "updateddate",
        "datemodified",
    ),
    "slug": ("slug",),
    "path": ("path", "permalink", "url"),
    "draft": ("draft", "isdraft"),
    "live": ("published",),
    "status": ("status",),
    "tags": ("tags", "tag", "categories", "category", "keywords", "topics"),
    "taxonomies": ("taxonomies",),
    "summary": ("summary", "description", "excerpt", "abstract"),
    "authors": ("authors", "author", "by", "byline"),
    "image": ("image", "cover", "featuredimage", "featureimage", "heroimage", "banner", "thumbnail"),
    "image_alt": ("imagealt", "coveralt", "featuredimagealt", "featureimagealt", "heroimagealt"),
    "language": ("language", "lang", "locale"),
    "aliases": ("aliases", "redirectfrom"),
    "id": ("id", "uid"),
    "guid": ("guid",),
    "translation": ("translation", "translationkey"),
    "link": ("link", "externalurl"),
    "canonical": ("canonical", "canonicalurl"),
    "enclosures": ("enclosures", "enclosure", "audio"),
}
PICTURE_SOURCE = ("src", "url", "path", "image", "feature", "file", "relative", "href")
PICTURE_TEXT = ("alt", "caption", "title")
FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
UNFINISHED = frozenset({"draft", "private", "pending", "hidden", "unpublished", "archived"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """A value as its author wrote it, and where."""

    key: str
    value: Any
    line: int | None

    def wrong(self, wanted: str) -> ContentError:
        """The error that says what this field must be."""
        return ContentError(f"{self.key}: {wanted} (it says {_short(self.value)}).", self.line)


@dataclass(frozen=True, slots=True)
class PictureField:
    """A post's own picture as its author names it."""

    source: str
    alt: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Fields:
    """All that front matter can say, typed; None or empty where it says nothing."""

    title: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    slug: str = ""
    path: str = ""
    draft: bool = False
    tags: tuple[str, ...] = ()
    summary: str = ""
    authors: tuple[str, ...] = ()
    image: PictureField | None = None
    language: str = ""
    aliases: tuple[str, ...] = ()
    aliases_line: int | None = None
    explicit_id: str | None = None
    guid: str | None = None
    translation: str | None = None
    link: str | None = None
    canonical: str | None = None
    enclosures: tuple[Found, ...] = ()  # as written: what is wrong with one costs that one alone


class Lookup:
    """Finds fields by any of their names, in front matter first and then in what the source knows."""

    def __init__(self, front: FrontMatter, meta: Mapping[str, Any]) -> None:
        self._found = {_normal(key): Found(key, value, None) for key, value in meta.items()}
        for key, value in front.values.items():
            self._found[_normal(key)] = Found(key, value, front.lines.get(key))

    def all(self, field: str) -> list[Found]:
        """Every value given for a field, in the order of its names."""
        found = (self._found.get(name) for name in NAMES[field])
        return [item for item in found if item is not None and item.value not in (None, "", [])]

    def read(self, field: str, convert: Callable[[Found], T], otherwise: T) -> T:
        """The field's first value, converted, or `otherwise`."""
        found = self.all(field)
        return convert(found[0]) if found else otherwise


def read_fields(front: FrontMatter, meta: Mapping[str, Any], timezone: str) -> Fields:
    """Type what front matter and, beneath it, the source's `meta` say.

    Raises ContentError that names the field and its line for a value of the wrong kind.
    """
    look = Lookup(front, meta)
    nowhere: tuple[str, str | None] = ("", None)
    path, elsewhere = look.read("path", _path, nowhere)
    return Fields(
        title=look.read("title", _text, ""),
        published=_published(look, timezone),
        updated=look.read("updated", lambda found: _instant(found, timezone), None),
        slug=look.read("slug", _text, ""),
        path=path,
        draft=_is_draft(look),
        tags=_tags(look),
        summary=look.read("summary", _text, ""),
        authors=look.read("authors", _authors, ()),
        image=_image(look),
        language=look.read("language", _language, ""),
        aliases=look.read("aliases", _list_of_text, ()),
        aliases_line=look.read("aliases", lambda found: found.line, None),
        explicit_id=look.read("id", _text, "") or None,
        guid=look.read("guid", _text, "") or None,
        translation=look.read("translation", _text, "") or None,
        link=look.read("link", _address, None) or elsewhere,
        canonical=look.read("canonical", _address, None),
        enclosures=tuple(look.all("enclosures")),
    )


def _normal(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "").replace(" ", "")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _scalar(value: Any) -> str | None:
    """Text for what stands for itself: 2024 as a title is meant as a word."""
    if isinstance(value, bool):
        return str(value).lower()
    return one_line(str(value)) if isinstance(value, str | int | float | date) else None


def _text(found: Found) -> str:
    text = _scalar(found.value)
    if text is None:
        raise found.wrong("must be text")
    return text


def _instant(found: Found, timezone: str) -> datetime:
    try:
        return read_instant(found.value, timezone)
    except ValueError as error:
        raise ContentError(f"{found.key}: {error}.", found.line) from None


def _published(look: Lookup, timezone: str) -> datetime | None:
    """The first date given; `published: true` is no date but a switch."""
    dates = [found for found in look.all("published") if _scalar(found.value) not in FLAGS]
    return _instant(dates[0], timezone) if dates else None


def _flag(found: Found) -> bool:
    word = (_scalar(found.value) or "").lower()
    if word not in FLAGS:
        raise found.wrong("must be true or false")
    return FLAGS[word]


def _is_draft(look: Lookup) -> bool:
    live = [found for found in look.all("live") if _scalar(found.value) in FLAGS]
    unfinished = look.read("status", lambda found: _text(found).lower() in UNFINISHED, False)
    return look.read("draft", _flag, False) or unfinished or any(not _flag(found) for found in live)


def _list_of_text(found: Found) -> tuple[str, ...]:
    items = found.value if isinstance(found.value, list | tuple) else [found.value]
    texts = [_scalar(item) for item in items]
    if any(text is None for text in texts):
        raise found.wrong("must be a list of words")
    return _once(text for text in texts if text)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, compared without case, in the order of its first appearance."""
    return tuple({text.casefold(): text for text in reversed([text for text in texts if text])}.values())[::-1]


def _words(found: Found) -> tuple[str, ...]:
    """A list as it stands; a string cut at commas and semicolons, or at each #: a space alone parts nothing."""
    if isinstance(found.value, list | tuple):
        return tuple(item.lstrip("#") for item in _list_of_text(found))
    text = _text(found)
    cut = r"[,;]|\s+(?=#)" if "#" in text else "[,;]"
    return tuple(item.strip().lstrip("#") for item in re.split(cut, text))


def _tags(look: Lookup) -> tuple[str, ...]:
    words = [word for found in look.all("tags") for word in _words(found)]
    for found in look.all("taxonomies"):
        if not isinstance(found.value, dict):
            raise found.wrong("must be a table of lists")
        words += [word for key, value in found.value.items() for word in _words(Found(key, value, found.line))]
    return _once(words)


def _authors(found: Found) -> tuple[str, ...]:
    value = found.value
    if isinstance(value, str) and _normal(found.key) == "authors":
        value = re.split(r"\s*[;,]\s*", value)
    items = value if isinstance(value, list | tuple) else [value]
    names = [_scalar(item.get("name")) if isinstance(item, dict) else _scalar(item) for item in items]
    if any(name is None for name in names):
        raise found.wrong("must be a name, or a list of names")
    return _once(re.sub(r"\s*<[^<>]*@[^<>]*>", "", name) for name in names if name)


def _image(look: Lookup) -> PictureField | None:
    alt = look.read("image_alt", _text, "")
    return look.read("image", lambda found: _picture(found, alt), None)


def _picture(found: Found, alt: str) -> PictureField | None:
    value = found.value[0] if isinstance(found.value, list | tuple) else found.value
    if isinstance(value, dict):
        alt = next((text for name in PICTURE_TEXT if (text := _scalar(value.get(name)))), alt)
        value = next((value[name] for name in PICTURE_SOURCE if value.get(name)), None)
        if value is None:
            return None  # a theme's switches, such as `cover: {hidden: true}`
    if not isinstance(value, str):
        raise found.wrong("must be a picture's path or address")
    return PictureField(_scalar(value) or "", alt, found.line)


def _language(found: Found) -> str:
    try:
        return language_tag(_text(found).replace("_", "-"))
    except ValueError as error:
        raise found.wrong(str(error)) from None


def _address(found: Found) -> str | None:
    text = _text(found)
    return text if re.match(r"https?://[^\s/]", text) else None


def _path(found: Found) -> tuple[str, str | None]:
    """A path on this site, or else the post's home elsewhere; a pattern (Jekyll's `/:year/:title`) is neither."""
    text = _text(found)
    if _address(found):
        return "", text
    return ("", None) if ":" in text or text in ("pretty", "date", "none", "ordinal", "false") else (text, None)
