"""Postfix's `smtp-sink` as the receiving side: takes every message, keeps none, and counts."""

import os
import re
import socket
import subprocess
import tempfile
import time
from contextlib import suppress

PATIENCE = 10  # seconds
TICKS = os.sysconf("SC_CLK_TCK")


class Sink:
    """One `smtp-sink`; it writes a line at each message, so that the size of its output shows when one came."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __enter__(self) -> "Sink":
        self._output = tempfile.TemporaryFile()
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = ["smtp-sink", *user, "-c", f"127.0.0.1:{self.port}", "1024"]
        self._process = subprocess.Popen(command, stdout=self._output)
        self._probe()
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._output.close()

    def _probe(self) -> None:
        """Wait until it listens, and until it has counted the session that found out."""
        deadline = time.monotonic() + PATIENCE
        while self.written() == 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"smtp-sink does not listen on port {self.port}")
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            time.sleep(0.05)

    def written(self) -> int:
        """Bytes of output so far: more of them means that a message came, or that a session ended."""
        return os.fstat(self._output.fileno()).st_size

    def received(self) -> int:
        """How many messages it has counted."""
        end = os.pread(self._output.fileno(), 200, max(0, self.written() - 200))
        counts = re.findall(rb"mesg=(\d+)", end)
        return int(counts[-1]) if counts else 0

    def cpu(self) -> float:
        """Seconds of CPU that it has used."""
        return cpu_of(self._process.pid)


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used so far, in user and system mode; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
