"""An edition and a person to try things on."""

from datetime import UTC, datetime

import pytest

from dispatch.message.slots import opening
from dispatch.model.delivery import Recipient, Slot
from dispatch.model.issue import Edition

MARKER = "zq0123456789abcdef0123456789abcdef"


def _slots(text: str) -> str:
    for slot in Slot:
        text = text.replace(f"[{slot.value}]", opening(MARKER, slot))
    return text


@pytest.fixture(scope="session")
def edition() -> Edition:
    """An edition with every slot in both parts, and lines that want care."""
    return Edition(
        issue=42,
        subject="Die Reise zum Mittelpunkt der Erde – Kapitel 1",
        preheader="Wie alles begann",
        html=_slots(
            '<!DOCTYPE html>\n<p title="[name]">Dear [name],</p>\n.dot at the start\nFrom here on\n'
            f'<p>{"lang " * 40}= 100 % <a href="[unsubscribe]">Leave</a> or write from [email].</p>\n'
            '<a href="[preferences]">Preferences</a>\n'
        ),
        text=_slots(f"Dear [name],\n\n. a dot\n{'é' * 90} [name]\n[name]\nFrom me \nLeave: [unsubscribe]\n[email]\n")
        + _slots("Preferences: [preferences]\n"),
        language="de",
        sender="Jules Verne <jules@verlag.example>",
        reply_to="",
        list_id="Bücher, neu <weekly.verlag.example>",
        archive="https://verlag.example/lists/weekly/",
        archived_at="https://verlag.example/" + "a-long-title-" * 10,
        feedback_id="42:weekly:weekly:verlag.example",
        date=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
        marker=MARKER,
    )


@pytest.fixture(scope="session")
def person() -> Recipient:
    """An ordinary recipient."""
    return Recipient(
        subscriber=7,
        email="ada@example.org",
        name="Ada Lovelace",
        unsubscribe="https://verlag.example/u/k1.7.1.aGVsbG8",
        message_id="42.7.ab@verlag.example",
        preferences="https://verlag.example/p/k1.7.1.aGVsbG8",
    )
