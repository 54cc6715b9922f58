"""Every way in which the software says no to a program: a status and two words of JSON."""

from typing import Any, Final, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class Refusal(NamedTuple):
    """One answer that says no; `retry_after` is in seconds."""

    status: int
    error: str
    message: str
    retry_after: int | None = None


class Refused(Exception):
    """Raised where it is known; the handler below answers it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


INVALID_TOKEN: Final = Refusal(
    401, "invalid_token", "This access token is unknown, expired or revoked."
)
INVALID_CLIENT: Final = Refusal(
    401, "invalid_client", "The client id or secret is wrong."
)
INVALID_GRANT: Final = Refusal(
    400,
    "invalid_grant",
    "This code or refresh token is unknown, expired, used or revoked.",
)
UNSUPPORTED_GRANT_TYPE: Final = Refusal(
    400,
    "unsupported_grant_type",
    "grant_type is authorization_code or refresh_token.",
)
NO_SUCH_DATA: Final = Refusal(404, "not_found", "There is no such data.")


def install(app: FastAPI) -> None:
    app.add_exception_handler(Refused, _say_no)
    app.add_exception_handler(RequestValidationError, _say_what_is_wrong)
    app.add_exception_handler(HTTPException, _say_in_json)


async def _say_no(request: Request, error: Any) -> JSONResponse:
    refusal: Refusal = error.refusal
    headers: dict[str, str] = dict(getattr(request.state, "limits", {}))
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status == INVALID_TOKEN.status:
        headers["WWW-Authenticate"] = f'Bearer error="{refusal.error}"'
    return _answer(refusal.status, refusal.error, refusal.message, headers)


async def _say_what_is_wrong(request: Request, error: Any) -> JSONResponse:
    found = (f"{problem['loc'][-1]}: {problem['msg']}" for problem in error.errors())
    return _answer(422, "invalid_request", "; ".join(found))


async def _say_in_json(request: Request, error: Any) -> JSONResponse:
    word = str(error.detail).lower().replace(" ", "_")
    return _answer(error.status_code, word, f"{error.detail}.", error.headers)


def _answer(
    status: int, error: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    body = {"error": error, "message": message}
    return JSONResponse(body, status, headers)
