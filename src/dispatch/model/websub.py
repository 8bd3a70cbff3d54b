"""WebSub's words (https://www.w3.org/TR/websub/): what is asked of our hub, and what it owes to whom."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """What somebody asks a hub for (section 5.1)."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


class Answer(StrEnum):
    """What became of a request that we sent to somebody."""

    DONE = "done"  # taken, or confirmed
    GONE = "gone"  # 410: they want no more
    REFUSED = "refused"  # an answer that is neither
    NOTHING = "nothing"  # no answer at all


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to subscribe or unsubscribe, in order as far as can be told by itself."""

    mode: Mode
    topic: str  # an address, as they wrote it
    callback: str  # where they want to be told, as they wrote it
    secret: str = ""  # signs what they are sent; empty: nothing is signed
    lease: int = 0  # seconds, as granted


@dataclass(frozen=True, slots=True)
class Intent:
    """A request whose sender has not confirmed yet that it is theirs (section 5.3)."""

    id: int
    asked: Asked
    host: str  # of the callback
    attempts: int  # tries that found nobody
    challenge: str = ""  # that this try sends; it names the try, too


@dataclass(frozen=True, slots=True)
class Tries:
    """How far one is with bringing somebody what is owed to them."""

    attempts: int  # failed ones, at this very digest
    claimed_until: datetime


@dataclass(frozen=True, slots=True)
class Push:
    """The newest content of a topic, owed to a subscriber of our hub (section 7)."""

    id: int  # the subscription's
    path: str  # of the document, below public/
    digest: str  # of the document
    callback: str
    host: str
    secret: str
    tries: Tries


@dataclass(frozen=True, slots=True)
class Notice:
    """The word that a topic has changed, owed to a hub of somebody else's (section 6)."""

    hub: str
    path: str
    digest: str
    tries: Tries


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who is at our hub already, when somebody else comes."""

    pending: int  # requests that wait for confirmation
    pending_here: int  # of those, with callbacks at the same host
    followers: int
    followers_here: int
    known: bool  # whether this very callback follows this very topic already


@dataclass(frozen=True, slots=True)
class Following:
    """Who follows by push, in numbers."""

    followers: int = 0  # subscriptions at our hub
    owed: int = 0  # of those, how many have not had the newest content yet
    failing: int = 0  # of those, how many could not be reached at the last try
    hubs_owed: int = 0  # changes of feeds that hubs of somebody else's have not been told of yet
    hubs_failing: int = 0  # of those, how many could not be told at the last try
