"""A PostgreSQL of the tests' own: started from Debian's binaries in a temporary folder, gone with them."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

OWNER = "dispatch"
LOCKED = "locked"  # a user whom the server asks for a password
NOBODYS_ROOT = ("postgres", "nobody")  # as whom the server runs where the tests run as root
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=60")
PATIENCE = 30  # seconds


@dataclass
class Server:
    """A server that runs; `folder` holds its data and its socket."""

    folder: Path
    programs: Path
    _numbers: "count[int]" = field(default_factory=count)

    def url(self, database: str, user: str = OWNER) -> str:
        """The address of a database, there or not."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def empty(self) -> str:
        """The address of a new, empty database."""
        name = f"store{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def copy(self, database: str) -> str:
        """The address of a new database that holds what another one does; nobody may be connected to that."""
        name = f"store{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {database}")
        return self.url(name)

    def sql(self, command: str, database: str = "postgres") -> str:
        """What psql prints for a command."""
        psql = [self.programs / "psql", "-X", "-q", "-A", "-t", "-d", self.url(database), "-c", command]
        return subprocess.run(psql, check=True, capture_output=True, text=True).stdout.strip()


def programs() -> Path:
    """Where Debian keeps the newest PostgreSQL's programs, or wherever the PATH finds them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else Path(shutil.which("postgres") or "/usr/bin/postgres").parent


@contextmanager
def running() -> Iterator[Server]:
    """A server while the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="dispatch-pg-"))
    server = Server(folder, programs())
    try:
        _give_away(folder)
        _make(server)
        process = _start(server)
        try:
            _until_ready(server, process)
            server.sql(f"CREATE ROLE {LOCKED} LOGIN PASSWORD 'right'")
            yield server
        finally:
            process.terminate()
            process.wait(PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stranger() -> pwd.struct_passwd | None:
    """Who the server runs as: PostgreSQL refuses to be root."""
    if os.getuid() != 0:
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    return next(known[name] for name in NOBODYS_ROOT if name in known)


def _give_away(folder: Path) -> None:
    stranger = _stranger()
    if stranger:
        os.chown(folder, stranger.pw_uid, stranger.pw_gid)
        folder.chmod(0o755)


def _as_stranger(*command: str) -> list[str]:
    """The command as its user; it dies with us, however we end."""
    stranger = _stranger()
    who = [f"--reuid={stranger.pw_uid}", f"--regid={stranger.pw_gid}", "--clear-groups"] if stranger else []
    return ["setpriv", *who, "--pdeathsig=INT", *command]


def _make(server: Server) -> None:
    words = ("-U", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
    command = _as_stranger(str(server.programs / "initdb"), "-D", str(server.folder / "data"), *words)
    subprocess.run(command, check=True, capture_output=True, cwd="/")
    rules = server.folder / "data" / "pg_hba.conf"
    rules.write_text(f"local all {LOCKED} scram-sha-256\nlocal all all trust\n")


def _start(server: Server) -> "subprocess.Popen[bytes]":
    settings = [word for one in (*SETTINGS, f"unix_socket_directories={server.folder}") for word in ("-c", one)]
    command = _as_stranger(str(server.programs / "postgres"), "-D", str(server.folder / "data"), *settings)
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd="/")


def _until_ready(server: Server, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    ask = [server.programs / "pg_isready", "-q", "-h", server.folder]
    while subprocess.run(ask, check=False).returncode:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError((server.folder / "log").read_text())
        time.sleep(0.02)
