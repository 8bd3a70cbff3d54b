"""How fast feeds are served, side by side with nginx, and what memory that takes.

python benchmarks/serving.py [--rounds N] [--seconds N] [--only speed,memory]

`dispatch run` on a publication, and nginx with one worker, serve the same files over connections that stay open. Both
have one core, `wrk` has another. They take turns in each round; a ratio is taken within a round and then its median.
The second ratio is of CPU time a reply, which says the same on a machine that others use too.
"""

import argparse
import gzip
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

PATIENCE = 180  # seconds until a server has to be ready
CONNECTIONS = 16
CORES = (sorted(os.sched_getaffinity(0)) * 2)[:2]  # of the servers and of wrk
TAGS = 1000
SETTINGS = """
[publication]
title = "Bench"
url = "http://127.0.0.1:{port}"
email = "bench@bench.example"

[sources.blog]
type = "folder"
path = "posts"

[lists.news]
cadence = "weekly"
"""
NGINX = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  gzip_static on;
  types {{ application/rss+xml xml; }}
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""
STEMS = ("tide", "wind", "salt", "reef", "gull", "lamp")
WORDS = [f"{stem}{ending}" for stem in STEMS for ending in ("", "s", "ing", "er", "ward")]


@dataclass(frozen=True)
class Server:
    """A server under test."""

    port: int
    process: "subprocess.Popen[bytes]"

    def get(self, path: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        """One request."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=10)
        line.request("GET", path, headers=dict(headers))
        answer = line.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def cpu(self) -> float:
        """Seconds of CPU that it and its worker have used."""
        files = [path for pid in family(self.process.pid) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
        return sum(int(path.read_text().split()[0]) for path in files) / 1e9

    def memory(self) -> tuple[float, float]:
        """MB that are resident: all, and with its share of what other processes use too."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        found = [re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE) for name in ("Rss", "Pss")]
        return tuple(int(one[1]) / 1024 for one in found if one)  # type: ignore[return-value]


@dataclass(frozen=True)
class Case:
    """What is asked for."""

    what: str
    path: str
    headers: Mapping[str, str]
    known: bool = False  # the reader has it: 304


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of one run of wrk")
    parser.add_argument("--only", default="speed,memory", help="which parts, with commas")
    wanted = parser.parse_args()
    if not shutil.which("wrk") or not shutil.which("nginx"):
        raise SystemExit("wrk and nginx are missing: sudo apt-get install wrk nginx-light")
    if "speed" in wanted.only.split(","):
        report_speed(wanted.rounds, wanted.seconds)
    if "memory" in wanted.only.split(","):
        report_memory()


def report_speed(rounds: int, seconds: int) -> None:
    """Replies a second, and CPU time a reply, beside nginx."""
    with tempfile.TemporaryDirectory(prefix="dispatch-bench-") as name, ExitStack() as opened:
        folder = Path(name)
        write_posts(folder, posts=30, words=700, tags=lambda number: ["few"] if number == 0 else [])
        ours = opened.enter_context(dispatch(folder, CORES[0]))
        wait_for(ours, "/tags/few/feed.xml")
        nginx = opened.enter_context(own_nginx(folder, ["feed.xml", "tags/few/feed.xml"]))
        print(f"{'':26}{'replies/s':>20}{'':9}{'CPU us a reply':>18}")
        print(f"{'':26}{'nginx':>10}{'Dispatch':>10}{'ratio':>8}{'nginx':>10}{'Dispatch':>10}{'ratio':>8}")
        for case in cases(ours):
            report(case.what, [measured(case, nginx, ours, seconds, turn) for turn in range(rounds)])


Figures = tuple[float, float]  # replies a second, microseconds of CPU a reply


def report(what: str, rounds: list[tuple[Figures, Figures]]) -> None:
    """One line of the table."""
    theirs, ours = ([statistics.median(one[who][n] for one in rounds) for n in (0, 1)] for who in (0, 1))
    faster = statistics.median(own[0] / their[0] for their, own in rounds)
    cheaper = statistics.median(their[1] / own[1] for their, own in rounds)
    print(f"{what:26}{theirs[0]:10,.0f}{ours[0]:10,.0f}{faster:8.2f}{theirs[1]:10.1f}{ours[1]:10.1f}{cheaper:8.2f}")


def cases(server: Server) -> list[Case]:
    """A feed of the usual size and a short one: as it is, packed, and known."""
    made = []
    for path in ("/feed.xml", "/tags/few/feed.xml"):
        size = len(server.get(path, {})[2]) // 1000
        made += [
            Case(f"feed of {size} KB", path, {}),
            Case(f"feed of {size} KB, gzip", path, {"Accept-Encoding": "gzip"}),
            Case(f"feed of {size} KB, 304", path, {}, known=True),
        ]
    return made


def measured(case: Case, nginx: Server, ours: Server, seconds: int, turn: int) -> tuple[Figures, Figures]:
    """One round: nginx's figures and ours, whoever comes first."""
    order = (nginx, ours) if turn % 2 == 0 else (ours, nginx)
    found = {server.port: run_wrk(server, case, seconds) for server in order}
    return found[nginx.port], found[ours.port]


def run_wrk(server: Server, case: Case, seconds: int) -> Figures:
    """One run of wrk, after a look at what is answered."""
    headers = dict(case.headers)
    if case.known:
        headers["If-None-Match"] = server.get(case.path, {})[1]["etag"]
    status, said, _ = server.get(case.path, headers)
    if status != (304 if case.known else 200) or said.get("content-encoding", "") != headers.get("Accept-Encoding", ""):
        raise SystemExit(f"{case.what}: answered by {status} {dict(said)}")
    options = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        *options,
        f"http://127.0.0.1:{server.port}{case.path}",
    ]
    before = server.cpu()
    text = subprocess.run(command, check=True, capture_output=True, text=True, preexec_fn=on_core(CORES[1])).stdout
    count, rate = re.search(r"(\d+) requests in", text), re.search(r"Requests/sec:\s+([\d.]+)", text)
    if "Non-2xx" in text or "Socket errors" in text or not count or not rate:
        raise SystemExit(f"{case.what}: {text}")
    return float(rate[1]), (server.cpu() - before) / int(count[1]) * 1e6


def report_memory() -> None:
    """What `dispatch run` keeps resident with a thousand feeds: by itself, and once all of them were served."""
    with tempfile.TemporaryDirectory(prefix="dispatch-bench-") as name:
        folder = Path(name)
        write_posts(folder, TAGS, words=600, tags=lambda number: [f"tag{(number + step) % TAGS}" for step in range(6)])
        print(f"\nMB with {TAGS:,} feeds in three formats{'RSS':>14}{'PSS':>8}")
        with dispatch(folder, CORES[0]) as server:
            wait_for(server, f"/tags/tag{TAGS - 1}/feed.json", "/feed.xml", "/feeds.opml")
            report_use("after the pass that wrote them", server)
        with dispatch(folder, CORES[0]) as server:
            wait_for(server, "/feed.xml")
            time.sleep(5)
            report_use("started again", server)
            for coding in ("identity", "gzip", "gzip, br"):
                served = sum(size_of(server, f"/tags/tag{number}/feed.xml", coding) for number in range(TAGS))
                report_use(f"each RSS feed served, {coding}: {served / 1e6:.0f} MB", server)


def size_of(server: Server, path: str, coding: str) -> int:
    """Bytes of a reply."""
    return len(server.get(path, {"Accept-Encoding": coding})[2])


def report_use(what: str, server: Server) -> None:
    """One line of the table."""
    whole, share = server.memory()
    print(f"{what:44}{whole:7.0f}{share:8.0f}")


def write_posts(folder: Path, posts: int, words: int, tags: Callable[[int], list[str]]) -> None:
    """A publication; its posts have so many words."""
    dice = random.Random(6)  # noqa: S311
    (folder / "posts").mkdir()
    for number in range(posts):
        text = " ".join(f"{dice.choice(WORDS)}{dice.randrange(200)}" for _ in range(words))
        paragraphs = re.sub(r"((?:\S+ ){60})", r"\1\n\n", text)
        head = f"title: Post {number}\ndate: 2026-01-{number % 28 + 1:02}\ntags: [{', '.join(tags(number))}]"
        (folder / f"posts/post-{number}.md").write_text(f"---\n{head}\n---\n{paragraphs}\n")


@contextmanager
def dispatch(folder: Path, core: int) -> Iterator[Server]:
    """`dispatch run` in a publication."""
    port = free_port()
    (folder / "dispatch.toml").write_text(SETTINGS.format(port=port))
    program = str(Path(sys.executable).parent / "dispatch")
    with running([program, "--config", str(folder), "run", "--port", str(port)], port, core) as server:
        yield server


@contextmanager
def own_nginx(folder: Path, names: list[str]) -> Iterator[Server]:
    """nginx over copies of the files, packed beforehand."""
    port, place = free_port(), folder / "nginx"
    for name in names:
        copy = place / "files" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / "public" / name, copy)
        copy.with_name(f"{copy.name}.gz").write_bytes(gzip.compress(copy.read_bytes(), 6))
    user = "user root;" if os.geteuid() == 0 else ""
    (place / "nginx.conf").write_text(NGINX.format(user=user, folder=place, port=port))
    with running(["nginx", "-c", str(place / "nginx.conf"), "-e", str(place / "nginx.log")], port, CORES[0]) as server:
        yield server


@contextmanager
def running(command: list[str], port: int, core: int) -> Iterator[Server]:
    """A server's process on one core, until it is not needed any more."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, preexec_fn=on_core(core))
    try:
        server = Server(port, process)
        wait_for(server, "/")
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def wait_for(server: Server, *paths: str) -> None:
    """Until the server answers each of these; for "/" anything will do."""
    deadline = time.monotonic() + PATIENCE
    for path in paths:
        while not answers(server, path):
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{server.process.args}: {path} was not answered")
            time.sleep(0.2)


def answers(server: Server, path: str) -> bool:
    """Whether there is something at this path."""
    with suppress(OSError):
        return server.get(path, {})[0] == 200 or path == "/"
    return False


def family(pid: int) -> list[int]:
    """A process and those that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def on_core(core: int) -> Callable[[], None]:
    """Binds the process about to start to one core."""
    return lambda: os.sched_setaffinity(0, {core})


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


if __name__ == "__main__":
    main()
