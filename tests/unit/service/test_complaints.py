"""What stays wrong is told once an hour."""

from dispatch.service.complaints import AGAIN, Complaints


def test_the_same_line_is_told_once_an_hour() -> None:
    """However often it comes, and whatever comes between."""
    told: list[str] = []
    moment = 0.0
    complain = Complaints(told.append, lambda: moment)
    for _ in range(3):
        complain("one")
        complain("two")
    assert told == ["one", "two"]
    moment = AGAIN - 1
    complain("one")
    assert told == ["one", "two"]
    moment = AGAIN
    complain("one")
    assert told == ["one", "two", "one"]
