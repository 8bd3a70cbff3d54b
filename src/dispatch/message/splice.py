"""A compiled edition and one recipient make one message, without template engine or MIME library."""

from dispatch.message.slots import ENCODERS, Kind, finder
from dispatch.model.delivery import Recipient
from dispatch.model.issue import CompiledEdition


class Splicer:
    """A compiled edition cut at its slots: made once, used for every recipient, by any thread."""

    def __init__(self, compiled: CompiledEdition) -> None:
        pieces = finder(compiled.marker, Kind).split(compiled.data.decode("utf-8"))
        self._pieces = [piece.encode() for piece in pieces]
        self._places = [(index, Kind(pieces[index])) for index in range(1, len(pieces), 2)]
        self._encoders = {kind: ENCODERS[kind] for _, kind in self._places}

    def splice(self, recipient: Recipient) -> bytes:
        """The whole message (RFC 5322) of one person: CRLF lines, none of them beginning with a dot."""
        values = {kind: encode(recipient) for kind, encode in self._encoders.items()}
        pieces = self._pieces.copy()
        for index, kind in self._places:
            pieces[index] = values[kind]
        return b"".join(pieces)
