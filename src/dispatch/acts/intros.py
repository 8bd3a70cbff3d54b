"""What an editor says before the posts, looked at while it can still be changed."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dispatch.acts.act import ActError, Desk
from dispatch.compose.own_words import own_words
from dispatch.errors import ContentError, TemplateError
from dispatch.model.issue import Cohort, Issue, IssueState, MailingList, Words
from dispatch.model.subscriber import Cadence

if TYPE_CHECKING:
    from dispatch.render.intro import Intro

Said = Mapping[str, Words]  # by language, as in model.issue.Issue


def has_intro(desk: Desk, one: MailingList, words: Said) -> bool:
    """Whether something is left of an intro once it is cleaned, in some language."""
    return any(intro.blocks for intro in _intros(desk, one, words))


def notes_on(desk: Desk, one: MailingList, words: Said) -> tuple[str, ...]:
    """What is amiss with an intro, in each language that has one."""
    problems = (problem for intro in _intros(desk, one, words) for problem in intro.problems)
    return tuple(dict.fromkeys(map(str, problems)))


async def check_room(desk: Desk, one: MailingList, words: Said) -> None:
    """Raise ActError for an intro that no mail has room for; a mail is rendered for it, so no transaction is open."""
    from dispatch.render.edition import render_edition  # takes time to load

    if not await asyncio.to_thread(has_intro, desk, one, words):
        return
    context = desk.context
    for language in words:
        cohort = Cohort((), language or context.publication.language, ())
        try:
            await asyncio.to_thread(
                render_edition, _letter(desk, one, words), cohort, one, context.publication, context.theme
            )
        except ContentError as error:
            raise ActError(str(error)) from None
        except TemplateError:  # no fault of the intro's: preview, check and the send itself say so
            return


def _letter(desk: Desk, one: MailingList, words: Said) -> Issue:
    """An issue of the intro alone, as if it went out now."""
    now = desk.context.clock()
    return Issue(0, one.slug, Cadence.BY_HAND, IssueState.DRAFT, 0, 0, now, now, frozen=now, words=words)


def _intros(desk: Desk, one: MailingList, words: Said) -> "list[Intro]":
    """The intros as mail shows them. Raises ActError for one that cannot be shown."""
    from dispatch.render.intro import read_intro  # Markdown is of use here alone

    said = [own_words(words, language) for language, own in sorted(words.items()) if own.intro.strip()]
    try:
        return [read_intro(own, _letter(desk, one, words), one, desk.context.publication) for own in said]
    except ContentError as error:
        raise ActError(f"The intro cannot be used: {error}") from None
