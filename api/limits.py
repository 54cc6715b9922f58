"""How much may come in with one request."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STILL_TAKEN: Final = 64 * 1024 * 1024
"""Bytes of a body that is too large, taken and dropped: no browser reads an answer while it sends."""


class BodyLimit:
    """
    Refuse a body of more bytes than its path may have, before it takes any room.

    The framework's own limit does the same, but answers in plain text.
    """

    def __init__(self, app: ASGIApp, largest: Callable[[str], int]) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._largest(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        size = int(announced) if announced.isdecimal() else 0

        async def receive_some() -> Message:
            nonlocal size
            if size > largest:
                raise await _too_large(receive)
            message = await receive()
            if not announced:
                size += len(message.get("body", b""))
                if size > largest:
                    raise await _too_large(receive)
            return message

        await self._app(scope, receive_some, send)


async def _too_large(receive: Receive) -> HTTPException:
    """Hear the sender out, for a while, and keep nothing of it."""
    taken, more = 0, True
    while more and taken < STILL_TAKEN:
        message = await receive()
        taken += len(message.get("body", b""))
        more = message.get("more_body", False)
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
