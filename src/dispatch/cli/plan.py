"""`dispatch plan`: what will go out, when and to how many."""

from collections.abc import Iterator
from typing import Annotated

import typer

from dispatch.acts import plan as plans
from dispatch.acts.act import Desk
from dispatch.app import system_clock
from dispatch.cli.run import moment_of
from dispatch.cli.session import Session, when

MAILS_NOBODY = "Nobody receives mail: the provider is the outbox."
TITLES = 10  # of an issue


def plan(
    command: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far to look ahead.")] = 14,
    now: Annotated[str, typer.Option(metavar="ISO8601", help="Take this for the present moment.")] = "",
) -> None:
    """The dry run: which issue, which posts, how many recipients, at which local and UTC time."""
    session = Session.of(command)
    config = session.config()
    moment = moment_of(now, config.publication.timezone) if now else system_clock()

    async def act(app: object, desk: Desk) -> tuple[list[plans.Planned], bool]:
        return await plans.plan(desk, moment, days), desk.context.provider.capabilities.mails

    planned, mails = session.work(act)
    session.answer(planned, lambda: _print_plan(session, planned, mails=mails))


def _print_plan(session: Session, planned: list[plans.Planned], *, mails: bool) -> None:
    for one in planned:
        number = f"issue {one.number}, " if one.number else ""
        session.say(f"{when(one.at, one.timezone)}  {number}{one.list_slug} ({one.cadence}): to {one.people}")
        for line in _lines(one):
            session.say(f"    {line}")
    if not planned:
        session.say("Nothing is held, and nobody waits for a digest. Immediate issues follow their posts.")
    if not mails:
        session.say(MAILS_NOBODY)


def _lines(one: plans.Planned) -> Iterator[str]:
    if one.empty:
        yield "nothing yet: no issue unless a post comes"
    if one.waits_for:
        yield f"waits for {one.waits_for}"
    if one.leaves:
        first, last = (when(moment, one.timezone) for moment in one.leaves)
        yield f"leaves from {first} to {last}, at each reader's own hour"
    yield from one.posts[:TITLES]
    left = len(one.posts) - TITLES
    if left > 0:
        yield f"and {left} more"
    if one.more:
        yield f"and a link to {one.more} more, which the list's max_posts leaves over"
    if one.digests > 1:
        yield f"this is what most people get; there are {one.digests} different digests"
