"""`dispatch run`: the service, or one pass of it."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from dispatch.acts.act import ActError, Desk
from dispatch.acts.report import issues_under_way
from dispatch.app import App, open_app, refuse_insecure_mailing, system_clock
from dispatch.cli.finishing import finishing
from dispatch.cli.news import Newsreader, stamped
from dispatch.cli.session import Session
from dispatch.cli.summary import Summary, summarise
from dispatch.config import Config
from dispatch.errors import UsageError
from dispatch.publish import run_pass


def run(
    command: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="One pass without the server, then exit.")] = False,
    now: Annotated[str, typer.Option(metavar="ISO8601", help="With --once: take this for the present moment.")] = "",
    simulate: Annotated[bool, typer.Option("--simulate", help="With --once: work on a copy, mail nobody.")] = False,
    host: Annotated[str, typer.Option(help="Where the server listens.")] = "",
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="On which port.")] = None,
) -> None:
    """Collect, compose, render, syndicate and deliver: for ever, or once."""
    session = Session.of(command)
    if once:
        _once(session, now, simulate=simulate)
        return
    if now or simulate:
        raise UsageError("--now and --simulate go with --once.")
    _serve(session, host, port)


def _serve(session: Session, host: str, port: int | None) -> None:
    from dispatch.service import serve  # the web server and the clock are of use here alone

    def opening(config: Config) -> AbstractAsyncContextManager[App]:
        return open_app(config, tell=stamped(session, config.publication.timezone), to_mail=True)

    config = session.config()
    place = (host or config.web.host, config.web.port if port is None else port)
    session.run(serve(config, opening, Newsreader(session), *place))
    session.say("Stopped.")


def _once(session: Session, now: str, *, simulate: bool) -> None:
    config = session.config()
    moment = moment_of(now, config.publication.timezone) if now else None
    if moment and moment > system_clock() and not simulate:
        raise UsageError(f"--now {now} lies ahead: add --simulate, which works on a copy.")
    clock = (lambda: moment) if moment else system_clock
    work = _rehearsal if simulate else _pass
    summary = session.work(work, clock=clock, simulate=simulate, tell=_silent)
    session.answer(summary, lambda: summary.print(session))
    if summary.done.stuck:
        raise ActError("\n".join(map(str, summary.done.stuck)))
    if summary.failed:
        raise typer.Exit(1)


def _silent(line: str) -> None:
    """The summary says it all."""


async def _pass(app: App, desk: Desk) -> Summary:
    context = app.context
    refuse_insecure_mailing(context)
    under_way = await issues_under_way(desk)
    await app.engine.housekeeping()
    done = await run_pass(context, context.clock(), hold=False)
    with finishing(app):
        await app.deliver()
    return await summarise(desk, done, under_way)


async def _rehearsal(app: App, desk: Desk) -> Summary:
    """A pass on a copy, and what preflight says of the issues that it would have sent."""
    from dispatch.acts.rehearsal import rehearsed  # loads the tree work, which a real pass needs for mail alone

    summary = await _pass(app, desk)
    return replace(summary, rehearsed=await rehearsed(desk, summary.done.started))


def moment_of(text: str, zone: str) -> datetime:
    """An instant from ISO 8601; without an offset it is meant in the publication's zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--now {text!r} is no time: write ISO 8601, such as 2026-11-23T08:00.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
