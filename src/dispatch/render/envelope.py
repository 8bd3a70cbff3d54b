"""What stands around an edition's body: subject, preheader and the values of its headers, as plain text."""

from urllib.parse import quote, urlsplit

from dispatch.content.excerpt import shorten
from dispatch.message.address import ascii_url
from dispatch.message.plain import ascii_host, one_line
from dispatch.model.issue import Cohort, Issue, MailingList, Publication
from dispatch.model.post import Post
from dispatch.render.tree import parse_piece
from dispatch.render.words import words_of

SUBJECT = 110  # characters, at most
PREHEADER = 140


def list_title(mailing_list: MailingList, publication: Publication) -> str:
    """What the list is called: the publication's title where it has none of its own."""
    return one_line(mailing_list.title) or one_line(publication.title)


def subject(cohort: Cohort, name: str) -> str:
    """The post's title; for a digest, the list's name, the first post's title and how many more there are."""
    first = one_line(cohort.posts[0].title)
    if len(cohort.posts) == 1:
        return shorten(first, SUBJECT)
    pattern, count = words_of(cohort.language)["digest_subject"], len(cohort.posts) - 1
    name = shorten(name, SUBJECT // 2)
    room = SUBJECT - len(pattern.format(list=name, title="", count=count))
    return pattern.format(list=name, title=shorten(first, room), count=count)


def preheader(cohort: Cohort) -> str:
    """The line that inboxes show after the subject, and nothing that the subject has said already."""
    if len(cohort.posts) == 1:
        return shorten(_without_title(cohort.posts[0]), PREHEADER)
    titles = " · ".join(one_line(post.title) for post in cohort.posts[1:])
    return shorten(words_of(cohort.language)["also"].format(titles=titles), PREHEADER)


def _without_title(post: Post) -> str:
    summary, title = one_line(post.summary), one_line(post.title)
    if summary.casefold().startswith(title.casefold()):
        summary = summary[len(title) :].lstrip(" .:;,!?–—-…")
    return summary or one_line(" ".join(str(text) for text in parse_piece(post.html).itertext()))


def archive_url(mailing_list: MailingList, publication: Publication) -> str:
    """The page of the list."""
    return f"{publication.url}/lists/{quote(mailing_list.slug)}/"


def archived_at(cohort: Cohort, archive: str) -> str:
    """Where this issue stands on the web: its one post's page, else the list's."""
    return ascii_url(cohort.posts[0].url) if len(cohort.posts) == 1 else archive


def list_id(mailing_list: MailingList, publication: Publication) -> str:
    """The List-Id (RFC 2919): a title and an identifier in ASCII below the publication's host."""
    return f"{list_title(mailing_list, publication)} <{ascii_host(f'{mailing_list.slug}.{_host(publication)}')}>"


def feedback_id(issue: Issue, mailing_list: MailingList, publication: Publication) -> str:
    """Gmail's Feedback-ID, `issue:list:cadence:sender`: by these it counts complaints."""
    cadence = issue.cadence.value.replace(" ", "-")
    return f"{issue.number}:{ascii_host(mailing_list.slug)}:{cadence}:{_host(publication)}"


def _host(publication: Publication) -> str:
    return ascii_host(urlsplit(publication.url).hostname or "localhost")
