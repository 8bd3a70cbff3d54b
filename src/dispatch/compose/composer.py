"""What an issue of one list comes to while a plan is made, as `publish.composition` has it on the path."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.compose.cohorts import cohorts
from dispatch.compose.crowd import Crowd
from dispatch.compose.departures import departures
from dispatch.compose.gate import passed, passes
from dispatch.compose.outlook import Standing
from dispatch.compose.shelf import Shelf
from dispatch.compose.starting import is_by_place, pinned, shape_for
from dispatch.model.issue import Cohort, Issue, Need, Shape
from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence


@dataclass(frozen=True, slots=True)
class Composed:
    """Who gets what in an issue."""

    cohorts: tuple[Cohort, ...]
    sizes: tuple[int, ...]  # how many are in each cohort
    waiting: tuple[Need, ...]
    pinned: tuple[Post, ...]  # what an approval covers


class Composer:
    """Composes for a crowd from a shelf, both as they stand at that time."""

    def __init__(self, standing: Standing, language: str, shelf: Shelf, crowd: Crowd) -> None:
        """`language` is the publication's."""
        self._standing, self._language, self._shelf, self._crowd = standing, language, shelf, crowd
        self.mailed = dict(standing.mailed)  # posts, and when an issue with them last began

    def compose(self, issue: Issue, left_out: Collection[int]) -> Composed:
        """Who would get what if the issue started now; `left_out` by earlier issues of its cadence."""
        one, needs = self._standing.one, self._crowd.needs(issue)
        shape = shape_for(issue, one, self._language, left_out)
        window = self._window(issue, shape, min((need.mark for need in needs), default=issue.last_arrival))
        own = [post for post in window if shape.by_hand or (post.arrival or 0) >= issue.first_arrival]
        if not window and not shape.by_hand:
            return Composed((), (), (), ())
        earlier = [post for post in self._shelf.same_stories(window) if passed(post, one)]
        groups = cohorts(needs, window, shape, earlier)
        sizes = tuple(sum(needs[need] for need in found.needs) for found in groups.cohorts)
        covered = pinned(own, groups.cohorts, self.mailed, shape)
        return Composed(groups.cohorts, sizes, groups.waiting, covered)

    def _window(self, issue: Issue, shape: Shape, lowest: int) -> Sequence[Post]:
        if shape.by_hand:
            return self._shelf.many(issue.picked)
        stopped = self._standing.stopped if issue.cadence is Cadence.IMMEDIATE else ()
        arrived = self._shelf.arrived(min(lowest, issue.first_arrival - 1), issue.last_arrival)
        return [
            post
            for post in arrived
            if passes(post, self._standing.one)
            and not any(first <= (post.arrival or 0) <= last for first, last in stopped)
        ]

    def leaves(self, issue: Issue, composed: Composed, at: datetime, *, own_hours: bool) -> tuple[datetime, ...]:
        """The first and the last moment at which somebody's mail leaves, where these differ."""
        one = self._standing.one
        if not is_by_place(issue, one):
            return ()
        bound = self._crowd.bound(issue, composed.cohorts)
        moments = sorted(
            {found.not_before for found in departures(bound, issue.slot, one.timezone, at, own_hours=own_hours)}
        )
        return (moments[0], moments[-1]) if len(moments) > 1 else ()
