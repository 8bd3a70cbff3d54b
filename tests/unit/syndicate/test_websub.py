"""What the hub decides, by the sections of the W3C Recommendation."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.model.websub import Answer, Asked, Crowd, Mode
from dispatch.syndicate.websub import (
    FOLLOWERS,
    FOLLOWERS_PER_HOST,
    LEASE,
    LONGEST_ADDRESS,
    LONGEST_LEASE,
    PENDING,
    PENDING_PER_HOST,
    SHORTEST_LEASE,
    VERIFY_WAITS,
    WAITS,
    Unasked,
    delivered,
    denial,
    granted_lease,
    host_of,
    link_header,
    no_room,
    notice_body,
    push_headers,
    read_request,
    signature,
    topic_path,
    verification,
    verified,
    wait_after,
    with_query,
)

SITE = "https://sea.example/news"
GOOD = {"hub.mode": "subscribe", "hub.topic": f"{SITE}/atom.xml", "hub.callback": "https://ada.example/cb?x=1"}


def form(**other: str) -> bytes:
    """A request as GOOD, but for these fields of `hub.`."""
    return urlencode({**GOOD, **{f"hub.{name}": value for name, value in other.items()}}).encode()


def test_a_request_is_read_as_it_is() -> None:
    """Addresses stay as they were written; what is left out has its default."""
    asked = Asked(Mode.SUBSCRIBE, GOOD["hub.topic"], GOOD["hub.callback"], "", LEASE)
    assert read_request(form()) == asked
    assert read_request(form(secret="ä" * 99, lease_seconds="3600")) == Asked(
        Mode.SUBSCRIBE, asked.topic, asked.callback, "ä" * 99, 3600
    )


def test_what_we_do_not_know_is_passed_over() -> None:
    """Further parameters change nothing (section 5.1)."""
    assert read_request(form(verify="sync") + b"&foo=bar&hub.verify=async&hub.verify_token=1") == read_request(form())


@pytest.mark.parametrize(
    ("crowd", "renewing", "joining", "leaving"),
    [
        (Crowd(0, 0, 0, 0, False), True, True, True),
        (Crowd(PENDING - 1, PENDING_PER_HOST - 1, FOLLOWERS - 1, FOLLOWERS_PER_HOST - 1, False), True, True, True),
        (Crowd(PENDING, 0, 0, 0, False), False, False, False),
        (Crowd(0, PENDING_PER_HOST, 0, 0, False), False, False, False),
        (Crowd(0, 0, FOLLOWERS, 0, False), True, False, True),
        (Crowd(0, 0, 0, FOLLOWERS_PER_HOST, False), True, False, True),
    ],
)
def test_a_full_hub_keeps_whom_it_has(crowd: Crowd, renewing: bool, joining: bool, leaving: bool) -> None:
    """No flood of requests, and no crowd from one host, grows without bounds; nobody is locked in or out."""
    assert (no_room(replace(crowd, known=True), Mode.SUBSCRIBE) == "") is renewing
    assert (no_room(crowd, Mode.SUBSCRIBE) == "") is joining
    assert (no_room(crowd, Mode.UNSUBSCRIBE) == "") is leaving


def test_a_lease_means_nothing_to_whoever_leaves() -> None:
    """It is ignored in an unsubscription, whatever it says (section 5.1)."""
    asked = read_request(form(mode="unsubscribe", lease_seconds="never"))
    assert asked == Asked(Mode.UNSUBSCRIBE, GOOD["hub.topic"], GOOD["hub.callback"], "", 0)


def test_a_publisher_asks_for_nothing() -> None:
    """We know ourselves what we have published."""
    assert read_request(b"hub.mode=publish&hub.url=https%3A%2F%2Fanywhere.example%2F") is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "hub.mode"),
        (b"\xff", "UTF-8"),
        (b"hub.mode=%ff", "UTF-8"),
        (b"&".join(b"a%d=1" % number for number in range(101)), "fields"),
        (form(mode="denied"), "hub.mode"),
        (form(topic=""), "hub.topic is missing"),
        (form(callback=""), "hub.callback is missing"),
        (form(callback="ftp://ada.example/"), "hub.callback must be"),
        (form(callback="javascript:alert(1)"), "hub.callback must be"),
        (form(callback="/cb"), "hub.callback must be"),
        (form(callback="https://"), "hub.callback must be"),
        (form(callback="https://:80/"), "hub.callback must be"),
        (form(callback="https://ada:pw@ada.example/"), "hub.callback must be"),
        (form(callback="https://ada@ada.example/"), "hub.callback must be"),
        (form(callback="https://ada.example/#cb"), "hub.callback must be"),
        (form(callback="https://ada.example/#"), "hub.callback must be"),
        (form(callback="https://ada.example\\@evil.example/"), "hub.callback must be"),
        (form(callback="https://ada.example/ b"), "hub.callback must be"),
        (form(callback="https://ada.example/\r\nX: y"), "hub.callback must be"),
        (form(callback="https://ada.example:0/"), "hub.callback must be"),
        (form(callback="https://ada.example:99999/"), "hub.callback must be"),
        (form(callback="https://[::1/"), "hub.callback must be"),
        (form(callback="https://ada.example:25/"), "hub.callback has the port of another service"),
        (form(callback="https://ada.example/\u00a0"), "hub.callback must be"),
        (form(callback="https://ada.example/\u202e"), "hub.callback must be"),
        (form(callback=f"https://ada.example/{'a' * LONGEST_ADDRESS}"), "longer than"),
        (form(secret="x" * 200), "shorter than 200 bytes"),
        (form(secret="ä" * 100), "shorter than 200 bytes"),
        (form(secret="a\0b"), "NUL"),
        (form(lease_seconds="0"), "lease_seconds"),
        (form(lease_seconds="-5"), "lease_seconds"),
        (form(lease_seconds="1.5"), "lease_seconds"),
        (form(lease_seconds="٣"), "lease_seconds"),
    ],
)
def test_what_is_no_request_is_refused_with_a_sentence(body: bytes, said: str) -> None:
    """It names the parameter and says what it must be."""
    with pytest.raises(Unasked, match=said):
        read_request(body)


@given(st.binary(max_size=300))
def test_no_body_breaks_the_hub(body: bytes) -> None:
    """Whatever is sent is a request, or is refused."""
    try:
        asked = read_request(body)
    except Unasked:
        return
    assert asked is None or (asked.topic and asked.callback)


@given(st.integers(1, 10**18) | st.just(10**4000))
def test_a_lease_stays_within_bounds(seconds: int) -> None:
    """None is perpetual, and none so short that nothing would ever come (section 5.3.1)."""
    granted = granted_lease(str(seconds))
    assert SHORTEST_LEASE <= granted <= LONGEST_LEASE
    assert granted == seconds or not SHORTEST_LEASE <= seconds <= LONGEST_LEASE


PATHS = st.lists(st.text("aé/ %+?#&;=~'()", min_size=1), min_size=1).map("/".join)


@given(PATHS)
def test_a_feed_is_found_by_its_own_address(path: str) -> None:
    """Whatever its folder is called."""
    assert topic_path(f"{SITE}/{quote(path)}", SITE) == path
    assert topic_path(f"https://sea.example:443/news/{quote(path)}", SITE) == path
    assert topic_path(f"{SITE.upper().replace('NEWS', 'news')}/{quote(path, safe='')}", SITE) == path


@pytest.mark.parametrize("host", ["müller.example", "MÜLLER.example", "xn--mller-kva.example"])
def test_a_host_may_have_any_letters(host: str) -> None:
    """Both of its forms are the same address."""
    for site in ("https://müller.example", "https://xn--mller-kva.example"):
        assert topic_path(f"https://{host}/atom.xml", site) == "atom.xml"
    assert read_request(form(topic=f"https://{host}/é.xml", callback=f"https://{host}/cb"))


@pytest.mark.parametrize(
    "topic",
    [
        "https://other.example/news/atom.xml",
        "http://sea.example/news/atom.xml",
        "https://sea.example:444/news/atom.xml",
        "https://sea.example/newsletter/atom.xml",
        "https://sea.example/atom.xml",
        f"{SITE}/atom.xml?x=1",
        f"{SITE}/%00",
    ],
)
def test_other_addresses_name_no_feed_of_ours(topic: str) -> None:
    """Only what is below the publication's address can be one."""
    assert topic_path(topic, SITE) is None


@pytest.mark.parametrize(
    ("callback", "whole"),
    [
        ("https://a.example/cb", "https://a.example/cb?hub.mode=x"),
        ("https://a.example", "https://a.example?hub.mode=x"),
        ("https://a.example/cb?", "https://a.example/cb?hub.mode=x"),
        ("https://a.example/cb?foo=b%20r&hub.mode=y", "https://a.example/cb?foo=b%20r&hub.mode=y&hub.mode=x"),
    ],
)
def test_a_callback_keeps_its_query(callback: str, whole: str) -> None:
    """New parameters come behind its own, which stay as they were (section 5.1.1)."""
    assert with_query(callback, {"hub.mode": "x"}) == whole


def test_a_verification_says_what_was_asked() -> None:
    """Mode and topic as asked, a challenge, and for how long it is granted (section 5.3)."""
    asked = Asked(Mode.SUBSCRIBE, "https://sea.example/a?b&c", "https://ada.example/", "s", 600)
    fields = dict(parse_qsl(urlsplit(with_query(asked.callback, verification(asked, "c-1"))).query))
    named = {"hub.mode": "subscribe", "hub.topic": asked.topic, "hub.challenge": "c-1", "hub.lease_seconds": "600"}
    assert fields == named
    assert denial("t", "why") == {"hub.mode": "denied", "hub.topic": "t", "hub.reason": "why"}


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b"abc", Answer.DONE),
        (204, b"abc", Answer.DONE),
        (299, b"abc", Answer.DONE),
        (200, b"abcd", Answer.REFUSED),
        (200, b"abc\n", Answer.REFUSED),
        (200, b"", Answer.REFUSED),
        (200, b"\xff", Answer.REFUSED),
        (199, b"abc", Answer.REFUSED),
        (302, b"abc", Answer.REFUSED),
        (404, b"abc", Answer.REFUSED),
        (410, b"abc", Answer.REFUSED),
        (500, b"abc", Answer.REFUSED),
    ],
)
def test_only_the_challenge_confirms(status: int, body: bytes, answer: Answer) -> None:
    """2xx and the challenge, byte for byte (section 5.3.1)."""
    assert verified(status, body, "abc") is answer


@pytest.mark.parametrize(
    ("answer", "statuses"),
    [
        (Answer.DONE, (200, 201, 202, 204, 299)),
        (Answer.GONE, (410,)),
        (Answer.REFUSED, (100, 199, 300, 301, 302, 303, 304, 307, 308, 400, 404, 429, 500, 503)),
    ],
)
def test_what_an_answer_to_a_push_means(answer: Answer, statuses: tuple[int, ...]) -> None:
    """Success, the end, or a failure, which a redirect is as well (section 7)."""
    assert {delivered(status) for status in statuses} == {answer}


def test_waits_grow_and_end() -> None:
    """A push is tried for about a day, then that content is given up; a verification for about a minute."""
    waits = [wait_after(attempts) for attempts in range(1, len(WAITS) + 2)]
    assert waits == [*WAITS, None]
    assert list(WAITS) == sorted(WAITS)
    assert timedelta(hours=20) < sum(WAITS, timedelta(0)) < timedelta(hours=30)
    assert wait_after(len(VERIFY_WAITS) + 1, VERIFY_WAITS) is None


def test_signatures_are_hmacs() -> None:
    """RFC 4231, test cases 2 and 6: a short key, and one of 131 bytes."""
    short = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature("Jefe", b"what do ya want for nothing?") == f"sha256={short}"
    headers = push_headers("text/x", ["https://hub.example/"], "https://sea.example/a", "Jefe", b"x")
    assert headers["X-Hub-Signature"] == signature("Jefe", b"x")
    assert "X-Hub-Signature" not in push_headers("text/x", [], "https://sea.example/a", "", b"x")


def test_links_name_hubs_and_topic() -> None:
    """One header for all of them (section 7)."""
    said = '<https://a.example/hub>; rel="hub", <https://b.example/>; rel="hub", <https://sea.example/x>; rel="self"'
    assert link_header(["https://a.example/hub", "https://b.example/"], "https://sea.example/x") == said


def test_old_hubs_and_new_ones_understand_a_notice() -> None:
    """Google's wants hub.url, others hub.topic."""
    topic = "https://sea.example/tags/c%20d/atom.xml"
    assert parse_qsl(notice_body(topic).decode()) == [("hub.mode", "publish"), ("hub.topic", topic), ("hub.url", topic)]


@pytest.mark.parametrize(
    ("address", "host"),
    [("https://Ada.Example:8080/x", "ada.example"), ("http://[::1]/", "::1"), ("http://[::1", ""), ("x", "")]
    + [("https://ada.example./", "ada.example"), ("https://bücher.example/", "xn--bcher-kva.example")]
    + [(f"http://{host}/", "127.0.0.1") for host in ("127.0.0.1", "127.1", "0x7f.1", "2130706433", "１２７.0.0.1")]
    + [(f"http://[{host}]/", "127.0.0.1") for host in ("::ffff:127.0.0.1", "::FFFF:7f00:1", "64:ff9b::7f00:1")],
)
def test_hosts_are_told_apart_by_what_they_are(address: str, host: str) -> None:
    """Whatever the port, the capitals and the spelling: so that no host has the room of several."""
    assert host_of(address) == host
