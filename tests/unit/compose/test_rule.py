"""A rule is what dispatch.toml says of an hour: which days, at which time of the clock."""

from calendar import FRIDAY, MONDAY, SATURDAY, SUNDAY, TUESDAY, monthrange
from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import islice, pairwise, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose.rule import parse_rule
from dispatch.model.subscriber import Cadence

D, W, M = Cadence.DAILY, Cadence.WEEKLY, Cadence.MONTHLY
START, END = datetime(2026, 1, 1), datetime(2029, 1, 1)  # noqa: DTZ001 - times on the wall, with a leap year


def times(cadence: Cadence, text: str) -> list[datetime]:
    """Three years of a rule."""
    return list(takewhile(lambda at: at < END, parse_rule(cadence, text).walk(START)))


def days(at: time, falls_on: Callable[[datetime], bool]) -> list[datetime]:
    """The same, by asking each day."""
    every = (datetime.combine(START, at) + timedelta(days=number) for number in range((END - START).days))
    return [day for day in every if falls_on(day)]


def length(day: datetime) -> int:
    """How many days the month has."""
    return monthrange(day.year, day.month)[1]


FORMS: list[tuple[Cadence, str, Callable[[datetime], bool]]] = [
    (D, "08:00", lambda _: True),
    (D, "8:00", lambda _: True),
    (D, "mon-fri 08:00", lambda day: day.weekday() < SATURDAY),
    (D, "0 8 * * 1-5", lambda day: day.weekday() < SATURDAY),
    (W, "mon 08:00", lambda day: day.weekday() == MONDAY),
    (W, "Mon, friday 08:00", lambda day: day.weekday() in (MONDAY, FRIDAY)),
    (W, "mon, tue, fri, sun 08:00", lambda day: day.weekday() in (MONDAY, TUESDAY, FRIDAY, SUNDAY)),
    (W, "sat-mon 08:00", lambda day: day.weekday() in (SATURDAY, SUNDAY, MONDAY)),
    (W, "mon 08:00; mon 08:00; fri 08:00", lambda day: day.weekday() in (MONDAY, FRIDAY)),
    (W, "0 8 * * 0", lambda day: day.weekday() == SUNDAY),
    (W, "0 8 * * 7", lambda day: day.weekday() == SUNDAY),
    (W, "0  8 * * SUN", lambda day: day.weekday() == SUNDAY),
    (M, "1 08:00", lambda day: day.day == 1),
    (M, "1, 15 08:00", lambda day: day.day in (1, 15)),
    (M, "last 08:00", lambda day: day.day == length(day)),
    (M, "29 08:00", lambda day: day.day == min(29, length(day))),
    (M, "30 08:00", lambda day: day.day == min(30, length(day))),
    (M, "31 08:00", lambda day: day.day == min(31, length(day))),
    (M, "first mon 08:00", lambda day: day.weekday() == MONDAY and day.day <= 7),
    (M, "third friday 08:00", lambda day: day.weekday() == FRIDAY and 14 < day.day <= 21),
    (M, "last fri 08:00", lambda day: day.weekday() == FRIDAY and day.day > length(day) - 7),
    (M, "0 8 13 * 5", lambda day: day.weekday() == FRIDAY or day.day == 13),
    (M, "0 8 29 2 *", lambda day: (day.month, day.day) == (2, 29)),
]


@pytest.mark.parametrize(("cadence", "text", "falls_on"), FORMS)
def test_a_rule_comes_on_the_days_it_says(cadence: Cadence, text: str, falls_on: Callable[[datetime], bool]) -> None:
    """Walking a rule through three years meets exactly the days that a look at each day finds."""
    assert times(cadence, text) == days(time(8), falls_on)


def test_a_walk_begins_with_a_time_that_is_now() -> None:
    """A rule's times from a time on have that very time among them."""
    walk = parse_rule(D, "08:00").walk(START + timedelta(hours=8))
    assert next(walk) == START + timedelta(hours=8)


def test_several_texts_are_one_rule() -> None:
    """Each day may have its own hour; the times come in order, whatever the order of the texts."""
    found = times(W, "fri 17:00; mon 08:00")
    assert found == sorted(
        days(time(8), lambda day: day.weekday() == MONDAY) + days(time(17), lambda day: day.weekday() == FRIDAY)
    )


@given(
    weekdays=st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)
def test_a_week_has_the_days_that_are_named(weekdays: list[str], at: time) -> None:
    """Whatever days are named, in any order and twice: these days, at that time, and no others."""
    walk = parse_rule(W, f"{','.join(weekdays)} {at:%H:%M}").walk(START)
    week = takewhile(lambda found: found < START + timedelta(days=7), walk)
    assert {(found.strftime("%a").lower(), found.time()) for found in week} == {(day, at) for day in weekdays}


@given(
    text=st.lists(st.text("0123456789*/,-#LlWw", min_size=1, max_size=6), min_size=5, max_size=5).map(" ".join)
    | st.text("0123456789*/,-#L monfridayst:;", max_size=30)
    | st.text(max_size=20)
)
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    """Whatever stands there: a ValueError in words, or a rule whose times never end and lie an hour apart."""
    try:
        rule = parse_rule(M, text)
    except ValueError as error:
        assert str(error).startswith(("must read", "may come once an hour"))  # noqa: PT017 - both ways are right
        return
    found = list(islice(rule.walk(START), 20))
    assert len(found) == 20
    assert all(later - earlier >= timedelta(hours=1) for earlier, later in pairwise(found))


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("08:00", True),
        ("30 * * * *", False),
        ("08:00; 17:00", False),
        ("0 8 * * 1; 0 17 * * 4", True),
        ("0 8 1 * *; 0 17 * * 1", False),
    ],
)
def test_a_rule_knows_whether_a_day_can_have_two_times(text: str, once: bool) -> None:
    """Two times on different days are no two times a day; two that meet on some days are."""
    assert parse_rule(D, text).once_a_day is once


BAD = [
    (D, ""),
    (D, ";"),
    (D, "8"),
    (D, "24:00"),
    (D, "8:0"),
    (D, "٠٨:٠٠"),
    (D, "mon 08:00"),
    (D, "08:00; 8"),
    (W, "08:00"),
    (W, "moon 08:00"),
    (W, "monkey 08:00"),
    (W, "mon,,thu 08:00"),
    (W, "mon- 08:00"),
    (W, "mon-wed-fri 08:00"),
    (W, "first mon 08:00"),
    (W, "mon 08:60"),
    (M, "0 08:00"),
    (M, "32 08:00"),
    (M, "-1 08:00"),
    (M, "first 08:00"),
    (M, "fifth mon 08:00"),
    (M, "mon 08:00"),
    (M, "08:00"),
    (D, "0 8 * *"),
    (D, "0 0 8 * * *"),
]


@pytest.mark.parametrize(("cadence", "text"), BAD)
def test_a_bad_rule_says_what_is_allowed(cadence: Cadence, text: str) -> None:
    """A rule that cannot be read is a ValueError that shows right ones."""
    with pytest.raises(ValueError, match=r'must read ".*08:00", .* or a cron line such as "0 8 .*"; .+'):
        parse_rule(cadence, text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0 0 30 2 *", "no possible day of month"),
        ("0 0 */20 * 1L", "'0 0 */20 * 1l' never comes"),
        ("60 8 * * *", "no possible minute"),
        ("0 8 * * 8", "no possible day of week"),
        ("0 8 * * fri-mon", "no possible day of week"),
        ("0 8 * 13 *", "no possible month"),
        ("0 8 * *", "needs 5 fields"),
        ("* * * * *", "comes more often"),
        ("*/30 8 1 1 *", "comes more often"),
        ("0 8 * * *; 30 8 * * 1", "comes more often"),
    ],
)
def test_a_cron_line_is_refused_for_a_reason(text: str, why: str) -> None:
    """A line with a field that cannot be, one that never comes, and one that comes more often than hourly."""
    with pytest.raises(ValueError, match=r"must read|once an hour") as caught:
        parse_rule(D, text)
    assert why in str(caught.value)
