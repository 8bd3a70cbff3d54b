"""Which pictures a mail may show, and how large."""

from urllib.parse import urlsplit

from lxml.etree import _Element

COLUMN = 540  # pixels between the margins of the mail
# What Outlook and others do not draw; the reader gets a link instead.
NOT_DRAWN = (".svg", ".svgz", ".webp", ".avif", ".heic", ".heif", ".jxl", ".jp2", ".tif", ".tiff")


def is_drawn(url: str) -> bool:
    """Whether mail clients show the picture at this address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and not parts.path.lower().endswith(NOT_DRAWN)


def is_named_beside(picture: _Element) -> bool:
    """Whether the words of the link around a picture speak for it (WCAG 2.2, technique H2)."""
    link = next(picture.iterancestors("a"), None)
    return link is not None and not picture.get("alt") and bool("".join(map(str, link.itertext())).strip())


def fitted(width: int | None, height: int | None, column: int = COLUMN) -> tuple[int, int | None]:
    """Width and height in pixels within `column`, in proportion; the column's width where none is known."""
    if not width or width < 1:
        return column, None
    if width <= column:
        return width, height
    return column, max(1, round(height * column / width)) if height else None
