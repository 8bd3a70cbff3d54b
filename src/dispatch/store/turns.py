"""Whose turn it is among many: no party that waits for much keeps the others from being found."""

from typing import Any

from sqlalchemy import Select, func, select


def in_turn(waiting: Select[Any], party: str, order: tuple[str, ...], share: int, limit: int) -> Select[Any]:
    """What waits, at most `share` of a party and `limit` in all; `party` and `order` name columns of `waiting`.

    By the first column of `order`; where that is the same, each party's first before anybody's second.
    """
    found = waiting.subquery()
    turn = func.row_number().over(partition_by=found.c[party], order_by=[found.c[name] for name in order])
    numbered = select(found, turn.label("turn")).subquery()
    first, *others = [numbered.c[name] for name in order]
    return select(numbered).where(numbered.c.turn <= share).order_by(first, numbered.c.turn, *others).limit(limit)
