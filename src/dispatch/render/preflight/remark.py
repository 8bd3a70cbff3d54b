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
MADE = "edition."  # begins the names of the files that Dispatch makes
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
    alike: bool = False  # one cause makes all that say the same: the first of them is enough

    @property
    def kind(self) -> tuple[str, ...]:
        """What it says, of whatever."""
        return (self.check, self.severity, self.said, self.cure)

    @property
    def thing(self) -> tuple[str, ...]:
        """What it says of what: the same in every edition of an issue, on whatever line of theirs it stands."""
        place = self.where.partition(":")[0] if self.where.startswith(MADE) else self.where
        return self.kind if self.alike else (*self.kind, place, self.about)

    def __str__(self) -> str:
        about = f": {self.about if len(self.about) <= LONG else self.about[: LONG - 1] + '…'}" if self.about else ""
        said = self.said + about + (f" (and {self.times - 1} more)" if self.times > 1 else "")
        return f"{self.where}: {said}{'' if said.endswith('…') else '.'} {self.cure}"


def gathered(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """The worst first, those of one kind together; the same thing said again is counted at its first place."""
    things: dict[tuple[str, ...], Remark] = {}
    for one in remarks:
        first = things.get(one.thing)
        things[one.thing] = replace(first, times=first.times + 1) if first else one
    kinds = list(dict.fromkeys(one.kind for one in things.values()))
    return tuple(sorted(things.values(), key=lambda one: (ORDER.index(one.severity), kinds.index(one.kind))))


def in_words(remarks: Iterable[Remark]) -> str:
    """How many there are of each severity, such as `1 fault, 2 notes`; empty: there is none."""
    kinds = [one.severity for one in remarks]
    counts = [(kinds.count(severity), severity.value) for severity in Severity]
    return ", ".join(f"{count} {word}{'s' * (count > 1)}" for count, word in counts if count)
