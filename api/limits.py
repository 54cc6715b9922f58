"""How much may come in with one request."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """
    Refuse a body of more than `largest` bytes, as soon as that is known.

    The framework's own limit does the same, but answers in plain text.
    """

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        size = int(announced) if announced.isdecimal() else 0

        async def receive_some() -> Message:
            nonlocal size
            self._insist(size)
            message = await receive()
            if not announced:
                size += len(message.get("body", b""))
                self._insist(size)
            return message

        await self._app(scope, receive_some, send)

    def _insist(self, size: int) -> None:
        if size > self._largest:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
