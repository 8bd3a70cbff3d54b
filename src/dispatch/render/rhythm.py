"""When a subscription's mail comes, as a sentence to its subscriber."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from types import MappingProxyType

from dispatch.catalogue import Catalogue, phrase
from dispatch.language import hour, weekday
from dispatch.model.subscriber import Cadence

# A cron line that can be said in few words: one hour, on each day, on a day of the month or on a day of the week.
_PLAIN = re.compile(r"(?P<minute>\d+) (?P<hour>\d+) (?P<day>\*|L|\d+) \* (?P<weekday>\*|[0-7])")
_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - any day does: only the clock on the wall is shown

IN_GENERAL: Mapping[Cadence, str] = MappingProxyType(
    {
        Cadence.IMMEDIATE: phrase("You get each new post as soon as it is out."),
        Cadence.DAILY: phrase("You get what is new in a daily mail."),
        Cadence.WEEKLY: phrase("You get what is new in a weekly mail."),
        Cadence.MONTHLY: phrase("You get what is new in a monthly mail."),
        Cadence.BY_HAND: phrase("You get a mail whenever we have something to tell you."),
    }
)
# By the day of the month and the day of the week of a cron line; n: a number.
ON_A_DAY: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("*", "*"): phrase("You get what is new every day at %(hour)s (%(zone)s)."),
        ("*", "n"): phrase("You get what is new every %(weekday)s at %(hour)s (%(zone)s)."),
        ("n", "*"): phrase("You get what is new on day %(day)s of each month at %(hour)s (%(zone)s)."),
        ("L", "*"): phrase("You get what is new on the last day of each month at %(hour)s (%(zone)s)."),
    }
)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a subscription's mail comes."""

    cadence: Cadence
    lines: tuple[str, ...] = ()  # cron lines, see compose.rule; none: it has no hours
    zone: str = ""  # IANA: where these hours count
    own_hour: str = ""  # HH:MM, instead of the hour of the lines


def in_words(rhythm: Rhythm, words: Catalogue) -> str:
    """A sentence: with day, hour and zone where these are simple."""
    plain = _PLAIN.fullmatch(rhythm.lines[0]) if len(rhythm.lines) == 1 else None
    sentence = ON_A_DAY.get((_kind(plain["day"]), _kind(plain["weekday"]))) if plain else None
    if plain is None or sentence is None:
        return words.gettext(IN_GENERAL[rhythm.cadence])
    clock = rhythm.own_hour or f"{int(plain['hour']):02}:{int(plain['minute']):02}"
    return words.gettext(
        sentence,
        day=plain["day"],
        weekday=weekday(int(plain["weekday"]), words.language) if plain["weekday"] != "*" else "",
        hour=hour(datetime.combine(_DAY, time.fromisoformat(clock)), words.language),
        zone=rhythm.zone,
    )


def _kind(field: str) -> str:
    return "n" if field.isdigit() else field
