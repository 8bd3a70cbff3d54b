"""Many rows as one statement's source, on every database."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.store.bulk import rows_as_table
from dispatch.store.connect import Store
from dispatch.store.schema import delivery, subscription

COLUMNS = [delivery.c.subscriber_id, delivery.c.detail, delivery.c.at, subscription.c.tags]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
ROWS = st.tuples(st.integers(-(2**31), 2**31 - 1), st.none() | TEXT, st.none() | INSTANTS, st.lists(TEXT).map(tuple))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(ROWS, max_size=8))
async def test_rows_come_back_as_they_went(store: Store, rows: list[tuple[object, ...]]) -> None:
    """Numbers, words, instants to the microsecond, nothing at all: each as its column would keep it."""
    async with store.read() as tx:
        told = rows_as_table(tx, "told", COLUMNS, rows)
        found = [tuple(row) for row in await tx.execute(select(*told.c))]
    assert sorted(found, key=repr) == sorted(rows, key=repr)


async def test_there_may_be_more_rows_than_a_statement_takes_values(store: Store) -> None:
    """A hundred thousand rows are one statement."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    rows = [(number, f"row {number}", now + timedelta(seconds=number), ()) for number in range(100_000)]
    async with store.read() as tx:
        told = rows_as_table(tx, "told", COLUMNS, rows)
        one = (await tx.execute(select(told).where(told.c.subscriber_id == 99_999))).one()
    assert tuple(one) == rows[-1]
