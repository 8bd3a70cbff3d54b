"""What an editor says before the posts: Markdown, made as safe as a post and fit for mail."""

from dataclasses import dataclass, replace

from dispatch.compose.own_words import OwnWords
from dispatch.content import headings
from dispatch.content.code import highlight
from dispatch.content.prepare import ContentSetting, prepare
from dispatch.content.text_clean import clean_text
from dispatch.content.tree import parse_flat, serialise, text_of
from dispatch.language import direction
from dispatch.model.issue import Issue, MailingList, Publication
from dispatch.model.post import MediaType, Problem, RawPost
from dispatch.render.email_html import MailSetting, mail_html
from dispatch.render.envelope import list_title
from dispatch.render.text import plain_text
from dispatch.render.units import top_level

HEADINGS = ("<h2", "<h3", "<h4", "<h5", "<h6")


@dataclass(frozen=True, slots=True)
class Intro:
    """An intro as clean blocks of HTML; none where nothing was said."""

    language: str  # BCP 47
    blocks: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()  # what its editor should know; none of them fatal

    def html(self, setting: MailSetting) -> str:
        """The intro as the inside of a mail's `.post` element, in the direction of its own language."""
        fitting = replace(setting, direction=direction(self.language))
        return mail_html(highlight("".join(self.blocks)), fitting) if self.blocks else ""

    def text(self, picture_word: str) -> str:
        """The same as wrapped lines of plain text, its links listed at the end."""
        return plain_text("".join(self.blocks), picture_word=picture_word)

    @property
    def lines(self) -> list[str]:
        """The words of each block on one line, without any mark."""
        return [line for block in self.blocks if (line := text_of(parse_flat(block)))]

    @property
    def heading(self) -> str:
        """The words of the heading that it opens with; empty: it opens with something else."""
        return self.lines[0] if self.blocks and self.blocks[0].startswith(HEADINGS) else ""

    def without_heading(self) -> "Intro":
        """What follows that heading, its own headings from h2 on."""
        tree = parse_flat("".join(self.blocks[1:]))
        headings.shift(tree)
        return replace(self, blocks=tuple(top_level(serialise(tree))))


def read_intro(own: OwnWords, issue: Issue, mailing_list: MailingList, publication: Publication) -> Intro:
    """The intro of an issue. Relative links start from the publication's address.

    Raises ContentError if it is longer than a post may be.
    """
    language = own.intro_language or publication.language
    if not own.intro.strip():
        return Intro(language)
    # Through the same door as posts, so that an intro can do no more than a post can.
    raw = RawPost(
        ref=f"issue-{issue.number}",
        stamp="",
        media_type=MediaType.MARKDOWN,
        data=clean_text(own.intro).encode(),
        where=f"intro of issue {issue.number}",
        meta={"title": f"{list_title(mailing_list, publication)} {issue.number}"},
        link=f"{publication.url}/",
    )
    clean = prepare(raw, ContentSetting(publication.url, publication.language, publication.timezone))
    return Intro(language, tuple(top_level(clean.html)), clean.problems)
