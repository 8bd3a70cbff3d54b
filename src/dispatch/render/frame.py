"""The templates of one issue, with all they may name: templates/email/."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.colour import readable
from dispatch.errors import TemplateError
from dispatch.language import day_in_words, direction
from dispatch.message.slots import opening
from dispatch.model.delivery import Slot
from dispatch.model.issue import Publication
from dispatch.render.budget import Cut
from dispatch.render.inline import inline
from dispatch.render.pictures import is_drawn
from dispatch.render.views import PostView
from dispatch.render.words import words_of
from dispatch.render.wrap import WIDTH, columns, wrap
from dispatch.theme import Theme, trusted

PAPER = "#f4f2ed"  # the darkest background of light mode
NIGHT = "#1d1f23"  # the lightest background of dark mode
STYLE_LIMIT = 16_000  # bytes: Gmail drops a style sheet that is longer


@dataclass(frozen=True, slots=True)
class Frame:
    """What every part of an issue has in common."""

    theme: Theme
    publication: Publication
    list_title: str
    number: int
    date: datetime
    language: str
    subject: str
    preheader: str
    archive: str
    archived_at: str
    marker: str
    digest: bool  # several posts, though the limit may leave one

    def html(self, posts: Sequence[PostView], cut: Cut) -> str:
        """email/issue.html with these posts, its styles inlined. Raises TemplateError."""
        accent = {
            "accent": readable(self.publication.accent, PAPER),
            "accent_dark": readable(self.publication.accent, NIGHT),
        }
        return inline(
            self.theme.render(
                "email/issue.html",
                **self._values(posts, cut),
                **accent,
                inline_css=trusted(self._style("email/inline.css", accent)),
                kept_css=trusted(self._style("email/kept.css", accent)),
                body="" if self.digest else trusted(posts[0].html),
            )
        )

    def text(self, posts: Sequence[PostView], cut: Cut) -> str:
        """email/issue.txt with these posts. Raises TemplateError."""
        return self.theme.render(
            "email/issue.txt", **self._values(posts, cut), wrapped=_wrapped, underlined=_underlined
        )

    def _values(self, posts: Sequence[PostView], cut: Cut) -> Mapping[str, Any]:
        day = self.date.astimezone(ZoneInfo(self.publication.timezone)).date()
        slots = {slot.value: opening(self.marker, slot) for slot in Slot}
        return {
            "publication": self.publication,
            "logo": self.publication.logo if is_drawn(self.publication.logo) else "",
            "list_title": self.list_title,
            "number": self.number,
            "day": day_in_words(day, self.language),
            "language": self.language,
            "direction": direction(self.language),
            "subject": self.subject,
            "preheader": self.preheader,
            "archive": self.archive,
            "archived_at": self.archived_at,
            "posts": posts,
            "left_out": cut.left_out if self.digest else 0,
            "total": cut.total,
            "digest": self.digest,
            "slots": slots,
            "words": words_of(self.language),
        }

    def _style(self, name: str, accent: Mapping[str, str]) -> str:
        style = self.theme.render(name, **accent)
        if "</" in style or len(style.encode()) > STYLE_LIMIT:
            raise TemplateError(f"templates/{name}: must hold no `</` and be shorter than {STYLE_LIMIT} bytes.")
        return style


def _wrapped(text: str, indent: int = 0) -> str:
    """Lines of at most 76 columns, all but the first indented."""
    return ("\n" + " " * indent).join(wrap(text, WIDTH - indent))


def _underlined(text: str, rule: str) -> str:
    lines = wrap(text)
    return "\n".join([*lines, rule * max(map(columns, lines), default=0)])
