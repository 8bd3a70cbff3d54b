"""An issue as a sheet of text for an editor's own text editor, and back.

---
subject: "…"
preheader: "…"
posts:
  - 12  # a title
---

The intro, in Markdown.
"""

import json
from collections.abc import Sequence
from typing import Any

from dispatch.acts.act import ActError
from dispatch.acts.shaping import Wish
from dispatch.errors import ContentError
from dispatch.message.plain import one_line
from dispatch.model.issue import Issue, Words
from dispatch.model.subscriber import Cadence

HELP = (
    "# Empty subject and preheader: the template's. Move a line of posts to change the order;",
    "# take it out to leave the post out. The intro (Markdown) stands below the second ---.",
)
KEYS = frozenset({"subject", "preheader", "posts"})


def write_sheet(issue: Issue, posts: Sequence[tuple[int, str]], language: str = "") -> str:
    """The sheet of an issue; `posts` are its ids and titles, in their order."""
    words = issue.words.get(language, Words())
    lines = [f"  - {post_id}  # {one_line(title)}" for post_id, title in posts]
    head = [f"subject: {_quoted(words.subject)}", f"preheader: {_quoted(words.preheader)}"]
    listed = ["posts:", *lines] if lines else ["posts: []"]
    return "\n".join(["---", *HELP, *head, *listed, "---", "", words.intro.strip(), ""])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def read_sheet(text: str, issue: Issue, posts: Sequence[int], language: str = "") -> Wish:
    """What an edited sheet asks for; `posts` are the ids that it named before. Raises ActError, naming the line."""
    from dispatch.content.front_matter import split  # loads YAML: most commands about issues open no text editor

    try:
        found = split(text, key_lines=False)
    except ContentError as error:
        raise ActError(f"line {error.line}: {error}" if error.line else str(error)) from None
    unknown = sorted(found.values.keys() - KEYS)
    if unknown:
        raise ActError(
            f"line {found.lines.get(unknown[0], 1)}: there is no {unknown[0]!r}; write {', '.join(sorted(KEYS))}."
        )
    if "posts" not in found.values:
        raise ActError("The sheet has lost its `posts:`: nothing was changed. Open it again, and leave that line in.")
    ids = tuple(_id(one, found.lines.get("posts", 1)) for one in found.values.get("posts") or ())
    by_hand = issue.cadence is Cadence.BY_HAND
    return Wish(
        intro=found.body.strip(),
        subject=_line(found.values.get("subject")),
        preheader=_line(found.values.get("preheader")),
        language=language,
        posts=ids if by_hand or list(ids) != [one for one in posts if one in ids] else None,
        leave_out=() if by_hand else tuple(one for one in posts if one not in ids),
        take_in=tuple(one for one in ids if one in issue.left_out),
    )


def _line(value: Any) -> str:
    return str(value or "").strip()


def _id(value: Any, line: int) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ActError(f"line {line}: {value!r} under posts is no post's number.")
    return int(text)
