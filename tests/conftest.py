"""What tests of every kind may ask for: a database server of their own, and stores."""

import asyncio
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import make_url

from dispatch.store.connect import Store

from .server import Server, running

settings.register_profile("dispatch", deadline=None)  # a busy machine is no failure: pytest-timeout bounds a hang
settings.load_profile("dispatch")

# Every command that a test starts would compile Dispatch anew, a quarter of its start, if nothing compiled may be kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes folders of its own there
ROOM = 2 * 1024**3  # bytes: all tests together take a few hundred megabytes


def _is_fit(folder: Path) -> bool:
    """Whether it is there, has room, and lets a test run a program that it wrote."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize > ROOM and not found.f_flag & os.ST_NOEXEC


if _is_fit(MEMORY):  # a store has every commit on the disk, and waiting for that proves nothing here
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# What takes longest in one piece: begun last, it would keep one core busy after all others have nothing left to do.
LONG = ("tests/integration/year/", "tests/integration/path/test_plan_is_true.py", "tests/acceptance/test_rivals.py")

Url = Callable[[pytest.FixtureRequest, Path], str]


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: much of what is tested here waits, for a clock, a disk or a server."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, the longest first; all else stays in its order."""
    items.sort(key=lambda item: next((at for at, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG)))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for rubbish again and again costs a twentieth of the time."""
    gc.freeze()


# Each database that a store runs on, by a function that gives the address of an empty one.
EMPTY: dict[str, Url] = {
    "sqlite": lambda request, folder: f"sqlite:///{folder / 'dispatch.db'}",
    "postgresql": lambda request, folder: request.getfixturevalue("postgresql").empty(),
}


def _copy(request: pytest.FixtureRequest, folder: Path) -> str:
    return f"sqlite:///{shutil.copy(request.getfixturevalue('blank_file'), folder / 'dispatch.db')}"


# The same with all tables, and nothing in them: a copy, for migrations by the hundred take a minute.
DATABASES: dict[str, Url] = {
    "sqlite": _copy,
    "postgresql": lambda request, folder: request.getfixturevalue("postgresql").copy(
        request.getfixturevalue("blank_database")
    ),
}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server, one a test process."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def blank_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store on SQLite that holds nothing yet."""
    path = tmp_path_factory.mktemp("blank") / "dispatch.db"
    _make_ready(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def blank_database(postgresql: Server) -> str:
    """A store on PostgreSQL that holds nothing yet."""
    url = postgresql.empty()
    _make_ready(url)
    return str(make_url(url).database)


def _make_ready(url: str) -> None:
    async def make() -> None:
        await (await Store.open(url, Path())).aclose()

    with ThreadPoolExecutor(1) as thread:  # this one may have a loop already
        thread.submit(lambda: asyncio.run(make())).result()


@pytest.fixture(params=sorted(DATABASES))
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that holds nothing yet, on each database in turn."""
    return DATABASES[request.param](request, tmp_path)


@pytest.fixture(params=sorted(EMPTY))
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, on each in turn."""
    return EMPTY[request.param](request, tmp_path)
