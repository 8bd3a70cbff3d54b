"""A compiled edition and one recipient make one message, without template engine or MIME library."""

from collections.abc import Sequence

from dispatch.message.dkim import Seal, Signer
from dispatch.message.slots import ENCODERS, Kind, finder
from dispatch.model.delivery import Recipient
from dispatch.model.issue import CompiledEdition


class Splicer:
    """A compiled edition cut at its slots: made once, used for every recipient, by any thread."""

    def __init__(self, compiled: CompiledEdition, signers: Sequence[Signer] = ()) -> None:
        text = compiled.data.decode("utf-8")
        pieces = finder(compiled.marker, Kind).split(text)
        self._pieces = [piece.encode() for piece in pieces]
        self._places = [(index, Kind(pieces[index])) for index in range(1, len(pieces), 2)]
        self._encoders = [(kind, ENCODERS[kind]) for kind in dict.fromkeys(kind for _, kind in self._places)]
        self._seal = Seal(text.partition("\r\n\r\n")[0], compiled.marker, signers) if signers else None

    def splice(self, recipient: Recipient) -> bytes:
        """The whole message (RFC 5322) of one person: CRLF lines, none of them beginning with a dot.

        Where there are signers, their DKIM-Signature headers come first.
        """
        values = {kind: encode(recipient) for kind, encode in self._encoders}
        pieces = self._pieces.copy()
        for index, kind in self._places:
            pieces[index] = values[kind]
        message = b"".join(pieces)
        return b"".join((*self._seal.signatures(values, message), message)) if self._seal else message
