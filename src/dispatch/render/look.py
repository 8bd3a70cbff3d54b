"""How the mails of a publication look: what dispatch.toml says of it, and the two style sheets made of that."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from dispatch.colour import readable
from dispatch.errors import TemplateError
from dispatch.message.address import ascii_url
from dispatch.model.issue import Publication
from dispatch.render.pictures import is_drawn
from dispatch.render.styles import blocks
from dispatch.theme import Theme, trusted

PAPER = "#f4f2ed"  # the darkest background of light mode
NIGHT = "#1d1f23"  # the lightest background of dark mode
MARGIN = 30  # pixels, to both sides of the text
STYLE_LIMIT = 16_000  # bytes: Gmail drops a style sheet that is longer
INLINE, KEPT = "email/inline.css", "email/kept.css"
_UNWRITABLE = re.compile(r"[@\[#:>+~&|]").search  # in a selector: what it asks for a post alone cannot tell


def column(publication: Publication) -> int:
    """How wide text and pictures stand, in pixels, where the screen has room."""
    return publication.width - 2 * MARGIN


def look_of(publication: Publication, theme: Theme) -> Mapping[str, Any]:
    """What templates/email/ may name of the look, its style sheets among it. Raises TemplateError."""
    values = {
        "accent": readable(publication.accent, PAPER),
        "accent_dark": readable(publication.accent, NIGHT),
        "font": trusted(publication.font),  # the config lets nothing through that could end a declaration
        "heading_font": trusted(publication.heading_font),
        "width": publication.width,
        "margin": MARGIN,
        "logo": _shown(publication.logo),
        "logo_dark": _quoted(_shown(publication.logo_dark)),
    }
    return {
        **values,
        "inline_css": trusted(_inlined(theme, values)),
        "kept_css": trusted(_style(theme, KEPT, values)),
    }


def _shown(logo: str) -> str:
    return ascii_url(logo) if is_drawn(logo) else ""


def _quoted(url: str) -> str:
    """An address that cannot end the quotation that it stands in (CSS Syntax 3, section 4.3.5)."""
    return url.replace('"', "%22").replace("\\", "%5C")


def _style(theme: Theme, name: str, values: Mapping[str, Any]) -> str:
    style = theme.render(name, **values)
    if "</" in style or len(style.encode()) > STYLE_LIMIT:
        raise TemplateError(f"templates/{name}: must hold no `</` and be shorter than {STYLE_LIMIT} bytes.")
    return style


def _inlined(theme: Theme, values: Mapping[str, Any]) -> str:
    style = _style(theme, INLINE, values)
    if wrong := _unwritable(style):
        raise TemplateError(
            f"templates/{INLINE}: `{wrong}` cannot be written into elements, only types, classes and descendants of "
            f"these can (`p`, `.card`, `.post h2`): put the rule into templates/{KEPT}."
        )
    return style


@lru_cache
def _unwritable(style: str) -> str | None:
    """The first rule that would style a page and a post, which is styled by itself, in two ways."""
    return next((block.head for block in blocks(style) if _UNWRITABLE(block.head)), None)
