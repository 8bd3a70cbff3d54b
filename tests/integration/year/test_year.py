"""A year of random subscribers, editors and outages: each mail is what a slow and obvious oracle says, and no other.

DISPATCH_YEAR_SEED makes it another year; a failure names its own. The pieces: `script` says what happens, `stage` does
it to the publication and to the `oracle`, and after each pass compares what everybody found in their inbox.
"""

import os
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ...conftest import DATABASES
from .hours import MONDAY, SATURDAY, SUNDAY, Rule
from .notebook import TEMPLATES
from .oracle import Oracle, Target
from .script import START, Script, Size
from .stage import Desktop, Stage

SEED = int(os.environ.get("DISPATCH_YEAR_SEED", "4"))
SETTINGS = """
[publication]
title = "Sea"
url = "https://sea.example"
email = "jules@sea.example"
timezone = "Europe/Berlin"

[sources.blog]
type = "folder"
path = "blog"

[sources.wire]
type = "folder"
path = "wire"

[lists.pace]
cadence = "weekly"
cadences = ["immediate", "daily", "monthly"]

[lists.local]
cadence = "weekly"
cadences = ["daily"]
sources = ["blog"]
tags = ["sea"]
local_time = true
if_late = "send"
at = { daily = "08:00", weekly = "sun 08:00" }

[lists.few]
cadence = "weekly"
cadences = ["monthly"]
min_posts = 3
max_posts = 5
cutoff = "6 hours"
if_late = "skip"
at = { weekly = "sat 18:00", monthly = "last 18:00" }

[feeds]
entries = 1
"""
WHOLE = Size(people=10_000, days=365, posts=180, changes=3_000, editing=10, daily=False)
SHORT = Size(people=300, days=42, posts=45, changes=300, editing=8, daily=True)


def targets() -> list[Target]:
    """The same lists, as the oracle sees them."""
    daily, monthly = Rule("08:00"), Rule("08:00", month_day=1)
    return [
        Target("pace", {"daily": daily, "weekly": Rule("08:00", MONDAY), "monthly": monthly}, immediate=True),
        Target(
            "local",
            {"daily": daily, "weekly": Rule("08:00", SUNDAY)},
            sources=frozenset(["blog"]),
            tags=frozenset(["sea"]),
            local_time=True,
            if_late="send",
        ),
        Target(
            "few",
            {"weekly": Rule("18:00", SATURDAY), "monthly": Rule("18:00", month_day=-1)},
            min_posts=3,
            max_posts=5,
            cutoff=timedelta(hours=6),
            if_late="skip",
        ),
    ]


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """An empty publication, in memory where there is such a place: a year writes as much as a service does in one."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        made = Path(name)
        for part in ("blog", "wire", "subscribers", "templates/email"):
            (made / part).mkdir(parents=True)
        for template, text in TEMPLATES.items():
            (made / "templates" / "email" / template).write_text(text)
        store = DATABASES[getattr(request, "param", "sqlite")](request, made)
        (made / "dispatch.toml").write_text(f'{SETTINGS}\n[store]\nurl = "{store}"\n')
        yield made


async def live(folder: Path, size: Size, seed: int) -> Stage:
    """Live through it."""
    stage = Stage(Desktop(folder), Oracle(targets(), START), Script(size, seed))
    await stage.live()
    await stage.desktop.close()
    return stage


@pytest.mark.timeout(900)
async def test_everybody_gets_through_a_year_what_the_oracle_says(folder: Path) -> None:
    """Whatever people, editors and outages do, each mail is the one that its reader is owed, at its moment."""
    stage = await live(folder, WHOLE, SEED)
    assert stage.mailed.total() > 100_000


@pytest.mark.timeout(300)
@pytest.mark.parametrize("folder", sorted(DATABASES), indirect=True)
async def test_some_weeks_are_the_same_on_each_database(folder: Path) -> None:
    """Six weeks of three hundred people, on SQLite and on PostgreSQL."""
    stage = await live(folder, SHORT, SEED)
    assert stage.mailed.total() > 1_000
