"""Posts as the templates see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dispatch.content.code import highlight
from dispatch.language import day_in_words, direction
from dispatch.message.address import ascii_url
from dispatch.message.plain import one_line
from dispatch.model.issue import Publication
from dispatch.model.post import Picture, Post
from dispatch.render.email_html import mail_html
from dispatch.render.pictures import fitted, is_drawn
from dispatch.render.text import plain_text
from dispatch.render.words import words_of


@dataclass(frozen=True, slots=True)
class PostView:
    """One post of an edition."""

    title: str
    url: str  # ASCII
    byline: str  # authors and day, in words
    summary: str  # plain text
    language: str
    direction: str  # ltr | rtl
    picture: Picture | None  # in the size at which it is shown; None: there is none that mail can show
    html: str = ""  # fit for mail clients; empty in a digest
    text: str = ""  # the same in plain text
    cut: bool = False  # whether html and text are only the first part of the post


def digest_view(post: Post, publication: Publication) -> PostView:
    """A post of several: what it is about and where to read it."""
    return PostView(
        title=one_line(post.title),
        url=ascii_url(post.url),
        byline=_byline(post, publication),
        summary=one_line(post.summary),
        language=post.language,
        direction=direction(post.language),
        picture=_shown(post.image),
    )


def full_view(post: Post, publication: Publication, blocks: Sequence[str], cut: bool) -> PostView:
    """The only post of an issue, as far as `blocks` go; its summary where not one of them fits."""
    html, picture_word = "".join(blocks), words_of(post.language)["picture"]
    brief = one_line(post.summary) if cut and not blocks else ""
    lead = post.image if post.image and post.image.url not in post.html else None
    return PostView(
        title=one_line(post.title),
        url=ascii_url(post.url),
        byline=_byline(post, publication),
        summary=brief,
        language=post.language,
        direction=direction(post.language),
        picture=_shown(lead),
        html=mail_html(highlight(html), picture_word),
        text=plain_text(html, picture_word=picture_word),
        cut=cut,
    )


def _shown(picture: Picture | None) -> Picture | None:
    if picture is None or not is_drawn(picture.url):
        return None
    width, height = fitted(picture.width, picture.height)
    return Picture(ascii_url(picture.url), one_line(picture.alt), width, height)


def _byline(post: Post, publication: Publication) -> str:
    day = day_in_words(post.published.astimezone(ZoneInfo(publication.timezone)).date(), post.language)
    names = ", ".join(one_line(author) for author in post.authors)
    return f"{words_of(post.language)['by'].format(names=names)} · {day}" if names else day
