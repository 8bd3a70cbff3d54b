"""The recipients of one send, in line for whichever connection is free."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from itertools import islice

from dispatch.errors import ProviderError
from dispatch.message.address import ascii_address
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Receipt, Recipient, SendState
from dispatch.providers.base import Watch
from dispatch.providers.smtp.letter import Letter, Sender
from dispatch.providers.smtp.replies import SLOW_DOWN, Reply

AT_A_TIME = 32  # messages made by a thread in one go, and how many should lie ready
BATCHES = 2  # that are being made at once for one line
LONGEST_PARK = 1.0  # seconds


class Line:
    """Hands out letters one by one and takes their receipts; whoever finds none ready may park until there is one."""

    def __init__(
        self, sender: Sender, splicer: Splicer, recipients: Sequence[Recipient], watch: Watch, threads: Executor | None
    ) -> None:
        self.error: ProviderError | None = None  # why nothing more goes out
        self._sender, self._splicer, self._watch, self._threads = sender, splicer, watch, threads
        self._left = enumerate(recipients)
        self._exhausted = self._halted = False
        self._ready: deque[Letter] = deque()
        self._making: set[asyncio.Task[None]] = set()
        self._parked: list[Callable[[], None]] = []
        self._delay = 0.0

    @property
    def stopping(self) -> bool:
        """Whether nothing more may be handed over."""
        return self._watch.stopping

    @property
    def over(self) -> bool:
        """Whether no letter will come any more."""
        if self._halted or self._watch.stopping:
            return True
        return self._exhausted and not self._ready and not self._making

    def next(self) -> Letter | None:
        """The next letter, if one is ready and may go now."""
        while not (self._halted or self._watch.stopping):
            if len(self._ready) < AT_A_TIME:
                self._fill()
            if not self._ready:
                return None
            if self._is_out_of_line(self._ready[0]):
                self._ready.popleft()
                continue
            self._delay = self._watch.delay()
            return None if self._delay else self._ready.popleft()
        return None

    def _is_out_of_line(self, letter: Letter) -> bool:
        """Whether nothing goes out for this one: they have left, or their message cannot be made."""
        if letter.fault:
            self.settle(letter, SendState.RETRY, letter.fault)
        return bool(letter.fault) or self._watch.has_left(letter.index)

    def park(self, wake: Callable[[], None]) -> None:
        """Call `wake` when it is worth asking again."""
        self._parked.append(wake)
        if self._ready and len(self._parked) == 1:
            asyncio.get_running_loop().call_later(min(self._delay, LONGEST_PARK), self._wake)

    def put_back(self, letter: Letter) -> None:
        """Its connection broke before anything of it was in the server's hands: somebody else's turn."""
        self._ready.appendleft(letter)
        self._wake()

    def hand_over(self, letter: Letter) -> None:
        """The whole message is about to be written."""
        self._watch.intent(letter.index)

    def answer(self, letter: Letter, reply: Reply) -> None:
        """What the server says decides about this recipient, and perhaps that it wants fewer."""
        self.settle(letter, SendState.ACCEPTED if reply.ok else reply.state, str(reply))
        if reply.code in SLOW_DOWN:
            self._watch.slow_down()

    def settle(self, letter: Letter, state: SendState, detail: str) -> None:
        """Write this recipient's receipt."""
        letter.settled = True
        self._watch.receipt(letter.index, Receipt(state, detail))

    def halt(self, error: ProviderError) -> None:
        """Nothing more goes out."""
        self.error = self.error or error
        self._halted = True
        self._wake()

    def close(self) -> None:
        """Make no more letters."""
        for task in self._making:
            task.cancel()

    def _wake(self) -> None:
        parked, self._parked = self._parked, []
        for wake in parked:
            wake()

    def _fill(self) -> None:
        """Make letters: one at once, or many by threads where each takes its time to sign."""
        if self._threads is None:
            self._ready.extend(self._make(self._take(1)))
        while self._threads and not self._exhausted and len(self._making) < BATCHES:
            task = asyncio.create_task(self._make_by(self._threads, self._take(AT_A_TIME)))
            self._making.add(task)
            task.add_done_callback(self._made)

    def _take(self, count: int) -> list[tuple[int, Recipient]]:
        taken = list(islice(self._left, count))
        self._exhausted = len(taken) < count
        return taken

    async def _make_by(self, threads: Executor, people: list[tuple[int, Recipient]]) -> None:
        self._ready.extend(await asyncio.get_running_loop().run_in_executor(threads, self._make, people))

    def _made(self, task: asyncio.Task[None]) -> None:
        """A thread has made its letters."""
        self._making.discard(task)
        self._wake()

    def _make(self, people: list[tuple[int, Recipient]]) -> list[Letter]:
        return [self._letter(index, who) for index, who in people]

    def _letter(self, index: int, who: Recipient) -> Letter:
        try:
            return Letter(index, self._sender.of(who), ascii_address(who.email), self._splicer.splice(who))
        except Exception as error:  # one who cannot be written to costs nobody else anything
            return Letter(index, "", "", b"", f"the message could not be made: {type(error).__name__}: {error}")
