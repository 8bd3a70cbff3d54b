"""One conversation of the server that breaks on purpose."""

import asyncio
import base64
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from faults import CLOSE, SILENCE, Manner, Phase

if TYPE_CHECKING:
    from faultserver import FaultServer


class Gone(Exception):
    """This connection has ended."""


class Talk:
    """One connection."""

    def __init__(self, server: "FaultServer", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._came = bytearray()  # read, not worked on yet
        self._said = bytearray()  # replies not sent yet
        self._sender = ""
        self._recipients: list[str] = []
        self._taken = 0
        self._works: dict[str, Callable[[str], Coroutine[Any, Any, None]]] = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "QUIT": self._quit,
        }

    async def run(self) -> None:
        """Answer until the connection ends."""
        await self._answer(Phase.BANNER, "220 faults.example.org ESMTP")
        while True:
            line = await self._line()
            verb = line[:4].upper() if not line.upper().startswith("STARTTLS") else "STARTTLS"
            work = self._works.get(verb)
            if work:
                await work(line)
            else:
                await self._say("500 5.5.2 what?")

    async def _line(self) -> str:
        if b"\r\n" in self._came:
            self._server.pipelined += 1
            if "PIPELINING" not in self._server.offers:
                self._wrong("commands came without waiting, and PIPELINING is not offered")
        while b"\r\n" not in self._came:
            await self._read()
        line, _, rest = bytes(self._came).partition(b"\r\n")
        self._came = bytearray(rest)
        return line.decode("utf-8", "surrogateescape")

    async def _read(self) -> None:
        await self._flush()
        data = await self._reader.read(1 << 16)
        if not data:
            raise Gone
        self._came += data

    async def _answer(self, phase: Phase, usual: str, people: Sequence[str] = ()) -> str:
        """Say the usual reply, or what a fault says; returns what was said. Raises Gone where that ends it."""
        fault = self._server.fault(phase, people)
        return await self._give(fault.answer if fault else usual)

    async def _give(self, said: str) -> str:
        if said == SILENCE:
            await self._be_silent()
        if said != CLOSE:
            await self._say(said)
        if said == CLOSE or said.rpartition("\r\n")[2].startswith("421"):
            await self._flush()
            raise Gone
        return said

    async def _be_silent(self) -> None:
        """Answer nothing until the client goes, or the server is well again."""
        await self._flush()
        self._server.silent += 1
        try:
            while await self._reader.read(1 << 16):
                pass
        finally:
            self._server.silent -= 1
        raise Gone

    async def _say(self, reply: str) -> None:
        if self._server.manner is Manner.MANY_LINES and reply[3:4] == " ":
            code, text = reply[:3], reply[4:]
            reply = f"{code}-{text}\r\n{code}-more of it\r\n{code} {text}"
        self._said += reply.encode("latin-1") + b"\r\n"
        if self._server.manner is not Manner.TOGETHER:
            await self._flush()

    async def _flush(self) -> None:
        said, self._said = bytes(self._said), bytearray()
        if self._server.manner is not Manner.DRIBBLE:
            self._writer.write(said)
        else:
            for byte in said:  # asyncio sets TCP_NODELAY: a packet each
                self._writer.write(bytes([byte]))
                await asyncio.sleep(0)
        await self._writer.drain()

    def _wrong(self, what: str) -> None:
        self._server.wrongs.append(what)

    async def _ehlo(self, line: str) -> None:
        offers = [*self._server.offers, *(["AUTH PLAIN"] if self._server.login else [])]
        words = ["faults.example.org", *offers]
        usual = "\r\n".join([*(f"250-{word}" for word in words[:-1]), f"250 {words[-1]}"])
        await self._answer(Phase.EHLO, usual)

    async def _helo(self, line: str) -> None:
        await self._answer(Phase.HELO, "250 faults.example.org")

    async def _starttls(self, line: str) -> None:
        await self._answer(Phase.STARTTLS, "502 5.5.1 no TLS here")

    async def _auth(self, line: str) -> None:
        given = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
        right = self._server.login is not None and tuple(given) == self._server.login
        await self._answer(Phase.AUTH, "235 2.7.0 welcome" if right else "535 5.7.8 no such login")

    async def _mail(self, line: str) -> None:
        self._look_at_options(line)
        self._sender, self._recipients = "", []
        if (await self._answer(Phase.MAIL, "250 2.1.0 sender ok"))[0] == "2":
            self._sender = _address(line)

    def _look_at_options(self, line: str) -> None:
        words = line.upper().split()
        for option, offer in (("BODY=8BITMIME", "8BITMIME"), ("SMTPUTF8", "SMTPUTF8"), ("SIZE=", "SIZE")):
            asked = any(word.startswith(option) for word in words[1:])
            if asked and not any(one.startswith(offer) for one in self._server.offers):
                self._wrong(f"{option} is used and {offer} is not offered")

    async def _rcpt(self, line: str) -> None:
        who = _address(line)
        if not who.isascii() and "SMTPUTF8" not in self._server.offers:
            self._wrong(f"{who} is sent and SMTPUTF8 is not offered")
        if (
            await self._answer(Phase.RCPT, "250 2.1.5 recipient ok" if self._sender else "503 5.5.1 MAIL first", [who])
        )[0] == "2":
            self._recipients.append(who)

    async def _data(self, line: str) -> None:
        usual = "354 go on" if self._recipients else "554 5.5.1 no valid recipients"
        if not (await self._answer(Phase.DATA, usual, self._recipients)).startswith("354"):
            return
        data = await self._body()
        sender, people = self._sender, self._recipients
        self._sender, self._recipients = "", []
        if not people:
            if data:
                self._wrong("a message came that is for nobody (RFC 2920, section 3.1: a single dot)")
            await self._say("554 5.5.1 no valid recipients")
            return
        await self._complete(sender, people, data)

    async def _body(self) -> bytes:
        await self._flush()
        fault = self._server.fault(Phase.BODY, self._recipients)
        while not self._came.startswith(b".\r\n"):
            if fault and self._came:
                raise Gone
            end = self._came.find(b"\r\n.\r\n")
            if end >= 0:
                data, self._came = bytes(self._came[: end + 2]), self._came[end + 5 :]
                return data.replace(b"\r\n..", b"\r\n.")
            await self._read()
        self._came = self._came[3:]
        return b""

    async def _complete(self, sender: str, people: list[str], data: bytes) -> None:
        """The message is whole: take it, or let happen what a fault says."""
        if not data.isascii() and "8BITMIME" not in self._server.offers:
            self._wrong("eight-bit data came and 8BITMIME is not offered")
        if self._server.delay:
            await asyncio.sleep(self._server.delay)
        fault = self._server.fault(Phase.DOT, people)
        if fault is None or fault.keep:
            self._server.take(sender, people, data)
        if fault is None:
            await self._say(f"250 2.0.0 taken as {self._server.taken}")
            await self._count()
            return
        if fault.answer[0] not in "245":  # neither yes nor no
            self._server.unanswered.extend(people)
        await self._give(fault.answer)

    async def _count(self) -> None:
        self._taken += 1
        if self._taken >= self._server.messages_a_connection:
            await self._flush()
            raise Gone

    async def _rset(self, line: str) -> None:
        self._sender, self._recipients = "", []
        await self._answer(Phase.RSET, "250 2.0.0 forgotten")

    async def _quit(self, line: str) -> None:
        await self._answer(Phase.QUIT, "221 2.0.0 goodbye")
        await self._flush()
        raise Gone


def _address(line: str) -> str:
    """What stands between angle brackets."""
    return line[line.find("<") + 1 : line.find(">")]
