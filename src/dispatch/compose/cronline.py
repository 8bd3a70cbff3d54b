"""Cron lines on the naive calendar: the only place that knows cronsim.

Five fields as in crontab(5): minute, hour, day of month, month, day of week. Weekdays may be names; as numbers 0 and 7
are both Sunday. Where neither day field begins with a star, either of them is enough. Beyond crontab there are `L`,
the last day of the month, `5L`, its last Friday, and `1#2`, its second Monday.

Cronsim is never given a zone, for its way with nights when clocks change is Debian's and not ours.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cronsim import CronSim, CronSimError

FIELDS = 5
SOME_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - a leap year, so that every day there is comes soon after
SECOND = timedelta(seconds=1)


def walk(line: str, start: datetime) -> Iterator[datetime]:
    """The naive times of a cron line from a naive time on, in order; the times of a good line never end."""
    return iter(CronSim(line, start - SECOND))


def check(line: str) -> None:
    """Make sure of a line that it can be read and comes some day; raises ValueError saying why not."""
    if len(line.split()) != FIELDS:
        raise ValueError(f"the cron line {line!r} needs {FIELDS} fields")
    try:
        times = walk(line, SOME_DAY)
    except (CronSimError, ValueError) as error:
        raise ValueError(f"the cron line {line!r} has no possible {_field(error)}") from None
    if next(times, None) is None:
        raise ValueError(f"the cron line {line!r} never comes")


def _field(error: Exception) -> str:
    """Which field cronsim did not like: its message is "Bad" and a name."""
    _, _, name = str(error).partition("Bad ")
    return name.replace("-", " ") or "number"
