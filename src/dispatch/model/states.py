"""The three tables of states: which moves exist, and by which event. What is not in a table does not happen.

Chunk, the unit of work:

    pending ──claim──► claimed ──close──► closed
     │   ▲                │                 ▲
     │   └────release─────┘                 │     (tries left, or its holder died)
     └────────────────cancel────────────────┘

Send, where a delivery stands; the six on the right end it and add up to the audience:

    pending ──┐          ┌─receipt──► accepted ◄─┐
              ├──────────┼─receipt──► rejected ◄─┤ resolve
    retry ────┘          ├─receipt──► unknown ───┘
      ▲                  ├─depart───► skipped
      │                  ├─cancel───► cancelled
      │                  ├─give up──► expired
      └─────receipt──────┘

    pending ◄──resend── rejected, expired, unknown, accepted

  A cancel while a message that may have arrived is to be sent again leaves it unknown, for that is what is known.

Outcome, the later news of a delivery. News may come twice and in any order; the graver word stands:

    none ─► deferred ─► delivered ─► bounced for now ─► bounced ─► unsubscribed ─► complained

  Any step may be skipped, none is taken back: a server that took a message may bounce it afterwards (RFC 3464 reports
  come by mail, later), while "delivered" that comes after a bounce is older news that was overtaken. Who unsubscribes
  or complains has the message, so that both outrank all the others.
"""

from collections.abc import Mapping
from enum import StrEnum

from dispatch.model.delivery import ChunkState, SendState


class ChunkEvent(StrEnum):
    """What moves a chunk."""

    CLAIM = "claim"
    RELEASE = "release"
    CLOSE = "close"
    CANCEL = "cancel"


class SendEvent(StrEnum):
    """What moves a delivery."""

    RECEIPT = "receipt"  # the provider's answer, or what a dead holder's journal proves
    GIVE_UP = "give up"  # tried until its time was up
    DEPART = "depart"  # left or suppressed since the freeze
    CANCEL = "cancel"  # the issue was cancelled
    RESOLVE = "resolve"  # later news, or an editor's word, on what was unknown
    RESEND = "resend"  # an editor sends again


class Outcome(StrEnum):
    """Later news of a delivery."""

    DEFERRED = "deferred"  # the receiving server asks the provider to wait
    DELIVERED = "delivered"
    BOUNCED_FOR_NOW = "bounced-for-now"  # came back, for a reason that passes: a full mailbox
    BOUNCED = "bounced"  # came back for good: there is no such mailbox
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"  # called it spam


CHUNK_MOVES: Mapping[tuple[ChunkState, ChunkEvent], frozenset[ChunkState]] = {
    (ChunkState.PENDING, ChunkEvent.CLAIM): frozenset({ChunkState.CLAIMED}),
    (ChunkState.PENDING, ChunkEvent.CANCEL): frozenset({ChunkState.CLOSED}),
    (ChunkState.CLAIMED, ChunkEvent.RELEASE): frozenset({ChunkState.PENDING}),
    (ChunkState.CLAIMED, ChunkEvent.CLOSE): frozenset({ChunkState.CLOSED}),
}

_RECEIPTS = frozenset({SendState.ACCEPTED, SendState.REJECTED, SendState.RETRY, SendState.UNKNOWN})
_CANCELLED = frozenset({SendState.CANCELLED, SendState.UNKNOWN})
_AGAIN = frozenset({SendState.PENDING})

SEND_MOVES: Mapping[tuple[SendState, SendEvent], frozenset[SendState]] = {
    (SendState.PENDING, SendEvent.RECEIPT): _RECEIPTS,
    (SendState.RETRY, SendEvent.RECEIPT): _RECEIPTS,
    (SendState.PENDING, SendEvent.GIVE_UP): frozenset({SendState.EXPIRED}),
    (SendState.RETRY, SendEvent.GIVE_UP): frozenset({SendState.EXPIRED}),
    (SendState.PENDING, SendEvent.DEPART): frozenset({SendState.SKIPPED}),
    (SendState.RETRY, SendEvent.DEPART): frozenset({SendState.SKIPPED}),
    (SendState.PENDING, SendEvent.CANCEL): _CANCELLED,
    (SendState.RETRY, SendEvent.CANCEL): _CANCELLED,
    (SendState.UNKNOWN, SendEvent.RESOLVE): frozenset({SendState.ACCEPTED, SendState.REJECTED}),
    (SendState.REJECTED, SendEvent.RESEND): _AGAIN,
    (SendState.EXPIRED, SendEvent.RESEND): _AGAIN,
    (SendState.UNKNOWN, SendEvent.RESEND): _AGAIN,
    (SendState.ACCEPTED, SendEvent.RESEND): _AGAIN,
}

OUTCOME_MOVES: Mapping[Outcome | None, frozenset[Outcome]] = {
    None: frozenset(Outcome),
    Outcome.DEFERRED: frozenset(Outcome) - {Outcome.DEFERRED},
    Outcome.DELIVERED: frozenset({Outcome.BOUNCED_FOR_NOW, Outcome.BOUNCED, Outcome.UNSUBSCRIBED, Outcome.COMPLAINED}),
    Outcome.BOUNCED_FOR_NOW: frozenset({Outcome.BOUNCED, Outcome.UNSUBSCRIBED, Outcome.COMPLAINED}),
    Outcome.BOUNCED: frozenset({Outcome.UNSUBSCRIBED, Outcome.COMPLAINED}),
    Outcome.UNSUBSCRIBED: frozenset({Outcome.COMPLAINED}),
    Outcome.COMPLAINED: frozenset(),
}

# What an outcome tells of a delivery that was unknown: that it arrived, or that it did not.
SETTLES: Mapping[Outcome, SendState] = {
    Outcome.DELIVERED: SendState.ACCEPTED,
    Outcome.BOUNCED_FOR_NOW: SendState.REJECTED,
    Outcome.BOUNCED: SendState.REJECTED,
    Outcome.UNSUBSCRIBED: SendState.ACCEPTED,
    Outcome.COMPLAINED: SendState.ACCEPTED,
}

# After these the address is never mailed again, on any list.
SUPPRESSES = frozenset({Outcome.BOUNCED, Outcome.COMPLAINED})


def chunks_open_to(event: ChunkEvent) -> tuple[ChunkState, ...]:
    """The states of a chunk that an event can move."""
    return tuple(state for state in ChunkState if (state, event) in CHUNK_MOVES)


def sends_open_to(event: SendEvent) -> tuple[SendState, ...]:
    """The states of a delivery that an event can move."""
    return tuple(state for state in SendState if (state, event) in SEND_MOVES)


def overtaken_by(outcome: Outcome) -> tuple[Outcome | None, ...]:
    """The outcomes that this news replaces."""
    return tuple(before for before in (None, *Outcome) if outcome in OUTCOME_MOVES[before])
