"""Whether a file's new people join by themselves."""

import pytest

from dispatch.subscribe.joining import CROWD, why_waiting


def test_only_a_file_named_after_a_list_joins_by_itself() -> None:
    """People from any other file wait, and the problem says how to let them in."""
    waiting = why_waiting("subscribers/fair.csv", 2, named_after_list=False, first_pass=True)
    assert waiting is not None
    assert "dispatch subscriber import subscribers/fair.csv" in waiting.message
    assert not waiting.fatal


@pytest.mark.parametrize("named", [True, False])
def test_a_file_without_new_people_waits_for_nothing(named: bool) -> None:
    """Who is known already needs no word."""
    assert why_waiting("subscribers/fair.csv", 0, named_after_list=named, first_pass=False) is None


def test_a_crowd_waits_once_the_first_pass_is_over() -> None:
    """A hundred new people join by themselves; one more, and all of them wait, counted."""
    assert why_waiting("weekly.csv", CROWD, named_after_list=True, first_pass=False) is None
    waiting = why_waiting("weekly.csv", CROWD + 1, named_after_list=True, first_pass=False)
    assert waiting is not None
    assert str(CROWD + 1) in waiting.message


def test_a_crowd_joins_in_the_first_pass() -> None:
    """A publication may begin with as many people as it has."""
    assert why_waiting("weekly.csv", CROWD * 3, named_after_list=True, first_pass=True) is None
