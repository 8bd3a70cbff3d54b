"""Every language says all that the templates say."""

from string import Formatter

import pytest

from dispatch.render.words import ENGLISH, WORDS, spoken, words_of


def slots(text: str) -> set[str | None]:
    """The names that a phrase leaves open."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", sorted(WORDS))
def test_each_language_has_every_word_with_the_same_slots(language: str) -> None:
    """A word left out, or a name in it misspelt, would break a mail in that language alone."""
    assert {key: slots(text) for key, text in WORDS[language].items()} == {
        key: slots(text) for key, text in ENGLISH.items()
    }


def test_a_language_without_words_is_shown_as_what_it_says() -> None:
    """A screen reader must not read English as Dutch."""
    assert (spoken("nl"), words_of("nl")) == ("en", ENGLISH)
    assert spoken("de-AT") == "de-AT"
    assert words_of("de-AT")["unsubscribe"] == "Abbestellen"
