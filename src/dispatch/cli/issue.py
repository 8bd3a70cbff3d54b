"""`dispatch issue`: look at issues, send, pause, resume, cancel and correct them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from dispatch.acts import issue as acts
from dispatch.acts import resend as resending
from dispatch.acts.act import Desk
from dispatch.acts.preview import Preview, preview_issue, preview_list
from dispatch.acts.report import issue_report
from dispatch.app import App, refuse_insecure_mailing
from dispatch.cli import report
from dispatch.cli.finishing import finishing
from dispatch.cli.session import Session, when
from dispatch.cli.summary import sum_in_words
from dispatch.errors import UsageError
from dispatch.model.delivery import SendState, Tally
from dispatch.model.issue import Issue
from dispatch.model.states import Outcome
from dispatch.publish.freezing import freeze, load_renderer
from dispatch.store import issues, ledger, services

app = typer.Typer(no_args_is_help=True, help="Issues: what was, is and will be sent.")
Number = Annotated[int, typer.Argument(metavar="N", min=1, max=2**31 - 1, help="The issue's number.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
BECAME: dict[str, SendState | Outcome] = {one.value: one for one in (*acts.SETTLED, *Outcome)}
app.command("report")(report.report)


@app.command("list")
def list_issues(command: typer.Context, limit: Annotated[int, typer.Option(min=1)] = 20) -> None:
    """The newest issues and their sums."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> list[tuple[Issue, Tally]]:
        async with desk.context.store.read() as tx:
            found = await issues.recent(tx, limit)
            return [(issue, await ledger.tally(tx, issue.number)) for issue in found]

    found = session.work(act)
    rows = [(*_words(one), sum_in_words(tally)) for one, tally in found]
    columns = ("number", "list", "cadence", "state", "due", "sum")
    session.answer([{"issue": one, "tally": tally} for one, tally in found], lambda: session.table(columns, rows))


def _words(one: Issue) -> tuple[str, ...]:
    return (str(one.number), one.list_slug, one.cadence.value, one.state.value, f"{one.due:%Y-%m-%d %H:%M} UTC")


@app.command("show")
def show(command: typer.Context, number: Number) -> None:
    """What an issue holds and to how many it goes."""
    session = Session.of(command)
    zone = session.config().publication.timezone
    one = session.work(lambda app, desk: acts.prospect(desk, number))
    session.answer(one, lambda: _print_prospect(session, one, zone))


def _print_prospect(session: Session, one: acts.Prospect, zone: str) -> None:
    session.say(
        f"issue {one.issue.number} of {one.issue.list_slug} ({one.issue.cadence.value}): {one.issue.state.value}"
    )
    session.say(f"  subject   {one.subject}")
    session.say(f"  audience  {one.audience}")
    session.say(f"  due       {when(one.issue.due, zone)}")
    for title in one.posts:
        session.say(f"  post      {title}")
    if one.issue.note:
        session.say(f"  note      {one.issue.note}")


@app.command("preview")
def preview(
    command: typer.Context,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")],
    number: Annotated[int | None, typer.Argument(metavar="[N]", help="The issue's number.")] = None,
    list_slug: Annotated[str, typer.Option("--list", help="Without a number: which list; else the first.")] = "",
) -> None:
    """Write edition.html, edition.txt and message.eml as a sample subscriber would get them."""
    session = Session.of(command)
    if number is not None and list_slug:
        raise UsageError("Name an issue's number or --list, not both.")

    async def act(app: App, desk: Desk) -> Preview:
        if number is not None:
            return await preview_issue(desk, number)
        return await preview_list(desk, list_slug or next(iter(desk.context.lists), ""))

    files = session.work(act).write(out)
    session.answer([str(path) for path in files], lambda: session.say("\n".join(map(str, files))))


@app.command("send")
def send(command: typer.Context, number: Number, yes: Yes = False) -> None:
    """Let a held issue go now."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> str:
        loading = asyncio.create_task(asyncio.to_thread(load_renderer))
        _ask(session, await acts.prospect(desk, number), "Send", yes=yes)
        refuse_insecure_mailing(app.context)
        await acts.send(desk, number)
        await loading
        return await _deliver_unless_served(app)

    by = session.work(act)
    session.answer({"issue": number}, lambda: session.say(_done(session, f"issue {number} goes out", by, number)))


def _done(session: Session, what: str, by: str, number: int) -> str:
    return f"{what} {by}; the sum that proves it: {session.command} issue report {number}"


async def _deliver_unless_served(app: App) -> str:
    """A running service delivers; only without one does this process. Returns by whom it was, in words."""
    context = app.context
    async with context.store.read() as tx:
        served = await services.alive(tx, context.clock())
    if not served:
        await freeze(context, context.clock())
        with finishing(app):
            await app.engine.drain()
    return "by the running service" if served else "by this command"


@app.command("pause")
def pause(command: typer.Context, number: Number) -> None:
    """Stop a send; whoever waits goes on waiting."""
    _do(command, number, acts.pause, "is paused")


@app.command("resume")
def resume(command: typer.Context, number: Number, yes: Yes = False) -> None:
    """Go on with a paused send."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> str:
        one, found = await acts.prospect(desk, number), await issue_report(desk, number)
        _ask(session, replace(one, audience=found.tally.open), "Resume", yes=yes)
        refuse_insecure_mailing(app.context)
        await acts.resume(desk, number)
        return await _deliver_unless_served(app)

    by = session.work(act)
    session.answer({"issue": number}, lambda: session.say(_done(session, f"issue {number} goes on", by, number)))


@app.command("resend")
def resend(
    command: typer.Context,
    number: Number,
    state: Annotated[
        list[str] | None, typer.Option(help="rejected, expired or unknown; several by commas.", metavar="STATE,…")
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option(help="Only to these people; may be repeated.", metavar="ADDRESS,…")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also to those named with --to who have it already.")] = False,
    yes: Yes = False,
) -> None:
    """Send an issue again to those whom it did not reach, or to people you name."""
    session = Session.of(command)
    wish = _wish(state or [], to or [], again=again)

    async def act(app: App, desk: Desk) -> tuple[int, str]:
        found = await resending.look(desk, number, wish)
        session.say(f"to {found.counts.again:,} of {found.prospect.audience:,} again{resending.left_out(found.counts)}")
        _ask(session, replace(found.prospect, audience=found.counts.again), "Send again", yes=yes)
        refuse_insecure_mailing(app.context)
        count = await resending.resend(desk, number, wish)
        return count, await _deliver_unless_served(app)

    count, by = session.work(act)
    words = _done(session, f"issue {number} goes out again to {count}", by, number)
    session.answer({"issue": number, "again": count}, lambda: session.say(words))


def _wish(states: Sequence[str], addresses: Sequence[str], *, again: bool) -> resending.Wish:
    named, people = _parts(states), _parts(addresses)
    if bool(named) == bool(people):
        raise UsageError("Say to whom: either --state or --to.")
    if again and not people:
        raise UsageError("--again goes with --to: name the people.")
    unknown = [name for name in named if name not in list(SendState)]
    if unknown:
        raise UsageError(f"There is no state {unknown[0]!r}; choose from: {', '.join(resending.FAILED)}.")
    return resending.Wish(tuple(SendState(name) for name in named), people, again)


def _parts(values: Sequence[str]) -> tuple[str, ...]:
    parts = (part.strip() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


@app.command("resolve")
def resolve(
    command: typer.Context,
    number: Number,
    address: Annotated[str, typer.Option(help="Whose delivery.")],
    as_state: Annotated[str, typer.Option(help=f"What became of it: {', '.join(BECAME)}.", metavar="STATE")],
) -> None:
    """Say what became of a delivery: settle an unknown one, or tell later news such as a bounce."""
    session = Session.of(command)
    became = BECAME.get(as_state)
    if became is None:
        raise UsageError(f"There is no {as_state!r}; choose from: {', '.join(BECAME)}.")
    session.work(lambda app, desk: acts.resolve(desk, number, address, became))
    words = f"issue {number}: {address} is {as_state}"
    session.answer({"issue": number, "address": address, "state": as_state}, lambda: session.say(words))


@app.command("cancel")
def cancel(command: typer.Context, number: Number) -> None:
    """Stop an issue for good; whoever was not reached is not mailed."""
    _do(command, number, acts.cancel, "is cancelled")


def _do(command: typer.Context, number: int, act: acts.Act, said: str) -> None:
    session = Session.of(command)
    session.work(lambda app, desk: act(desk, number))
    session.answer({"issue": number}, lambda: session.say(f"issue {number} {said}"))


def _ask(session: Session, one: acts.Prospect, verb: str, *, yes: bool) -> None:
    """Show list, count, provider and From, and ask."""
    config = session.config()
    table = config.lists.get(one.issue.list_slug)
    sender = (table.sender if table else "") or config.publication.email
    session.say(
        f"{one.subject!r} of {one.issue.list_slug}, to {one.audience}, by {config.provider.type}, from {sender}"
    )
    session.confirm(f"{verb} issue {one.issue.number}?", yes=yes)
