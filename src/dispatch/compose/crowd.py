"""The people of a list while a plan is made: how many have which need, as issues serve them one after another."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from dispatch.compose.departures import Crowd as Bound
from dispatch.compose.outlook import Group
from dispatch.model.issue import Cohort, Issue, Need
from dispatch.model.subscriber import Cadence

Spans = tuple[tuple[int, int], ...]


class Crowd:
    """Counts by group. Groups that come to be equal are one."""

    def __init__(self, groups: Mapping[Group, int]) -> None:
        """Whoever is away joins the others when their time is up: see `welcome`."""
        self._there: dict[Cadence, Counter[Group]] = {cadence: Counter() for cadence in Cadence}
        self._away: list[tuple[datetime, Group, int]] = []
        for group, people in groups.items():
            if group.away_until:
                self._away.append((group.away_until, group, people))
            else:
                self._there[group.cadence][group] += people
        self._away.sort(key=lambda row: row[0])

    def welcome(self, now: datetime) -> set[Cadence]:
        """Let those come back whose time is up; returns their cadences."""
        back = [row for row in self._away if row[0] <= now]
        self._away = self._away[len(back) :]
        for _, group, people in back:
            self._there[group.cadence][replace(group, away_until=None)] += people
        return {group.cadence for _, group, _ in back}

    def next_return(self, cadences: Collection[Cadence]) -> datetime | None:
        """When somebody of these cadences comes back."""
        return next((at for at, group, _ in self._away if group.cadence in cadences), None)

    def needs(self, issue: Issue) -> dict[Need, int]:
        """What those have in common whom an issue is for, with how many share it."""
        found: Counter[Need] = Counter()
        for group, people in self._readers(issue).items():
            need = _asked(group, issue)
            if issue.cadence is Cadence.BY_HAND or need.mark < issue.last_arrival:
                found[need] += people
        return dict(found)

    def bound(self, issue: Issue, cohorts: Sequence[Cohort]) -> list[Bound]:
        """How many of each cohort are at each place."""
        number_of = {need: number for number, one in enumerate(cohorts) for need in one.needs}
        found: Counter[tuple[int, tuple[str, str]]] = Counter()
        for group, people in self._readers(issue).items():
            number = number_of.get(_asked(group, issue))
            if number is not None:
                found[number, group.place] += people
        return [(number, place, people) for (number, place), people in sorted(found.items())]

    def serve(self, cadence: Cadence, upto: int, waiting: Collection[Need]) -> None:
        """An issue has begun: arrivals up to `upto` count as served, but for the needs that wait."""
        kept = frozenset(waiting)
        marked: dict[Need, Need] = {}
        served: Counter[Group] = Counter()
        for group, people in self._there[cadence].items():
            need = group.need
            if need.mark < upto and need not in kept:
                if need not in marked:
                    marked[need] = _moved(need, upto)
                served[replace(group, need=marked[need])] += people
            else:
                served[group] += people
        self._there[cadence] = served

    def give(self, issue: Issue, cohorts: Sequence[Cohort], arrivals: Collection[int]) -> None:
        """An issue made by hand has begun: what it brings moves no mark, and does not come again."""
        reached = {need for one in cohorts for need in one.needs}
        readers = self._readers(issue)
        for cadence, groups in self._there.items():
            given: Counter[Group] = Counter()
            for group, people in groups.items():
                got = group in readers and _asked(group, issue) in reached
                given[replace(group, need=_given(group.need, arrivals)) if got else group] += people
            self._there[cadence] = given

    def _readers(self, issue: Issue) -> Mapping[Group, int]:
        """Whom an issue is for."""
        if issue.cadence is not Cadence.BY_HAND:
            return self._there[issue.cadence]
        everybody = [pair for groups in self._there.values() for pair in groups.items()]
        return {
            group: people for group, people in everybody if issue.corrects is None or issue.number in group.corrections
        }


def _asked(group: Group, issue: Issue) -> Need:
    """What an issue asks of a group: by hand, only languages count."""
    return Need((), group.need.language, 0) if issue.cadence is Cadence.BY_HAND else group.need


def _moved(need: Need, upto: int) -> Need:
    return replace(need, mark=upto, served=_beyond(need.served, upto))


def _given(need: Need, arrivals: Collection[int]) -> Need:
    """A need that got posts out of turn."""
    spans = {*need.served, *((arrival, arrival) for arrival in arrivals)}
    return replace(need, served=_beyond(tuple(sorted(spans)), need.mark))


def _beyond(spans: Spans, mark: int) -> Spans:
    """The spans that reach beyond a mark."""
    return tuple(span for span in spans if span[1] > mark)
