"""Runs a command against a sink and says what it took. Linux alone: it reads /proc."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sink import Sink, cpu_of

BEFORE, DURING = 0.001, 0.005  # seconds between two looks, before the first message and after it


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took; times in seconds from its start."""

    count: int  # messages that the sink received
    first: float  # when the first message had come
    last: float  # when the last one had
    whole: float  # when the process had ended
    cpu: float  # seconds of CPU, from the first message on
    start_cpu: float  # and before it
    peak: float  # MB of memory, resident
    sink_cpu: float

    @property
    def rate(self) -> float:
        """Messages a second, while sending."""
        return self.count / (self.last - self.first)

    @property
    def cpu_each(self) -> float:
        """Microseconds of CPU a message, while sending."""
        return self.cpu / self.count * 1e6


def run(command: Sequence[str], sink: Sink, expected: int) -> Spent:
    """Run a command that sends `expected` messages. Raises SystemExit if it fails or others arrive."""
    before, sink_cpu = sink.received(), sink.cpu()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    observed = _Observed(start, sink)
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        observed.look(process.pid)
        time.sleep(DURING if observed.first else BEFORE)
    whole = time.perf_counter() - start
    observed.look(process.pid)
    received = sink.received() - before
    said = process.stderr.read() if process.stderr else ""
    if status or received != expected:
        raise SystemExit(f"{' '.join(command)}: status {status}, {received} of {expected} messages\n{said}")
    cpu = usage.ru_utime + usage.ru_stime
    return Spent(
        received,
        observed.first,
        observed.last,
        whole,
        cpu - observed.start_cpu,
        observed.start_cpu,
        observed.peak / 1024,
        sink.cpu() - sink_cpu,
    )


class _Observed:
    """What is seen of a process while it runs. Its peak is read here, for wait4 would count its parent's memory too."""

    def __init__(self, start: float, sink: Sink) -> None:
        self.first = self.last = self.start_cpu = 0.0
        self.peak = 0
        self._start, self._sink, self._received, self._looks = start, sink, sink.received(), 0

    def look(self, pid: int) -> None:
        """Note when messages came first and last, and how much memory is in use."""
        received = self._sink.received()
        if received > self._received:
            self._received, self.last = received, time.perf_counter() - self._start
            if not self.first:
                self.first, self.start_cpu = self.last, cpu_of(pid)
        self._looks += 1
        if self._looks % 8 == 0:
            self.peak = max(self.peak, peak_of(pid))


def peak_of(pid: int) -> int:
    """The most memory that a process has had resident, in KB; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("VmHWM")), 0)
    except OSError:
        return 0
