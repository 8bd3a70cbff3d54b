"""A WebSub subscriber on loopback, written from the W3C Recommendation of 23 January 2018.

It discovers hub and topic (section 4), subscribes and proves that it meant it (5), takes what is pushed and checks its
signature (7), and keeps all of it with times. It can be told to answer as no subscriber should.
"""

import hmac
import json
import re
import secrets
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import repeat
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urljoin
from urllib.request import Request as Asking
from urllib.request import urlopen

from loopback import Reply, Request, answering

LINK = re.compile(r"""<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^",;\s]+))*)""")
REL = re.compile(r"""\brel\s*=\s*(?:"([^"]*)"|([^",;\s]+))""", re.I)
METHODS = ("sha1", "sha256", "sha384", "sha512")  # section 7.1.1
FORM = "application/x-www-form-urlencoded"
SAFE = {"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff"}  # section 8.2
FINE = Reply()
ECHO = b"the challenge"  # as the body of an answer to a question: what the hub wants to hear, though the rest is wrong
Rels = list[tuple[str, str]]  # relation, address


@dataclass(frozen=True)
class Found:
    """What discovery finds."""

    topic: str  # rel=self
    hubs: tuple[str, ...]  # rel=hub


@dataclass(frozen=True)
class Question:
    """A hub's GET of a callback: is this meant (section 5.3), or it is denied (5.2)."""

    mode: str
    topic: str
    challenge: str
    lease: int  # seconds granted; 0: nothing is said
    reason: str
    keeps_query: bool  # whether the callback's own query string came first, unchanged
    confirmed: bool  # whether the answer says that it is meant
    at: str  # which address of ours it came to


@dataclass(frozen=True)
class Push:
    """A content distribution request (section 7)."""

    body: bytes
    headers: Mapping[str, str]  # in lower case
    path: str
    status: int  # what was answered; 0: nothing
    is_genuine: bool  # whether the signature is right, or none came where none was asked for
    moment: float

    @property
    def links(self) -> Found:
        """The hub and the topic that it names."""
        return _found(_of_header(self.headers.get("link", "")), "")


@dataclass
class Callback:
    """The end of one subscription: where its hub asks and pushes."""

    url: str
    hub: str
    topic: str
    secret: str = ""
    pending: str = ""  # the mode that a hub may ask about now
    confirms: Iterator[Reply | None] = field(default_factory=lambda: repeat(None))  # None: as one should
    takes: Iterator[Reply] = field(default_factory=lambda: repeat(FINE))
    questions: list[Question] = field(default_factory=list)
    pushes: list[Push] = field(default_factory=list)

    def ask(self, mode: str = "subscribe", **more: str) -> tuple[int, str]:
        """Ask the hub to subscribe or unsubscribe; the status that it answers, and its words. `more` wins."""
        self.pending = mode
        form = {"hub.mode": mode, "hub.topic": self.topic, "hub.callback": self.url}
        form |= {"hub.secret": self.secret} if self.secret else {}
        return post(self.hub, {**form, **{f"hub.{name}": value for name, value in more.items()}})

    @property
    def lease(self) -> int:
        """For how many seconds the hub has last been told that the subscription is meant; 0: not at all."""
        meant = [one for one in self.questions if one.confirmed and one.mode in ("subscribe", "unsubscribe")]
        return meant[-1].lease if meant and meant[-1].mode == "subscribe" else 0

    @property
    def taken(self) -> list[Push]:
        """What was pushed, is genuine and was acknowledged."""
        return [push for push in self.pushes if push.is_genuine and 200 <= push.status < 300]

    def answer(self, request: Request) -> Reply:
        """What a hub is answered."""
        return self._hear(request) if request.method == "GET" else self._take(request)

    def _hear(self, request: Request) -> Reply:
        query = request.path.partition("?")[2]
        own = self.url.partition("?")[2]
        keeps = not own or query.startswith(f"{own}&")
        said = {name: values[-1] for name, values in parse_qs(query.removeprefix(own), keep_blank_values=True).items()}
        mode, topic, challenge = (said.get(f"hub.{name}", "") for name in ("mode", "topic", "challenge"))
        told = next(self.confirms)
        reply = told or self._confirm(mode, topic, challenge, keeps)
        reply = replace(reply, body=challenge.encode()) if reply.body == ECHO else reply
        confirmed = reply.status // 100 == 2 and reply.body == challenge.encode() != b"" and not reply.hangs_up
        lease = int(said.get("hub.lease_seconds", "0"))
        self.questions.append(
            Question(mode, topic, challenge, lease, said.get("hub.reason", ""), keeps, confirmed, request.at)
        )
        return reply

    def _confirm(self, mode: str, topic: str, challenge: str, keeps: bool) -> Reply:
        """The challenge if this is pending, else 404 (section 5.3.1)."""
        if mode == "denied":
            self.pending = ""
            return FINE
        if not keeps or topic != self.topic or mode != self.pending:
            return Reply(404)
        return Reply(200, challenge.encode(), SAFE)

    def _take(self, request: Request) -> Reply:
        reply = next(self.takes)
        headers = {name.lower(): ", ".join(request.headers.get_all(name, [])) for name in request.headers}
        genuine = is_genuine(request.body, headers.get("x-hub-signature", ""), self.secret)
        status = 0 if reply.hangs_up else reply.status
        self.pushes.append(Push(request.body, headers, request.path, status, genuine, request.moment))
        return reply


class Subscriber:
    """A server at all addresses with a callback for each subscription, which nobody can guess."""

    def __init__(self) -> None:
        self.url, self.port = "", 0
        self.strays: list[Request] = []  # what came to no callback
        self._callbacks: dict[str, Callback] = {}

    @contextmanager
    def open(self) -> Iterator["Subscriber"]:
        """Answer while the block lasts."""
        with answering(self._answer, host="0.0.0.0") as url:  # noqa: S104 - each address of loopback is a host
            self.port = int(url.rpartition(":")[2])
            self.url = f"http://127.0.0.1:{self.port}"
            yield self

    def callback(
        self, topic: str, hub: str, secret: str = "", query: str = "", host: str = "127.0.0.1", port: int = 0
    ) -> Callback:
        """A callback of its own for a subscription that is not asked for yet; `query` with its question mark."""
        path = f"/{secrets.token_urlsafe(16)}"
        url = f"http://{host}:{port or self.port}{path}{query}"
        made = self._callbacks[path] = Callback(url, hub, topic, secret)
        return made

    def follow(self, url: str, **how: Any) -> Callback:
        """Discover, and make a callback for the first hub. Raises LookupError if there is none."""
        found = discover(url)
        return self.callback(found.topic, found.hubs[0], **how)

    def _answer(self, request: Request) -> Reply:
        callback = self._callbacks.get(request.path.partition("?")[0])
        if not callback:
            self.strays.append(request)
            return Reply(404)
        return callback.answer(request)


def post(url: str, form: Mapping[str, str] | bytes, kind: str = FORM) -> tuple[int, str]:
    """POST a form (section 5.1), encoded or not: the status and the words of the answer."""
    data = form if isinstance(form, bytes) else urlencode(form).encode()
    asking = Asking(url, data, {"Content-Type": kind})  # noqa: S310 - the tests' own addresses
    try:
        with urlopen(asking, timeout=10) as reply:  # noqa: S310 - the tests' own addresses
            return reply.status, reply.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def is_genuine(body: bytes, signature: str, secret: str) -> bool:
    """Whether the signature is this body's under the secret (section 7.1.2); without a secret there must be none."""
    method, _, digest = signature.partition("=")
    if not secret:
        return not signature
    return method in METHODS and hmac.compare_digest(hmac.digest(secret.encode(), body, method).hex(), digest)


def discover(url: str, by_header: bool = True, method: str = "GET") -> Found:
    """The topic and hubs of an address: by its Link headers, in their absence by what the document says (section 4).

    Raises LookupError if neither names both.
    """
    with urlopen(Asking(url, method=method), timeout=10) as reply:  # noqa: S310 - the tests' own addresses
        body, kind = reply.read(), reply.headers.get_content_type()
        rels = _of_header(", ".join(reply.headers.get_all("Link", []))) if by_header else []
    if not {"hub", "self"} <= {rel for rel, _ in rels}:
        rels = _of_json(body) if kind.endswith("json") else _of_html(body) if kind == "text/html" else _of_xml(body)
    found = _found(rels, url)
    if not found.topic or not found.hubs:
        raise LookupError(f"{url} names no hub")
    return found


def _found(rels: Rels, base: str) -> Found:
    topics, hubs = ([urljoin(base, url) for rel, url in rels if rel == wanted] for wanted in ("self", "hub"))
    return Found(topics[0] if topics else "", tuple(hubs))


def _of_header(value: str) -> Rels:
    """Web linking, RFC 8288 section 3."""
    return [
        (rel, target)
        for target, parameters in LINK.findall(value)
        for quoted, bare in REL.findall(parameters)[:1]
        for rel in (quoted or bare).lower().split()
    ]


def _of_xml(body: bytes) -> Rels:
    """A feed's own links: Atom's, which RSS borrows."""
    feed = ET.fromstring(body)  # noqa: S314 - our own feed
    home = feed if feed.tag.startswith("{http://www.w3.org/2005/Atom}") else feed.find("channel")
    links = home.findall("{http://www.w3.org/2005/Atom}link") if home is not None else []
    return [(link.get("rel", "alternate"), link.get("href", "")) for link in links]


def _of_json(body: bytes) -> Rels:
    """A JSON Feed's own words for them (version 1.1, top level)."""
    feed = json.loads(body)
    hubs = [("hub", one["url"]) for one in feed.get("hubs", []) if one["type"].lower() == "websub"]
    return [("self", feed.get("feed_url", "")), *hubs]


def _of_html(body: bytes) -> Rels:
    """The links in a page."""
    rels: Rels = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            said = {name: value or "" for name, value in attrs}
            if tag == "link":
                rels.extend((rel, said.get("href", "")) for rel in said.get("rel", "").lower().split())

    Links().feed(body.decode())
    return rels
