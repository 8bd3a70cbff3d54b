"""What an inbox shows: the subject and the line after it."""

import re
from collections.abc import Iterator

from lxml.etree import _Element

from dispatch.render.preflight.page import all_words
from dispatch.render.preflight.proof import HTML, Proof, Scene
from dispatch.render.preflight.remark import Remark, Severity
from dispatch.render.preflight.sources import place

LONGEST = 70  # characters that a window shows; a telephone shows some 40
SHOUTED = 8  # letters, from which on capitals alone are a cry and not an acronym
SUBJECT, PREHEADER = "header Subject", "the preheader"
_REPLY = re.compile(r"(?:re|fwd?|aw|wg|tr|rv)\s*:", re.IGNORECASE).match
_CRIES = re.compile(r"[!！]\s*[!！]")
_LEFTOVER = re.compile(r"\{\{|\{%|\*\|")


def subject(proof: Proof) -> Iterator[Remark]:
    """Empty, long, loud, posing as an answer, or with a template's marks left in it."""
    said = proof.subject.strip()
    if not said:
        yield Remark(Severity.FAULT, SUBJECT, "the subject is empty", "Give one: dispatch issue edit N --subject S.")
        return
    where = _place(said, proof.scene)
    yield from (Remark(severity, where, words, cure, said) for severity, words, cure in _faults(said))
    yield from _preheader(proof)


def _place(said: str, scene: Scene) -> str:
    """Where the words of a subject were written: as they are, cut short, or as the title of the post that it names."""
    bare = said.removesuffix("…").rstrip()
    named = next((post for post in scene.posts if post.title in said or post.title.startswith(bare)), None)
    found = place(scene.written, [said, bare, *([named.title] if named else [])])
    return found or (named.where if named else SUBJECT)


def _faults(said: str) -> Iterator[tuple[Severity, str, str]]:
    if len(said) > LONGEST:
        words = f"the subject has {len(said)} characters, of which most inboxes show {LONGEST} or fewer"
        yield Severity.NOTE, words, "Say in the first forty what the issue is about."
    if _shouts(said):
        yield Severity.WARNING, "the subject is all capitals, which filters count", "Write it as a sentence."
    if _CRIES.search(said):
        yield Severity.WARNING, "the subject has several exclamation marks, which filters count", "One is enough."
    if _REPLY(said):
        yield Severity.WARNING, "the subject poses as an answer or a forwarded mail", "Take away what it begins with."
    if _LEFTOVER.search(said):
        yield Severity.WARNING, "the subject has a template's marks in it, which nobody fills in", "Write it in words."


def _shouts(said: str) -> bool:
    letters = [sign for sign in said if sign.lower() != sign.upper()]
    return len(letters) >= SHOUTED and " " in said and all(sign.isupper() for sign in letters)


def _preheader(proof: Proof) -> Iterator[Remark]:
    hidden = _hidden(proof)
    if hidden is None or not (words := all_words(hidden)):
        cure = "Give one: dispatch issue edit N --preheader P, or a summary in the post."
        yield Remark(Severity.NOTE, PREHEADER, "there is none, so inboxes show what the mail begins with", cure)
    elif words.casefold() == proof.subject.casefold():
        cure = "Say what the subject does not."
        yield Remark(Severity.NOTE, f"{HTML}:{hidden.sourceline}", "the preheader repeats the subject", cure)


def _hidden(proof: Proof) -> _Element | None:
    """The hidden element that the page opens with."""
    body = proof.page.find("body")
    first = next(iter(body.iterchildren("*")), None) if body is not None else None
    return first if first is not None and not proof.light[first].shown else None
