"""`dispatch issue`: look at issues, send and time them, pause, resume, cancel and correct them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Annotated

import typer

from dispatch.acts import issue as acts
from dispatch.acts import resend as resending
from dispatch.acts import timing
from dispatch.acts.act import ActError, Desk
from dispatch.acts.moment import Moment, moment
from dispatch.acts.prospect import Prospect, prospect
from dispatch.acts.report import issue_report
from dispatch.app import App, refuse_insecure_mailing
from dispatch.cli import editing, report
from dispatch.cli.finishing import finishing
from dispatch.cli.outlook import print_prospect
from dispatch.cli.session import Session, when
from dispatch.cli.summary import sum_in_words
from dispatch.errors import Stopped, UsageError
from dispatch.model.delivery import SendState, Tally
from dispatch.model.issue import Issue, IssueState
from dispatch.model.states import Outcome
from dispatch.model.subscriber import Cadence
from dispatch.publish.archiving import archive
from dispatch.publish.freezing import freeze, load_renderer
from dispatch.store import issues, ledger, services

app = typer.Typer(no_args_is_help=True, help="Issues: what was, is and will be sent.")
Number = Annotated[int, typer.Argument(metavar="N", min=1, max=2**31 - 1, help="The issue's number.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
BECAME: dict[str, SendState | Outcome] = {one.value: one for one in (*acts.SETTLED, *Outcome)}
app.command("report")(report.report)
app.command("new")(editing.new)
app.command("edit")(editing.edit)
app.command("approve")(editing.approve)
app.command("preview")(editing.preview)
app.command("test")(editing.send_test)


@app.command("list")
def list_issues(command: typer.Context, limit: Annotated[int, typer.Option(min=1)] = 20) -> None:
    """The newest issues and their sums."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> list[tuple[Issue, Tally]]:
        async with desk.context.store.read() as tx:
            found = await issues.recent(tx, limit)
            return [(issue, await ledger.tally(tx, issue.number)) for issue in found]

    found = session.work(act)
    rows = [(*_words(one), sum_in_words(tally) if one.frozen else "") for one, tally in found]
    columns = ("number", "list", "cadence", "state", "due", "sum")
    session.answer([{"issue": one, "tally": tally} for one, tally in found], lambda: session.table(columns, rows))


def _words(one: Issue) -> tuple[str, ...]:
    timed = one.fixed or one.state is not IssueState.DRAFT or one.cadence is not Cadence.BY_HAND
    due = f"{one.due:%Y-%m-%d %H:%M} UTC" if timed else "no time yet"
    return (str(one.number), one.list_slug, one.cadence.value, one.state.value, due)


@app.command("show")
def show(command: typer.Context, number: Number) -> None:
    """What an issue holds, to how many it goes, and who did what with it."""
    session = Session.of(command)
    config = session.config()
    one = session.work(lambda app, desk: prospect(desk, number))
    table = config.lists.get(one.issue.list_slug)
    zone = (table.timezone if table else None) or config.publication.timezone
    session.answer(one, lambda: print_prospect(session, one, zone))


@app.command("send")
def send(command: typer.Context, number: Number, yes: Yes = False) -> None:
    """Let an issue go now; where its list has a grace time, after that."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> str:
        loading = asyncio.create_task(asyncio.to_thread(load_renderer))
        _ask(session, await prospect(desk, number), "Send", yes=yes)
        refuse_insecure_mailing(app.context)
        timed = await timing.send(desk, number)
        await loading
        if timed.waits and not await _wait_out(session, app, desk, number, timed):
            return f"issue {number} is taken back"
        return _done(session, f"issue {number} goes out", await _deliver_unless_served(app), number)

    said = session.work(act)
    session.answer({"issue": number}, lambda: session.say(said))


async def _wait_out(session: Session, app: App, desk: Desk, number: int, timed: timing.Timed) -> bool:
    """Wait until the grace time is over, unless a service does; False: Ctrl-C or another process took it back."""
    context = app.context
    with suppress(Stopped), finishing(app):
        session.say(f"issue {number} goes at {when(timed.due, timed.timezone)}")
        served = await _is_served(app)
        session.say(f"take it back: {'' if served else 'Ctrl-C, or '}{session.command} issue undo {number}")
        if served:
            return True
        with suppress(TimeoutError):
            left = (timed.due - context.clock()).total_seconds()
            await asyncio.wait_for(context.stopping.wait(), max(0.0, left))
    if context.stopping.is_set():
        await timing.undo(desk, number)
        return False
    return (await prospect(desk, number)).issue.due == timed.due


@app.command("schedule")
def schedule(
    command: typer.Context,
    number: Number,
    at: Annotated[str, typer.Option(metavar="TIME", help="Such as 'tomorrow 8:00', 'mon 8:00', 2026-11-24T08:00.")],
    local_time: Annotated[bool, typer.Option("--local-time", help="At that hour in each reader's own zone.")] = False,
) -> None:
    """Let an issue go at a moment that you name; its posts are those of now."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> tuple[timing.Timed, Moment]:
        issue = (await prospect(desk, number)).issue
        zone = desk.context.lists[issue.list_slug].timezone
        chosen = moment(at, zone, desk.context.clock(), ("en", desk.context.publication.language))
        return await timing.schedule(desk, number, chosen, local_time=local_time), chosen

    timed, chosen = session.work(act)
    session.answer({"issue": number, "due": timed.due}, lambda: _print_timed(session, number, timed, chosen))


def _print_timed(session: Session, number: int, timed: timing.Timed, chosen: Moment) -> None:
    first = f"; first at {when(timed.due, timed.timezone)}" if timed.due != chosen.instant else ""
    session.say(f"issue {number} goes at {when(chosen.instant, timed.timezone)}{first}")
    if chosen.note:
        session.say(chosen.note)
    session.say(f"take it back: {session.command} issue undo {number}")


@app.command("undo")
def undo(command: typer.Context, number: Number) -> None:
    """Take back a send or a time that was given, as long as nobody has been mailed."""
    session = Session.of(command)
    state = session.work(lambda app, desk: timing.undo(desk, number))
    words = f"issue {number} is {'a draft' if state is IssueState.DRAFT else state.value} again"
    session.answer({"issue": number, "state": state}, lambda: session.say(words))


def _done(session: Session, what: str, by: str, number: int) -> str:
    return f"{what} {by}; the sum that proves it: {session.command} issue report {number}"


async def _deliver_unless_served(app: App) -> str:
    """A running service delivers; only without one does this process. Returns by whom it was, in words."""
    context, served = app.context, await _is_served(app)
    if not served:
        begun = await freeze(context, context.clock())
        await archive(context)
        with finishing(app):
            await app.deliver()
        if begun.stuck:
            raise ActError("\n".join(map(str, begun.stuck)))
    return "by the running service" if served else "by this command"


async def _is_served(app: App) -> bool:
    """Whether a service runs, which does what is due."""
    async with app.context.store.read() as tx:
        return await services.alive(tx, app.context.clock())


@app.command("pause")
def pause(command: typer.Context, number: Number) -> None:
    """Stop a send; whoever waits goes on waiting."""
    _do(command, number, acts.pause, "is paused")


@app.command("resume")
def resume(command: typer.Context, number: Number, yes: Yes = False) -> None:
    """Go on with a paused send."""
    session = Session.of(command)

    async def act(app: App, desk: Desk) -> str:
        one, found = await prospect(desk, number), await issue_report(desk, number)
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


def _ask(session: Session, one: Prospect, verb: str, *, yes: bool) -> None:
    """Show list, count, provider and From, and ask."""
    config = session.config()
    table = config.lists.get(one.issue.list_slug)
    sender = (table.sender if table else "") or config.publication.email
    session.say(
        f"'{one.subject}' of {one.issue.list_slug}, to {one.audience}, by {config.provider.type}, from {sender}"
    )
    session.confirm(f"{verb} issue {one.issue.number}?", yes=yes)
