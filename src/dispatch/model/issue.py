"""What a list is sent, and what one cohort of it sees."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence


@dataclass(frozen=True, slots=True)
class Publication:
    """Whose posts these are; what every template and feed may say of it."""

    title: str
    url: str  # of feeds and pages, without a trailing slash
    web_url: str  # of links that act, without a trailing slash
    description: str
    language: str  # BCP 47
    timezone: str  # IANA
    author: str
    email: str  # the sender's and the editors' address
    address: str  # postal
    logo: str  # absolute address, or empty
    accent: str  # #rrggbb


@dataclass(frozen=True, slots=True)
class MailingList:
    """A named audience, as dispatch.toml describes it."""

    id: int  # the store's, in tokens
    slug: str
    title: str
    description: str
    sources: tuple[str, ...]  # empty: all
    tags: tuple[str, ...]  # empty: all
    cadence: Cadence  # the default one
    cadences: tuple[Cadence, ...]  # those a subscriber may choose
    sender: str  # an address, perhaps with a name: the From header
    reply_to: str
    zone: str = "UTC"  # IANA: of the publication's days, by which `since` counts
    born: int = 0  # posts up to this arrival were there before the list
    born_as: str = ""  # the slug that it had at first: by that one it is remembered who was taken from a file
    since: date | None = None  # opens the gate for older posts dated that day or later


class IssueState(StrEnum):
    """held → composed → sending → sent; cancelled from any of the first three."""

    HELD = "held"  # waits out the hold; its posts may still change
    COMPOSED = "composed"  # due; its audience is about to be frozen
    SENDING = "sending"  # the audience is frozen
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


WAITING = (IssueState.HELD, IssueState.COMPOSED)  # nobody has been mailed yet
BEGUN = (IssueState.SENDING, IssueState.PAUSED)  # the audience is frozen, the sum is open


@dataclass(frozen=True, slots=True)
class Issue:
    """What a list is sent: one post or several, a number, a state."""

    number: int
    list_slug: str
    cadence: Cadence
    state: IssueState
    first_arrival: int  # the window of arrivals it was composed from, both included
    last_arrival: int
    created: datetime
    due: datetime  # when it goes out, at the earliest
    frozen: datetime | None = None  # the Date of its mail
    ended: datetime | None = None
    note: str = ""  # why it was cancelled or stopped


@dataclass(frozen=True, slots=True)
class Need:
    """What some subscriptions of one issue have in common."""

    tags: tuple[str, ...]  # see model.tags
    language: str
    mark: int
    served: tuple[tuple[int, int], ...] = ()  # arrivals after the mark that other issues brought: (after, up to)

    def is_owed(self, arrival: int) -> bool:
        """Whether a post that arrived then is still to come, as far as time goes."""
        return arrival > self.mark and not any(after < arrival <= upto for after, upto in self.served)


@dataclass(frozen=True, slots=True)
class Cohort:
    """The subscriptions of an issue that get the same posts in the same language."""

    posts: tuple[Post, ...]  # in the order in which they are shown
    language: str
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """An issue rendered for one cohort, with slots for what differs per person."""

    issue: int
    subject: str
    preheader: str
    html: str  # inlined
    text: str
    language: str
    sender: str  # the From header
    reply_to: str
    list_id: str  # the List-Id header
    archive: str  # address of the list's page
    archived_at: str  # address of this very issue on the web
    feedback_id: str
    date: datetime  # the Date header: the moment of the freeze
    marker: str  # the text that opens each slot in html and text, see model.delivery.Slot


@dataclass(frozen=True, slots=True)
class CompiledEdition:
    """An edition as MIME bytes with slots: ready to be spliced, stored by hash."""

    issue: int
    digest: str  # SHA-256 of the bytes, in hex
    data: bytes  # CRLF lines of at most 76 bytes; each slot marked as `marker` + name
    marker: str
    sender_address: str  # the bare address of From: envelope sender
    subject: str
