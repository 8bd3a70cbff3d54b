"""How fast a provider may be used, what it has been used for lately, and what a chunk is granted of that."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider's settings allow, over all processes of a store together; None: no limit."""

    connections: int = 4
    per_second: float | None = None  # messages
    per_hour: int | None = None  # messages in any sixty minutes


@dataclass(frozen=True, slots=True)
class Pace:
    """What is remembered of a provider's use, so that a restart resets no quota."""

    free_at: datetime | None = None  # when the next message may go, as far as messages a second go
    spent: tuple[tuple[int, int], ...] = ()  # (minute since 1970, messages granted in it), oldest first
    rate: float | None = None  # messages a second it is held to since it said "slow down"
    slowed: datetime | None = None  # when it last said so


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked for, and what others of this store hold."""

    messages: int  # of the chunk at hand
    connections: int  # reserved by claims under way
    claims: int  # under way
    ready: int  # chunks that could be claimed, this one included
    single: int = 0  # messages in no chunk that wait: they go first


@dataclass(frozen=True, slots=True)
class Grant:
    """What one claim may use."""

    messages: int
    connections: int
    start: datetime  # when the first message may go
    interval: float = 0.0  # seconds from one message to the next
    minute: int = 0  # since 1970: when it was made
