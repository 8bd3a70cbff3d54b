"""The values of an edition's headers, as plain text; its subject has a file of its own."""

from urllib.parse import quote, urlsplit

from dispatch.message.address import ascii_url
from dispatch.message.plain import ascii_host, one_line
from dispatch.model.issue import Cohort, Issue, MailingList, Publication


def list_title(mailing_list: MailingList, publication: Publication) -> str:
    """What the list is called: the publication's title where it has none of its own."""
    return one_line(mailing_list.title) or one_line(publication.title)


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
