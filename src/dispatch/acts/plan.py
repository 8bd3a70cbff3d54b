"""The dry run: what goes out, when and to how many, if nothing changes. Touches no state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.acts.act import Desk
from dispatch.acts.outlook import read_outlook
from dispatch.acts.prospect import Share
from dispatch.compose.outlook import Coming, Wait
from dispatch.compose.plan import foresee
from dispatch.model.issue import MailingList

WORDS: Mapping[Wait, str] = {
    Wait.NOTHING: "",
    Wait.APPROVAL: "approval",
    Wait.WORD: "your word, for its hour has passed",
    Wait.LIST: "its list, which is paused",
    Wait.TURN: "the issue of its list and cadence that goes before it",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One issue that will go out, or a slot that has nothing for anybody yet."""

    at: datetime  # when it starts or, if it waits for somebody, was or will be due
    timezone: str  # the list's
    list_slug: str
    cadence: str
    posts: tuple[str, ...]  # titles, in their order, of what most people get
    people: int  # who gets it; where there is no post yet, who waits for one
    number: int | None = None  # of an issue that is there already
    more: int = 0  # posts that the list's limit leaves over
    digests: int = 0  # how many different ones there are
    cohorts: tuple[Share, ...] = ()  # each of them, its posts by id
    leaves: tuple[datetime, ...] = ()  # at each reader's own hour: the first and the last moment
    waits_for: str = ""  # what has to happen first; empty: it goes by itself
    empty: bool = False  # a slot for which there is nothing yet


async def plan(desk: Desk, now: datetime, days: int) -> list[Planned]:
    """What passes from now on would start in the coming days, and what waits for somebody; in order of time.

    New posts, new people and what editors do are out of its reach.
    """
    until = now + timedelta(days=days)
    outlook = await read_outlook(desk.context, until)
    return [_planned(one, desk.context.lists[one.list_slug]) for one in foresee(outlook, now, until)]


def _planned(one: Coming, target: MailingList) -> Planned:
    largest = one.largest
    return Planned(
        at=one.at,
        timezone=target.timezone,
        list_slug=one.list_slug,
        cadence=one.cadence.value,
        posts=tuple(post.title for post in largest.posts) if largest else (),
        people=one.waiting or sum(one.sizes),
        number=one.issue.number if one.issue else None,
        more=largest.more if largest else 0,
        digests=len(one.cohorts),
        cohorts=tuple(
            Share(cohort.language, tuple(post.id for post in cohort.posts), people)
            for cohort, people in zip(one.cohorts, one.sizes, strict=True)
        ),
        leaves=one.leaves,
        waits_for=_waits_for(one),
        empty=bool(one.waiting),
    )


def _waits_for(one: Coming) -> str:
    editor = one.issue.editor if one.issue and one.wait is Wait.APPROVAL else ""
    return f"{WORDS[one.wait]} by somebody other than {editor}" if editor else WORDS[one.wait]
