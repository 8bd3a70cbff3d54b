"""What a WebSub hub decides (https://www.w3.org/TR/websub/): pure, the sections are the Recommendation's."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from ipaddress import IPv4Address, ip_address
from socket import inet_aton
from urllib.parse import SplitResult, parse_qs, unquote, urlencode, urlsplit

from dispatch.client import OF_OTHERS, stands_for
from dispatch.errors import DispatchError
from dispatch.message.plain import ascii_host
from dispatch.model.websub import Answer, Asked, Crowd, Mode

LEASE = 10 * 24 * 3600  # seconds, where none is asked for: "10 days is a good default" (section 8.2)
SHORTEST_LEASE = 5 * 60
LONGEST_LEASE = 30 * 24 * 3600
SECRET_BYTES = 200  # a secret must be shorter (section 5.1)
LONGEST_ADDRESS = 1200  # bytes: PostgreSQL's index of topic and callback takes 2,704 of both
LONGEST_BODY = 16 * 1024  # bytes of a request
MOST_FIELDS = 100
PENDING, PENDING_PER_HOST = 2_000, 200  # requests that wait for confirmation, at most
FOLLOWERS, FOLLOWERS_PER_HOST = 100_000, 1_000  # a reader for many people follows many feeds, each once
PUBLISH = "publish"  # the mode by which older publishers tell a hub of news

# Waits after each failed push or notice, a day in all; then this content is given up, never the subscription.
SECONDS, MINUTES, HOURS = (timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1))
WAITS = (5 * SECONDS, 30 * SECONDS, 2 * MINUTES, 10 * MINUTES, 30 * MINUTES, HOURS, 2 * HOURS, *[4 * HOURS] * 5)
# Waits after each try to verify that found nobody. Any answer settles the request at once.
VERIFY_WAITS = (5 * SECONDS, MINUTES)

_ADDRESS = re.compile(r"https?://[^/?#@\\\s]+(?:[/?][^#\s]*)?", re.IGNORECASE).fullmatch
_LEASE = re.compile(r"0*([1-9][0-9]*)").fullmatch


class Unasked(DispatchError):
    """This is no request that a WebSub hub could answer."""


def read_request(body: bytes) -> Asked | None:
    """A form sent to the hub (section 5.1); None: it says that something was published, which we know ourselves.

    Parameters that mean nothing to us are passed over. Raises Unasked with a sentence for its author.
    """
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Unasked(f"The body must be a form in UTF-8 of at most {MOST_FIELDS} fields.") from None
    mode = _one(fields, "hub.mode")
    if mode == PUBLISH:
        return None
    if mode not in set(Mode):
        raise Unasked("hub.mode must be subscribe or unsubscribe.")
    return Asked(
        mode=Mode(mode),
        topic=_address(fields, "hub.topic"),
        callback=_address(fields, "hub.callback"),
        secret=_secret(fields),
        lease=granted_lease(_one(fields, "hub.lease_seconds")) if mode == Mode.SUBSCRIBE else 0,
    )


def _one(fields: Mapping[str, Sequence[str]], name: str) -> str:
    return fields.get(name, [""])[0]


def _address(fields: Mapping[str, Sequence[str]], name: str) -> str:
    """An address that a hub may call, exactly as it was given."""
    value = _one(fields, name)
    if not value:
        raise Unasked(f"{name} is missing.")
    if len(value.encode()) > LONGEST_ADDRESS:
        raise Unasked(f"{name} is longer than {LONGEST_ADDRESS} bytes.")
    if not (value.isprintable() and _ADDRESS(value) and host_of(value)):
        raise Unasked(f"{name} must be an http or https address, without spaces, a login or a fragment.")
    if urlsplit(value).port in OF_OTHERS:
        raise Unasked(f"{name} has the port of another service.")
    return value


def host_of(address: str) -> str:
    """The host of an address, one word for all ways to write it; empty if it cannot be read."""
    try:
        parts = urlsplit(address)
        return _one_word(parts.hostname or "") if parts.port is None or parts.port else ""
    except ValueError:  # brackets, a port that is no number
        return ""


def _one_word(host: str) -> str:
    """In small ASCII letters; a number (127.1, 0x7f.1, [::ffff:127.0.0.1]) as the address that it is read as."""
    name = ascii_host(host).lower().removesuffix(".")
    try:
        return str(IPv4Address(inet_aton(name)))
    except OSError:  # no number, or one of IPv6
        pass
    try:
        return str(stands_for(ip_address(name)))
    except ValueError:
        return name


def _secret(fields: Mapping[str, Sequence[str]]) -> str:
    secret = _one(fields, "hub.secret")
    if len(secret.encode()) >= SECRET_BYTES:
        raise Unasked(f"hub.secret must be shorter than {SECRET_BYTES} bytes.")
    if "\0" in secret:  # which PostgreSQL could not keep
        raise Unasked("hub.secret must not hold a NUL.")
    return secret


def granted_lease(asked: str) -> int:
    """For how many seconds a subscription is granted, within our bounds. Raises Unasked."""
    if not asked:
        return LEASE
    found = _LEASE(asked)
    if not found:
        raise Unasked("hub.lease_seconds must be a positive decimal integer.")
    if len(found[1]) > len(str(LONGEST_LEASE)):  # digits by the thousand are no number that Python would read
        return LONGEST_LEASE
    return min(max(int(found[1]), SHORTEST_LEASE), LONGEST_LEASE)


def no_room(crowd: Crowd, mode: Mode) -> str:
    """Why one more would be too many; empty: there is room. Whoever follows already may renew, and leave."""
    if crowd.pending >= PENDING or crowd.pending_here >= PENDING_PER_HOST:
        return "Too many requests wait for confirmation at present; please come back in a minute."
    if crowd.known or mode is Mode.UNSUBSCRIBE:
        return ""
    if crowd.followers >= FOLLOWERS or crowd.followers_here >= FOLLOWERS_PER_HOST:
        return "This hub has as many subscriptions, or as many for this host, as it takes."
    return ""


def topic_path(topic: str, site: str) -> str | None:
    """The path below public/ that a topic names; None for an address that is not below `site`.

    The topic is the feed's rel=self address (section 5.1); percent-encoding may differ, for it means the same.
    """
    own, asked = urlsplit(site), urlsplit(topic)
    folder = own.path.rstrip("/") + "/"
    if _server(asked) != _server(own) or asked.query or not asked.path.startswith(folder):
        return None
    path = unquote(asked.path.removeprefix(folder))
    return None if "\0" in path else path


def _server(parts: SplitResult) -> tuple[str, str, int | None]:
    """Scheme, host and port, however they are written."""
    return (
        parts.scheme,
        ascii_host(parts.hostname or "").lower(),
        parts.port or {"http": 80, "https": 443}[parts.scheme],
    )


def with_query(callback: str, parameters: Mapping[str, str]) -> str:
    """A callback with parameters behind its own query, which stays as it is (section 5.1.1)."""
    joint = "" if callback.endswith(("?", "&")) else "&" if "?" in callback else "?"
    return f"{callback}{joint}{urlencode(parameters)}"


def verification(asked: Asked, challenge: str) -> dict[str, str]:
    """The parameters that ask a subscriber whether a request was theirs (section 5.3)."""
    lease = {"hub.lease_seconds": str(asked.lease)} if asked.mode is Mode.SUBSCRIBE else {}
    return {"hub.mode": asked.mode.value, "hub.topic": asked.topic, "hub.challenge": challenge, **lease}


def denial(topic: str, reason: str) -> dict[str, str]:
    """The parameters that tell a subscriber of a refusal (section 5.2)."""
    return {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason}


def verified(status: int, body: bytes, challenge: str) -> Answer:
    """What an answer to a verification means: 2xx with the challenge and nothing else confirms (section 5.3.1)."""
    confirmed = 200 <= status < 300 and hmac.compare_digest(body, challenge.encode())
    return Answer.DONE if confirmed else Answer.REFUSED


def delivered(status: int) -> Answer:
    """What an answer to a push or a notice means: redirects are failures, too (section 7)."""
    if 200 <= status < 300:
        return Answer.DONE
    return Answer.GONE if status == 410 else Answer.REFUSED


def wait_after(attempts: int, waits: Sequence[timedelta] = WAITS) -> timedelta | None:
    """How long to wait after so many tries that failed; None: give up."""
    return waits[attempts - 1] if attempts <= len(waits) else None


def signature(secret: str, body: bytes) -> str:
    """X-Hub-Signature for a body (section 7.1)."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def link_header(hubs: Iterable[str], topic: str) -> str:
    """One Link header with all hubs and the topic (sections 4 and 7; RFC 8288)."""
    links = [(hub, "hub") for hub in hubs] + [(topic, "self")]
    return ", ".join(f'<{address}>; rel="{relation}"' for address, relation in links)


def push_headers(kind: str, hubs: Iterable[str], topic: str, secret: str, body: bytes) -> dict[str, str]:
    """The headers of a content distribution request; `kind` is the topic's Content-Type."""
    headers = {"Content-Type": kind, "Link": link_header(hubs, topic)}
    return {**headers, "X-Hub-Signature": signature(secret, body)} if secret else headers


def notice_body(topic: str) -> bytes:
    """What tells a public hub of news: Google's reads hub.url, others hub.topic."""
    return urlencode({"hub.mode": PUBLISH, "hub.topic": topic, "hub.url": topic}).encode()
