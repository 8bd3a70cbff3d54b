"""The hours that a clock jumps over."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def gap_at(wall: datetime, place: ZoneInfo) -> tuple[datetime, datetime] | None:
    """From where to where the clock jumps over this wall-clock time, naive; None: it does not.

    In a gap, fold 0 counts by the offset before and fold 1 by the one after, so that the jump lies between the two.
    """
    late, early = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early >= late:
        return None
    before, size = early.astimezone(place).utcoffset(), late - early
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        early, late = (middle, late) if middle.astimezone(place).utcoffset() == before else (early, middle)
    end = late.astimezone(place).replace(tzinfo=None, microsecond=0)
    return end - size, end
