"""`dispatch run` by a clock that a test sets: by_own_clock.py CLOCK --config FOLDER run --port PORT.

CLOCK is a file: by how many seconds this clock differs from the machine's. How long something takes is measured by the
machine's own, as always.
"""

import sys
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dispatch.app import App, open_app
from dispatch.cli.news import Newsreader, stamped
from dispatch.cli.session import Session
from dispatch.config import Config
from dispatch.service import serve


def main(clock: Path, folder: Path, port: int) -> None:
    """Serve this publication until a signal comes."""
    session = Session(folder, as_json=False, who="service")

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(clock.read_text()))

    def opening(config: Config) -> AbstractAsyncContextManager[App]:
        return open_app(config, tell=stamped(session, config.publication.timezone), clock=now, to_mail=True)

    session.run(serve(session.config(), opening, Newsreader(session), "127.0.0.1", port))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[3]), int(sys.argv[6]))
