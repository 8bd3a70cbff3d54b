"""`dispatch list`: the mailing lists."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from dispatch.acts import pausing
from dispatch.acts.act import Desk
from dispatch.acts.preflight import preflight
from dispatch.acts.service_preview import preview_service_mail
from dispatch.app import App
from dispatch.cli.looks import Look, print_looks
from dispatch.cli.session import Session, when
from dispatch.model.issue import MailingList
from dispatch.model.service_mail import ServiceMailKind
from dispatch.model.subscriber import SubscriptionState
from dispatch.store import lists, schedules, subscribers
from dispatch.store.schedules import ScheduleRow

app = typer.Typer(no_args_is_help=True, help="Mailing lists: named audiences.")
COLUMNS = ("list", "title", "state", "cadences", "active", "from")
Slug = Annotated[str, typer.Argument(metavar="LIST", help="Its name in dispatch.toml.")]


@dataclass(frozen=True, slots=True)
class Shown:
    """A list, as it stands."""

    list: MailingList
    paused: bool
    active: int  # people
    next: tuple[ScheduleRow, ...]  # a row a cadence that has hours


@app.command("show")
def show(command: typer.Context) -> None:
    """Every list, its cadences and when they come next, and its people."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> tuple[list[Shown], datetime]:
        return await _every(desk), desk.context.clock()

    found, now = session.work(act)
    session.answer(found, lambda: _print(session, found, now))


def _print(session: Session, found: list[Shown], now: datetime) -> None:
    session.table(COLUMNS, [_row(one) for one in found])
    for shown in found:
        for row in shown.next:
            session.say(f"next  {row.list_slug} {row.cadence}: {_hour(shown.list, row, now)}")


async def _every(desk: Desk) -> list[Shown]:
    async with desk.context.store.read() as tx:
        counts, known, rows = await subscribers.counts(tx), await lists.every(tx), await schedules.every(tx)
    return [
        Shown(
            one,
            known[slug].paused,
            counts.get((slug, SubscriptionState.ACTIVE), 0),
            tuple(row for row in rows if row.list_slug == slug),
        )
        for slug, one in desk.context.lists.items()
    ]


def _row(shown: Shown) -> tuple[object, ...]:
    one, state = shown.list, "paused" if shown.paused else "open"
    return (one.slug, one.title, state, ", ".join(one.cadences), shown.active, one.sender)


def _hour(one: MailingList, row: ScheduleRow, now: datetime) -> str:
    """When a cadence comes next; a slot that has passed waits for the next pass, or for the list to go on."""
    moment = when(row.due, row.timezone)
    if row.due <= now:
        return f"waits since {moment}"
    if not one.local_time:
        return moment
    slot = datetime.fromisoformat(row.slot)
    return f"{slot:%a %d %b %Y %H:%M} in each zone, first at {moment}"


@app.command("preview")
def preview(
    command: typer.Context,
    slug: Slug,
    service: Annotated[ServiceMailKind, typer.Option(help="Which of the mails about a subscription itself.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")],
    language: Annotated[str, typer.Option(help="As somebody gets it who reads this language.")] = "",
) -> None:
    """Write edition.html, edition.txt and message.eml of a mail that confirms, welcomes or says goodbye."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> Look:
        found = await preview_service_mail(desk, slug, service, language)
        return Look(found, found.write(out), await preflight(desk, found))

    look = session.work(act)
    session.answer(look.as_json, lambda: print_looks(session, [look]))


@app.command("pause")
def pause(command: typer.Context, slug: Slug) -> None:
    """Let no issue of a list begin until it goes on."""
    session = Session.of(command)
    session.work(lambda app, desk: pausing.pause_list(desk, slug))
    words = (
        f"{slug} is paused: none of its issues begins, those under way go on; "
        f"to let it go on: {session.command} list resume {slug}"
    )
    session.answer({"list": slug, "paused": True}, lambda: session.say(words))


@app.command("resume")
def resume(command: typer.Context, slug: Slug) -> None:
    """Let a paused list go on; what has waited comes with its next pass, once."""
    session = Session.of(command)
    session.work(lambda app, desk: pausing.resume_list(desk, slug))
    words = f"{slug} goes on: what has waited comes with its next pass, once"
    session.answer({"list": slug, "paused": False}, lambda: session.say(words))
