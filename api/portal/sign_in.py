"""Signing in and out. A session is a random token in a cookie, and its digest in the store."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import Configured, Now, Store
from api.portal.brakes import Brakes
from api.portal.people import (
    LASTS,
    SignedOut,
    SomePerson,
    cookie_name,
    is_secure,
    person_of,
)
from api.portal.route import SIGN_IN, PortalRoute
from api.portal.view import answer, moved, within
from api.portal.ways import DEMO_EMAILS, SignIn
from domain.roles import Role
from settings import Settings
from store import users
from store.database import Database

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

WRONG: Final = "This email address and password do not belong together."


class Reception(NamedTuple):
    """The ways in, and what slows down who tries too often."""

    ways: Mapping[str, SignIn]
    brakes: Brakes


async def _reception(request: Request) -> Reception:
    reception: Reception = request.app.state.reception
    return reception


AtReception = Annotated[Reception, Depends(_reception)]


@router.get(SIGN_IN)
async def show(  # noqa: PLR0917, PLR0913 (what the page depends on)
    request: Request,
    database: Store,
    settings: Configured,
    now: Now,
    reception: AtReception,
    next: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """Show the form; who is signed in already goes on."""
    try:
        await person_of(request, database, settings, now)
    except SignedOut:
        return _form(request, reception, within(next))
    return moved(request, within(next))


@router.post(SIGN_IN)
async def sign_in(
    request: Request,
    database: Store,
    settings: Configured,
    now: Now,
    reception: AtReception,
) -> Response:
    """Sign somebody in, with a token that nobody had before."""
    form = await request.form(max_files=0, max_fields=10)
    claims = {name: str(value) for name, value in form.items()}
    to = within(claims.get("next"))
    keys = _keys(request, claims)
    wait = reception.brakes.wait(keys, now)
    if wait:
        return _too_often(request, reception, to, int(wait.total_seconds()) + 1)
    way = reception.ways.get(claims.get("way", ""))
    user = await way.who(claims) if way else None
    if user is None:
        reception.brakes.failed(keys, now)
        return _form(request, reception, to, claims.get("email", ""), WRONG)
    reception.brakes.succeeded(keys[0])
    token = await _open(request, database, settings, user.id, now)
    page = moved(request, to)
    page.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(settings),
    )
    return page


@router.post("/sign-out")
async def sign_out(request: Request, database: Store, settings: Configured) -> Response:
    """End the session for good; the cookie alone would open nothing any more."""
    async with database.transaction() as session:
        await users.close_session(
            session, request.cookies.get(cookie_name(settings), "")
        )
    page = moved(request, SIGN_IN)
    page.delete_cookie(
        cookie_name(settings), secure=is_secure(settings), httponly=True, samesite="lax"
    )
    return page


@router.get("/me")
async def who_am_i(request: Request, person: SomePerson) -> Response:
    """Show who is signed in, and what that allows."""
    return answer(request, "me.html", person)


async def _open(
    request: Request,
    database: Database,
    settings: Settings,
    user_id: str,
    now: datetime,
) -> str:
    """Return a new session's token; the one that the browser had before opens nothing more."""
    token = secrets.token_urlsafe(32)
    async with database.transaction() as session:
        await users.close_session(
            session, request.cookies.get(cookie_name(settings), "")
        )
        await users.open_session(session, token, user_id, now, now + LASTS)
    return token


def _keys(request: Request, claims: Mapping[str, str]) -> tuple[str, str]:
    """Return what tries are counted by; an address is no longer than one may be."""
    host = request.client.host if request.client else ""
    return f"account {claims.get('email', '').strip().lower()[:254]}", f"host {host}"


def _too_often(
    request: Request, reception: Reception, to: str, seconds: int
) -> Response:
    minutes = -(-seconds // 60)
    why = f"That were too many tries. Please wait {minutes} min, then try again."
    page = _form(request, reception, to, "", why, HTTPStatus.TOO_MANY_REQUESTS)
    page.headers["Retry-After"] = str(seconds)
    return page


def _form(  # noqa: PLR0913, PLR0917 (what the form shows)
    request: Request,
    reception: Reception,
    to: str,
    email: str = "",
    problem: str | None = None,
    status: int | None = None,
) -> Response:
    return answer(
        request,
        "sign_in.html",
        None,
        status or (HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK),
        to=to,
        email=email,
        problem=problem,
        roles=tuple(Role) if "demo" in reception.ways else (),
        demo_emails=DEMO_EMAILS,
    )
