"""Languages by their BCP 47 tags: which way they run and how they write days, hours, numbers and choices.

The only importer of babel's locale data.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

from babel import Locale, UnknownLocaleError, parse_locale
from babel.dates import format_date, format_skeleton, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

FALLBACK = Locale("en")
# UAX #9, section 2.4: what stands between them orders nothing outside, as if it were one sign.
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
ISOLATED = re.compile(f"{FIRST_STRONG_ISOLATE}[^{FIRST_STRONG_ISOLATE}{POP_ISOLATE}]*{POP_ISOLATE}")
SIZES = ((10**9, "gigabyte"), (10**6, "megabyte"), (10**3, "kilobyte"))  # units as players and shops count them
OTHER_WAY = {"ltr": ("R", "AL"), "rtl": ("L",)}  # the bidirectional classes of letters that run so


def is_language(tag: str) -> bool:
    """Whether a BCP 47 tag begins with a language that exists: de, pt-BR, zh-Hant; neither xx nor english."""
    try:
        return parse_locale(tag, sep="-")[0] in FALLBACK.languages
    except ValueError:
        return False


def direction(language: str) -> str:
    """`rtl` or `ltr`, for a `dir` attribute."""
    return _locale(language).text_direction


def isolated(words: str, language: str) -> str:
    """Words to be put into a sentence of a language: isolated, where any run the other way, so that none change places.

    An address stays bare, for programs that make links of addresses may take the signs around it for a part of it.
    """
    other = OTHER_WAY[direction(language)]
    turns = any(unicodedata.bidirectional(sign) in other for sign in ISOLATED.sub("", words))
    return f"{FIRST_STRONG_ISOLATE}{words}{POP_ISOLATE}" if turns and "://" not in words else words


def day_in_words(day: date, language: str) -> str:
    """A day as readers of a language write it: November 22, 2026; 22. November 2026; 2026年11月22日."""
    return format_date(day, "long", _locale(language))


def hour(at: datetime, language: str) -> str:
    """The time of day on a clock of 24 hours: 08:00; 8:00 in Japanese."""
    return format_skeleton("Hm", at, locale=_locale(language))


def weekday(day: int, language: str) -> str:
    """A day of the week, counted as cron does: 1 is Monday, both 0 and 7 are Sunday."""
    name: str = get_day_names("wide", locale=_locale(language))[(day - 1) % 7]
    return name


def number(count: int, language: str) -> str:
    """A whole number in groups: 38,120; 38.120; 38\u202f120."""
    return format_decimal(count, locale=_locale(language))


def file_size(length: int, language: str) -> str:
    """Bytes as the size of a file: 4.3 MB; 4,3 MB; 4,3\u202fMo."""
    many, unit = next((size for size in SIZES if length >= size[0]), SIZES[-1])
    return format_unit(length / many, unit, length="short", format="#,##0.#", locale=_locale(language))


def either(choices: Sequence[str], language: str) -> str:
    """Choices as a sentence offers them: daily, weekly, or monthly."""
    return format_list(choices, style="or", locale=_locale(language))


def own_name(language: str) -> str:
    """What its speakers call a language: Deutsch, English, 日本語; the tag itself where nobody knows."""
    try:
        found = Locale.parse(language, sep="-").display_name
    except (UnknownLocaleError, ValueError, TypeError):
        found = None
    return f"{found[0].upper()}{found[1:]}" if found else language


def _locale(language: str) -> Locale:
    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return FALLBACK
