"""The hour of a cadence as dispatch.toml may write it: one text, or several.

What the text means is read by `compose`, which knows no settings; here it becomes the one line that is kept.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator

JOINT = "; "


def hours(value: Any) -> str:
    """One text in small letters, words parted by one space, several texts by "; ", none twice. Raises ValueError."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError('must be a text in quotes, such as "mon 08:00", or a list of such texts')
    pieces = [" ".join(piece.split()).lower() for text in texts for piece in text.split(";")]
    return JOINT.join(dict.fromkeys(pieces))


Hours = Annotated[str, BeforeValidator(hours)]
