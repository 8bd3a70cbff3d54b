"""Whether a file's new people join by themselves. Pure: the stage in `publish` reads and writes."""

from dispatch.model.post import Problem

CROWD = 100  # more new people at once wait for a person's word, once the first pass is over


def why_waiting(where: str, new: int, *, named_after_list: bool, first_pass: bool) -> Problem | None:
    """Why a file with so many new people waits, and how to let them in; None if they may join."""
    if new and not named_after_list:
        return _waits(where, f"new people: {new}; its name is no list's")
    if new > CROWD and not first_pass:
        return _waits(where, f"new people at once: {new}")
    return None


def _waits(where: str, why: str) -> Problem:
    return Problem(where, f"{why}: to let them in, type `dispatch subscriber import {where}`.", fatal=False)
