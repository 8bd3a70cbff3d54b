"""Files that are read while they are sent: large ones, and parts of any that is not packed (RFC 9110, section 14)."""

import asyncio
from typing import BinaryIO

from starlette.types import Send

from dispatch.web.conditional import Asked, still_whole
from dispatch.web.ranges import Part, part_of
from dispatch.web.replies import make_reply
from dispatch.web.served import ServedFile, open_unchanged

PIECE = 256 * 1024  # bytes read at once


def part_wanted(file: ServedFile, asked: Asked) -> Part | None:
    """The part that may be sent; None: the whole is wanted, or has to be sent."""
    if b"range" not in asked or not file.has_parts:
        return None
    headers = file.headers()
    same = still_whole(asked.get(b"if-range"), headers["etag"].encode(), headers["last-modified"].encode())
    return part_of(asked[b"range"], file.size) if same else None


async def send_part(send: Send, file: ServedFile, part: Part | None, *, whole: bool) -> None:
    """Send a part, or all of it; not `whole`, as HEAD wants it, the headers alone.

    Raises OSError before anything is sent, ChangedError for a file that is another by now. A file that shrinks
    meanwhile ends the answer early, by which the reader knows that it is not complete.
    """
    if part is not None and not part:
        await make_reply(416, {"content-range": f"bytes */{file.size}", "content-length": "0"}).send(send)
        return
    sent = part or Part(0, file.size)
    said = {"content-length": str(len(sent))}
    if part:
        said["content-range"] = f"bytes {part.start}-{part.end - 1}/{file.size}"
    opened = await asyncio.to_thread(open_unchanged, file, sent.start)
    try:
        start = make_reply(206 if part else 200, {**file.headers(), **said})
        await send({"type": "http.response.start", "status": start.status, "headers": start.headers})
        await _send_pieces(send, opened, len(sent) if whole else 0)
    finally:
        opened.close()


async def _send_pieces(send: Send, opened: BinaryIO, left: int) -> None:
    while left:
        piece = await asyncio.to_thread(opened.read, min(left, PIECE))
        if not piece:
            return
        left -= len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
