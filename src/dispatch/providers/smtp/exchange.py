"""One connection's exchange: MAIL, RCPT, DATA, the message, and each reply read for the command it answers.

    ── MAIL, RCPT, DATA ──►      one group where the server offers PIPELINING (RFC 2920), else one after another
    ◄── 250, 250, 354 ─────
    ── message n, and MAIL, RCPT, DATA of message n + 1 ──►      intent of n before; n + 1 is in nobody's hands yet
    ◄── 250 ───────────────      receipt of n

So at most one recipient a connection is in doubt when it breaks. `ANSWERS` at the end says who reads which reply.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum

from dispatch.errors import ProviderDown, ProviderRefused
from dispatch.model.delivery import SendState
from dispatch.providers.smtp.connect import Connected
from dispatch.providers.smtp.envelope import Offers
from dispatch.providers.smtp.letter import Letter
from dispatch.providers.smtp.line import Line
from dispatch.providers.smtp.replies import GO_AHEAD, BadReply, Reply, ReplyReader

BUFFER = 4096  # bytes read at once: a plain Protocol would allocate 256 KB for each reading
FAREWELL = 2  # seconds that a server may take to answer QUIT
CLOSING = 421  # the server closes the connection (RFC 5321, section 3.8)


class Step(Enum):
    """A command whose reply is awaited."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    MESSAGE = "the message"
    EMPTY = "the end of an empty message"
    RSET = "RSET"


Awaited = tuple[Step, Letter]


class Exchange(asyncio.BufferedProtocol):
    """A kept connection; `work` hands over letters of a line until there are none, or until it breaks."""

    def __init__(self, connected: Connected, place: str, timeout: float) -> None:
        self.carried = 0  # messages accepted so far
        self.left_doubt = False  # it broke between a message and its answer
        self._transport, self._place, self._timeout = connected.transport, place, timeout
        self._offers = Offers.of(connected.offers)
        self._loop = asyncio.get_running_loop()
        self._buffer = memoryview(bytearray(BUFFER))
        self._reader = ReplyReader()
        self._awaited: deque[Awaited] = deque()
        self._line: Line | None = None
        self._done: asyncio.Future[None] | None = None
        self._spoken = 0.0  # when either side last did
        self._broken = ""
        self._transport.set_protocol(self)

    @property
    def usable(self) -> bool:
        """Whether another line may be worked on."""
        return self._is_alive and not self._awaited

    @property
    def _is_alive(self) -> bool:
        return not self._broken and not self._transport.is_closing()

    async def work(self, line: Line) -> None:
        """Hand over letters of `line` until it is over. Raises ProviderDown if the connection breaks."""
        self._line, self._done = line, self._loop.create_future()
        patience = asyncio.create_task(self._be_patient())
        try:
            self._go_on()
            await self._done
        finally:
            patience.cancel()
            self._line = self._done = None
            if not self.usable:
                self.close()
        if self._broken:
            raise ProviderDown(f"{self._place}: {self._broken}. Nothing is lost; it will be tried again.")

    async def quit(self) -> None:
        """Say good-bye where that can be said, and close."""
        if self.usable:
            self._done = self._loop.create_future()
            self._say(b"QUIT\r\n")
            await asyncio.wait([self._done], timeout=FAREWELL)
        self.close()

    def close(self) -> None:
        """Close without a word."""
        self._transport.abort()

    async def _be_patient(self) -> None:
        """Wait for an answer, but not for ever."""
        while True:
            left = self._spoken + self._timeout - self._loop.time()
            if self._awaited and left <= 0:
                self._break(f"no answer to {self._awaited[0][0].value} for {self._timeout:g} s")
                return
            await asyncio.sleep(left if self._awaited else self._timeout)

    # Called by asyncio

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Read whatever replies are complete."""
        self._spoken = self._loop.time()
        try:
            for reply in self._reader.feed(bytes(self._buffer[:nbytes])):
                self._read(reply)
        except BadReply as error:
            self._break(f"the server does not speak SMTP: {error}")

    def connection_lost(self, error: Exception | None) -> None:
        """Settle what was under way."""
        self._break(f"the connection broke{f': {error}' if error else ''}")

    # What it says

    def _say(self, data: bytes, *awaited: Awaited) -> None:
        self._awaited.extend(awaited)
        self._spoken = self._loop.time()
        self._transport.write(data)

    def _go_on(self) -> None:
        """The next letter, or the end; nothing is awaited."""
        line = self._line
        if line is None or self._awaited:
            return
        letter = self._next(line)
        if letter:
            self._say(*self._envelope(letter))
        elif line.over or not self._is_alive:
            self._finish()
        else:
            line.park(self._go_on)

    def _next(self, line: Line) -> Letter | None:
        """The next letter that this server can take."""
        while self._is_alive:
            letter = line.next()
            if letter is None or self._takes(line, letter):
                return letter
        return None

    def _takes(self, line: Line, letter: Letter) -> bool:
        if self._offers.is_too_large(letter):
            most, size = self._offers.largest, len(letter.message)
            line.halt(
                ProviderRefused(
                    f"{self._place} takes messages of at most {most:,} bytes, and this one has {size:,}: "
                    "shorten the issue, or send it by another provider."
                )
            )
            return False
        if self._offers.cannot_address(letter):
            line.settle(letter, SendState.REJECTED, f"{self._place} takes no such address: it does not offer SMTPUTF8")
            return False
        return True

    def _envelope(self, letter: Letter) -> tuple[bytes, *tuple[Awaited, ...]]:
        """The commands of an envelope, all of them or the first, and the replies to await."""
        mail = self._offers.mail(letter)
        if not self._offers.pipelining:
            return mail, (Step.MAIL, letter)
        group = b"%s%sDATA\r\n" % (mail, self._offers.rcpt(letter))
        return group, (Step.MAIL, letter), (Step.RCPT, letter), (Step.DATA, letter)

    def _hand_over(self, line: Line, letter: Letter) -> None:
        """Write the message, and behind it the next one's envelope."""
        if line.stopping:  # while the server thought about its 354
            self._break("stopped")
            return
        following = self._next(line) if self._offers.pipelining else None
        line.hand_over(letter)
        self._awaited.append((Step.MESSAGE, letter))
        envelope, *awaited = self._envelope(following) if following else (b"",)
        self._say(b"%s.\r\n%s" % (letter.message, envelope), *awaited)

    # What it hears

    def _read(self, reply: Reply) -> None:
        """Give a reply to the command that awaits it."""
        if self._line is None or not self._awaited:
            self._leave(reply)
            return
        step, letter = self._awaited[0]
        if not _fits(step, reply):
            self._break(f"the server does not speak SMTP: {step.value} was answered by {reply}")
            return
        self._awaited.popleft()
        ANSWERS[step](self, self._line, letter, reply)
        if reply.code == CLOSING:
            self._break(f"the server closes: {reply}")
        elif not self._awaited:
            self._go_on()

    def _leave(self, reply: Reply) -> None:
        """The answer to QUIT; or an unasked-for word, by which a server announces that it closes."""
        self._awaited.clear()
        self._broken = self._broken or str(reply)
        self._finish()

    def _mail_answered(self, line: Line, letter: Letter, reply: Reply) -> None:
        if reply.ok and not self._offers.pipelining:
            self._say(self._offers.rcpt(letter), (Step.RCPT, letter))
        elif not reply.ok and reply.state is SendState.RETRY:
            line.answer(letter, reply)
        elif not reply.ok:
            line.settle(letter, SendState.RETRY, str(reply))
            sender = letter.sender
            line.halt(ProviderRefused(f"{self._place} takes no mail from {sender}: {reply}. Mend that, then resume."))

    def _rcpt_answered(self, line: Line, letter: Letter, reply: Reply) -> None:
        if not reply.ok and not letter.settled:
            line.answer(letter, reply)
        if self._offers.pipelining:
            return
        if letter.settled:
            self._reset(letter)
        else:
            self._say(b"DATA\r\n", (Step.DATA, letter))

    def _data_answered(self, line: Line, letter: Letter, reply: Reply) -> None:
        if reply.code == GO_AHEAD and not letter.settled:
            self._hand_over(line, letter)
        elif reply.code == GO_AHEAD:  # though it has refused the recipient: RFC 2920, section 3.1
            self._say(b".\r\n", (Step.EMPTY, letter))
        else:
            if not letter.settled:
                line.answer(letter, reply)
            self._reset(letter)

    def _message_answered(self, line: Line, letter: Letter, reply: Reply) -> None:
        line.answer(letter, reply)
        self.carried += reply.ok

    def _nothing_to_do(self, line: Line, letter: Letter, reply: Reply) -> None:
        """Whatever the answer, the next MAIL may be said."""

    def _reset(self, letter: Letter) -> None:
        """End a transaction that was refused half-way."""
        self._say(b"RSET\r\n", (Step.RSET, letter))

    # How it ends

    def _finish(self) -> None:
        if self._done and not self._done.done():
            self._done.set_result(None)

    def _break(self, why: str) -> None:
        """The connection is of no more use: what it had in hand is settled, or another's turn."""
        if self._broken:
            return
        self._broken = why
        awaited, self._awaited = self._awaited, deque()
        self._transport.abort()
        if self._line:
            in_doubt = {letter for step, letter in awaited if step is Step.MESSAGE}
            for letter in dict.fromkeys(letter for _, letter in awaited):
                if not letter.settled:
                    self._let_go(self._line, letter, in_doubt=letter in in_doubt)
        self._finish()

    def _let_go(self, line: Line, letter: Letter, *, in_doubt: bool) -> None:
        if in_doubt:
            self.left_doubt = True
            line.settle(letter, SendState.UNKNOWN, self._broken)
        elif self.carried:  # some servers close after so many messages: no fault of the next one
            line.put_back(letter)
        else:
            line.settle(letter, SendState.RETRY, self._broken)


def _fits(step: Step, reply: Reply) -> bool:
    """Whether a reply can be the answer to this command; else both sides disagree about where they are."""
    if step in (Step.EMPTY, Step.RSET):
        return True
    return 400 <= reply.code < 600 or (reply.code == GO_AHEAD if step is Step.DATA else reply.ok)


ANSWERS: dict[Step, Callable[[Exchange, Line, Letter, Reply], None]] = {
    Step.MAIL: Exchange._mail_answered,
    Step.RCPT: Exchange._rcpt_answered,
    Step.DATA: Exchange._data_answered,
    Step.MESSAGE: Exchange._message_answered,
    Step.EMPTY: Exchange._nothing_to_do,
    Step.RSET: Exchange._nothing_to_do,
}
