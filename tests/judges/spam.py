"""rspamd and SpamAssassin: whether a receiver's filter takes a message for what it is. Both without a network."""

import mailbox
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

import httpx

from .editions import DOMAIN, HERE, READER

# A filter sees a message after a server has taken it, and that server has written this line above it. The relay's
# address is one that is kept for documents.
RECEIVED = (
    f"Received: from mail.{DOMAIN} (mail.{DOMAIN} [IPv6:2001:db8:0:1::25])\r\n"
    "\tby mx.reader.example (Postfix) with ESMTPS id 4C0FFEE\r\n"
    f"\tfor <{READER.email}>; Mon, 23 Nov 2026 08:00:02 +0000 (UTC)\r\n"
).encode()
ENVELOPE = {
    "From": f"editors@{DOMAIN}",
    "Rcpt": READER.email,
    "IP": "2001:db8:0:1::25",
    "Helo": f"mail.{DOMAIN}",
    "Hostname": f"mail.{DOMAIN}",
}
# No filter may say so. Parts that differ are R_PARTS_DIFFER to rspamd, which its version 3.4 was never seen to say,
# and MPART_ALT_DIFF to SpamAssassin, which does.
NEVER = re.compile("MISSING_|MIME_HTML_ONLY|R_PARTS_DIFFER|MPART_ALT_DIFF|ZERO_FONT")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a filter says of a message."""

    score: float
    symbols: Mapping[str, float]  # rules that it matches; SpamAssassin does not say what each weighs

    def objections(self, most: float) -> Iterator[str]:
        """Too high a score, with what made it, and rules that no message of ours may match."""
        if self.score >= most:
            yield f"{self.score:.2f}: " + " ".join(f"{name}={score:g}" for name, score in self.symbols.items() if score)
        yield from (name for name in self.symbols if NEVER.match(name))


def by_rspamd(messages: Sequence[bytes], record: str) -> list[Verdict]:
    """What an rspamd of our own says; `record` is what the DNS would say of the key that signed."""
    with _rspamd(record) as client:
        return [_asked(client, message) for message in messages]


@contextmanager
def _rspamd(record: str) -> Iterator[httpx.Client]:
    with tempfile.TemporaryDirectory(prefix="rspamd-") as folder:
        command = ["rspamd", "--no-fork", "--insecure", "-c", HERE / "rspamd.conf", f"--var=DBDIR={folder}"]
        Path(folder, "tlds").write_text("com\nde\nexample\nnet\norg\n")  # with all that there are it starts in 7 s
        log = Path(folder, "log")
        with log.open("wb") as output:
            process = subprocess.Popen([*command, f"--var=RECORD={record}"], stdout=output, stderr=output)
        try:
            with httpx.Client(
                transport=httpx.HTTPTransport(uds=f"{folder}/socket"), base_url="http://rspamd"
            ) as client:
                _wait(client, process, log)
                yield client
        finally:
            process.terminate()
            process.wait(30)


def _wait(client: httpx.Client, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        try:
            if client.get("/ping").is_success:
                return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _asked(client: httpx.Client, message: bytes) -> Verdict:
    answer = client.post("/checkv2", content=RECEIVED + message, headers=ENVELOPE, timeout=60).json()
    assert not answer.get("is_skipped", True), answer
    return Verdict(answer["score"], {name: one["score"] for name, one in answer["symbols"].items()})


def by_spamassassin(messages: Sequence[bytes], folder: Path) -> list[Verdict]:
    """What SpamAssassin says, in one run over all messages; `folder` is for its files."""
    box = mailbox.mbox(folder / "box")
    for number, message in enumerate(messages):
        box.add(f"X-Number: {number}\n".encode() + (RECEIVED + message).replace(b"\r\n", b"\n"))
    box.close()
    settings = folder / "settings"
    settings.write_text("use_bayes 0\nuse_auto_welcomelist 0\n")
    command = ["spamassassin", "--local", "--test-mode", "--nocreate-prefs", f"--prefspath={settings}", "--mbox"]
    with (folder / "box").open("rb") as given, (folder / "judged").open("wb") as judged:
        environment = {**os.environ, "HOME": str(folder)}
        subprocess.run(command, stdin=given, stdout=judged, check=True, timeout=120, env=environment)
    found = {int(one["X-Number"]): _verdict(one["X-Spam-Status"]) for one in mailbox.mbox(folder / "judged")}
    return [found[number] for number in range(len(messages))]


def _verdict(status: str) -> Verdict:
    said = " ".join(status.split())
    score, tests = re.search(r"score=(-?[\d.]+)", said), re.search(r"tests=([\w, ]*?) autolearn", said)
    assert score, said
    assert tests, said
    return Verdict(float(score[1]), dict.fromkeys(re.findall(r"\w+", tests[1]), 0.0))


def without(message: bytes, *names: str) -> bytes:
    """The message without these headers and its signature."""
    parsed = message_from_bytes(message)
    for name in (*names, "DKIM-Signature"):
        del parsed[name]
    return parsed.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
