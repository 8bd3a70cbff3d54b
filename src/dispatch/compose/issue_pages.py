"""Which issues have a page of their own to read, and where an edition's page is."""

from collections.abc import Sequence, Sized

from dispatch.compose.own_words import own_words
from dispatch.model.issue import Issue, MailingList, Sibling
from dispatch.model.subscriber import Cadence


def issue_path(issue: int, cohort: int) -> str:
    """The folder below public/ of what a cohort got: `issues/N` for the largest, `issues/N/K` for each other."""
    return f"issues/{issue}/{cohort}" if cohort else f"issues/{issue}"


def shows_issues(mailing_list: MailingList) -> bool:
    """Whether a list's page leads to its past issues: there are pages, and more in them than single posts."""
    return mailing_list.archive and set(mailing_list.cadences) | {mailing_list.cadence} != {Cadence.IMMEDIATE}


def in_other_languages(cohort: int, editions: Sequence[Sibling]) -> tuple[Sibling, ...]:
    """For each language but a cohort's own the edition whose stories differ least; of such, the largest."""
    own = next((one for one in editions if one.cohort == cohort), None)
    if own is None:
        return ()
    best: dict[str, Sibling] = {}
    for one in sorted(editions, key=lambda other: (len(own.stories ^ other.stories), other.cohort)):
        best.setdefault(one.language, one)
    return tuple(best[language] for language in sorted(best) if language != own.language)


def is_one_post(issue: Issue, posts: Sized, language: str) -> bool:
    """Whether a cohort got a post and nothing beside it."""
    return len(posts) == 1 and not own_words(issue.words, language).intro.strip()


def is_listed(issue: Issue, posts: Sized, language: str) -> bool:
    """Whether the issue is among those that its list shows: an immediate one of a single post is that post."""
    return issue.cadence is not Cadence.IMMEDIATE or not is_one_post(issue, posts, language)
