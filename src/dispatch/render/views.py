"""Posts as the templates see them."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from dispatch.catalogue import Catalogue
from dispatch.content.code import highlight
from dispatch.content.excerpt import shorten
from dispatch.language import day_in_words, direction, isolated
from dispatch.message.address import ascii_url
from dispatch.message.plain import one_line
from dispatch.model.issue import Publication
from dispatch.model.post import Picture, Post
from dispatch.render.email_html import MailSetting, mail_html
from dispatch.render.files import FileView, files_of
from dispatch.render.look import column
from dispatch.render.pictures import fitted, is_drawn
from dispatch.render.text import plain_text

# Characters, at most, of what stands around a post's own text, which is never cut.
TITLE, NAMES, ALT = 250, 250, 500


@dataclass(frozen=True, slots=True)
class PostView:
    """One post of an edition."""

    title: str
    url: str  # ASCII
    byline: str  # authors and day, in the reader's language
    summary: str  # plain text
    language: str
    direction: str  # ltr | rtl
    picture: Picture | None  # in the size at which it is shown; None: there is none that mail can show
    html: str = ""  # where its HTML stands in the mail; empty: only the summary is shown
    text: str = ""  # the same in plain text
    cut: bool = False  # whether html and text are only the first part of the post
    files: tuple[FileView, ...] = ()  # what goes with it
    more_files: int = 0  # so many more are named on its page only


@dataclass(frozen=True, slots=True)
class Body:
    """What a mail holds of a post in full."""

    html: str  # fit for mail clients, not yet styled
    text: str
    cut: bool = False  # the rest is on the web


def body_of(post: Post, html: str, setting: MailSetting, cut: bool = False) -> Body:
    """A clean post's HTML, or as much of it as there is room for."""
    fitting = replace(setting, direction=direction(post.language))
    return Body(mail_html(highlight(html), fitting), plain_text(html, picture_word=setting.picture_word), cut)


def brief_view(post: Post, publication: Publication, words: Catalogue) -> PostView:
    """What a post is about and where to read it."""
    files, more_files = files_of(post, words.language)
    return PostView(
        title=shorten(one_line(post.title), TITLE),
        url=ascii_url(post.url),
        byline=_byline(post, publication, words),
        summary=one_line(post.summary),
        language=post.language,
        direction=direction(post.language),
        picture=_shown(post.image, publication),
        files=files,
        more_files=more_files,
    )


def full_view(brief: PostView, post: Post, body: Body, place: str) -> PostView:
    """A post in full, its HTML at a place of its own; its summary where not one paragraph of it fits."""
    if not body.html:
        return replace(brief, cut=body.cut)
    lead = None if post.image and _shows(body, post.image) else brief.picture
    return replace(brief, summary="", picture=lead, html=place, text=body.text, cut=body.cut)


def _shows(body: Body, picture: Picture) -> bool:
    return f'src="{picture.url.replace("&", "&amp;")}"' in body.html


def _shown(picture: Picture | None, publication: Publication) -> Picture | None:
    if picture is None or not is_drawn(picture.url):
        return None
    width, height = fitted(picture.width, picture.height, column(publication))
    return Picture(ascii_url(picture.url), shorten(one_line(picture.alt), ALT), width, height)


def _byline(post: Post, publication: Publication, words: Catalogue) -> str:
    day = day_in_words(post.published.astimezone(ZoneInfo(publication.timezone)).date(), words.language)
    names = shorten(", ".join(isolated(one_line(author), words.language) for author in post.authors), NAMES)
    if not names:
        return day
    by = words.gettext("By %(names)s", names=names)
    return f"{by} · {day}"
