"""The slug that an author gives a post, in its own front matter or, for a link, in another post's file."""

from pathlib import Path

from dispatch.content.encoding import decode
from dispatch.content.fields import Fields, read_fields
from dispatch.content.front_matter import split
from dispatch.content.slug import make_slug, slug_of_path
from dispatch.content.text_clean import clean_text
from dispatch.errors import ContentError
from dispatch.model.post import MAX_BYTES


def given_slug(fields: Fields) -> str:
    """The slug given, else the path given, else nothing."""
    return make_slug(fields.slug) or slug_of_path(fields.path)


def slug_in(file: Path) -> str:
    """The slug that a Markdown post's file gives; nothing where it gives none or cannot be read."""
    try:
        if file.stat().st_size > MAX_BYTES:
            return ""
        text, _ = decode(file.read_bytes())
        return given_slug(read_fields(split(clean_text(text)), {}, "UTC"))
    except (OSError, ContentError):
        return ""
