"""An issue fitted into one mail: in full, else with fewer paragraphs, with summaries, with fewer posts."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.errors import ContentError
from dispatch.model.issue import Content, Cut
from dispatch.model.post import Post
from dispatch.render.budget import INTRO, LIMIT, fewer, fitting
from dispatch.render.frame import Frame
from dispatch.render.intro import Intro
from dispatch.render.units import joined, units_of, without_heading_last
from dispatch.render.views import Body, PostView, body_of, brief_view, full_view


@dataclass(frozen=True, slots=True)
class Fitted:
    """Both parts of a mail."""

    html: str  # at most LIMIT bytes
    text: str
    cut: Cut | None = None
    weights: tuple[int, ...] = ()  # bytes, styles included, of each post that is there in full

    @property
    def excess(self) -> int:
        """Bytes of HTML over the limit; 0 or less: it fits."""
        return len(self.html.encode()) - LIMIT


def fit(frame: Frame, intro: Intro, posts: Sequence[Post], content: Content) -> Fitted:
    """The posts in the frame, as much of them as the list wants and one mail can hold.

    Raises TemplateError if a template is broken, ContentError if a mail would be too long even without the posts' text.
    """
    fitted = _fitted(frame, intro, posts, content)
    if fitted.excess > 0:
        raise ContentError(
            f"What stands around the posts comes to {(fitted.excess + LIMIT) // 1000} KB of HTML, and mail programs "
            f"hide what is beyond {LIMIT // 1000} KB. Shorten templates, titles, addresses or the intro."
        )
    return fitted


def _fitted(frame: Frame, intro: Intro, posts: Sequence[Post], content: Content) -> Fitted:
    if len(posts) > 1:
        return _digest(frame, intro, posts, content)
    if posts and content != "summary":
        return _single(frame, intro, posts[0])
    return _put(frame, intro, [brief_view(post, frame.publication, frame.words) for post in posts])


def _single(frame: Frame, intro: Intro, post: Post) -> Fitted:
    """A post with as many of its paragraphs as there is room for."""
    brief, units = brief_view(post, frame.publication, frame.words), units_of(post.html)
    sizes = [unit.size for unit in units]
    kept = fitting(sizes, LIMIT)
    while True:
        kept = without_heading_last(units, kept)
        body = body_of(post, joined(units[:kept]), frame.setting, cut=kept < len(units))
        cut = Cut("paragraphs", kept, len(units)) if body.cut else None
        fitted = _put(frame, intro, [full_view(brief, post, body, frame.place(0))], [body], cut)
        if fitted.excess <= 0 or not kept:
            return fitted
        kept = fewer(sizes, kept, sum(fitted.weights), sum(fitted.weights) - fitted.excess)


def _digest(frame: Frame, intro: Intro, posts: Sequence[Post], content: Content) -> Fitted:
    """Several posts: the first of them in full, as many as the list wants and as there is room for."""
    briefs = [brief_view(post, frame.publication, frame.words) for post in posts]
    wanted = list(posts) if content == "full" else []
    full = fitting([len(post.html.encode()) for post in wanted], LIMIT)
    bodies = [body_of(post, post.html, frame.setting) for post in wanted[:full]]
    while True:
        views = [full_view(briefs[n], posts[n], bodies[n], frame.place(n)) for n in range(full)]
        cut = Cut("posts in full", full, len(wanted)) if full < len(wanted) else None
        fitted = _put(frame, intro, [*views, *briefs[full:]], bodies[:full], cut)
        if fitted.excess <= 0:
            return fitted
        if not full:
            return _fewer_posts(frame, intro, briefs)
        full = min(fitting(fitted.weights, sum(fitted.weights) - fitted.excess), full - 1)


def _fewer_posts(frame: Frame, intro: Intro, briefs: Sequence[PostView]) -> Fitted:
    """Not even the summaries of all posts have room: as many as do."""
    sizes = [_around(brief) for brief in briefs]
    kept, fitted = len(briefs), _put(frame, intro, briefs)
    while fitted.excess > 0 and kept:
        kept = fewer(sizes, kept, fitted.excess + LIMIT, LIMIT)
        fitted = _put(frame, intro, briefs[:kept], cut=Cut("posts", kept, len(briefs)))
    return fitted


def _around(brief: PostView) -> int:
    """About how many bytes a post has without its text."""
    files = "".join(f"{one.url}{one.name}" for one in brief.files)
    return len(f"{brief.title}{brief.summary}{brief.url * 3}{files}".encode())


def _put(
    frame: Frame, intro: Intro, views: Sequence[PostView], bodies: Sequence[Body] = (), cut: Cut | None = None
) -> Fitted:
    """The mail with just these posts, the first of them in full where they have a body."""
    left_out = cut.total - cut.kept if cut and cut.of == "posts" else 0
    shell = frame.shell(views, left_out)
    styled = {frame.place(n): shell.styled(frame.place(n), body.html) for n, body in enumerate(bodies)}
    opening = _within(INTRO, shell.styled(frame.intro, _within(INTRO, intro.html(frame.setting))))
    html = shell.filled({**styled, frame.intro: opening})
    weights = tuple(len(piece.encode()) for piece in styled.values())
    return Fitted(html, frame.text(views, left_out), cut, weights)


def _within(room: int, intro: str) -> str:
    """The intro as it is: it stands nowhere else, so it cannot be cut. Styles only add to it, and take their time."""
    size = len(intro.encode())
    if size > room:
        raise ContentError(
            f"The intro comes to {size // 1000} KB of HTML, and mail programs hide what is beyond {LIMIT // 1000} KB"
            f" in all. Keep it below {room // 1000} KB, or make a post of it."
        )
    return intro
