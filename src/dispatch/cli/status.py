"""`dispatch status`, `plan` and `check`: what stands where, what will happen, what would fail."""

from typing import Annotated

import typer

from dispatch.acts import plan as plans
from dispatch.acts import report
from dispatch.acts.act import Desk
from dispatch.acts.check import Finding
from dispatch.acts.check import check as look_at_everything
from dispatch.app import system_clock
from dispatch.cli.run import moment_of
from dispatch.cli.session import Session, when
from dispatch.cli.summary import print_issue

MAILS_NOBODY = "Nobody receives mail: the provider is the outbox."


def status(command: typer.Context) -> None:
    """What is sending, waiting, held, stuck, unknown; exit 1 if something needs a person."""
    session = Session.of(command)
    config = session.config()
    found = session.work(lambda app, desk: report.status(desk))
    session.answer(found, lambda: _print_status(session, found, config.publication.timezone))
    if found.needs_a_person:
        raise typer.Exit(1)


def _print_status(session: Session, found: report.Status, zone: str) -> None:
    session.say(f"service   {'is running' if found.service else 'is not running: `dispatch run` starts it'}")
    session.say(f"posts     {', '.join(f'{count} {state}' for state, count in found.posts.items()) or 'none yet'}")
    for (slug, state), count in sorted(found.people.items()):
        session.say(f"people    {slug}: {count} {state}")
    for one in found.running:
        print_issue(session, one)
    if found.slowed_to:
        session.say(f"pace      the provider asked for fewer messages: at most {found.slowed_to:.1f} a second for now")
    for issue in found.stranded:
        session.say(f"held      issue {issue.number}: its list {issue.list_slug!r} is not in dispatch.toml any more")
    for row in found.unknown[:20]:
        session.say(f"unknown   issue {row.issue}: {row.email}: {row.detail}")
    for line in found.files:
        session.say(f"waits     {line}")
    for wakeup in found.wakeups[:10]:
        session.say(f"next      {when(wakeup.at, zone)}: {wakeup.what}")


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
        for title in one.posts:
            session.say(f"    {title}")
        if not one.posts:
            session.say("    nothing yet: no issue unless a post comes")
    if not planned:
        session.say("Nothing is held, and nobody waits for a digest. Immediate issues follow their posts.")
    if not mails:
        session.say(MAILS_NOBODY)


def check(command: typer.Context) -> None:
    """Settings, store, provider, templates: what would fail, and how to mend it."""
    session = Session.of(command)

    async def act(app: object, desk: Desk) -> list[Finding]:
        return [finding async for finding in look_at_everything(desk)]

    findings = session.work(act)
    session.answer(findings, lambda: _print_findings(session, findings))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _print_findings(session: Session, findings: list[Finding]) -> None:
    for finding in findings:
        word = "MEND" if not finding.ok else "note" if finding.note else "ok"
        session.say(f"{word:<4}  {finding.what}: {finding.said}")
