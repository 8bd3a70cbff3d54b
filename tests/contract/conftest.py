"""What every provider and every store is measured by."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.message.compile import compile_edition
from dispatch.message.slots import opening
from dispatch.model.delivery import Recipient, Slot
from dispatch.model.issue import CompiledEdition, Edition
from dispatch.store.connect import Store

MARKER = "zq0123456789abcdef0123456789abcdef"


def _slot(slot: Slot) -> str:
    return opening(MARKER, slot)


@pytest.fixture(scope="session")
def compiled() -> CompiledEdition:
    """A compiled edition with every slot and a line that begins with a dot."""
    return compile_edition(
        Edition(
            issue=42,
            subject="Kapitel 1 – Abfahrt",
            preheader="Wie alles begann",
            html=f"<p>Dear {_slot(Slot.NAME)},</p>\n.dot\n<a href='{_slot(Slot.UNSUBSCRIBE)}'>Leave</a>\n",
            text=f"Dear {_slot(Slot.NAME)},\n\n. a dot\n.\nFrom me\nLeave: {_slot(Slot.UNSUBSCRIBE)}\n",
            language="de",
            sender="Jules Verne <jules@verlag.example>",
            reply_to="",
            list_id="Weekly <weekly.verlag.example>",
            archive="https://verlag.example/lists/weekly/",
            archived_at="https://verlag.example/posts/1/",
            feedback_id="42:weekly:weekly:verlag.example",
            date=datetime(2026, 11, 22, 8, tzinfo=UTC),
            marker=MARKER,
        )
    )


@pytest.fixture(scope="session")
def people() -> list[Recipient]:
    """Ten recipients, some with names that want encoding."""
    return [
        Recipient(
            subscriber=number,
            email=f"reader{number}@example.org",
            name=f"Zoë Nr. {number} 🐙" if number % 2 else f"Reader {number}",
            unsubscribe=f"https://verlag.example/u/k1.{number}.1.mac{number}",
            message_id=f"42.{number}.abc{number}@verlag.example",
            preferences=f"https://verlag.example/p/k1.{number}.1.mac{number}",
        )
        for number in range(1, 11)
    ]


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A store brought up to date."""
    opened = await Store.open(url, tmp_path)
    yield opened
    await opened.aclose()


@pytest.fixture
async def second(url: str, store: Store, tmp_path: Path) -> AsyncIterator[Store]:
    """Another process's view of the same store."""
    opened = await Store.open(url, tmp_path)
    yield opened
    await opened.aclose()
