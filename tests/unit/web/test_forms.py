"""A form is read whole or not at all, and nobody waits for one for ever."""

import asyncio

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from dispatch.web.forms import read_body


def _half_sent() -> Request:
    """A form of which only the beginning ever comes."""
    came = [{"type": "http.request", "body": b"email=", "more_body": True}]

    async def receive() -> Message:
        if came:
            return came.pop()
        await asyncio.Event().wait()
        raise AssertionError

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def test_a_form_that_never_ends_is_given_up() -> None:
    """With 408, and the connection with it (RFC 9110, section 15.5.9)."""
    with pytest.raises(HTTPException) as raised:
        await read_body(_half_sent(), 100, patience=0.01)
    assert (raised.value.status_code, raised.value.headers) == (408, {"Connection": "close"})


async def test_a_server_that_ends_waits_for_no_form() -> None:
    """It cancels what is under way; that is an answer, not a fault."""
    waiting = asyncio.create_task(read_body(_half_sent(), 100))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(HTTPException) as raised:
        await waiting
    assert raised.value.status_code == 503
