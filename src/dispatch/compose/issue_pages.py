"""Which issues have a page of their own to read, and where an edition's page is."""

from collections.abc import Sized

from dispatch.compose.own_words import own_words
from dispatch.model.issue import Issue
from dispatch.model.subscriber import Cadence


def issue_path(issue: int, cohort: int) -> str:
    """The folder below public/ of what a cohort got: `issues/N` for the largest, `issues/N/K` for each other."""
    return f"issues/{issue}/{cohort}" if cohort else f"issues/{issue}"


def is_one_post(issue: Issue, posts: Sized, language: str) -> bool:
    """Whether a cohort got a post and nothing beside it."""
    return len(posts) == 1 and not own_words(issue.words, language).intro.strip()


def is_listed(issue: Issue, posts: Sized, language: str) -> bool:
    """Whether the issue is among those that its list shows: an immediate one of a single post is that post."""
    return issue.cadence is not Cadence.IMMEDIATE or not is_one_post(issue, posts, language)
