"""Turns: which slot counts once one has come, and whether its issue still goes."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.compose.cadence import Slot, parse_rule
from dispatch.compose.late import Verdict
from dispatch.compose.turn import due_ahead, hours_over, take_turn
from dispatch.model.subscriber import Cadence

DAILY = parse_rule(Cadence.DAILY, "08:00")
MONDAY = Slot("2026-03-02T08:00", datetime(2026, 3, 2, 8, tzinfo=UTC))
DAY = timedelta(days=1)


def test_of_several_missed_slots_the_last_counts() -> None:
    """And the schedule moves to the first one after now."""
    turn = take_turn(DAILY, [("UTC", "")], MONDAY, MONDAY.instant + 3 * DAY + timedelta(hours=1), DAY, "ask")
    assert (turn.slot.name, turn.following.name) == ("2026-03-05T08:00", "2026-03-06T08:00")
    assert turn.verdict is Verdict.GO


@pytest.mark.parametrize(
    ("hours", "verdict"), [(16, Verdict.GO), (18, Verdict.ASK)], ids=["in time for the last place", "late for all"]
)
def test_a_slot_is_late_by_its_last_place(hours: int, verdict: Verdict) -> None:
    """Whoever lives where the day comes last still gets it at their hour."""
    places = [("UTC", ""), ("Pacific/Honolulu", "")]  # ten hours behind
    now = MONDAY.instant + timedelta(hours=hours)
    assert take_turn(DAILY, places, MONDAY, now, timedelta(hours=7), "ask").verdict is verdict


def test_a_slot_is_due_where_the_day_comes_first() -> None:
    """Somebody's own hour counts only where hours of one's own do; nobody is the list's place."""
    found = [("", "06:30"), ("Asia/Kolkata", "")]
    assert hours_over(found, "UTC", own_hours=False) == [("Asia/Kolkata", ""), ("UTC", "")]
    assert hours_over([], "UTC", own_hours=True) == [("UTC", "")]
    places = hours_over(found, "UTC", own_hours=True)
    first = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    assert due_ahead(MONDAY.name, places, MONDAY.instant, MONDAY.instant - DAY) == first


def test_whoever_joins_where_the_hour_has_passed_does_not_make_a_slot_come_at_once() -> None:
    """It comes where the hour comes next; one that has come already stays due."""
    places = [("UTC", ""), ("Pacific/Auckland", "")]  # thirteen hours ahead
    now = MONDAY.instant - timedelta(hours=2)
    assert due_ahead(MONDAY.name, places, MONDAY.instant, now) == MONDAY.instant
    assert due_ahead(MONDAY.name, places, now, now) == now
