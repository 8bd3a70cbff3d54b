"""Where a post's page will be, as its own file says it; for a link, as another post's file does."""

from datetime import UTC, datetime
from pathlib import Path

from dispatch.content.dates import date_in_path, read_instant
from dispatch.content.encoding import decode
from dispatch.content.fields import Fields, read_fields
from dispatch.content.front_matter import split
from dispatch.content.slug import FileName, fallback_slug, make_slug, read_name, slug_of_path
from dispatch.content.text_clean import clean_text
from dispatch.errors import ContentError
from dispatch.model.permalink import PATTERN, Permalink
from dispatch.model.post import MAX_BYTES

NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # for patterns that ask for none


def given_slug(fields: Fields) -> str:
    """The slug given, else the path given, else nothing."""
    return make_slug(fields.slug) or slug_of_path(fields.path)


def slug_of_file(name: FileName, language: str, usual: str) -> str:
    """The slug that a file's name makes, with its language if that is not the usual one."""
    slug = make_slug(name.stem) or fallback_slug(name.group)
    return f"{slug}-{language.lower()}" if name.language and language != usual else slug


def day_of(ref: str, fields: Fields, zone: str) -> datetime | None:
    """The day that the file's name, its folders or the path given tell."""
    day = date_in_path(ref) or date_in_path(fields.path.lstrip("/"))
    return read_instant(day, zone) if day else None


def own_address(permalink: Permalink, slug: str, language: str, published: datetime | None) -> str:
    """The address of a page, not quoted; without a date that its pattern asks for, as it is without a pattern."""
    undated = published is None and permalink.dated
    known = Permalink(permalink.site, PATTERN) if undated else permalink
    return f"{permalink.site}/{known.path(slug, language, published or NO_DAY)}/"


def address_in(file: Path | None, ref: str, permalink: Permalink, usual: str) -> tuple[str, bool]:
    """The address of another post's page, and whether its file has the date that is needed for it."""
    fields = _fields_in(file, permalink.zone) if file else Fields()
    name = read_name(ref, ref.rpartition("/")[2].startswith("index."))
    language = fields.language or name.language or usual
    slug = given_slug(fields) or slug_of_file(name, language, usual)
    published = fields.published or day_of(ref, fields, permalink.zone)
    known = published is not None or not permalink.dated
    return own_address(permalink, slug, language, published), known


def _fields_in(file: Path, zone: str) -> Fields:
    """What a post's file says of it; nothing where it cannot be read."""
    try:
        if file.stat().st_size > MAX_BYTES:
            return Fields()
        text, _ = decode(file.read_bytes())
        return read_fields(split(clean_text(text)), {}, zone)
    except (OSError, ContentError):
        return Fields()
