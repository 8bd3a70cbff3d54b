"""The course that the issues of one list take from now on, pass by pass, as the path would make and start them.

Each step has its like in `publish`: composing, firing, freezing. What decides is the same there and here.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from dispatch.compose.cadence import Place, Slot
from dispatch.compose.composer import Composed, Composer
from dispatch.compose.crowd import Crowd
from dispatch.compose.gate import passes
from dispatch.compose.late import Verdict
from dispatch.compose.outlook import Coming, Rhythm, Standing, Wait
from dispatch.compose.shelf import Shelf
from dispatch.compose.starting import has_overslept, in_order_of_start, is_approved, is_due, line_of
from dispatch.compose.turn import Turn, due_ahead, hours_over, take_turn
from dispatch.compose.windows import Window, immediate_windows
from dispatch.model.issue import UNBEGUN, WAITING, Issue, IssueState
from dispatch.model.subscriber import Cadence


class Course:
    """One list; `found` is what has come of it so far."""

    def __init__(self, standing: Standing, language: str, shelf: Shelf) -> None:
        """Begin where the list stands."""
        self.found: list[Coming] = []
        self._standing, self._one, self._shelf = standing, standing.one, shelf
        self._crowd = Crowd(standing.groups)
        self._composer = Composer(standing, language, shelf, self._crowd)
        self._rhythms = {rhythm.cadence: rhythm for rhythm in standing.rhythms}
        self._issues = {issue.number: issue for issue in standing.issues}
        self._known = frozenset(self._issues)
        self._numbers: Iterator[int] = count(max(self._issues, default=0) + 1)
        self._composed_to = standing.composed_to
        self._first, self._left_out = dict(standing.first), dict(standing.left_out)
        self._told: set[tuple[int, datetime]] = set()

    def next_moment(self, after: datetime) -> datetime | None:
        """When something happens next."""
        if self._standing.paused:
            return None
        moments = [rhythm.due for rhythm in self._rhythms.values()]
        moments += [issue.due for issue in self._waiting() if not issue.late]
        back = self._crowd.next_return(tuple(Cadence) if self._one.local_time else (Cadence.IMMEDIATE,))
        return min((at for at in (*moments, back or after) if at > after), default=None)

    def take_pass(self, now: datetime) -> None:
        """What a pass at this moment makes and starts."""
        back = self._crowd.welcome(now)
        if self._standing.paused:
            return
        self._compose_immediate(now)
        if Cadence.IMMEDIATE in back:
            self._catch_up(now)
        self._keep_local_hours(now)
        for rhythm in sorted(self._rhythms.values(), key=lambda one: one.due):
            if rhythm.due <= now:
                self._fire(rhythm, now)
        self._start(now)

    def finish(self, now: datetime, until: datetime) -> None:
        """Tell of what did not come to start, though its time was there."""
        for issue in self._waiting():
            told = any(number == issue.number for number, _ in self._told)
            if not told and (issue.due <= until or issue.state is IssueState.COMPOSED):
                self._tell(issue, Wait.LIST if self._standing.paused else Wait.TURN, issue.due)
        if self._standing.paused:
            for rhythm in self._rhythms.values():
                self._tell_paused(rhythm, now, until)

    # What has come makes issues

    def _compose_immediate(self, now: datetime) -> None:
        """An issue for each new post, or one for many."""
        head = self._shelf.head
        fresh = [post for post in self._shelf.arrived(self._composed_to, head) if passes(post, self._one)]
        self._composed_to = max(self._composed_to, head)
        if Cadence.IMMEDIATE in self._one.cadences:
            for window in immediate_windows(fresh):
                self._add(window, now)

    def _catch_up(self, now: datetime) -> None:
        """Somebody has come back to an immediate list."""
        if self._open_on(Cadence.IMMEDIATE) is None:
            self._add((self._composed_to + 1, self._composed_to), now)

    def _add(self, window: Window, now: datetime) -> None:
        """An immediate issue, unless nobody would get it."""
        issue = self._immediate(next(self._numbers), window, now)
        if self._compose(issue).cohorts:
            self._issues[issue.number] = issue

    def _immediate(self, number: int, window: Window, now: datetime) -> Issue:
        return Issue(
            number, self._one.slug, Cadence.IMMEDIATE, IssueState.HELD, *window, created=now, due=now, frozen=now
        )

    def _keep_local_hours(self, now: datetime) -> None:
        if self._one.local_time:
            for rhythm in tuple(self._rhythms.values()):
                due = due_ahead(rhythm.slot, self._places(rhythm, now), rhythm.due, now)
                self._rhythms[rhythm.cadence] = replace(rhythm, due=due)

    def _places(self, rhythm: Rhythm, now: datetime) -> list[Place]:
        there = [place for place, away in rhythm.places if away is None or away <= now]
        return hours_over(there, self._one.timezone, own_hours=self._own_hours(rhythm.cadence))

    def _own_hours(self, cadence: Cadence) -> bool:
        rhythm = self._rhythms.get(cadence)
        return self._one.local_time and rhythm is not None and rhythm.rule.once_a_day

    def _fire(self, rhythm: Rhythm, now: datetime) -> None:
        """A slot has come: the schedule moves on, and what has waited becomes its issue."""
        standing, waiting = self._standing, Slot(rhythm.slot, rhythm.due)
        turn = take_turn(rhythm.rule, self._places(rhythm, now), waiting, now, standing.late, standing.if_late)
        self._rhythms[rhythm.cadence] = replace(
            rhythm,
            slot=turn.following.name,
            due=turn.following.instant,
            fired=rhythm.fired | {turn.slot.name},
        )
        if turn.verdict is Verdict.SKIP or not self._make(rhythm, turn, now):
            self._wait_on(rhythm.cadence, turn.following)

    def _make(self, rhythm: Rhythm, turn: Turn, now: datetime) -> bool:
        draft = self._open_on(rhythm.cadence)
        if draft and (draft.fixed or draft.state is IssueState.COMPOSED):
            return False
        issue = self._of_slot(draft, rhythm, turn, now)
        if turn.slot.name in rhythm.fired or not self._compose(issue).cohorts:
            if rhythm.people:
                self.found.append(Coming(now, self._one.slug, rhythm.cadence, waiting=rhythm.people))
            return False
        self._issues[issue.number] = issue
        return True

    def _of_slot(self, draft: Issue | None, rhythm: Rhythm, turn: Turn, now: datetime) -> Issue:
        """The issue of a slot: its draft, if there is one."""
        first = self._first.get(rhythm.cadence, 1)
        number = draft.number if draft else next(self._numbers)
        base = draft or Issue(number, self._one.slug, rhythm.cadence, IssueState.DRAFT, first, 0, now, now)
        return replace(
            base,
            state=IssueState.HELD,
            last_arrival=self._closing_head(turn.slot.instant, now),
            due=turn.slot.instant,
            slot=turn.slot.name,
            late=turn.verdict is Verdict.ASK,
        )

    def _closing_head(self, slot: datetime, now: datetime) -> int:
        cutoff = self._standing.cutoff
        if cutoff > timedelta(0) and slot - cutoff <= now:
            return self._shelf.head_at(slot - cutoff)
        return self._shelf.head

    def _open_on(self, cadence: Cadence) -> Issue | None:
        found = [issue for issue in self._issues.values() if issue.cadence is cadence and issue.state in UNBEGUN]
        return min(found, key=lambda issue: issue.number, default=None)

    def _wait_on(self, cadence: Cadence, following: Slot) -> None:
        """The slot passes without an issue; what an editor has shaped waits for the next."""
        draft = self._open_on(cadence)
        if draft and draft.state is not IssueState.COMPOSED and not draft.fixed:
            self._issues[draft.number] = replace(
                draft, state=IssueState.DRAFT, due=following.instant, slot=following.name, late=False
            )

    # What is due starts

    def _waiting(self) -> list[Issue]:
        return in_order_of_start(issue for issue in self._issues.values() if issue.state in WAITING)

    def _start(self, now: datetime) -> None:
        blocked = set()
        for issue in self._waiting():
            if has_overslept(issue, now, self._standing.late, self._standing.if_late):
                self._issues[issue.number] = replace(issue, late=True)
        for issue in self._waiting():
            line = line_of(issue)
            if issue.late:
                self._tell(issue, Wait.WORD, issue.due)
            if line in blocked or not is_due(issue, now) or not self._begin(issue, now):
                blocked.add(line)

    def _begin(self, issue: Issue, now: datetime) -> bool:
        """Whether the issue begins; else it waits on, for approval."""
        composed = self._compose(issue)
        if self._standing.approval and not is_approved(issue, composed.pinned):
            self._tell(issue, Wait.APPROVAL, issue.due)
            return False
        self._say(issue, composed, Wait.NOTHING, now)
        self._composer.mailed |= {post.id: now for one in composed.cohorts for post in one.posts}
        del self._issues[issue.number]
        self._left_out[issue.cadence] = self._left_out.get(issue.cadence, frozenset()) | frozenset(issue.left_out)
        self._first[issue.cadence] = max(self._first.get(issue.cadence, 1), issue.last_arrival + 1)
        if issue.cadence is Cadence.BY_HAND:
            arrivals = {post.arrival or 0 for one in composed.cohorts for post in one.posts}
            self._crowd.give(issue, composed.cohorts, arrivals)
        else:
            self._crowd.serve(issue.cadence, issue.last_arrival, composed.waiting)
        return True

    def _compose(self, issue: Issue) -> Composed:
        return self._composer.compose(issue, self._left_out.get(issue.cadence, frozenset()))

    # What there is to say of it

    def _tell(self, issue: Issue, wait: Wait, at: datetime) -> None:
        """Say once of an issue, for each time it is due, that it waits."""
        if (issue.number, issue.due) not in self._told:
            self._told.add((issue.number, issue.due))
            self._say(issue, self._compose(issue), wait, at)

    def _say(self, issue: Issue, composed: Composed, wait: Wait, at: datetime) -> None:
        known = issue.number in self._known
        if composed.cohorts or known:
            self.found.append(
                Coming(
                    at=at,
                    list_slug=self._one.slug,
                    cadence=issue.cadence,
                    issue=issue if known else None,
                    cohorts=composed.cohorts,
                    sizes=composed.sizes,
                    leaves=self._composer.leaves(issue, composed, at, own_hours=self._own_hours(issue.cadence)),
                    wait=wait,
                )
            )

    def _tell_paused(self, rhythm: Rhythm, now: datetime, until: datetime) -> None:
        """What the next slot of a paused list would bring."""
        at, draft, slot = max(rhythm.due, now), self._open_on(rhythm.cadence), Slot(rhythm.slot, rhythm.due)
        if at <= until and (draft is None or draft.state is IssueState.DRAFT):
            issue = self._of_slot(draft, rhythm, Turn(slot, slot, Verdict.GO), at)
            composed = self._compose(issue)
            if composed.cohorts:
                self._say(issue, composed, Wait.LIST, at)
