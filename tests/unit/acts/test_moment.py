"""What an editor writes names one moment to come, or is refused with a sentence that helps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.acts.act import ActError
from dispatch.acts.moment import moment

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 23, 8, 30, 17, tzinfo=UTC)  # Monday, 09:30 in Berlin
ZONES = [BERLIN, "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia", "UTC"]


def wall(text: str, *languages: str) -> str:
    """What the editor's clock will show."""
    return moment(text, BERLIN, NOW, languages).wall.isoformat(timespec="minutes")


def refusal(text: str, zone: str = BERLIN, now: datetime = NOW, *languages: str) -> str:
    """What an editor is told instead."""
    with pytest.raises(ActError) as raised:
        moment(text, zone, now, languages)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-24T08:00", "2026-11-24T08:00"),
        ("2026-11-24 8:00", "2026-11-24T08:00"),
        ("2026-11-24t07:00z", "2026-11-24T08:00"),
        ("2026-11-24T08:00+01:00", "2026-11-24T08:00"),
        ("tomorrow 8:00", "2026-11-24T08:00"),
        ("8:00 tomorrow", "2026-11-24T08:00"),
        ("mon 08:00", "2026-11-30T08:00"),
        ("next friday 9am", "2026-11-27T09:00"),
        ("friday 12 am", "2026-11-27T00:00"),
        ("in 2 hours", "2026-11-23T11:30"),
        ("in 90 minutes", "2026-11-23T11:00"),
        ("in 2 weeks 8:00", "2026-12-07T08:00"),
        ("24 dec 7:30", "2026-12-24T07:30"),
        ("dec 24th 7:30", "2026-12-24T07:30"),
        ("thu 24 dec 2026 7:30", "2026-12-24T07:30"),
        ("25th dec 7:30", "2026-12-25T07:30"),
        ("8h", "2026-11-24T08:00"),
        ("2027/03/04 8:00", "2027-03-04T08:00"),
        ("24.12. 7:30", "2026-12-24T07:30"),
        ("13/04 8:00", "2027-04-13T08:00"),
        ("23 nov 18:00", "2026-11-23T18:00"),
    ],
)
def test_what_people_write_names_a_moment(text: str, shown: str) -> None:
    """English and ISO 8601, in the list's zone."""
    assert wall(text) == shown


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("de", "morgen um 8 Uhr", "2026-11-24T08:00"),
        ("de", "übermorgen 8 uhr 30", "2026-11-25T08:30"),
        ("de-CH", "freitag um 8:00", "2026-11-27T08:00"),
        ("de", "24. Dezember 7:30", "2026-12-24T07:30"),
        ("de", "in 2 Stunden", "2026-11-23T11:30"),
        ("fr", "demain à 8 h 30", "2026-11-24T08:30"),
        ("fr", "aujourd'hui 18h", "2026-11-23T18:00"),
        ("fr", "mardi 8h", "2026-11-24T08:00"),
        ("ja", "明日８：００", "2026-11-24T08:00"),
        ("ja", "2026年12月24日 7時30分", "2026-12-24T07:30"),
        ("ja", "2時間後", "2026-11-23T11:30"),
        ("tlh", "tomorrow 8:00", "2026-11-24T08:00"),
    ],
)
def test_editors_may_write_in_the_language_of_their_publication(language: str, text: str, shown: str) -> None:
    """English is always understood beside it."""
    assert wall(text, language) == shown


@pytest.mark.parametrize(
    "text",
    [
        *(
            "8",
            "banana",
            "",
            "31.2. 8:00",
            "tomorrow 8",
            "tomorrow 8.30",
            "noon",
            "may 8:00",
            "dec 2026 8:00",
            "-5 8:00",
        ),
        *("tomorrow 8:00 tomorrow 9:00", "in 2 hours 8:00", "tomorrow in 2 hours", "next week 8:00", "mon tue 8:00"),
        *(
            "1700000000",
            "2 hours",
            "2 hours ago",
            "8h 3",
            "tomorrow 30 8:00",
            "2 / 8h",
            "tomorrow 8:00:30",
            "x" * 100,
            "\x1b[31m8:00",
        ),
    ],
)
def test_what_is_not_understood_is_refused_with_examples(text: str) -> None:
    """Nonsense is never taken for some moment near by."""
    assert '"tomorrow 8:00"' in refusal(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("03/04 8:00", "can be read as two days"),
        ("wed 03/04 8:00", "can be read as two days"),
        ("24 8:00", "names no month"),
        ("at 24 8:00", "names no month"),
        ("24.12.26 7:30", "four digits"),
        ("24 dec 26 7:30", "four digits"),
        ("mon 11:00", "write 2026-11-23T11:00 or 2026-11-30T11:00"),
        ("fri 24 dec 2026 8:00", "2026-12-24 is a Thursday"),
        ("tomorrow", "at what hour? Write 2026-11-24T08:00"),
        ("2026-11-24", "at what hour?"),
        ("tomorrow 8:00 UTC", "names a time zone"),
        ("2026-11-24+08:00", "names a time zone"),
        ("2026-13-01T08:00", "does not exist"),
        ("2026-02-30 8:00", "does not exist"),
        ("tomorrow 25:00", "no clock shows, 25:00"),
        ("tomorrow 13pm", "no clock shows, 13pm"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text: str, said: str) -> None:
    """The editor decides, not the library."""
    assert said in refusal(text)


@pytest.mark.parametrize("text", ["today 8:00", "yesterday 8:00", "now", "last friday 9:00", "23 nov 8:00"])
def test_the_past_is_refused(text: str) -> None:
    """The sentence says what was understood and what time it is."""
    assert "past: it is Mon 23 Nov 2026 09:30 there" in refusal(text)


@pytest.mark.parametrize("text", ["2031-11-24T08:00", "9999-12-31T23:59", "in 99999 weeks 8:00"])
def test_more_than_five_years_ahead_is_refused(text: str) -> None:
    """A slip of the year is not a plan."""
    assert "more than five years ahead" in refusal(text)


def test_an_hour_alone_is_the_next_one_there_is() -> None:
    """An hour that has passed today is tomorrow's."""
    assert (wall("8:00"), wall("10:00")) == ("2026-11-24T08:00", "2026-11-23T10:00")


def test_a_day_alone_is_its_beginning_where_a_day_is_enough() -> None:
    """Someone who is away until a day is back when it begins."""
    assert moment("24 dec", BERLIN, NOW, day_start=True).wall == datetime(2026, 12, 24)  # noqa: DTZ001


def test_a_day_without_midnight_begins_when_the_clock_has_jumped() -> None:
    """In Santiago the night of the change has no midnight, and nobody wrote one."""
    found = moment("2027-09-05", "America/Santiago", NOW, day_start=True)
    assert (found.instant, found.note) == (datetime(2027, 9, 5, 4, tzinfo=UTC), "That day begins at 01:00.")


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("2027-03-28T02:30", BERLIN, "from 02:00 to 03:00. Write 2027-03-28T01:59 or 2027-03-28T03:00"),
        ("28 mar 2:30", BERLIN, "does not exist in Europe/Berlin"),
        ("2027-10-03T02:10", "Australia/Lord_Howe", "from 02:00 to 02:30. Write 2027-10-03T01:59 or 2027-10-03T02:30"),
    ],
)
def test_an_hour_that_the_clock_jumps_over_is_refused(text: str, zone: str, said: str) -> None:
    """The gap is named, and the nearest hours that exist."""
    assert said in refusal(text, zone)


def test_an_hour_that_comes_twice_is_the_first() -> None:
    """And the editor is told so."""
    found = moment("2027-10-31T02:30", BERLIN, NOW)
    assert found.instant == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert found.note == "The clock shows 02:30 twice that day in Europe/Berlin; the first is meant (00:30 UTC)."


def test_a_span_is_as_long_in_the_night_of_the_change() -> None:
    """Two hours are two hours, whatever the clock does meanwhile."""
    night = datetime(2027, 3, 28, 0, 0, tzinfo=UTC)
    assert moment("in 2 hours", BERLIN, night).instant == night + timedelta(hours=2)


def test_a_year_that_nobody_wrote_is_said() -> None:
    """29 February is years away."""
    assert moment("29 feb 8:00", BERLIN, NOW).note == "That is in 2028."


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc/passwd", "", "CEST"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    """With one that exists."""
    assert "no time zone: write one of the IANA's" in refusal("tomorrow 8:00", zone)


@given(minutes=st.integers(1, 5 * 365 * 24 * 60), zone=st.sampled_from(ZONES), foreign=st.sampled_from(ZONES))
def test_iso_with_an_offset_comes_back_as_the_same_instant(minutes: int, zone: str, foreign: str) -> None:
    """Whatever zone wrote it and whatever zone reads it, in any night of the year."""
    instant = NOW.replace(second=0) + timedelta(minutes=minutes)
    found = moment(instant.astimezone(ZoneInfo(foreign)).isoformat(), zone, NOW)
    assert (found.instant, found.wall) == (instant, _shown(instant, zone))


@given(minutes=st.integers(1, 5 * 365 * 24 * 60), zone=st.sampled_from(ZONES))
def test_iso_without_an_offset_is_the_clock_of_the_zone(minutes: int, zone: str) -> None:
    """Every hour that a clock shows is understood, and as the first of two."""
    instant = NOW.replace(second=0) + timedelta(minutes=minutes)
    shown = _shown(instant, zone)
    first = shown.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if first > NOW:
        assert moment(shown.isoformat(), zone, NOW).instant == first <= instant


def _shown(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


PARTS = [
    "mon",
    "8:00",
    "24",
    "dec",
    "in",
    "2",
    "hours",
    "tomorrow",
    "next",
    "/",
    "2027",
    "am",
    "uhr",
    "-",
    "03/04",
    "h",
]


@settings(max_examples=60)
@given(text=st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PARTS), max_size=5).map(" ".join)))
def test_whatever_is_written_is_a_moment_to_come_or_an_error_in_words(text: str) -> None:
    """No text brings anything else about."""
    try:
        found = moment(text, BERLIN, NOW)
    except ActError:
        return
    assert NOW < found.instant <= NOW + timedelta(days=5 * 365 + 1)
