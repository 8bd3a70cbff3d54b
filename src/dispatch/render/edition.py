"""An issue rendered for one cohort: the same edition for the same issue, posts and templates.

CPU work without I/O but the reading of templates: callers run it in a thread.
"""

from collections.abc import Callable, Iterator
from operator import itemgetter

from dispatch.message.plain import one_line
from dispatch.model.issue import Cohort, Edition, Issue, MailingList, Publication
from dispatch.render.budget import FRAME, LIMIT, Cut, fewer, fitting, without_heading_last
from dispatch.render.envelope import archive_url, archived_at, feedback_id, list_id, list_title
from dispatch.render.frame import Frame
from dispatch.render.marker import marker_for
from dispatch.render.subject import Greeting, greet
from dispatch.render.tree import top_level
from dispatch.render.views import PostView, digest_view, full_view
from dispatch.theme import Theme


def render_edition(
    issue: Issue, cohort: Cohort, mailing_list: MailingList, publication: Publication, theme: Theme
) -> Edition:
    """The edition of an issue for one cohort, cut to fit one mail: one post in full, several as a digest, or a letter.

    An editor's intro stands before the posts; without any post, it is the letter. Raises ValueError if the issue is
    not frozen or has neither posts nor an intro, TemplateError if a template is broken, ContentError if the intro
    cannot be used.
    """
    greeting = greet(issue, cohort, mailing_list, publication, theme)
    if issue.frozen is None or not (cohort.posts or greeting.intro.blocks):
        raise ValueError(f"Issue {issue.number} cannot be rendered before it is frozen with a post or an intro.")
    marker = marker_for(_authored(issue, cohort, mailing_list, publication, theme))
    frame = _frame(issue, greeting, cohort, mailing_list, publication, theme, marker)
    html, text = _within_limit(frame, cohort, publication)
    return Edition(
        issue=issue.number,
        subject=greeting.subject,
        preheader=greeting.preheader,
        html=html,
        text=text,
        language=greeting.language,
        sender=one_line(mailing_list.sender or publication.email),
        reply_to=one_line(mailing_list.reply_to),
        list_id=list_id(mailing_list, publication),
        archive=frame.archive,
        archived_at=frame.archived_at,
        feedback_id=feedback_id(issue, mailing_list, publication),
        date=issue.frozen,
        marker=marker,
    )


def _frame(
    issue: Issue,
    greeting: Greeting,
    cohort: Cohort,
    mailing_list: MailingList,
    publication: Publication,
    theme: Theme,
    marker: str,
) -> Frame:
    archive = archive_url(mailing_list, publication)
    return Frame(
        theme=theme,
        publication=publication,
        list_title=list_title(mailing_list, publication),
        number=issue.number,
        greeting=greeting,
        intro_html=greeting.below.html,
        intro_text=greeting.below.text,
        archive=archive,
        archived_at=archived_at(cohort, archive),
        marker=marker,
        digest=len(cohort.posts) > 1,
        more=cohort.more,
    )


def _within_limit(frame: Frame, cohort: Cohort, publication: Publication) -> tuple[str, str]:
    """HTML and text with as many pieces as stay below the limit; the text follows the HTML's cut."""
    pieces, views = _pieces(cohort, publication)
    sizes = [len(piece.encode()) for piece in pieces]
    fixed = FRAME + len(frame.intro_html.encode())
    kept = fitting(sizes, LIMIT - fixed)
    while True:
        kept = without_heading_last(pieces, kept)
        cut, shown = Cut(kept, len(pieces)), views(kept)
        html = frame.html(shown, cut)
        size = len(html.encode())
        if size <= LIMIT or kept == 0:
            return html, frame.text(shown, cut)
        kept = fewer(sizes, kept, size, fixed)


def _pieces(cohort: Cohort, publication: Publication) -> tuple[list[str], Callable[[int], list[PostView]]]:
    """What an issue may be cut between, and the views of its first N pieces."""
    if len(cohort.posts) > 1:
        cards = [digest_view(post, publication) for post in cohort.posts]
        return [card.title + card.summary + card.url * 3 for card in cards], lambda kept: cards[:kept]
    if not cohort.posts:
        return [], lambda _kept: []
    post = cohort.posts[0]
    blocks = list(top_level(post.html))
    return blocks, lambda kept: [full_view(post, publication, blocks[:kept], kept < len(blocks))]


def _authored(
    issue: Issue, cohort: Cohort, mailing_list: MailingList, publication: Publication, theme: Theme
) -> Iterator[str]:
    """All that people wrote and an edition may show."""
    yield f"{issue.number} {issue.frozen} {cohort.language} {theme.digest}"
    yield repr(mailing_list)
    yield repr(publication)
    yield repr(sorted(issue.words.items(), key=itemgetter(0)))
    for post in cohort.posts:
        yield from (post.title, post.url, post.html, post.summary, post.revision, *post.authors, *post.tags)
        yield repr(post.image)
