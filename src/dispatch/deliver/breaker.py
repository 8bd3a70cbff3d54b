"""When refusals are no longer those of single recipients: the issue stops and a person looks. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

AT_LEAST = 20  # refusals, so that a small list or domain does not stop for one dead address
SHARE = 0.05  # of those attempted
ALL = ""  # the name under which all domains are counted


@dataclass(frozen=True, slots=True)
class Count:
    """Attempts that had a definite answer, and those of them that were refused."""

    attempted: int = 0
    refused: int = 0

    @property
    def trips(self) -> bool:
        """Whether so many were refused that somebody should look."""
        return self.refused >= AT_LEAST and self.refused >= SHARE * self.attempted


def judge(counts: Mapping[str, Count]) -> str | None:
    """Why the issue should stop, by its counts for each domain and for `ALL`; None: it may go on."""
    if counts.get(ALL, Count()).trips:
        return _words(counts[ALL], "recipients")
    tripped = sorted(domain for domain, count in counts.items() if count.trips)
    return _words(counts[tripped[0]], f"recipients at {tripped[0]}") if tripped else None


def _words(count: Count, whom: str) -> str:
    percent = 100 * count.refused / count.attempted
    return (
        f"{count.refused:,} of {count.attempted:,} {whom} were refused ({percent:.0f} %), so it was stopped: "
        "see `issue report`, mend the cause, then resume"
    )
