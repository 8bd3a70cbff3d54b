"""Later news of deliveries: what it changes, by the tables in `model.states`."""

from datetime import datetime

from sqlalchemy import and_, or_, select, update

from dispatch.model.states import SETTLES, SUPPRESSES, Outcome, overtaken_by
from dispatch.store import ledger, subscribers
from dispatch.store.connect import Tx
from dispatch.store.schema import delivery, issue


async def note(tx: Tx, number: int, subscriber_id: int, outcome: Outcome, now: datetime) -> bool:
    """Write down what became of a delivery later; False if that was known, or graver news was.

    It settles a delivery that was unknown. It acts on the address that the delivery recorded: after a complaint or
    a permanent bounce that is never mailed again. Who unsubscribed leaves the list.
    """
    row = and_(delivery.c.issue == number, delivery.c.subscriber_id == subscriber_id)
    before = or_(
        *(delivery.c.outcome.is_(None) if one is None else delivery.c.outcome == one for one in overtaken_by(outcome))
    )
    changed = update(delivery).where(row, before).values(outcome=outcome, outcome_at=now)
    email = (await tx.execute(changed.returning(delivery.c.email))).scalar()
    if email is None:
        return False
    if outcome in SETTLES:
        await ledger.resolve(tx, number, subscriber_id, SETTLES[outcome], f"later news: {outcome.value}", now)
    if outcome in SUPPRESSES and email != subscribers.ERASED:
        await subscribers.suppress(tx, email, f"{outcome.value}, issue {number}", now)
    if outcome is Outcome.UNSUBSCRIBED:
        list_id = (await tx.execute(select(issue.c.list_id).where(issue.c.number == number))).scalar_one()
        await subscribers.end(tx, subscriber_id, list_id, now)
    return True
