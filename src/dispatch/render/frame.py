"""The templates of one issue, with all they may name: templates/email/."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.catalogue import Catalogue
from dispatch.language import direction
from dispatch.message.address import ascii_url
from dispatch.message.slots import opening
from dispatch.model.delivery import Slot
from dispatch.model.issue import Publication
from dispatch.render.email_html import MailSetting
from dispatch.render.lines import underlined, wrapped
from dispatch.render.look import column, look_of
from dispatch.render.share import passing_on
from dispatch.render.shell import Shell
from dispatch.render.subject import Greeting
from dispatch.render.views import PostView
from dispatch.theme import Theme

# Posts, from which on a digest has a table of contents: three cards are seen in one or two screens, and a table above
# them would only say their titles twice.
CONTENTS = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """What every part of an issue has in common."""

    theme: Theme
    publication: Publication
    list_title: str
    number: int
    greeting: Greeting
    intro: str  # where it stands in the mail; empty: there is none
    intro_text: str
    answer_to: str  # the mailbox that replies reach
    archive: str  # the list's page
    issues: str  # where all that was sent can be found
    archived_at: str
    marker: str
    digest: bool  # several posts, though the limit may leave one
    more: int  # posts that the list's limit leaves over

    @property
    def words(self) -> Catalogue:
        """The reader's."""
        return self.greeting.words

    @property
    def setting(self) -> MailSetting:
        """What the HTML of posts and intro has to fit."""
        return MailSetting(self.words.gettext("Picture"), column=column(self.publication))

    def place(self, index: int) -> str:
        """The name of the place where the HTML of a post stands."""
        return f"{self.marker}post{index}zq"

    def shell(self, posts: Sequence[PostView], left_out: int = 0) -> Shell:
        """email/issue.html with these posts and places for their HTML; so many more found no room in it.

        Raises TemplateError.
        """
        look = look_of(self.publication, self.theme)
        page = self.theme.render("email/issue.html", **self._values(posts, left_out), **look, intro=self.intro)
        return Shell(page, tuple(place for place in (self.intro, *(post.html for post in posts)) if place))

    def text(self, posts: Sequence[PostView], left_out: int = 0) -> str:
        """email/issue.txt with these posts. Raises TemplateError."""
        return self.theme.render(
            "email/issue.txt",
            **self._values(posts, left_out),
            intro_text=self.intro_text,
            wrapped=wrapped,
            underlined=underlined,
        )

    def _values(self, posts: Sequence[PostView], left_out: int) -> Mapping[str, Any]:
        slots = {slot.value: opening(self.marker, slot) for slot in Slot}
        greeting = self.greeting
        return {
            "publication": self.publication,
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
            "issues": self.issues,
            "archived_at": self.archived_at,
            "is_post": len(posts) == 1 and ascii_url(posts[0].url) == self.archived_at,
            "posts": posts,
            "left_out": left_out + self.more,
            "total": len(posts) + left_out + self.more,
            "digest": self.digest,
            "contents": self.digest and len(posts) >= CONTENTS,
            "slots": slots,
            "passing": passing_on(self.publication, self.answer_to, greeting.subject, self.archived_at),
        }
