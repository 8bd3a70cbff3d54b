"""How often one visitor may act."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from dispatch.web.accepting import preferred
from dispatch.web.forms import origin_of
from dispatch.web.visitors import KNOWN, Visitors, visitor_of

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """The time."""
        return self.now


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 20)), max_size=60))
def test_nobody_acts_more_than_thrice_in_ten_seconds(acts: list[tuple[str, int]]) -> None:
    """However they space it, and whoever else acts meanwhile."""
    clock = Clock()
    visitors = Visitors(clock, most=3, span=timedelta(seconds=10))
    done: list[tuple[str, datetime]] = []
    for who, pause in acts:
        clock.now += timedelta(seconds=pause)
        lately = [at for other, at in done if other == who and clock.now - at < timedelta(seconds=10)]
        assert visitors.may_act(who) == (len(lately) < 3)
        if len(lately) < 3:
            done.append((who, clock.now))


def test_memory_is_bounded() -> None:
    """Whoever has been away longest is forgotten."""
    visitors = Visitors(Clock(), most=1)
    for number in range(KNOWN + 1):
        assert visitors.may_act(str(number))
    assert not visitors.may_act(str(KNOWN))
    assert visitors.may_act("0")


def test_a_clock_that_is_set_back_shuts_nobody_out() -> None:
    """What lies ahead is no reason to wait."""
    clock = Clock()
    visitors = Visitors(clock, most=1)
    assert visitors.may_act("a")
    clock.now -= timedelta(hours=1)
    assert visitors.may_act("a")


def _request(host: str | None, **headers: str) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "client": (host, 1) if host else None, "headers": raw})


def test_a_household_is_one_visitor() -> None:
    """An IPv6 network of 64 bits is; a header says nothing of who asks."""
    assert visitor_of(_request("2001:db8::1")) == visitor_of(_request("2001:db8::ffff:2"))
    assert visitor_of(_request("2001:db8::1")) != visitor_of(_request("2001:db8:0:1::1"))
    assert visitor_of(_request("192.0.2.1", **{"x-forwarded-for": "1.2.3.4"})) == "192.0.2.1"
    assert visitor_of(_request(None)) == ""


def test_an_ipv4_address_written_as_ipv6_is_itself() -> None:
    """As a proxy writes it that listens to both at one socket (RFC 4291, section 2.5.5.2)."""
    assert visitor_of(_request("::ffff:192.0.2.1")) == visitor_of(_request("192.0.2.1"))
    assert visitor_of(_request("::ffff:192.0.2.1")) != visitor_of(_request("::ffff:192.0.2.2"))


def test_what_is_no_address_fills_no_memory() -> None:
    """A proxy may hand on whatever it was told."""
    assert len(visitor_of(_request("x" * 60_000))) < 100


@given(st.text(max_size=200))
def test_any_header_has_a_language(header: str) -> None:
    """Whatever a browser says, the answer is one of those that there are."""
    assert preferred(header, ("en", "pt-BR", "de")) in ("en", "pt-BR", "de")


def test_the_language_liked_best_is_taken() -> None:
    """By weight, then by order; a shorter range takes a longer tag and the other way round; q=0 is a no."""
    offered = ("en", "pt-BR", "de")
    for header, chosen in {
        "de;q=0.5, pt;q=0.9": "pt-BR",
        "de-CH, en;q=0.9": "de",
        "fr, de;q=0": "en",
        "PT-br": "pt-BR",
        "fr;q=1.0,de;q=0.1": "de",
    }.items():
        assert preferred(header, offered) == chosen


def test_an_origin_is_scheme_host_and_port() -> None:
    """Without the scheme's own port, in lower case, without the path."""
    assert origin_of("https://News.Example:443/a/b") == "https://news.example"
    assert origin_of("http://localhost:8000/x") == "http://localhost:8000"
