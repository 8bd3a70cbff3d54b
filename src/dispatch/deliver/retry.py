"""What happens to a chunk after a try: a value, decided here, carried out in `run`. Pure."""

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


def after_try(attempt: int, first_try: datetime, now: datetime, asked: timedelta | None = None) -> Again | GiveUp:
    """When to try again after try number `attempt` (1 the first); `asked` is what the provider wants at least."""
    wait = max(min(FIRST_WAIT * 2 ** min(attempt - 1, 20), LONGEST_WAIT), asked or timedelta(0))
    return GiveUp() if now + wait - first_try > RETRY_FOR else Again(now + wait)
