"""Who an issue goes to: the conditions by which needs are counted, marks are moved and the audience is frozen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select

from dispatch.model.delivery import SendState
from dispatch.model.subscriber import Cadence, SubscriptionState
from dispatch.store.connect import Tx
from dispatch.store.schema import delivery, subscriber, subscription, suppression

ACTIVE = subscription.c.state == SubscriptionState.ACTIVE
SUPPRESSED = exists().where(suppression.c.email == subscriber.c.email)
GOT_IT = (SendState.ACCEPTED, SendState.UNKNOWN)  # what a correction follows: an unknown one may have arrived

Place = tuple[str, str]  # time zone and hour of one's own; empty: the list's


@dataclass(frozen=True, slots=True)
class Audience:
    """The subscriptions of a list that an issue is for, at a moment. Conditions are on `subscription`."""

    list_id: int
    cadence: Cadence  # by hand: those of every cadence
    now: datetime  # whoever is away then gets nothing
    corrects: tuple[int, int] | None = None  # only who got this issue in this revision

    @property
    def by_hand(self) -> bool:
        """Whether tags and marks do not count."""
        return self.cadence is Cadence.BY_HAND

    @property
    def members(self) -> list[Any]:
        """Whose it is, whether or not they may be mailed."""
        there = or_(subscription.c.away_until.is_(None), subscription.c.away_until <= self.now)
        found = [subscription.c.list_id == self.list_id, ACTIVE, there]
        if not self.by_hand:
            found.append(subscription.c.cadence == self.cadence)
        if self.corrects:
            found.append(got(*self.corrects))
        return found

    @property
    def reachable(self) -> list[Any]:
        """Who of them may be mailed; a condition on `subscriber`, too."""
        return [*self.members, ~SUPPRESSED]


def got(number: int, revision: int) -> Any:
    """Whether a subscription's person got an issue in one of its revisions."""
    return exists().where(
        delivery.c.issue == number,
        delivery.c.subscriber_id == subscription.c.subscriber_id,
        delivery.c.revision == revision,
        delivery.c.state.in_(GOT_IT),
    )


async def places(tx: Tx, audience: Audience) -> list[Place]:
    """Every time zone and hour that somebody of an audience has."""
    statement = (
        select(subscriber.c.timezone, subscription.c.hour)
        .join(subscription, subscription.c.subscriber_id == subscriber.c.id)
        .where(*audience.members)
        .distinct()
        .order_by(subscriber.c.timezone, subscription.c.hour)
    )
    return [(row.timezone, row.hour) for row in await tx.execute(statement)]
