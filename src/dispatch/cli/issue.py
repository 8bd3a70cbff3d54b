"""`dispatch issue`: look at issues, send, pause, resume and cancel them."""

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer

from dispatch.acts import issue as acts
from dispatch.acts.act import Desk
from dispatch.acts.preview import Preview, preview_issue, preview_list
from dispatch.acts.report import IssueReport, issue_report
from dispatch.app import App, refuse_insecure_mailing
from dispatch.cli.session import Session, when
from dispatch.cli.summary import sum_in_words
from dispatch.errors import UsageError
from dispatch.model.delivery import SendState, Tally
from dispatch.model.issue import Issue
from dispatch.publish.freezing import freeze
from dispatch.store import issues, ledger, services

app = typer.Typer(no_args_is_help=True, help="Issues: what was, is and will be sent.")
Number = Annotated[int, typer.Argument(metavar="N", help="The issue's number.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


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


@app.command("report")
def report(
    command: typer.Context,
    number: Number,
    state: Annotated[
        list[SendState] | None, typer.Option(help="List the people in this state; may be repeated.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="List them as CSV.")] = False,
) -> None:
    """The sum that proves an issue: accepted + rejected + skipped + cancelled + expired + unknown = audience."""
    session = Session.of(command)
    states = state or (list(SendState) if as_csv else [])
    found = session.work(lambda app, desk: issue_report(desk, number, states))
    if as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(("email", "name", "state", "detail"))
        writer.writerows((row.email, row.name, row.state.value, row.detail) for row in found.rows)
        return
    session.answer(found, lambda: _print_report(session, found))


def _print_report(session: Session, found: IssueReport) -> None:
    session.say(f"issue {found.issue.number} of {found.issue.list_slug}: {found.issue.state.value}")
    for state in SendState:
        if count := found.tally.counts.get(state, 0):
            session.say(f"  {state.value:<10}{count:>10,}")
    session.say(f"  {'audience':<10}{found.tally.audience:>10,}  {_verdict(found)}")
    for chunk in found.waits:
        said = f": {chunk.error}" if chunk.error else ""
        session.say(f"  waits     try {chunk.attempt} at {chunk.not_before:%Y-%m-%d %H:%M:%S} UTC{said}")
    if found.issue.note:
        session.say(f"  note      {found.issue.note}")
    for row in found.rows:
        session.say(f"  {row.state.value:<10}{row.email}  {row.detail}")


def _verdict(found: IssueReport) -> str:
    if found.issue.frozen is None:
        return "not begun"
    return "balances" if found.tally.balances else f"{found.tally.open:,} still wait"


@app.command("send")
def send(command: typer.Context, number: Number, yes: Yes = False) -> None:
    """Let a held issue go now."""
    session = Session.of(command)
    one = session.work(lambda app, desk: acts.prospect(desk, number))
    _ask(session, one, "Send", yes=yes)
    session.work(lambda app, desk: _send(app, desk, number))
    session.answer(
        {"issue": number}, lambda: session.say(f"issue {number} is on its way; `dispatch issue report {number}`")
    )


async def _send(app: App, desk: Desk, number: int) -> None:
    refuse_insecure_mailing(app.context)
    await acts.send(desk, number)
    await _deliver_unless_served(app)


async def _deliver_unless_served(app: App) -> None:
    """A running service delivers; only without one does this process."""
    context = app.context
    async with context.store.read() as tx:
        served = await services.alive(tx, context.clock())
    if not served:
        await freeze(context, context.clock())
        await app.engine.drain()


@app.command("pause")
def pause(command: typer.Context, number: Number) -> None:
    """Stop a send; whoever waits goes on waiting."""
    _do(command, number, acts.pause, "is paused")


@app.command("resume")
def resume(command: typer.Context, number: Number, yes: Yes = False) -> None:
    """Go on with a paused send."""
    session = Session.of(command)
    one = session.work(lambda app, desk: acts.prospect(desk, number))
    _ask(session, one, "Resume", yes=yes)

    async def act(app: App, desk: Desk) -> None:
        refuse_insecure_mailing(app.context)
        await acts.resume(desk, number)
        await _deliver_unless_served(app)

    session.work(act)
    session.answer({"issue": number}, lambda: session.say(f"issue {number} goes on"))


@app.command("resolve")
def resolve(
    command: typer.Context,
    number: Number,
    address: Annotated[str, typer.Option(help="Whose delivery.")],
    as_state: Annotated[SendState, typer.Option(help="accepted or rejected.")],
) -> None:
    """Settle by hand what became of an unknown delivery."""
    session = Session.of(command)
    session.work(lambda app, desk: acts.resolve(desk, number, address, as_state))
    words = f"issue {number}: {address} is {as_state.value}"
    session.answer({"issue": number, "address": address}, lambda: session.say(words))


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
