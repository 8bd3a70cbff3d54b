"""How fast: what a claim is granted of a provider's connections, messages a second and messages an hour. Pure.

Everything is granted when a chunk is claimed and kept in the store, so that neither a second process nor a restart
sends more than the limits allow. Messages a second are a row of moments, one message each. Messages an hour are
counted by minutes: in that of their grant while they are under way, then in that of the last one's answer.
"""

import math
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.model.pace import Demand, Grant, Limits, Pace

CLAIMS = 4  # under way at once, while the connections last
AT_MOST = 30.0  # seconds that a grant lasts at a limited rate: within the lease, with time to spare
AHEAD = timedelta(seconds=2)  # how far in the future a grant may begin
IN_LINE = timedelta(seconds=AT_MOST - 1)  # the same for single messages: behind a chunk's grant, before the next
SLOWEST = 0.2  # messages a second
UNTRIED = 10.0  # messages a second that are taken for borne where nothing was carried before "slow down"
ONE_WORD = timedelta(seconds=10)  # several chunks may hear the same "slow down"
RECOVERY = timedelta(minutes=5)  # in which a rate that was lowered doubles
COUNTED = 61  # minutes: sixty, and the one that is under way
FORGIVEN = timedelta(hours=2)  # after which a lowered rate counts no more


def reserve(
    pace: Pace, limits: Limits, demand: Demand, now: datetime, ahead: timedelta = AHEAD
) -> tuple[Grant, Pace] | None:
    """What a claim may use, and the pace with that taken off; None: nothing now, ask again.

    It begins at most `ahead` from now.
    """
    connections = share(limits.connections, demand)
    rate = rate_at(pace, limits, now)
    start = max(now, _free_at(pace, rate, now)) if rate else now
    left = left_in_hour(pace, limits, now) - demand.single
    messages = min(demand.messages, left, max(1, int(rate * AT_MOST)) if rate else demand.messages)
    if connections < 1 or messages < 1 or start - now > ahead:
        return None
    interval = 1 / rate if rate else 0.0
    spent = _spend(pace.spent, messages, now) if limits.per_hour else pace.spent
    free_at = start + timedelta(seconds=messages * interval) if rate else pace.free_at
    return Grant(messages, connections, start, interval, _minute(now)), replace(pace, free_at=free_at, spent=spent)


def share(limit: int, demand: Demand) -> int:
    """How many connections one claim gets, so that those which may follow get as many, and single messages one."""
    followers = max(1, min(demand.ready, CLAIMS - demand.claims))
    free = limit - demand.connections - bool(demand.single)
    return -(-max(0, free) // followers)


def rate_at(pace: Pace, limits: Limits, now: datetime) -> float | None:
    """Messages a second that may go now: what the settings say, and less for a while after "slow down"."""
    if pace.rate is None or pace.slowed is None or now - pace.slowed > FORGIVEN:
        return limits.per_second
    doublings = max(0.0, (now - pace.slowed) / RECOVERY)
    recovered = pace.rate * math.exp2(doublings)
    return min(recovered, limits.per_second or recovered)


def left_in_hour(pace: Pace, limits: Limits, now: datetime) -> int:
    """How many messages may still go in this hour; a very large number where there is no such limit."""
    if limits.per_hour is None:
        return 1 << 31
    return limits.per_hour - sum(count for _, count in _last_hour(pace.spent, now))


def free_again(pace: Pace, limits: Limits, now: datetime, ahead: timedelta = AHEAD) -> datetime:
    """When a claim may be granted something that begins `ahead` from then, as far as the provider's pace goes."""
    moments = [now]
    if rate := rate_at(pace, limits, now):
        moments.append(_free_at(pace, rate, now) - ahead)
    if left_in_hour(pace, limits, now) < 1:
        oldest = _last_hour(pace.spent, now)[0][0]
        moments.append(now + timedelta(minutes=oldest + COUNTED - now.timestamp() / 60))
    return max(moments)


def settle(pace: Pace, limits: Limits, grant: Grant, used: int, now: datetime) -> Pace:
    """The pace after a claim that used so many of its messages, the last of them just now."""
    unused = grant.messages - used
    end = grant.start + timedelta(seconds=grant.messages * grant.interval)
    if grant.interval and pace.free_at == end:  # nobody was granted anything after it
        pace = replace(pace, free_at=end - timedelta(seconds=unused * grant.interval))
    if limits.per_hour is None:
        return pace
    return replace(pace, spent=_spend(_unspend(pace.spent, grant), used, now))


def slow_down(pace: Pace, limits: Limits, carried: int, since: datetime, now: datetime) -> Pace:
    """The pace after the provider said "slow down" to a claim that had `carried` so many messages `since` then."""
    if pace.slowed and timedelta(0) <= now - pace.slowed < ONE_WORD:
        return pace
    before = rate_at(pace, limits, now)
    achieved = carried / max(1.0, (now - since).total_seconds()) if carried else UNTRIED
    return replace(pace, rate=max(SLOWEST, min(achieved, before or achieved) / 2), slowed=now)


def _free_at(pace: Pace, rate: float, now: datetime) -> datetime:
    """When the next message may go.

    What lies further ahead than a grant in line and its length at today's rate was granted at another rate, or by a
    clock that was ahead, and binds nobody. The bound moves with `now`: a moment within it stays within it.
    """
    latest = now + timedelta(seconds=2 * max(AT_MOST, 1 / rate))
    return pace.free_at if pace.free_at and pace.free_at <= latest else now


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60


def _last_hour(spent: tuple[tuple[int, int], ...], now: datetime) -> tuple[tuple[int, int], ...]:
    """What counts still. A minute that lies ahead, for the clock was set back, counts as this one."""
    latest = _minute(now)
    return tuple((min(minute, latest), count) for minute, count in spent if minute > latest - COUNTED and count)


def _spend(spent: tuple[tuple[int, int], ...], messages: int, now: datetime) -> tuple[tuple[int, int], ...]:
    counts = Counter({_minute(now): messages})
    for minute, count in _last_hour(spent, now):
        counts[minute] += count
    return tuple(sorted(counts.items()))


def _unspend(spent: tuple[tuple[int, int], ...], grant: Grant) -> tuple[tuple[int, int], ...]:
    """Take a grant off the minute in which it was made."""
    return tuple((minute, count - grant.messages if minute == grant.minute else count) for minute, count in spent)
