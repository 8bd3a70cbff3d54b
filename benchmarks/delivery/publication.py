"""A publication to measure with: one post, one immediate list, as many subscribers as wanted, its issue held.

publication.py FOLDER PEOPLE PORT
"""

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

SETTINGS = """
[publication]
title = "The Harbour Log"
url = "http://127.0.0.1:8000"
email = "news@harbour.example"
address = "1 Quay, Harbour"

[sources.blog]
type = "folder"
path = "posts"

[lists.news]
title = "News"
cadence = "immediate"
since = 2026-01-01
hold = "1h"

[web]
allow_insecure_web = true

[provider]
type = "smtp"
host = "127.0.0.1"
port = {port}
tls = "none"
connections = 50
"""
PARAGRAPH = (
    "The tide comes in **twice** a day, and the harbour master writes it down: Ebbe und Flut, 潮の満ち引き. "
    "See [the table](https://tides.example/today) for the hours, and mind the wind from the north.\n\n"
)
PARAGRAPHS = 37  # a message of 30 KB
NAMES = ("Ada King", "Zoë Müller", "山田 太郎", "O'Brien", "")
PERSON = "INSERT INTO subscriber (id, email, name, language, timezone, created) VALUES (?, ?, ?, '', '', 0)"
SUBSCRIPTION = (
    "INSERT INTO subscription (list_id, subscriber_id, state, cadence, tags, mark, joined) "
    "VALUES (1, ?, 'active', 'immediate', '[]', 0, 0)"
)


def make(folder: Path, people: int, port: int) -> None:
    """Make the publication in `folder`; its provider is an SMTP server on a port of this machine."""
    (folder / "posts").mkdir(parents=True)
    (folder / "dispatch.toml").write_text(SETTINGS.format(port=port))
    text = f"---\ntitle: The tides of January\ndate: 2026-01-02\n---\n{PARAGRAPH * PARAGRAPHS}"
    (folder / "posts" / "tides.md").write_text(text)
    asyncio.run(_compose(folder, people))


async def _compose(folder: Path, people: int) -> None:
    """Let the store come to be, fill it, and let the issue be composed and wait."""
    from dispatch.app import open_app
    from dispatch.config import read_config
    from dispatch.publish import run_pass

    async with open_app(read_config(folder / "dispatch.toml"), tell=print) as app:
        fill(folder / "dispatch.db", people)
        done = await run_pass(app.context, app.context.clock() - timedelta(seconds=1))
    if done.composed != (1,):
        raise SystemExit(f"no issue was composed: {done}")


def fill(store: Path, people: int) -> None:
    """Write subscribers and their subscriptions straight into the tables."""
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.executemany(PERSON, _people(people))
        connection.executemany(SUBSCRIPTION, ((number,) for number in range(1, people + 1)))


def _people(count: int) -> Iterator[tuple[int, str, str]]:
    for number in range(1, count + 1):
        yield number, f"reader.{number}@mail{number % 50}.example", NAMES[number % len(NAMES)]


def main() -> None:
    """Make one from the command line: the benchmark's own process stays small that way."""
    make(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))


if __name__ == "__main__":
    main()
