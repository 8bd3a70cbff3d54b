"""A signal in mid-send: what is in hand is finished and written down, and nothing more is begun."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from dispatch.app import App
from dispatch.errors import Stopped

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def finishing(app: App) -> Iterator[None]:
    """While this lasts a signal stops the deliveries gently, and a second one at once. Raises Stopped afterwards."""
    loop, work = asyncio.get_running_loop(), asyncio.current_task()
    stopping = app.context.stopping

    def stop() -> None:
        if stopping.is_set() and work:
            work.cancel()
        stopping.set()
        app.engine.stop()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        yield
    except asyncio.CancelledError:
        if not stopping.is_set():
            raise
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
    if stopping.is_set():
        raise Stopped
