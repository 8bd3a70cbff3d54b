"""Sends an issue again, to those whom it did not reach or who are named."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.acts.act import ActError, Desk, known_issue
from dispatch.acts.prospect import Prospect, prospect
from dispatch.acts.subscriber import normalised
from dispatch.model.delivery import SendState
from dispatch.model.issue import Issue, IssueState
from dispatch.publish.freezing import CHUNK_SIZE
from dispatch.store import issues, refusals, resending
from dispatch.store.connect import Tx
from dispatch.store.resending import Chosen, Counts

FAILED = (SendState.REJECTED, SendState.EXPIRED, SendState.UNKNOWN)  # what may be sent again without naming anybody
INSTEAD = {
    IssueState.HELD: "it has not begun: `dispatch issue send` lets it go",
    IssueState.COMPOSED: "it is about to begin",
    IssueState.SENDING: "it is still being sent: send again when it has ended",
    IssueState.PAUSED: "it is paused: resume it, and send again when it has ended",
    IssueState.CANCELLED: "it was cancelled: whoever was not reached gets its posts with the list's next issue",
}
WHY_NOT = {
    SendState.PENDING: "still waits",
    SendState.RETRY: "still waits for another try",
    SendState.SKIPPED: "had left or was suppressed; if that has changed, they get what comes from now on",
    SendState.CANCELLED: "was cancelled and gave its posts back; they come with the list's next issue",
    SendState.ACCEPTED: "was accepted already; to send it twice, add --again",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """To whom an editor wants an issue sent again: to all in some states, or to the people named."""

    states: tuple[SendState, ...] = ()
    addresses: tuple[str, ...] = ()
    again: bool = False  # also to those named who have it already


@dataclass(frozen=True, slots=True)
class Resending:
    """What a wish comes to, for whoever decides."""

    prospect: Prospect
    counts: Counts


async def look(desk: Desk, number: int, wish: Wish) -> Resending:
    """To how many an issue would go again. Raises ActError if it cannot, or to nobody."""
    async with desk.context.store.read() as tx:
        _, counts = await _choose(tx, desk, number, wish)
    return Resending(await prospect(desk, number), counts)


async def resend(desk: Desk, number: int, wish: Wish) -> int:
    """Put the chosen deliveries back in line and let the issue be sent again; returns how many there are."""
    now = desk.context.clock()
    async with desk.context.store.write() as tx:
        chosen, _ = await _choose(tx, desk, number, wish)
        count = await resending.put_back(tx, chosen, CHUNK_SIZE, now)
        await refusals.forget(tx, number)
        await issues.move(tx, number, [IssueState.SENT], IssueState.SENDING, {"ended": None, "note": ""})
        whom = ", ".join(wish.states) or f"{len(wish.addresses)} named"
        await desk.note(tx, "issue resend", str(number), f"{whom}: {count}")
        return count


async def _choose(tx: Tx, desk: Desk, number: int, wish: Wish) -> tuple[Chosen, Counts]:
    _check_issue(desk, await known_issue(tx, number))
    if wish.addresses:
        chosen = Chosen(number, (*FAILED, SendState.ACCEPTED), await _people(tx, number, wish))
    else:
        _check_states(wish.states)
        chosen = Chosen(number, wish.states)
    counts = await resending.count(tx, chosen)
    if not counts.again:
        raise ActError(f"Issue {number}: there is nobody to send it to again{left_out(counts)}.")
    return chosen, counts


def _check_issue(desk: Desk, issue: Issue) -> None:
    if issue.list_slug not in desk.context.lists:
        raise ActError(f"The list {issue.list_slug!r} of issue {issue.number} is not in dispatch.toml any more.")
    if issue.state in INSTEAD:
        raise ActError(f"Issue {issue.number} cannot be sent again: {INSTEAD[issue.state]}.")


def _check_states(states: Sequence[SendState]) -> None:
    for state in states:
        if state not in FAILED:
            why = WHY_NOT[state] if state is not SendState.ACCEPTED else "was accepted; name single people with --to"
            raise ActError(f"{state.value} is not sent again: it {why}. Choose from: {', '.join(FAILED)}.")


async def _people(tx: Tx, number: int, wish: Wish) -> tuple[int, ...]:
    """The people named. Raises ActError for one who cannot have the issue again."""
    return tuple([await _person(tx, number, normalised(address), again=wish.again) for address in wish.addresses])


async def _person(tx: Tx, number: int, email: str, *, again: bool) -> int:
    found = await resending.find(tx, number, email)
    if found is None:
        raise ActError(f"{email} was not in the audience of issue {number}.")
    who, state = found
    if state in WHY_NOT and not (again and state is SendState.ACCEPTED):
        raise ActError(f"Issue {number} to {email} {WHY_NOT[state]}.")
    return who


def left_out(counts: Counts) -> str:
    """Who does not get it again, in words: `; left out: 2 who have left, 1 suppressed`."""
    words = {"who left the list": counts.left, "suppressed": counts.suppressed}
    named = [f"{number:,} {why}" for why, number in words.items() if number]
    return f"; left out: {', '.join(named)}" if named else ""
