"""The oracle's own clock, by looking at the clocks on the wall minute after minute."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from .hours import moment

NIGHTS = {  # when clocks are put on and back
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2027, 3, 14), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 10, 4), date(2027, 4, 4)),
    "America/Santiago": (date(2026, 9, 6), date(2027, 4, 4)),
}


@pytest.mark.parametrize("zone", sorted(NIGHTS))
@pytest.mark.parametrize("hour", ["00:00", "02:15", "08:00", "23:30"])
def test_an_hour_comes_when_the_clocks_first_show_it_or_as_much_later_as_they_jumped(zone: str, hour: str) -> None:
    """In each of the nights, and in the days round it."""
    for night in NIGHTS[zone]:
        for day in (night - timedelta(days=1), night, night + timedelta(days=1)):
            wall, found = datetime.combine(day, time.fromisoformat(hour)), moment(day, hour, zone)
            minutes = [found + timedelta(minutes=step) for step in range(-200, 1)]
            shown = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in minutes]
            assert wall not in shown[:-1]
            assert shown[-1] == wall or (shown[-1] - wall == jump(shown) and wall not in shown)


def jump(shown: list[datetime]) -> timedelta:
    """By how much clocks were put on within these minutes."""
    return shown[-1] - shown[0] - timedelta(minutes=len(shown) - 1)
