"""What a claim is granted of a provider's connections, messages a second and messages an hour."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.deliver.pace import (
    AHEAD,
    AT_MOST,
    CLAIMS,
    FORGIVEN,
    IN_LINE,
    RECOVERY,
    SLOWEST,
    free_again,
    left_in_hour,
    rate_at,
    reserve,
    settle,
    share,
    slow_down,
)
from dispatch.model.pace import Demand, Grant, Limits, Pace

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
ALONE = Demand(messages=1000, connections=0, claims=0, ready=1)

rates = st.one_of(st.none(), st.floats(0.5, 500))
hourly = st.one_of(st.none(), st.integers(1, 300))
limits = st.builds(Limits, st.integers(1, 50), rates, hourly)
# What happens at a provider: seconds go by, a claim asks for messages, and of what it got it uses a share.
events = st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 200), st.floats(0, 1)), max_size=25)


@dataclass
class Use:
    """A provider in use: the moments at which messages may have gone."""

    limits: Limits
    pace: Pace = field(default_factory=Pace)
    moments: list[datetime] = field(default_factory=list)

    def claim(self, messages: int, used: float, now: datetime) -> Grant | None:
        """Claim, send a share of what was granted, give the rest back at once."""
        found = reserve(self.pace, self.limits, Demand(messages, 0, 0, 1), now)
        if found is None:
            return None
        grant, self.pace = found
        sent = int(used * grant.messages)
        self.moments += [grant.start + timedelta(seconds=at * grant.interval) for at in range(sent)]
        self.pace = settle(self.pace, self.limits, grant, sent, now)
        return grant

    def most_in(self, span: timedelta) -> int:
        """The most messages in any span of time that begins with one."""
        ordered = sorted(self.moments)
        return max((bisect_left(ordered, one + span) - at for at, one in enumerate(ordered)), default=0)


def played(one: Limits, steps: Sequence[tuple[int, int, float]]) -> Use:
    """A provider after these events."""
    use, now = Use(one), START
    for seconds, messages, used in steps:
        now += timedelta(seconds=seconds)
        use.claim(messages, used, now)
    return use


@given(limits, events)
def test_no_hour_has_more_than_its_quota(one: Limits, steps: list[tuple[int, int, float]]) -> None:
    """In any sixty minutes no more messages go than `per_hour`, whenever they were claimed and given back."""
    if one.per_hour:
        assert played(one, steps).most_in(timedelta(hours=1)) <= one.per_hour


@given(st.integers(1, 300), st.lists(st.tuples(st.integers(0, 90), st.integers(1, 200)), max_size=20))
def test_a_slow_server_gets_no_more_in_an_hour(per_hour: int, tries: list[tuple[int, int]]) -> None:
    """Even where a claim takes half an hour over its messages, no sixty minutes have more than the quota."""
    one, now = Limits(4, None, per_hour), START
    use = Use(one)
    for minutes, messages in tries:
        now += timedelta(minutes=minutes)
        found = reserve(use.pace, one, Demand(messages, 0, 0, 1), now)
        if found:
            grant, use.pace = found
            took = timedelta(minutes=min(grant.messages, 30))
            use.moments += [now + took * at / grant.messages for at in range(1, grant.messages + 1)]
            now += took
            use.pace = settle(use.pace, one, grant, grant.messages, now)
    assert use.most_in(timedelta(hours=1)) <= per_hour


@given(limits, events)
def test_no_second_has_more_than_its_rate(one: Limits, steps: list[tuple[int, int, float]]) -> None:
    """Messages of all claims together keep their distance."""
    if one.per_second:
        ordered = sorted(played(one, steps).moments)
        least = timedelta(seconds=1 / one.per_second) - timedelta(microseconds=5)
        assert all(later - earlier >= least for earlier, later in pairwise(ordered))


@given(limits, st.lists(st.tuples(st.integers(0, 40), st.integers(1, 200), st.floats(0, 1)), max_size=20))
@example(one=Limits(1, 1.0), steps=[(0, 1, 0.0), (0, 30, 1.0)])  # a chunk of full length, just behind a single one
def test_single_messages_stand_in_line_with_chunks(one: Limits, steps: list[tuple[int, int, float]]) -> None:
    """Between two chunks each finds its moment, at the distance of all others, however busy the provider is."""
    use, now = Use(replace(one, per_hour=None)), START
    for seconds, messages, used in steps:
        use.claim(messages, used, now)
        now += timedelta(seconds=seconds)
        again = free_again(use.pace, use.limits, now, IN_LINE) + timedelta(microseconds=1)
        found = reserve(use.pace, use.limits, Demand(1, 0, 0, 1), again, IN_LINE)
        assert found
        grant, use.pace = found
        use.moments.append(grant.start)
    if one.per_second:
        least = timedelta(seconds=1 / one.per_second) - timedelta(microseconds=5)
        assert all(later - earlier >= least for earlier, later in pairwise(sorted(use.moments)))


@given(st.integers(1, 20), st.integers(0, 20), st.integers(0, 9))
def test_chunks_leave_room_for_single_messages_that_wait(limit: int, held: int, single: int) -> None:
    """One connection for all of them, and of the hour's messages one each."""
    demand = Demand(1000, held, 0, 1, single=single)
    assert share(limit, demand) == max(0, limit - held - (1 if single else 0))
    found = reserve(Pace(), Limits(50, None, limit), demand, START)
    assert (found[0].messages if found else 0) == max(0, limit - single)


@given(limits, events)
def test_nobody_waits_for_ever(one: Limits, steps: list[tuple[int, int, float]]) -> None:
    """At the moment that `free_again` names, a claim is granted at least one message."""
    use, now = Use(one), START
    for seconds, messages, used in steps:
        now += timedelta(seconds=seconds)
        use.claim(messages, used, now)
        again = free_again(use.pace, one, now)
        assert reserve(use.pace, one, ALONE, again + timedelta(microseconds=1))


@given(st.floats(0.5, 500), st.integers(2, 300), st.sampled_from([AHEAD, IN_LINE]))
def test_a_clock_that_was_ahead_stops_nobody(per_second: float, minutes: int, ahead: timedelta) -> None:
    """What it granted binds nobody once it is set back."""
    one, late = Limits(4, per_second), START + timedelta(minutes=minutes)
    found = reserve(Pace(), one, ALONE, late)
    assert found
    assert free_again(found[1], one, START, ahead) == START
    assert reserve(found[1], one, ALONE, START, ahead)


@given(limits, events)
def test_a_grant_begins_soon_and_ends_within_the_lease(one: Limits, steps: list[tuple[int, int, float]]) -> None:
    """No claim waits long for its first message, nor lasts longer than a grant may."""
    use, now = Use(one), START
    for seconds, messages, used in steps:
        now += timedelta(seconds=seconds)
        grant = use.claim(messages, used, now)
        if grant:
            assert now <= grant.start <= now + AHEAD
            assert grant.messages <= messages
            assert grant.interval * (grant.messages - 1) <= AT_MOST


@given(hourly, st.integers(1, 100), st.integers(0, 100))
def test_what_is_given_back_can_be_granted_again(per_hour: int | None, messages: int, used: int) -> None:
    """Unused messages cost no quota, and unused time no rate."""
    one = Limits(4, 10.0, per_hour)
    found = reserve(Pace(), one, Demand(messages, 0, 0, 1), START)
    assert found
    grant, after = found
    used = min(used, grant.messages)
    back = settle(after, one, grant, used, START)
    assert left_in_hour(back, one, START) == left_in_hour(Pace(), one, START) - (used if per_hour else 0)
    assert back.free_at == START + timedelta(seconds=used * 0.1)


@given(st.integers(1, 100), st.lists(st.integers(1, 8), max_size=12))
def test_connections_are_never_more_than_the_limit(limit: int, waiting: list[int]) -> None:
    """However many claims follow each other, what they hold together stays within the limit."""
    held: list[int] = []
    for ready in waiting:
        got = share(limit, Demand(1000, sum(held), len(held), ready))
        assert got >= 0
        held.append(got)
        assert sum(held) <= limit


@given(st.integers(CLAIMS, 100))
def test_claims_that_come_together_get_equal_shares(limit: int) -> None:
    """Four chunks share the connections, to within one; a chunk that is alone has them all."""
    held: list[int] = []
    for at in range(CLAIMS):
        held.append(share(limit, Demand(1000, sum(held), at, CLAIMS - at)))
    assert sum(held) == limit
    assert max(held) - min(held) <= 1
    assert share(limit, ALONE) == limit


def test_slow_down_halves_and_time_heals() -> None:
    """After the provider's word half of what it bore goes; it doubles again with time, and is forgiven in the end."""
    one = Limits(4)
    pace = slow_down(Pace(), one, carried=1000, since=START - timedelta(seconds=10), now=START)
    assert rate_at(pace, one, START) == 50
    assert rate_at(pace, one, START + RECOVERY) == 100
    assert rate_at(pace, one, START + FORGIVEN + timedelta(seconds=1)) is None


@given(st.integers(0, 10_000), st.floats(0.3, 100))
def test_slow_down_never_speeds_up(carried: int, per_second: float) -> None:
    """Whatever was achieved, the new rate is at most half of the old one, and never nothing; one word counts once."""
    one = Limits(4, per_second)
    pace = slow_down(Pace(), one, carried, START - timedelta(seconds=5), START)
    assert slow_down(pace, one, carried, START, START + timedelta(seconds=5)) == pace
    rate = rate_at(pace, one, START)
    assert rate is not None
    assert min(SLOWEST, per_second) <= rate <= max(SLOWEST, per_second / 2)
    later = rate_at(pace, one, START + timedelta(hours=1))
    assert later is not None
    assert later <= per_second
