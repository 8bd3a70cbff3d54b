"""Mail about a subscription itself: sent because somebody acted, to nobody but them, and in no issue's ledger.

Such a mail is *pending* until it is taken to be handed over; from then on it is *unknown*, until the provider's answer
makes it *accepted* or *rejected*, or pending again. Where it has become pointless it is *skipped*, where its time is
up it is *expired*. So it goes out at most once, and after a crash what may have gone out is told from what waits.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.model.subscriber import Subscriber, SubscriptionState


class ServiceMailKind(StrEnum):
    """What somebody did, or asked for."""

    CONFIRM = "confirm"  # signed up: was it they?
    WELCOME = "welcome"  # has confirmed: what they will get, and when
    PREFERENCES = "preferences"  # asked for the link to their page
    GOODBYE = "goodbye"  # has left


# The states of a subscription in which the mail still says what is so; in any other it is not sent.
STILL_TRUE: dict[ServiceMailKind, tuple[SubscriptionState, ...]] = {
    ServiceMailKind.CONFIRM: (SubscriptionState.PENDING, SubscriptionState.ENDED),  # ended: asked to come back
    ServiceMailKind.WELCOME: (SubscriptionState.ACTIVE,),
    ServiceMailKind.PREFERENCES: tuple(SubscriptionState),
    ServiceMailKind.GOODBYE: (SubscriptionState.ENDED,),
}


@dataclass(frozen=True, slots=True)
class ServiceMail:
    """One that waits to be sent."""

    id: int
    kind: ServiceMailKind
    subscriber: Subscriber
    list_id: int
    asked: datetime
    attempts: int  # how often it was handed over so far
    not_before: datetime
    first_try: datetime | None = None
