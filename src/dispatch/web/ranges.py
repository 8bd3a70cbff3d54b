"""Parts of a file (RFC 9110, section 14): players ask for what comes next, and for where a listener jumps."""

import re
from dataclasses import dataclass

ONE_RANGE = re.compile(rb"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file, from the first to before the end."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


def part_of(range_header: bytes, size: int) -> Part | None:
    """The part asked for; an empty one where the file has no such bytes (416). None: send the whole.

    Several ranges at once, other units and what cannot be read are answered by the whole file, as section 14.2 allows.
    """
    match = ONE_RANGE.fullmatch(range_header.strip())
    if not match or not (match[1] or match[2]):
        return None
    if not match[1]:
        last = min(int(match[2]), size)
        return Part(size - last, size)
    start = int(match[1])
    end = int(match[2]) + 1 if match[2] else size
    if match[2] and end <= start:
        return None
    return Part(start, max(start, min(end, size)))
