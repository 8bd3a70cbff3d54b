"""`dispatch issue report`: the sum that proves an issue, and what stands behind it."""

import csv
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from dispatch.acts.report import IssueReport, issue_report
from dispatch.cli.session import Session
from dispatch.deliver.journal import machine as this_machine
from dispatch.model.delivery import FINAL_STATES, OPEN_STATES, ChunkState, SendState
from dispatch.model.issue import BEGUN, IssueState
from dispatch.store.reports import Group

Number = Annotated[int, typer.Argument(metavar="N", min=1, max=2**31 - 1, help="The issue's number.")]
WORDS = 200  # characters of a server's answer


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
        _write_csv(found)
    else:
        session.answer(found, lambda: session.say("\n".join(_lines(found))))


def _write_csv(found: IssueReport) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(("email", "name", "state", "detail", "outcome"))
    writer.writerows((row.email, row.name, row.state.value, row.detail, row.outcome or "") for row in found.rows)


def _lines(found: IssueReport) -> Iterator[str]:
    issue = found.issue
    yield f"issue {issue.number} of {issue.list_slug}: {issue.state.value}"
    for state in (*FINAL_STATES, *OPEN_STATES):
        if count := found.tally.counts.get(state, 0):
            yield f"  {state.value:<10}{count:>10,}"
    yield f"  {'audience':<10}{found.tally.audience:>10,}  {_verdict(found)}"
    if issue.note:
        yield f"  note      {issue.note}"
    yield from (f"  missing   {line}" for line in _missing(found))
    yield from (f"  outcome   {count:,} {outcome.value}" for outcome, count in found.outcomes.items())
    yield from (f"  refused   {one.count:,} at {one.domain}" for one in found.refusals)
    for reason in found.reasons:
        yield f"  said      {reason.count:,} × {reason.state.value}: {reason.detail[:WORDS]}"
    for row in found.rows:
        yield f"  {row.state.value:<10}{row.email}  {row.detail}" + (f"  ({row.outcome})" if row.outcome else "")


def _verdict(found: IssueReport) -> str:
    if found.issue.frozen is None:
        return "not begun"
    return "balances" if found.tally.balances else f"{found.tally.open:,} still wait"


def _missing(found: IssueReport) -> Iterator[str]:
    """What keeps the sum open, and why."""
    if found.missing and found.allowed:
        yield f"the provider's limits let the next message go at {found.allowed:%Y-%m-%d %H:%M:%S} UTC"
    if found.missing and found.issue.state is IssueState.PAUSED:
        yield f"{found.tally.open:,} wait until somebody resumes it: `dispatch issue resume {found.issue.number}`"
    for group in found.missing:
        if group.state is ChunkState.CLAIMED:
            yield _held(group)
        elif found.issue.state in BEGUN:
            yield _waiting(group)


def _held(group: Group) -> str:
    machine, _, journal = group.holder.partition("/")
    until = f" until {group.lease_until:%Y-%m-%d %H:%M:%S} UTC" if group.lease_until else ""
    where = "this machine" if machine == this_machine() else f"machine {machine}"
    return f"{group.people:,} are in the hands of a process on {where}{until} (journal {journal.rpartition('/')[2]})"


def _waiting(group: Group) -> str:
    said = f": {group.error[:WORDS]}" if group.error else ""
    if not said:
        return f"{group.people:,} wait for their turn"
    return f"{group.people:,} wait for another try at {group.not_before:%Y-%m-%d %H:%M:%S} UTC{said}"
