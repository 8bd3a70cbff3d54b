"""What a web server answered."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes  # unpacked
    url: str  # where it was in the end, after redirects
