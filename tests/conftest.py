"""What tests of every kind may ask for: a database server of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from .server import Server, running

settings.register_profile("dispatch", deadline=None)  # a busy machine is no failure: pytest-timeout bounds a hang
settings.load_profile("dispatch")

Url = Callable[[pytest.FixtureRequest, Path], str]

# Each database that a store runs on, by a function that gives the address of a fresh, empty one.
DATABASES: dict[str, Url] = {
    "sqlite": lambda request, folder: f"sqlite:///{folder / 'dispatch.db'}",
    "postgresql": lambda request, folder: request.getfixturevalue("postgresql").empty(),
}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server, one a test process."""
    with running() as server:
        yield server


@pytest.fixture(params=sorted(DATABASES))
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store, on each database in turn."""
    return DATABASES[request.param](request, tmp_path)
