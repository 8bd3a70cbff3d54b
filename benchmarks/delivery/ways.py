"""The programs that are compared: each is a command that sends to a port, and the folder it sends from."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from child import Spent, run
from sink import Sink

HERE = Path(__file__).parent
PYTHON = sys.executable
DISPATCH = str(Path(sys.executable).with_name("dispatch"))
CONNECTIONS = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A temporary folder, and the port on which the sink of every measurement listens."""

    folder: Path
    port: int

    def publication(self, people: int) -> Path:
        """A publication with so many subscribers and an issue that waits; made once, to be copied."""
        made = self.folder / f"people-{people}"
        if not made.exists():
            command = [PYTHON, str(HERE / "publication.py"), str(made), str(people), str(self.port)]
            subprocess.run(command, check=True)
        return made

    def copied(self, people: int) -> Path:
        """A fresh copy of it, to be used up; the one before it is gone."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.publication(people), copy)
        return copy

    def preview(self) -> Path:
        """A folder with edition.html, edition.txt and message.eml."""
        out = self.folder / "preview"
        if not out.exists():
            dispatch(self.publication(10), "issue", "preview", "1", "--out", str(out))
        return out

    @property
    def size(self) -> int:
        """Bytes of a message."""
        return (self.preview() / "message.eml").stat().st_size


def dispatch(folder: Path, *arguments: str) -> str:
    """Run `dispatch`; answers what it printed."""
    command = [DISPATCH, "--config", str(folder), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def by_dispatch(place: Place, count: int, algorithm: str = "") -> Spent:
    """`dispatch issue send`, perhaps with a DKIM key."""
    folder = place.copied(count)
    if algorithm:
        made = json.loads(dispatch(folder, "keys", "dkim", "--algorithm", algorithm, "--json"))
        with (folder / "dispatch.toml").open("a") as settings:
            settings.write(f"\n{made['settings']}\n")
    with Sink(place.port) as sink:
        return run([DISPATCH, "--config", str(folder), "issue", "send", "1", "--yes"], sink, count)


def by_smtp_source(place: Place, count: int) -> Spent:
    """Postfix's generator. With -d, which keeps connections as we do; without, it does two thirds of that."""
    command = ["smtp-source", "-d", "-s", str(CONNECTIONS), "-m", str(count), "-l", str(place.size)]
    people = ["-f", "news@harbour.example", "-t", "reader@mail.example"]
    with Sink(place.port) as sink:
        return run([*command, *people, f"127.0.0.1:{place.port}"], sink, count)


def by_naive(place: Place, count: int, library: str) -> Spent:
    """An EmailMessage built for each recipient, sent by a library."""
    command = [PYTHON, str(HERE / "naive.py"), library, str(count), str(place.port), str(place.preview())]
    with Sink(place.port) as sink:
        return run(command, sink, count)


def primitive(algorithm: str) -> float:
    """Signatures a second of the bare primitive, in two threads."""
    command = [PYTHON, str(HERE / "primitive.py"), algorithm, "2"]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
