"""Slugs: the part of an address that a person reads. Unicode stays; the only importer of slugify."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from slugify import slugify

MAX_BYTES = 700  # of a slug with folders, in UTF-8
MAX_CHARACTERS = 80  # of one part: 240 bytes in UTF-8 for CJK, and file systems end at 255
DATE_PREFIX = re.compile(r"\d{4}-\d{2}-\d{2}(?:[-_. ]+|$)")
EXTENSION = re.compile(r"\.(?:md|markdown|mdown|html?|txt)$", re.I)
SUFFIX = re.compile(r"(?P<stem>.+)\.(?P<language>[a-z]{2})(?:[-_](?P<region>[A-Za-z]{2,4}))?$")
# ISO 639-1: whatever else stands before the extension belongs to the name.
LANGUAGES_IN_WORDS = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
    "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu "
    "ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na "
    "nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so "
    "sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
LANGUAGES = frozenset(LANGUAGES_IN_WORDS.split())


@dataclass(frozen=True, slots=True)
class FileName:
    """What a post's path says about it."""

    stem: str  # the name without date, language and extension; the folder's for an index file
    language: str | None  # BCP 47, from `post.ja.md`
    group: str  # the path without language and extension: what translations have in common


def read_name(ref: str, index: bool) -> FileName:
    """Take a relative path apart; `index` says that the post is a folder and this its index file."""
    folder, _, name = ref.rpartition("/")
    stem, language = _language(EXTENSION.sub("", name))
    if index and folder:
        return FileName(DATE_PREFIX.sub("", folder.rpartition("/")[2]) or folder, language, folder)
    group = f"{folder}/{stem}" if folder else stem
    return FileName(DATE_PREFIX.sub("", stem) or stem, language, group)


def _language(stem: str) -> tuple[str, str | None]:
    match = SUFFIX.fullmatch(stem)
    if match is None or match["language"] not in LANGUAGES:
        return stem, None
    region = match["region"]
    part = region.upper() if region and len(region) == 2 else (region or "").title()
    return match["stem"], f"{match['language']}-{part}" if part else match["language"]


def make_slug(text: str) -> str:
    """The text as one part of an address: small letters, digits and hyphens of any script, in NFC; perhaps empty."""
    made = slugify(text, allow_unicode=True, max_length=MAX_CHARACTERS, word_boundary=True)
    return unicodedata.normalize("NFC", made).strip("-")


def slug_of_path(path: str) -> str:
    """The path as a slug that keeps its folders: `/2021/06/17/Rust-1.53.0.html` → `2021/06/17/rust-1-53-0`.

    Of more folders than the path of a page can have, the last ones.
    """
    parts = [part for part in map(make_slug, EXTENSION.sub("", path).split("/")) if part]
    while len("/".join(parts).encode()) > MAX_BYTES:
        del parts[: max(1, len(parts) // 2)]
    return "/".join(parts)


def fallback_slug(ref: str) -> str:
    """A slug for a name without a letter or a digit: always the same for the same name."""
    return "post-" + hashlib.sha256(ref.encode("utf-8", "replace")).hexdigest()[:8]
