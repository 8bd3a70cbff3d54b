"""The words that templates say, each in one place, by language; a language without words of its own gets English."""

from collections.abc import Mapping
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
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": ENGLISH})


def words_of(language: str) -> Mapping[str, str]:
    """The words of a BCP 47 language."""
    return WORDS.get(language.partition("-")[0].lower(), ENGLISH)
