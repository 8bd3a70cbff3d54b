"""Content codings: how a text is packed, and which packing a reader takes (RFC 9110, section 12.5.3).

Levels are those above which bytes hardly shrink while the time to pack them doubles; each packs a feed of 200 KB in
4 to 5 ms. The libraries are loaded when somebody first asks for what they make.
"""

import gzip
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

LONGEST_REMEMBERED = 100  # bytes of an Accept-Encoding; what programs really send is shorter
QUALITY = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)")


@dataclass(frozen=True, slots=True)
class Coding:
    """One way to send the same file."""

    name: str  # as in Content-Encoding; empty: as it is
    mark: str  # what the entity tag of this packing ends in
    pack: Callable[[bytes], bytes]


def _brotli(data: bytes) -> bytes:
    import brotli

    return bytes(brotli.compress(data, quality=5))


def _zstd(data: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    return zstd.compress(data, level=9)


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def _as_it_is(data: bytes) -> bytes:
    return data


IDENTITY = Coding("", "", _as_it_is)
GZIP = Coding("gzip", "-gz", _gzip)
ZSTD = Coding("zstd", "-zst", _zstd)
BROTLI = Coding("br", "-br", _brotli)
PACKINGS = (BROTLI, ZSTD, GZIP)  # the smallest first
CODINGS = (IDENTITY, *PACKINGS)


def taken(accept_encoding: bytes) -> tuple[Coding, ...]:
    """The codings that a reader takes, the best first, identity always last: nobody is refused for want of a packing.

    What the reader weighs alike goes by size. A header that cannot be read takes identity alone.
    """
    if len(accept_encoding) > LONGEST_REMEMBERED:
        return _taken(accept_encoding)
    return _remembered(accept_encoding)


def _taken(accept_encoding: bytes) -> tuple[Coding, ...]:
    weights = dict(map(_weight, accept_encoding.decode("latin-1").lower().split(",")))
    if "x-gzip" in weights:
        weights.setdefault("gzip", weights["x-gzip"])
    rest = weights.get("*", 0.0)
    wanted = [coding for coding in PACKINGS if weights.get(coding.name, rest) > 0]
    return (*sorted(wanted, key=lambda coding: -weights.get(coding.name, rest)), IDENTITY)


_remembered = lru_cache(maxsize=256)(_taken)


def _weight(item: str) -> tuple[str, float]:
    coding, _, parameter = item.partition(";")
    match = QUALITY.fullmatch(parameter.strip())
    if parameter.strip() and not match:
        return coding.strip(), 0.0
    return coding.strip(), float(match[1]) if match else 1.0
