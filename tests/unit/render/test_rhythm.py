"""A subscriber is told when their mail comes, in words where few will do."""

import pytest

from dispatch.compose.rule import parse_rule
from dispatch.model.subscriber import Cadence
from dispatch.render.rhythm import Rhythm, in_words
from dispatch.theme import Theme

HERE = "(Europe/Berlin)"


@pytest.fixture(scope="module")
def theme() -> Theme:
    """The shipped words."""
    return Theme()


@pytest.mark.parametrize(
    ("cadence", "text", "said"),
    [
        (Cadence.DAILY, "08:00", f"every day at 08:00 {HERE}."),
        (Cadence.DAILY, "mon-fri 08:00", "in a daily mail."),
        (Cadence.DAILY, "08:00; 18:00", "in a daily mail."),
        (Cadence.WEEKLY, "mon 18:30", f"every Monday at 18:30 {HERE}."),
        (Cadence.WEEKLY, "sun 08:00", f"every Sunday at 08:00 {HERE}."),
        (Cadence.WEEKLY, "0 8 * * 0", f"every Sunday at 08:00 {HERE}."),
        (Cadence.WEEKLY, "mon,thu 08:00", "in a weekly mail."),
        (Cadence.MONTHLY, "1 08:00", f"on day 1 of each month at 08:00 {HERE}."),
        (Cadence.MONTHLY, "last 08:00", f"on the last day of each month at 08:00 {HERE}."),
        (Cadence.MONTHLY, "first mon 08:00", "in a monthly mail."),
        (Cadence.MONTHLY, "30 08:00", "in a monthly mail."),
        (Cadence.MONTHLY, "0 8 1 * 1", "in a monthly mail."),
        (Cadence.MONTHLY, "0 8 1 1 *", "in a monthly mail."),
    ],
)
def test_a_rule_in_words(cadence: Cadence, text: str, said: str, theme: Theme) -> None:
    """With day, hour and zone where these are simple; else how often."""
    rhythm = Rhythm(cadence, parse_rule(cadence, text).lines, "Europe/Berlin")
    assert in_words(rhythm, theme.catalogue("en")).endswith(said)


def test_an_hour_of_ones_own_counts(theme: Theme) -> None:
    """And so does the zone in which one lives."""
    rhythm = Rhythm(Cadence.DAILY, ("0 8 * * *",), "Asia/Tokyo", "06:15")
    assert in_words(rhythm, theme.catalogue("en")) == "You get what is new every day at 06:15 (Asia/Tokyo)."


@pytest.mark.parametrize("cadence", list(Cadence))
def test_each_cadence_can_be_said_without_hours(cadence: Cadence, theme: Theme) -> None:
    """In each language in other words."""
    said = {in_words(Rhythm(cadence), theme.catalogue(tag)) for tag in ("en", "de", "fr", "ja")}
    assert len(said) == 4


def test_the_weekday_is_the_languages_own(theme: Theme) -> None:
    """Babel knows it."""
    rhythm = Rhythm(Cadence.WEEKLY, ("0 8 * * 1",), "Europe/Berlin")
    assert "Montag" in in_words(rhythm, theme.catalogue("de"))
    assert "lundi" in in_words(rhythm, theme.catalogue("fr"))
    assert "月曜日" in in_words(rhythm, theme.catalogue("ja"))
