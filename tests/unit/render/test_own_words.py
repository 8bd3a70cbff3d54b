"""An editor's words reach each language as closely as they were written for it."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose.own_words import OwnWords, own_words
from dispatch.model.issue import Words

WORDS = {
    "": Words(intro="Hello", subject="Ice", preheader="Cold"),
    "de": Words(subject="Eis"),
    "de-AT": Words(intro="Servus"),
}


def test_each_field_falls_back_its_own_way() -> None:
    """In Vienna the intro is Viennese, the subject German, the preheader the default."""
    assert own_words(WORDS, "de-AT") == OwnWords("Servus", "de-AT", "Eis", "Cold")
    assert own_words(WORDS, "de-CH") == OwnWords("Hello", "", "Eis", "Cold")
    assert own_words(WORDS, "fr") == OwnWords("Hello", "", "Ice", "Cold")


def test_case_does_not_part_a_language_from_itself() -> None:
    """BCP 47 tags are compared without case (RFC 5646, section 2.1.1)."""
    assert own_words(WORDS, "DE-at").intro == "Servus"


def test_blanks_are_no_words() -> None:
    """A field that holds nothing to read is as good as none."""
    assert own_words({"": Words("Hello"), "de": Words(" \n")}, "de").intro == "Hello"


def test_without_a_default_others_hear_nothing() -> None:
    """German words are not for the French."""
    assert own_words({"de": Words("Hallo", "Eis", "Kalt")}, "fr") == OwnWords()


TAGS = st.sampled_from(["", "de", "de-AT", "de-AT-1996", "zh-Hant", "zh-Hant-TW", "d", "fr"])


@given(st.dictionaries(TAGS, st.builds(Words, intro=st.sampled_from(["", "x"]))), TAGS)
def test_no_language_hears_a_narrower_one_or_another(words: dict[str, Words], language: str) -> None:
    """The intro's tag is the beginning of the reader's, at a hyphen, and the longest that says something."""
    heard = own_words(words, language)
    said = [tag for tag, one in words.items() if one.intro and f"{language}-".startswith(f"{tag}-" if tag else "")]
    assert (heard.intro_language, heard.intro) == ((max(said, key=len), "x") if said else ("", ""))
