"""Pages made on the spot: whose language they speak."""

import pytest

from dispatch.acts.subscriber import LeavePage
from dispatch.model.issue import Publication
from dispatch.theme import Theme
from dispatch.web.notices import Notices


@pytest.fixture
def notices() -> Notices:
    """Those of a French publication."""
    url = "https://news.example.org"
    return Notices(Publication("News", url, url, "", "fr", "UTC", "", "ann@example.org", "", "", "#0b5cad"), Theme())


@pytest.mark.parametrize(
    ("language", "spoken", "said"),
    [("de-AT", "de-AT", "Tide abbestellen?"), ("", "fr", "Se désabonner de Tide\u202f?"), ("nl", "en", "from Tide?")],
)
def test_who_leaves_is_asked_in_their_language(notices: Notices, language: str, spoken: str, said: str) -> None:
    """The publication's, where they have none; English, where theirs has no words."""
    page = notices.leave(LeavePage("a…@example.org", "Tide", already_left=False, language=language))
    assert f'<html lang="{spoken}"' in page
    assert said in page


def test_who_was_forgotten_is_told_in_the_publications(notices: Notices) -> None:
    """Nobody knows any more which list it was."""
    page = notices.leave(LeavePage("…", "", already_left=True))
    assert "Désabonnement effectué" in page
    assert "ne recevra plus de message de News." in page


def test_who_left_is_shown_the_way_back(notices: Notices) -> None:
    """The form of the list; where there is none any more, somebody to write to."""
    page = notices.left(LeavePage("a…@example.org", "Tide", already_left=True, language="en", list_slug="tide"))
    assert 'href="https://news.example.org/subscribe/tide"' in page
    page = notices.left(LeavePage("a…@example.org", "Tide", already_left=True, language="en"))
    assert "/subscribe/" not in page
    assert "mailto:ann@example.org" in page


def test_a_page_that_is_not_there_is_missed_in_the_publications(notices: Notices) -> None:
    """Nobody knows who asked for it."""
    page = notices.not_found()
    assert '<html lang="fr"' in page
    assert "Il n’y a rien ici" in page
