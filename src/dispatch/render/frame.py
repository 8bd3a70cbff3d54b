"""The templates of one issue, with all they may name: templates/email/."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.colour import readable
from dispatch.errors import TemplateError
from dispatch.language import direction
from dispatch.message.slots import opening
from dispatch.model.delivery import Slot
from dispatch.model.issue import Publication
from dispatch.render.budget import Cut
from dispatch.render.inline import inline
from dispatch.render.pictures import is_drawn
from dispatch.render.subject import Greeting
from dispatch.render.views import PostView
from dispatch.render.words import words_of
from dispatch.render.wrap import WIDTH, columns, wrap
from dispatch.theme import Theme, trusted

PAPER = "#f4f2ed"  # the darkest background of light mode
NIGHT = "#1d1f23"  # the lightest background of dark mode
# Posts, from which on a digest has a table of contents: three cards are seen in one or two screens, and a table above
# them would only say their titles twice.
CONTENTS = 4
STYLE_LIMIT = 16_000  # bytes: Gmail drops a style sheet that is longer


@dataclass(frozen=True, slots=True)
class Frame:
    """What every part of an issue has in common."""

    theme: Theme
    publication: Publication
    list_title: str
    number: int
    greeting: Greeting
    intro_html: str  # empty: there is none
    intro_text: str
    archive: str
    archived_at: str
    marker: str
    digest: bool  # several posts, though the limit may leave one
    more: int  # posts that the list's limit leaves over

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
                intro=trusted(self.intro_html),
                body=trusted(posts[0].html) if posts and not self.digest else "",
            )
        )

    def text(self, posts: Sequence[PostView], cut: Cut) -> str:
        """email/issue.txt with these posts. Raises TemplateError."""
        return self.theme.render(
            "email/issue.txt",
            **self._values(posts, cut),
            intro_text=self.intro_text,
            wrapped=_wrapped,
            underlined=_underlined,
        )

    def _values(self, posts: Sequence[PostView], cut: Cut) -> Mapping[str, Any]:
        slots = {slot.value: opening(self.marker, slot) for slot in Slot}
        greeting, left_out = self.greeting, cut.left_out if self.digest else 0
        return {
            "publication": self.publication,
            "logo": self.publication.logo if is_drawn(self.publication.logo) else "",
            "list_title": self.list_title,
            "number": self.number,
            "day": greeting.day,
            "language": greeting.language,
            "direction": direction(greeting.language),
            "subject": greeting.subject,
            "preheader": greeting.preheader,
            "heading": greeting.heading,
            "intro_language": greeting.intro.language,
            "intro_direction": direction(greeting.intro.language),
            "archive": self.archive,
            "archived_at": self.archived_at,
            "posts": posts,
            "left_out": left_out + self.more,
            "total": cut.total + self.more,
            "digest": self.digest,
            "contents": self.digest and len(posts) >= CONTENTS,
            "slots": slots,
            "words": words_of(greeting.language),
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
