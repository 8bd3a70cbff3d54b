"""The crash campaign: `kill -9` at random moments of real sends, counted by the receiving server's own record.

`make crash` runs it with a hundred kills; the suite runs a few. The same seed draws the same moments, connections and
commands; where exactly a process is when it dies is the machine's to say.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faultserver import FaultServer

PATIENCE = 60  # seconds until a send that stands still counts as broken
PASSES = 6  # within so many passes after its last kill an issue balances
WAYS = (("run",), ("run --once",), ("run", "run --once"), ("run --once", "run --once"))


class Broken(AssertionError):
    """A promise was broken; the message says which, and how to see it again."""


@dataclass
class Count:
    """What a campaign has seen."""

    kills: int = 0
    issues: int = 0
    received: int = 0  # messages, by the server's record
    unknown: int = 0  # deliveries in doubt, by the ledger
    lost: int = 0  # of these, how many the server does not have
    bound: int = 0  # the most that might have been in doubt: connections × kills


@dataclass
class Campaign:
    """Kills, one after another, over as many issues as it takes."""

    publication: Any  # acceptance's: a folder, and the command line on it
    server: FaultServer
    people: int
    seed: int
    store: str = ""  # its address; none: the default, SQLite in the folder
    say: Callable[[str], None] = print
    count: Count = field(default_factory=Count)

    def __post_init__(self) -> None:
        """Everybody joins before anything is sent."""
        self._dice = random.Random(self.seed)  # noqa: S311 - the same moments for the same seed
        self._bound = 0
        self._connections = 0
        self._set_connections()
        self._addresses = sorted(self.publication.crowd(self.people))
        self.publication.once()

    def run(self, kills: int) -> Count:
        """Kill that many times; each issue is sent to its end before the next. Raises Broken."""
        while self.count.kills < kills:
            self._one_issue(kills)
        return self.count

    def _one_issue(self, kills: int) -> None:
        self.count.issues += 1
        self._bound = 0
        self.server.forget()
        self.publication.post(f"{self.count.issues}.md", f"Number {self.count.issues}")
        while self.count.kills < kills and self.server.taken < self.people * 0.9:
            self._set_connections()
            self._kill_once()
        self._finish()
        self._judge()

    def _set_connections(self) -> None:
        self._connections = self._dice.randint(4, 10)
        provider = self.server.provider(f"connections = {self._connections}")
        web = 'allow_insecure_web = true\nurl = "http://localhost"'
        store = f'[store]\nurl = "{self.store}"' if self.store else ""
        self.publication.settings(provider=provider, web=web, more=store)

    def _kill_once(self) -> None:
        """Start one sender or two, and kill them one after the other; a second one may take over from the first."""
        processes = [self._start(command, index) for index, command in enumerate(self._dice.choice(WAYS))]
        self._dice.shuffle(processes)
        self._wait_for_the_moment(processes)
        for process in processes:
            self._kill(process)
            time.sleep(self._dice.uniform(0, 0.5) if process is not processes[-1] else 0)

    def _kill(self, process: "subprocess.Popen[str]") -> None:
        if process.poll() is None:
            self.count.kills += 1
            self._bound += self._connections
        process.kill()
        process.wait(15)

    def _start(self, command: str, index: int) -> "subprocess.Popen[str]":
        words = command.split()
        options = ["--port", "0"] if words == ["run"] else []
        started: subprocess.Popen[str] = self.publication.start(*words, *options, log=f"log-{index}.txt")
        return started

    def _wait_for_the_moment(self, processes: "list[subprocess.Popen[str]]") -> None:
        """After a random number of messages of this round and a few milliseconds; one in six: at a random time."""
        if self._dice.random() < 1 / 6:
            time.sleep(self._dice.uniform(0.3, 2.5))
            return
        target = self.server.taken + self._dice.randint(0, self.people // 3)
        extra = self._dice.uniform(0, 0.02)
        end = time.monotonic() + PATIENCE
        while self.server.taken <= target and any(one.poll() is None for one in processes):
            if time.monotonic() > end or self.server.taken >= self.people:
                break
            time.sleep(0.001)
        time.sleep(extra)

    def _finish(self) -> None:
        for _ in range(PASSES):
            done = self.publication.run("run", "--once")
            if self._ended():
                return
            time.sleep(1 if done.returncode else 0)
        raise self._broken("does not balance", done.stdout + done.stderr)

    def _ended(self) -> bool:
        return "balances" in self.publication.run("issue", "report", str(self.count.issues)).stdout

    def _judge(self) -> None:
        """Nobody twice, nobody missed who is not named, no more in doubt than were in hands."""
        received = Counter(self.server.recipients())
        ledger: dict[str, str] = self.publication.report(self.count.issues)
        unknown = set(self.publication.report(self.count.issues, "unknown"))
        twice = sorted(who for who, count in received.items() if count > 1)
        missed = sorted(set(self._addresses) - set(received) - unknown)
        claimed = sorted(who for who, state in ledger.items() if state == "accepted" and who not in received)
        self._insist(not twice, f"{len(twice)} have two", twice)
        self._insist(not missed, f"{len(missed)} have none and are not named", missed)
        self._insist(not claimed, f"{len(claimed)} are said to have theirs and do not", claimed)
        self._insist(sorted(ledger) == self._addresses, "the ledger is not the audience", sorted(ledger))
        self._insist(set(ledger.values()) <= {"accepted", "unknown"}, "states", sorted(set(ledger.values())))
        self._insist(len(unknown) <= self._bound, f"{len(unknown)} in doubt, {self._bound} at most", sorted(unknown))
        self._add(received, unknown)

    def _insist(self, holds: bool, what: str, whom: list[str]) -> None:
        if not holds:
            raise self._broken(what, ", ".join(whom[:10]))

    def _broken(self, what: str, detail: str) -> Broken:
        return Broken(f"issue {self.count.issues} (seed {self.seed}, {self.count.kills} kills): {what}: {detail}")

    def _add(self, received: "Counter[str]", unknown: set[str]) -> None:
        self.count.received += len(received)
        self.count.unknown += len(unknown)
        self.count.lost += len(unknown - set(received))
        self.count.bound += self._bound
        self.say(
            f"issue {self.count.issues}: {len(received):,} of {self.people:,} received, nobody twice; "
            f"{len(unknown)} in doubt (at most {self._bound}), each named; {self.count.kills} kills so far"
        )


def main() -> int:
    """`python tests/campaign.py`: 0 if every promise was kept."""
    from acceptance.conftest import Publication

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=100)
    asked.add_argument("--people", type=int, default=3000)
    asked.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    asked.add_argument("--store", default="", help="an empty PostgreSQL database; else SQLite")
    options = asked.parse_args()
    print(f"seed {options.seed}: the same again by --seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="dispatch-crash-") as folder:
        publication = Publication(Path(folder) / "tide").settings()
        with FaultServer(Path(folder) / "record").open() as server:
            try:
                campaign = Campaign(publication, server, options.people, options.seed, options.store)
                count = campaign.run(options.kills)
            except AssertionError as error:
                print(f"BROKEN: {error}", file=sys.stderr)
                return 1
    print(
        f"{count.kills} kills in {count.issues} issues to {options.people:,} people: {count.received:,} received, "
        f"nobody twice, nobody missed; {count.unknown} in doubt of {count.bound} that might have been, "
        f"{count.lost} of them not received, each named."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
