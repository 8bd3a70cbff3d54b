"""An issue rendered for one cohort: the same edition for the same issue, posts and templates.

CPU work without I/O but the reading of templates: callers run it in a thread.
"""

from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter

from dispatch.message.plain import one_line
from dispatch.model.issue import Cohort, Edition, Issue, MailingList, Publication
from dispatch.render.envelope import archive_url, archived_at, feedback_id, issues_url, list_id, list_title
from dispatch.render.fit import fit
from dispatch.render.frame import Frame
from dispatch.render.mail_pictures import with_mail_pictures
from dispatch.render.marker import marker_for
from dispatch.render.subject import Greeting, greet
from dispatch.theme import Theme


def render_edition(
    issue: Issue, cohort: Cohort, mailing_list: MailingList, publication: Publication, theme: Theme
) -> Edition:
    """The edition of an issue for one cohort, cut to fit one mail: one post in full, several as a digest, or a letter.

    An editor's intro stands before the posts; without any post, it is the letter. Raises ValueError if the issue is
    not frozen or has neither posts nor an intro, TemplateError if a template is broken, ContentError if the intro
    cannot be used.
    """
    cohort = replace(cohort, posts=tuple(map(with_mail_pictures, cohort.posts)))
    greeting = greet(issue, cohort, mailing_list, publication, theme)
    if issue.frozen is None or not (cohort.posts or greeting.intro.blocks):
        raise ValueError(f"Issue {issue.number} cannot be rendered before it is frozen with a post or an intro.")
    marker = marker_for(_authored(issue, cohort, mailing_list, publication, theme))
    frame = _frame(issue, greeting, cohort, mailing_list, publication, theme, marker)
    fitted = fit(frame, greeting.below, cohort.posts, mailing_list.content)
    return Edition(
        issue=issue.number,
        subject=greeting.subject,
        preheader=greeting.preheader,
        html=fitted.html,
        text=fitted.text,
        cut=fitted.cut,
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
    return Frame(
        theme=theme,
        publication=publication,
        list_title=list_title(mailing_list, publication),
        number=issue.number,
        greeting=greeting,
        intro=f"{marker}introzq" if greeting.below.blocks else "",
        intro_text=greeting.below.text(greeting.words.gettext("Picture")),
        answer_to=mailing_list.reply_to or mailing_list.sender or publication.email,
        archive=archive_url(mailing_list, publication),
        issues=issues_url(mailing_list, publication),
        archived_at=archived_at(issue, cohort, mailing_list, publication),
        marker=marker,
        digest=len(cohort.posts) > 1,
        more=cohort.more,
    )


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
        yield repr((post.image, post.enclosures))
