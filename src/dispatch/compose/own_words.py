"""What an editor says in an issue, as one language hears it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dispatch.model.issue import Words


@dataclass(frozen=True, slots=True)
class OwnWords:
    """An editor's words for one cohort; empty where nothing was said."""

    intro: str = ""  # Markdown
    intro_language: str = ""  # BCP 47; empty: the publication's
    subject: str = ""
    preheader: str = ""


def own_words(words: Mapping[str, Words], language: str) -> OwnWords:
    """The words for a BCP 47 language: each its own way by RFC 4647, section 3.4, from `de-AT` to `de` to the default.

    A German subject without a German intro thus takes the default intro.
    """
    heard = list(_heard(words, language))
    intro_language, intro = next(((tag, one.intro) for tag, one in heard if one.intro.strip()), ("", ""))
    return OwnWords(
        intro=intro,
        intro_language=intro_language,
        subject=next((one.subject for _, one in heard if one.subject.strip()), ""),
        preheader=next((one.preheader for _, one in heard if one.preheader.strip()), ""),
    )


def _heard(words: Mapping[str, Words], language: str) -> Iterator[tuple[str, Words]]:
    """Whose tag is the language or the beginning of it, the longest first, the default last."""
    known = {tag.lower(): (tag, one) for tag, one in words.items()}
    tag = language.lower()
    while tag:
        if tag in known:
            yield known[tag]
        tag = tag.rpartition("-")[0]
    if "" in known:
        yield known[""]
