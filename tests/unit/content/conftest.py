"""Raw posts made by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dispatch.content.prepare import ContentSetting, prepare
from dispatch.model.post import CleanPost, MediaType, RawPost

SETTING = ContentSetting("https://news.example.org", "en", "Europe/Berlin")
Make = Callable[..., CleanPost]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Prepare a text as if it were a file of a folder."""

    def _make(
        text: str | bytes,
        ref: str = "hello.md",
        media_type: MediaType = MediaType.MARKDOWN,
        setting: ContentSetting = SETTING,
        **more: Any,
    ) -> CleanPost:
        data = text.encode() if isinstance(text, str) else text
        place = {"path": tmp_path / ref, "root": tmp_path}
        return prepare(RawPost(ref, "1", media_type, data, f"posts/{ref}", **{**place, **more}), setting)

    return _make
