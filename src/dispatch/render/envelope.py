"""The values of an edition's headers, as plain text; its subject has a file of its own."""

from urllib.parse import quote, urlsplit

from dispatch.compose.issue_pages import is_one_post, issue_path, shows_issues
from dispatch.message.address import ascii_url
from dispatch.message.plain import ascii_host, one_line
from dispatch.model.issue import Cohort, Issue, MailingList, Publication


def list_title(mailing_list: MailingList, publication: Publication) -> str:
    """What the list is called: the publication's title where it has none of its own."""
    return one_line(mailing_list.title) or one_line(publication.title)


def archive_url(mailing_list: MailingList, publication: Publication) -> str:
    """The page of the list."""
    return f"{publication.url}/lists/{quote(mailing_list.slug)}/"


def issues_url(mailing_list: MailingList, publication: Publication) -> str:
    """The page of the list's past issues; that of the list, where its issues are its posts."""
    page = archive_url(mailing_list, publication)
    return f"{page}issues/" if shows_issues(mailing_list) else page


def archived_at(issue: Issue, cohort: Cohort, mailing_list: MailingList, publication: Publication) -> str:
    """Where an edition stands on the web; empty: nowhere.

    A post without an intro is its own page: it stays where it is, its author can correct it there, and what a mail
    has no room for is on it. All else has the page of the edition, where the list shows its issues.
    """
    if is_one_post(issue, cohort.posts, cohort.language):
        return ascii_url(cohort.posts[0].url)
    return f"{publication.url}/{issue_path(issue.number, cohort.number)}/" if mailing_list.archive else ""


def list_id(mailing_list: MailingList, publication: Publication) -> str:
    """The List-Id (RFC 2919): a title and an identifier in ASCII below the publication's host."""
    return f"{list_title(mailing_list, publication)} <{ascii_host(f'{mailing_list.slug}.{_host(publication)}')}>"


def feedback_id(issue: Issue, mailing_list: MailingList, publication: Publication) -> str:
    """Gmail's Feedback-ID, `issue:list:cadence:sender`: by these it counts complaints."""
    cadence = issue.cadence.value.replace(" ", "-")
    return f"{issue.number}:{ascii_host(mailing_list.slug)}:{cadence}:{_host(publication)}"


def _host(publication: Publication) -> str:
    return ascii_host(urlsplit(publication.url).hostname or "localhost")
