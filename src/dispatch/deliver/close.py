"""After a try: what is left of a chunk goes back in line or ends, and the breaker judges its issue."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatch.deliver import breaker
from dispatch.deliver.breaker import ALL, Count
from dispatch.deliver.retry import GiveUp, after_try
from dispatch.errors import ProviderError, ProviderRefused
from dispatch.model.delivery import OPEN_STATES, Claim, Receipt, SendState
from dispatch.model.issue import Issue, IssueState
from dispatch.store import issues, ledger, refusals
from dispatch.store.connect import Tx

DEFINITE = (SendState.ACCEPTED, SendState.REJECTED)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try at a chunk."""

    receipts: Mapping[int, Receipt] = field(default_factory=dict)  # by subscriber id
    error: ProviderError | None = None
    slow_down: bool = False  # the provider asked for fewer messages

    @property
    def accepted(self) -> int:
        """How many the provider took."""
        return sum(receipt.state is SendState.ACCEPTED for receipt in self.receipts.values())


async def put_back_or_close(tx: Tx, now: datetime, claim: Claim, tried: Tried) -> list[str]:
    """Decide what becomes of a chunk after a try, or after its holder died; returns what to tell once it is done."""
    issue = await issues.get(tx, claim.issue)
    if issue is None:
        return []
    if issue.state is IssueState.CANCELLED:
        await ledger.settle(tx, claim.issue, claim.chunk, SendState.CANCELLED, "issue cancelled", now, OPEN_STATES)
    if isinstance(tried.error, ProviderRefused):
        await _stop(tx, issue, str(tried.error))
    if await ledger.open_count(tx, claim.issue, claim.chunk):
        await _try_again(tx, now, claim, tried)
    else:
        await ledger.close(tx, claim)
    return await _finish(tx, now, issue)


async def _finish(tx: Tx, now: datetime, issue: Issue) -> list[str]:
    if not await ledger.finish_if_balanced(tx, issue, now):
        return []
    tally = await ledger.tally(tx, issue.number)
    state = IssueState.CANCELLED if issue.state is IssueState.CANCELLED else IssueState.SENT
    accepted = tally.counts.get(SendState.ACCEPTED, 0)
    return [f"issue {issue.number} is {state.value}: accepted {accepted} of {tally.audience}"]


async def _stop(tx: Tx, issue: Issue, why: str) -> None:
    await issues.move(tx, issue.number, [IssueState.SENDING], IssueState.PAUSED, {"note": why})


async def judge(tx: Tx, claim: Claim, addresses: Mapping[int, str], tried: Tried) -> list[str]:
    """Count this try's refusals, and pause the issue where they are too many; returns what to tell once it is done."""
    counts = count_by_domain(addresses, tried.receipts)
    if not counts:
        return []
    await refusals.add(tx, claim.issue, {domain: (one.attempted, one.refused) for domain, one in counts.items()})
    refused = [domain for domain, one in counts.items() if one.refused]
    if not refused:
        return []
    sums = await refusals.of(tx, claim.issue, refused)
    why = breaker.judge({domain: Count(*numbers) for domain, numbers in sums.items()})
    issue = await issues.get(tx, claim.issue) if why else None
    if not why or not issue:
        return []
    await _stop(tx, issue, why)
    return [f"issue {claim.issue}: {why}"]


def count_by_domain(addresses: Mapping[int, str], receipts: Mapping[int, Receipt]) -> dict[str, Count]:
    """Definite answers and refusals, by the domain of the recipient's address and for `ALL`."""
    attempted: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for who, receipt in receipts.items():
        if receipt.state in DEFINITE:
            domain = addresses[who].rpartition("@")[2]
            attempted.update((domain, ALL))
            refused.update((domain, ALL) if receipt.state is SendState.REJECTED else ())
    return {domain: Count(attempted[domain], refused[domain]) for domain in attempted}


async def _try_again(tx: Tx, now: datetime, claim: Claim, tried: Tried) -> None:
    """Put what is left back in line: at once where it was merely not reached, later where it failed."""
    again = [receipt for receipt in tried.receipts.values() if receipt.state is SendState.RETRY]
    if not again and not tried.slow_down and (tried.error is None or isinstance(tried.error, ProviderRefused)):
        await ledger.release(tx, claim, not_before=now, since=None)
        return
    since = claim.first_try or now
    asked = max((receipt.retry_after or timedelta(0) for receipt in again), default=None)
    decision = after_try(since, now, asked)
    error = str(tried.error) if tried.error else next((receipt.detail for receipt in again), "")
    if isinstance(decision, GiveUp):
        await _give_up(tx, now, claim, tried, error)
        return
    await ledger.release(tx, claim, not_before=decision.not_before, since=since, error=error)


async def _give_up(tx: Tx, now: datetime, claim: Claim, tried: Tried, error: str) -> None:
    """The time is up for whom the provider put off, and for everybody where it was the provider that failed."""
    states = OPEN_STATES if tried.error else (SendState.RETRY,)
    await ledger.settle(tx, claim.issue, claim.chunk, SendState.EXPIRED, error, now, states)
    if await ledger.open_count(tx, claim.issue, claim.chunk):
        await ledger.release(tx, claim, not_before=now, since=None)
    else:
        await ledger.close(tx, claim)
