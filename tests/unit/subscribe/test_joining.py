"""Who of a file's rows joins by themselves."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.model.subscriber import PersonRow, SubscriptionState
from dispatch.subscribe.joining import CROWD, Membership, decide, fresh


def member(line: int, known_by: str) -> Membership:
    """A row on a list, recognised by a hash."""
    row = PersonRow(
        "weekly.csv", line, f"{known_by}@example.org", "", ("weekly",), None, (), "", "", SubscriptionState.ACTIVE
    )
    return Membership(row, "weekly", known_by)


def crowd(size: int) -> list[Membership]:
    """So many new people."""
    return [member(line, f"p{line}") for line in range(size)]


@given(st.lists(st.sampled_from("abcdef"), max_size=10), st.sets(st.sampled_from("abcdef")))
def test_a_known_person_never_joins_again(people: list[str], known: set[str]) -> None:
    """Of the rows exactly those never taken before are fresh, each once, by their first row."""
    found = fresh([member(line, who) for line, who in enumerate(people)], known)
    assert [(one.row.line, one.hash) for one in found] == sorted(
        (people.index(who), who) for who in set(people) - known
    )


def test_only_a_file_named_after_a_list_joins_by_itself() -> None:
    """People from any other file wait, and the problem says how to let them in."""
    decision = decide("subscribers/fair.csv", crowd(2), named_after_list=False, first_pass=True)
    assert decision.people == ()
    assert decision.waiting is not None
    assert "dispatch subscriber import subscribers/fair.csv" in decision.waiting.message
    assert not decision.waiting.fatal


def test_a_file_without_new_people_waits_for_nothing() -> None:
    """Who is known already needs no word."""
    assert decide("subscribers/fair.csv", [], named_after_list=False, first_pass=False).waiting is None


def test_a_crowd_waits_once_the_first_pass_is_over() -> None:
    """A hundred new people join by themselves; one more, and all of them wait."""
    few, many = crowd(CROWD), crowd(CROWD + 1)
    assert decide("weekly.csv", few, named_after_list=True, first_pass=False).people == tuple(few)
    waiting = decide("weekly.csv", many, named_after_list=True, first_pass=False)
    assert waiting.people == ()
    assert waiting.waiting is not None


def test_a_crowd_joins_in_the_first_pass() -> None:
    """A publication may begin with as many people as it has."""
    many = crowd(CROWD * 3)
    assert decide("weekly.csv", many, named_after_list=True, first_pass=True).people == tuple(many)
