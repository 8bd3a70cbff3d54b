"""What a check has found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    ok: bool  # False: a send would fail, or should not be made
    what: str
    said: str  # what was found and, where it is not well, what to do
    note: bool = False  # nothing fails yet, but a person should read it
    warning: bool = False  # a note on what some readers or filters will stumble over


def note(what: str, said: str) -> Finding:
    """Nothing fails, but a person should read it."""
    return Finding(True, what, said, note=True)
