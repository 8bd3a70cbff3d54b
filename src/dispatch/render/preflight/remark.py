"""What preflight says of an edition."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters, the worst first."""

    FAULT = "fault"  # the mail should not go out like this
    WARNING = "warning"  # some readers or filters will stumble
    NOTE = "note"  # good to know


ORDER = tuple(Severity)
LONG = 90  # characters of a link or a picture's name, in a line for people
NO_ADDRESS = "the footer has no postal address, which many countries ask for"  # also a finding on the settings


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a check noticed."""

    severity: Severity
    where: str  # a file with its line, or a header
    said: str  # what is wrong, in words that are the same wherever it is
    cure: str  # what to do, in one sentence
    about: str = ""  # the very link, picture or words
    check: str = ""  # the name of the check, from the table of all checks
    times: int = 1

    def __str__(self) -> str:
        about = f": {self.about if len(self.about) <= LONG else self.about[: LONG - 1] + '…'}" if self.about else ""
        more = f" (and {self.times - 1} more)" if self.times > 1 else ""
        return f"{self.where}: {self.said}{about}{more}. {self.cure}"


def gathered(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """The worst first; the same thing said several times is one remark, with the first place."""
    groups: dict[tuple[str, ...], Remark] = {}
    for one in remarks:
        key = (one.check, one.severity, one.said, one.cure)
        first = groups.get(key)
        groups[key] = replace(first, times=first.times + 1) if first else one
    return tuple(sorted(groups.values(), key=lambda one: ORDER.index(one.severity)))


def in_words(remarks: Iterable[Remark]) -> str:
    """How many there are of each severity, such as `1 fault, 2 notes`; empty: there is none."""
    kinds = [one.severity for one in remarks]
    counts = [(kinds.count(severity), severity.value) for severity in Severity]
    return ", ".join(f"{count} {word}{'s' * (count > 1)}" for count, word in counts if count)
