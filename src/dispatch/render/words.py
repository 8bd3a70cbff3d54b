"""The words that templates say, each in one place, by language; a language without words of its own gets English."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "digest_subject": "{list}: {title} and {count} more",
        "also": "Also: {titles}",
        "by": "By {names}",
        "number": "No. {number}",
        "contents": "In this issue",
        "posts": "{count} posts",
        "read_on": "Read on",
        "cut": "This is where the mail ends; the post goes on.",
        "left_out": "{count} more on the web",
        "on_the_web": "Read on the web",
        "why": "You get this because {email} is subscribed to {list}.",
        "unsubscribe": "Unsubscribe",
        "archive": "All issues",
        "reply": "Reply to this mail, and it reaches us.",
        "picture": "Picture",
    }
)
# fmt: off
MONTHS = ("January", "February", "March", "April", "May", "June",
          "July", "August", "September", "October", "November", "December")
# fmt: on
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": ENGLISH})

# Languages written from right to left, by their BCP 47 primary subtag.
RIGHT_TO_LEFT = frozenset(["ar", "arc", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"])


def words_of(language: str) -> Mapping[str, str]:
    """The words of a BCP 47 language."""
    return WORDS.get(language.partition("-")[0].lower(), ENGLISH)


def direction(language: str) -> str:
    """`rtl` or `ltr`, for a `dir` attribute."""
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


def day_in_words(day: date) -> str:
    """A day as people write it: 22 November 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
