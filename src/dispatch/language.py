"""Languages by their BCP 47 tags: which way they run and how they write a day. The only importer of babel."""

from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

FALLBACK = Locale("en")


def direction(language: str) -> str:
    """`rtl` or `ltr`, for a `dir` attribute."""
    return _locale(language).text_direction


def day_in_words(day: date, language: str) -> str:
    """A day as readers of a language write it: November 22, 2026; 22. November 2026; 2026年11月22日."""
    return format_date(day, "long", _locale(language))


def _locale(language: str) -> Locale:
    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return FALLBACK
