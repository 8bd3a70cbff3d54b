"""What an inbox shows of an issue: its subject and preheader, an editor's own or by templates/email/*.txt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.catalogue import Catalogue
from dispatch.compose.own_words import OwnWords, own_words
from dispatch.content.excerpt import shorten, summarise
from dispatch.content.tree import parse_flat
from dispatch.language import FIRST_STRONG_ISOLATE, POP_ISOLATE, day_in_words
from dispatch.message.address import ascii_url
from dispatch.message.plain import one_line
from dispatch.model.issue import Cohort, Issue, MailingList, Publication
from dispatch.model.post import Post
from dispatch.render.envelope import list_title
from dispatch.render.intro import Intro, read_intro
from dispatch.theme import Theme

SUBJECT = 110  # characters, at most, of what a template makes
PREHEADER = 140
OWN = 250  # characters, at most, of what an editor wrote


@dataclass(frozen=True, slots=True)
class Headline:
    """A post as a subject may speak of it, all in plain text on one line."""

    title: str
    url: str  # ASCII
    summary: str  # what it is about, without its title; its beginning where its author gave none
    language: str  # BCP 47


@dataclass(frozen=True, slots=True)
class Greeting:
    """How an edition presents itself."""

    words: Catalogue  # of the edition
    day: str  # in words
    subject: str
    preheader: str
    intro: Intro
    heading: str  # of a letter, which is an issue without posts, or an editor's own; empty: there is none
    below: Intro  # what of the intro stands below that heading, or above the posts

    @property
    def language(self) -> str:
        """BCP 47, of the edition."""
        return self.words.language


def subject_of(issue: Issue, cohort: Cohort, mailing_list: MailingList, publication: Publication, theme: Theme) -> str:
    """What an issue will be called for one cohort; it need not be frozen. Never empty.

    Raises TemplateError if a template is broken, ContentError if the intro cannot be used.
    """
    return greet(issue, cohort, mailing_list, publication, theme).subject


def greet(issue: Issue, cohort: Cohort, mailing_list: MailingList, publication: Publication, theme: Theme) -> Greeting:
    """The editor's words for one cohort, or the templates'. Raises TemplateError and ContentError."""
    own = own_words(issue.words, cohort.language)
    intro = read_intro(own, issue, mailing_list, publication)
    words = theme.catalogue(_language(cohort, publication))
    values = _values(issue, cohort, intro, mailing_list, publication, words.language)
    subject = _subject(own, values, theme)
    preheader = _preheader(own, values, _unsaid(intro, subject), theme)
    if cohort.posts:  # a subject that a template made names list and posts, which stand there anyway
        heading, below = (subject if own.subject else ""), intro
    else:
        heading, below = _letter(intro, subject, values["list_title"])
    return Greeting(words, values["day"], subject, preheader, intro, heading, below)


def _letter(intro: Intro, subject: str, list_title: str) -> tuple[str, Intro]:
    """A heading, and what stands below it, that do not say the same thing twice."""
    if not _opens_with(intro, subject):
        return subject, intro
    return (intro.heading, intro.without_heading()) if intro.heading else (list_title, intro)


def _language(cohort: Cohort, publication: Publication) -> str:
    """The reader's, as far as they said one."""
    first = cohort.posts[0].language if cohort.posts else ""
    return cohort.language or first or publication.language


def _values(
    issue: Issue,
    cohort: Cohort,
    intro: Intro,
    mailing_list: MailingList,
    publication: Publication,
    language: str,
) -> Mapping[str, Any]:
    """All that templates/email/subject.txt and preheader.txt may name."""
    day = (issue.frozen or issue.due).astimezone(ZoneInfo(publication.timezone)).date()
    headlines = [_headline(post) for post in cohort.posts]
    return {
        "publication": publication,
        "list_title": list_title(mailing_list, publication),
        "number": issue.number,
        "day": day_in_words(day, language),
        "language": language,
        "posts": headlines,
        "first_title": headlines[0].title if headlines else "",
        "count": len(headlines) + cohort.more,
        "intro": "\n".join(intro.lines),
        "shorten": shorten,
    }


def _subject(own: OwnWords, values: Mapping[str, Any], theme: Theme) -> str:
    """The editor's, else the template's; the list's title where that says nothing."""
    if own.subject:
        return shorten(one_line(own.subject), OWN)
    made = one_line(theme.render("email/subject.txt", **values, limit=SUBJECT))
    unseen = made.count(FIRST_STRONG_ISOLATE) + made.count(POP_ISOLATE)
    return shorten(made, SUBJECT + unseen) or str(values["list_title"])


def _preheader(own: OwnWords, values: Mapping[str, Any], unsaid: str, theme: Theme) -> str:
    """The line that inboxes show after the subject."""
    if own.preheader:
        return shorten(one_line(own.preheader), OWN)
    made = theme.render("email/preheader.txt", **values, unsaid=unsaid, limit=PREHEADER)
    return shorten(one_line(made), PREHEADER)


def _unsaid(intro: Intro, subject: str) -> str:
    """The intro without what the subject says already."""
    return "\n".join(intro.lines[1:] if _opens_with(intro, subject) else intro.lines)


def _opens_with(intro: Intro, subject: str) -> bool:
    """Whether the subject is the intro's first line, perhaps shortened."""
    return bool(intro.lines) and subject in (shorten(intro.lines[0], limit) for limit in (SUBJECT, OWN))


def _headline(post: Post) -> Headline:
    return Headline(one_line(post.title), ascii_url(post.url), _without_title(post), post.language)


def _without_title(post: Post) -> str:
    summary, title = one_line(post.summary), one_line(post.title)
    if summary.casefold().startswith(title.casefold()):
        summary = summary[len(title) :].lstrip(" .:;,!?–—-…")
    return summary or one_line(summarise(parse_flat(post.html)))
