"""Who of a file's rows joins by themselves. Pure: the stage in `publish` reads and writes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from dispatch.model.post import Problem
from dispatch.model.subscriber import PersonRow

CROWD = 100  # more new people at once wait for a person's word, once the first pass is over


@dataclass(frozen=True, slots=True)
class Membership:
    """One row on one of its lists, with the keyed hash that says whether it was taken before."""

    row: PersonRow
    list_slug: str
    hash: str


@dataclass(frozen=True, slots=True)
class Joining:
    """What a file comes to."""

    people: tuple[Membership, ...]  # who joins now
    waiting: Problem | None  # why the file waits, if it does


def fresh(memberships: Iterable[Membership], known: Collection[str]) -> list[Membership]:
    """Those never taken before, each once: the first row of an address counts."""
    unseen = {one.hash: one for one in reversed(list(memberships)) if one.hash not in known}
    return sorted(unseen.values(), key=lambda one: (one.row.line, one.list_slug))


def decide(where: str, people: Sequence[Membership], *, named_after_list: bool, first_pass: bool) -> Joining:
    """Let a file's new people join, or make the file wait and say how to let them in."""
    if people and not named_after_list:
        return Joining((), _waits(where, f"new people: {len(people)}; its name is no list's"))
    if len(people) > CROWD and not first_pass:
        return Joining((), _waits(where, f"new people at once: {len(people)}"))
    return Joining(tuple(people), None)


def _waits(where: str, why: str) -> Problem:
    return Problem(where, f"{why}: to let them in, type `dispatch subscriber import {where}`.", fatal=False)
