"""`dispatch run` with name servers of a test's own: by_own_names.py NAMES --config FOLDER run --port PORT.

NAMES is a file of JSON: for each name, the addresses that it is answered with, one a question; the last one stays.
"""

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import Any

import uvloop

from dispatch.cli import main


def take_over(names: dict[str, list[str]]) -> None:
    """Answer for these names; all others are the machine's to resolve."""
    real = socket.getaddrinfo

    def answer(host: Any, *rest: Any, **named: Any) -> Any:
        turns = names.get(host.decode() if isinstance(host, bytes) else host or "", [host])
        return real(turns.pop(0) if len(turns) > 1 else turns[0], *rest, **named)

    socket.getaddrinfo = answer
    uvloop.new_event_loop = asyncio.new_event_loop  # for uvloop resolves names by itself


if __name__ == "__main__":
    take_over(json.loads(Path(sys.argv[1]).read_text()))
    sys.argv = ["dispatch", *sys.argv[2:]]
    main()
