"""What happens to a chunk after a try that failed: a value, decided here, carried out in `run`. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
RETRY_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Again:
    """Try what is left at `not_before`."""

    not_before: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The time is up: what is left expires."""


def after_try(since: datetime, now: datetime, asked: timedelta | None = None) -> Again | GiveUp:
    """When to try again what has been failing `since`; `asked` is what the provider wants at least.

    Waiting as long again as it has failed doubles the wait from try to try.
    """
    wait = max(min(max(now - since, FIRST_WAIT), LONGEST_WAIT), asked or timedelta(0))
    return GiveUp() if now + wait - since > RETRY_FOR else Again(now + wait)
