"""What a list is sent, and what one cohort of it sees."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from dispatch.model.permalink import PATTERN
from dispatch.model.post import Post
from dispatch.model.subscriber import Cadence

Fallback: TypeAlias = Literal["other", "skip"]  # another language instead, or nothing
Content: TypeAlias = Literal["auto", "full", "summary"]  # auto: a single post in full, several by their summaries
Share: TypeAlias = Literal["bluesky", "facebook", "linkedin", "reddit", "telegram", "whatsapp", "x"]


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
    editors: tuple[str, ...] = ()  # addresses that get a receipt after each issue
    logo_dark: str = ""  # instead of the logo on a dark background; empty: the same
    logo_width: int = 32  # pixels, as shown
    logo_height: int = 32
    font: str = "Helvetica, Arial, sans-serif"  # of the text of mails, as CSS has it
    heading_font: str = "Georgia, serif"
    width: int = 600  # of mails, in pixels, where the screen has room
    share: tuple[Share, ...] = ()  # where a mail offers to share it
    permalink: str = PATTERN  # of posts' pages, where their source has no pattern of its own


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
    timezone: str = "UTC"  # IANA: of the list's hours
    local_time: bool = False  # its hours are those of each subscriber's own zone
    min_posts: int = 1  # a digest with fewer waits
    max_posts: int | None = None  # a digest shows no more, and says how many more there are
    fallback: Fallback = "other"  # what becomes of a post that does not exist in the reader's language
    content: Content = "auto"  # how much of each post a mail holds
    born: int = 0  # posts up to this arrival were there before the list
    born_as: str = ""  # the slug that it had at first: by that one it is remembered who was taken from a file
    sign_up: bool = True  # whoever likes joins it by a form
    archive: bool = True  # its issues have pages that anybody can read
    welcome: bool = True  # whoever has confirmed gets a mail that says what will come, and when
    goodbye: bool = False  # whoever has left gets a last mail
    since: date | None = None  # opens the gate for older posts dated that day or later


class IssueState(StrEnum):
    """draft → held → composed → sending → sent; cancelled from any before the last."""

    DRAFT = "draft"  # an editor may shape it; a digest's slot makes it go, a hand-made issue waits for a time
    HELD = "held"  # has its time, or waits for an editor's word; its posts may still change
    COMPOSED = "composed"  # due; its audience is about to be frozen
    SENDING = "sending"  # the audience is frozen
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


WAITING = (IssueState.HELD, IssueState.COMPOSED)  # goes by itself when its time has come
UNBEGUN = (IssueState.DRAFT, *WAITING)  # nobody has been mailed yet
BEGUN = (IssueState.SENDING, IssueState.PAUSED)  # the audience is frozen, the sum is open


@dataclass(frozen=True, slots=True)
class Words:
    """What an editor says in an issue, in one language."""

    intro: str = ""  # Markdown
    subject: str = ""  # empty: the template's
    preheader: str = ""  # empty: the template's


@dataclass(frozen=True, slots=True)
class Issue:
    """What a list is sent: one post or several, a number, a state. Made by hand if its cadence is."""

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
    slot: str = ""  # the wall-clock time of its run, as in 2026-11-23T08:00; empty: it has none
    fixed: bool = False  # an editor set `due`: no hold and no slot moves it
    late: bool = False  # came so late that an editor has to say whether it still goes
    words: Mapping[str, Words] = field(default_factory=dict)  # by language; under "" for those without their own
    picked: tuple[int, ...] = ()  # ids of posts in the editor's order; a hand-made issue holds these and no others
    left_out: tuple[int, ...] = ()  # ids of posts that the editor does not want in it
    editor: str = ""  # who shaped it last; empty: nobody
    version: int = 0  # how often it was shaped
    approved: str = ""  # the pin of what was approved: see compose.pin
    approved_by: str = ""
    revision: int = 1  # of its editions: an issue that is edited in mid-send has several
    corrects: int | None = None  # goes to those only who got this issue ...
    corrects_revision: int = 0  # ... in this revision


@dataclass(frozen=True, slots=True)
class Need:
    """What some subscriptions of one issue have in common."""

    tags: tuple[str, ...]  # see model.tags
    language: str
    mark: int
    served: tuple[tuple[int, int], ...] = ()  # arrivals that other issues brought: (after, up to); by hand (one, one)


@dataclass(frozen=True, slots=True)
class Shape:
    """What an issue may hold: the list's limits and the editor's choice."""

    language: str  # the publication's own
    fallback: Fallback = "other"
    min_posts: int = 1
    max_posts: int | None = None
    picked: tuple[int, ...] = ()  # ids: these come first, in this order
    left_out: frozenset[int] = frozenset()
    by_hand: bool = False  # the picked posts alone, for everybody, whatever their tags and marks
    words: Mapping[str, Words] = field(default_factory=dict)  # by hand, an issue with an intro may do without posts


@dataclass(frozen=True, slots=True)
class Cohort:
    """The subscriptions of an issue that get the same posts in the same language."""

    posts: tuple[Post, ...]  # in the order in which they are shown
    language: str
    needs: tuple[Need, ...]
    more: int = 0  # posts that the list's limit leaves over
    number: int = 0  # 0 is the one with the most people


@dataclass(frozen=True, slots=True)
class Sibling:
    """One edition of an issue that has a page, among its others."""

    cohort: int  # 0 is the one with the most people
    language: str
    stories: frozenset[str]  # its posts; what is translated counts as what it has in common with the original


@dataclass(frozen=True, slots=True)
class Cut:
    """What found no room in a mail; it is on the web."""

    of: Literal["paragraphs", "posts in full", "posts"]
    kept: int  # of these ...
    total: int  # ... that there are


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
    list_id: str  # the List-Id header; empty: it belongs to no list
    archive: str  # address of the list's page
    archived_at: str  # address of what this edition shows, on the web; empty: it is nowhere
    feedback_id: str  # empty: it is no issue
    date: datetime  # the Date header: the moment of the freeze
    marker: str  # the text that opens each slot in html and text, see model.delivery.Slot
    cut: Cut | None = None  # nothing: all of it found room


@dataclass(frozen=True, slots=True)
class CompiledEdition:
    """An edition as MIME bytes with slots: ready to be spliced, stored by hash."""

    issue: int
    digest: str  # SHA-256 of the bytes, in hex
    data: bytes  # CRLF lines of at most 76 bytes; each slot marked as `marker` + name
    marker: str
    sender_address: str  # the bare address of From: envelope sender
    subject: str
    revision: int = 1
