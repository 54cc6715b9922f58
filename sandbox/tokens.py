"""
Codes into tokens, tokens into newer tokens.

Refresh tokens rotate, and an answer that got lost may be asked for again: the
same code or the same old refresh token gives the same pair, until one of the
pair's two tokens has been seen here. From then on the old one is spent.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel

from sandbox.desk import AtDesk, Desk
from sandbox.refusals import (
    INVALID_CLIENT,
    INVALID_GRANT,
    UNSUPPORTED_GRANT_TYPE,
    Refused,
)
from sandbox.storage import Code, Login, TokenPair

router = APIRouter(prefix="/oauth", tags=["tokens"])


class TokenRequest(BaseModel):
    """What a client shows to get tokens."""

    grant_type: str = ""
    client_id: str = ""
    client_secret: str = ""
    code: str = ""
    redirect_uri: str = ""
    refresh_token: str = ""


@router.post("/token")
async def give_tokens(
    desk: AtDesk, response: Response, request: Annotated[TokenRequest, Form()]
) -> dict[str, Any]:
    """Exchange a code, or a refresh token, for a new pair."""
    if not _is_client(desk, request):
        raise Refused(INVALID_CLIENT)
    if request.grant_type not in GRANT_TYPES:
        raise Refused(UNSUPPORTED_GRANT_TYPE)
    pair = await GRANT_TYPES[request.grant_type](desk, request)
    response.headers["Cache-Control"] = "no-store"
    return _answer(desk, pair, desk.storage.login(pair.login_id))


@router.post("/revoke")
async def revoke(desk: AtDesk, token: Annotated[str, Form()]) -> dict[str, str]:
    """End the login of a token; an unknown token is none, so that is fine too."""
    desk.storage.revoke(token)
    return {}


def new_code(desk: Desk, login_id: int, redirect_uri: str) -> Code:
    """Make the code that goes back with the customer."""
    expires_at = desk.now() + desk.settings.code_lifetime
    return Code(_secret(), login_id, redirect_uri, expires_at.timestamp())


async def _exchange(desk: Desk, request: TokenRequest) -> TokenPair:
    code = desk.storage.code(request.code)
    if code is None or code.redirect_uri != request.redirect_uri:
        raise Refused(INVALID_GRANT)
    return _give(desk, code.code, code.login_id, until=code.expires_at)


async def _refresh(desk: Desk, request: TokenRequest) -> TokenPair:
    pair = desk.storage.pair_of_refresh(request.refresh_token)
    if pair is None:
        raise Refused(INVALID_GRANT)
    desk.storage.use_pair(pair)
    call = desk.count_call(pair.login_id)
    await desk.wait(call.behaviour)
    trouble = call.behaviour.refresh_trouble(call.login.calls)
    if trouble is not None:
        raise Refused(trouble)
    return _give(desk, pair.refresh, pair.login_id, until=float("inf"))


def _give(desk: Desk, given_for: str, login_id: int, until: float) -> TokenPair:
    """Give a new pair, or the same one again as long as nobody has used it."""
    storage, now = desk.storage, desk.now()
    expires_at = (now + desk.settings.access_token_lifetime).timestamp()
    fresh = TokenPair(_secret(), _secret(), given_for, login_id, expires_at)
    with storage.transaction():
        given = storage.pair_given_for(given_for)
        is_too_late = given.is_used if given else until <= now.timestamp()
        if is_too_late or storage.login(login_id).is_revoked:
            raise Refused(INVALID_GRANT)
        if given is None:
            storage.add_pair(fresh)
            return fresh
        storage.extend_pair(given.access, expires_at)
        return given._replace(expires_at=expires_at)


def _answer(desk: Desk, pair: TokenPair, login: Login) -> dict[str, Any]:
    company = desk.company_of(login)
    return {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "token_type": "Bearer",
        "expires_in": round(pair.expires_at - desk.now().timestamp()),
        "organisation": {"id": company.id, "name": company.name},
    }


GRANT_TYPES: Final[
    Mapping[str, Callable[[Desk, TokenRequest], Awaitable[TokenPair]]]
] = {
    "authorization_code": _exchange,
    "refresh_token": _refresh,
}


def _is_client(desk: Desk, request: TokenRequest) -> bool:
    expected = f"{desk.settings.client_id}:{desk.settings.client_secret}"
    shown = f"{request.client_id}:{request.client_secret}"
    return secrets.compare_digest(expected.encode(), shown.encode())


def _secret() -> str:
    return secrets.token_urlsafe(32)
