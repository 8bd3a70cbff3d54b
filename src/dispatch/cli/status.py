"""`dispatch status` and `check`: what stands where, what would fail."""

from collections.abc import Iterator

import typer

from dispatch.acts import report
from dispatch.acts.act import Desk
from dispatch.acts.finding import Finding
from dispatch.cli.session import Session, when
from dispatch.cli.summary import print_issue, standing_in_words
from dispatch.model.websub import Following


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
    for slug in found.paused:
        session.say(f"paused    {slug}: none of its issues begins; {session.command} list resume {slug} ends that")
    for one in found.running:
        print_issue(session, one)
    if found.slowed_to:
        session.say(f"pace      the provider asked for fewer messages: at most {found.slowed_to:.1f} a second for now")
    for issue in found.stranded:
        session.say(f"held      issue {issue.number}: its list {issue.list_slug!r} is not in dispatch.toml any more")
    for row in found.unknown[:20]:
        session.say(f"unknown   issue {row.issue}: {row.email}: {row.detail}")
    _print_rest(session, found)
    for wakeup in found.wakeups[:10]:
        session.say(f"next      {when(wakeup.at, zone)}: {wakeup.what}")


def _print_rest(session: Session, found: report.Status) -> None:
    """What is in no issue: mail to people who signed up, left or asked for their link, and files that wait."""
    for mail in found.mails:
        session.say(f"mail      {standing_in_words(mail)}")
    for line in _following_in_words(found.following):
        session.say(f"push      {line}")
    for line in found.files:
        session.say(f"waits     {line}")


def _following_in_words(found: Following) -> Iterator[str]:
    """Who follows by WebSub, and what has not reached them."""
    if found.followers:
        yield f"at our hub: subscriptions {found.followers}, owed {found.owed}, failing {found.failing}"
    if found.hubs_owed:
        yield f"to other hubs: owed {found.hubs_owed}, failing {found.hubs_failing}"


def check(command: typer.Context) -> None:
    """Settings, store, provider, templates: what would fail, and how to mend it."""
    # These load what paints, inlines and serves; `status` does nothing of it.
    from dispatch.acts.check import check as look_at_everything
    from dispatch.web.rehearsal import broken_pages

    session = Session.of(command)

    async def act(app: object, desk: Desk) -> list[Finding]:
        pages = [Finding(False, "pages", said) for said in await broken_pages(desk.context)]
        shown = Finding(True, "pages", "those on which people join, choose and leave can be shown")
        return [*[finding async for finding in look_at_everything(desk)], *(pages or [shown])]

    findings = session.work(act)
    session.answer(findings, lambda: _print_findings(session, findings))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _print_findings(session: Session, findings: list[Finding]) -> None:
    for finding in findings:
        word = "MEND" if not finding.ok else "warn" if finding.warning else "note" if finding.note else "ok"
        session.say(f"{word:<4}  {finding.what}: {finding.said}")
