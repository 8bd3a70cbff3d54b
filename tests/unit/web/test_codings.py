"""What a reader is sent is packed as it may be, the smallest first."""

import gzip
import sys

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.web.codings import BROTLI, CODINGS, GZIP, IDENTITY, PACKINGS, ZSTD, taken

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACK = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}


@pytest.mark.parametrize(
    ("accept", "codings"),
    [
        (b"", (IDENTITY,)),
        (b"gzip", (GZIP, IDENTITY)),
        (b"x-gzip", (GZIP, IDENTITY)),
        (b"gzip, deflate, br, zstd", (BROTLI, ZSTD, GZIP, IDENTITY)),
        (b"br;q=0.5, gzip;q=0.8", (GZIP, BROTLI, IDENTITY)),
        (b"GZIP ; Q=1.0", (GZIP, IDENTITY)),
        (b"gzip;q=0", (IDENTITY,)),
        (b"gzip;q=0, *", (BROTLI, ZSTD, IDENTITY)),
        (b"*;q=0", (IDENTITY,)),
        (b"identity", (IDENTITY,)),
        (b"gzip;q=nonsense", (IDENTITY,)),
    ],
)
def test_a_reader_takes_what_it_weighs(accept: bytes, codings: tuple[object, ...]) -> None:
    """By weight, then by size; a weight of nought or one that nobody understands forbids it."""
    assert taken(accept) == codings


@given(st.one_of(st.binary(max_size=300), st.text("gzipbrstd,;q=01.* \t").map(str.encode)))
def test_any_header_is_survived(accept: bytes) -> None:
    """Identity is always left, nothing comes twice, and what is not named, by a star at least, is never sent."""
    codings = taken(accept)
    assert codings[-1] is IDENTITY
    assert len(set(codings)) == len(codings)
    assert all(coding.name.encode() in accept.lower() or b"*" in accept for coding in codings[:-1])


@given(st.binary(max_size=2000))
def test_what_is_packed_comes_out_again(data: bytes) -> None:
    """Each coding is what its name says, and makes the same bytes each time."""
    for coding in CODINGS:
        assert UNPACK[coding.name](coding.pack(data)) == data
        assert coding.pack(data) == coding.pack(data)


def test_tags_of_packings_differ() -> None:
    """A strong tag names exact bytes."""
    assert len({coding.mark for coding in (IDENTITY, *PACKINGS)}) == 4
