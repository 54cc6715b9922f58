"""Signing in and out."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.portal.accounts import ensure_demo_users
from api.portal.brakes import TRIES
from api.portal.people import LASTS
from api.portal.portal import reception
from api.portal.view import within
from api.temporal import TemporalDoor
from domain.roles import Role
from settings import Settings
from store.database import Database
from store.tables import PortalSessionRow
from tests.api.conftest import MakeApp, nobody_there
from tests.api.given import Bank
from tests.api.portal.desk import COOKIE, PASSWORD, Desk, text_of


async def sign_in(
    browser: httpx.AsyncClient, email: str, password: str = PASSWORD, to: str = "/"
) -> httpx.Response:
    claims = {"way": "password", "email": email, "password": password, "next": to}
    return await browser.post("/sign-in", data=claims)


async def sessions(database: Database) -> list[PortalSessionRow]:
    async with database.reading() as session:
        return list((await session.exec(select(PortalSessionRow))).all())


async def test_the_password_opens_the_door(desk: Desk) -> None:
    """
    Whoever knows the password gets in, whatever the case of the address, and to the page they wanted.
    """
    user = await desk.user(password=True)
    browser = await desk.browser()

    answer = await sign_in(browser, f" {user.email.upper()} ", to="/me")
    page = await browser.get(answer.headers["location"])

    assert 303 == answer.status_code
    assert user.name in text_of(page)


@pytest.mark.parametrize(
    ("email", "password"),
    [(None, "wrong"), ("nobody@bank.test", PASSWORD), (None, "x" * 300)],
)
async def test_nobody_learns_who_has_an_account(
    desk: Desk, email: str | None, password: str
) -> None:
    """
    A wrong password and a stranger get the same answer.
    """
    user = await desk.user(password=True)
    browser = await desk.browser()

    answer = await sign_in(browser, email or user.email, password)

    assert 422 == answer.status_code
    assert "This email address and password do not belong together." in text_of(answer)
    assert COOKIE not in browser.cookies


async def test_without_a_password_no_password_fits(desk: Desk) -> None:
    """
    An account that has no password is not opened by any, the empty one neither.
    """
    user = await desk.user()

    answers = [
        await sign_in(await desk.browser(), user.email, password)
        for password in ("", "None")
    ]

    assert [422, 422] == [answer.status_code for answer in answers]


async def test_the_cookie_is_for_the_server_alone(desk: Desk) -> None:
    """
    No script reads the cookie, and no other site's form sends it; it is no more than a random token.
    """
    user = await desk.user(password=True)

    answer = await sign_in(await desk.browser(), user.email)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} < set(cookie.split("; "))
    (kept,) = await sessions(desk.database)
    assert kept.digest not in cookie


async def test_over_https_the_cookie_stays_there(
    settings: Settings, make_app: MakeApp, bank: Bank
) -> None:
    """
    Where people come by https, the cookie is sent by nothing else, and no other host can set it.
    """
    app = make_app(TemporalDoor(nobody_there))
    app.state.settings = settings.model_copy(update={"base_url": "https://bank.test"})
    desk = Desk(app, bank)
    user = await desk.user(password=True)

    answer = await sign_in(await desk.browser(), user.email)

    await desk.close()
    assert answer.headers["set-cookie"].startswith(f"__Host-{COOKIE}=")
    assert "Secure" in answer.headers["set-cookie"]


async def test_a_session_is_never_taken_over(desk: Desk) -> None:
    """
    Signing in makes a new token, and the one that was there before opens nothing any more.
    """
    attacker, victim = await desk.user(), await desk.user(password=True)
    browser = await desk.signed_in(attacker)
    planted = browser.cookies[COOKIE]

    await sign_in(browser, victim.email)

    old = await desk.browser()
    old.cookies.set(COOKIE, planted)
    assert 303 == (await old.get("/me")).status_code
    assert victim.name in text_of(await browser.get("/me"))


async def test_signing_out_counts_at_the_server(desk: Desk) -> None:
    """
    A copy of the cookie is worth nothing after its owner has signed out.
    """
    browser = await desk.at_work(Role.VIEWER)
    copy = await desk.browser()
    copy.cookies.set(COOKIE, browser.cookies[COOKIE])

    answer = await browser.post("/sign-out")

    assert "/sign-in" == answer.headers["location"]
    assert "/sign-in?next=%2Fme" == (await copy.get("/me")).headers["location"]


async def test_a_session_ends(desk: Desk) -> None:
    """
    After its time a session opens nothing, and the next sign-in tidies it away.
    """
    user = await desk.user(password=True)
    late = await desk.signed_in(user, timedelta(seconds=-1))

    answer = await late.get("/me")
    await sign_in(await desk.browser(), user.email)

    assert 303 == answer.status_code
    assert 1 == len(await sessions(desk.database))


async def test_the_way_leads_back(desk: Desk) -> None:
    """
    Whoever is sent to sign in comes back to the page, with all that its address said.
    """
    browser = await desk.browser()

    answer = await browser.get("/?status=Error&q=tea+%26+co")

    assert (
        "/sign-in?next=%2F%3Fstatus%3DError%26q%3Dtea%2B%2526%2Bco"
        == answer.headers["location"]
    )


async def test_a_script_is_led_to_the_door_too(desk: Desk) -> None:
    """
    A part of a page that is asked for after the session ended leads the whole page to sign in.
    """
    browser = await desk.browser()
    asking = {"HX-Request": "true", "HX-Current-URL": "http://rapport.test/?q=tea"}

    answer = await browser.get("/", headers=asking)

    assert "/sign-in?next=%2F%3Fq%3Dtea" == answer.headers["hx-redirect"]


async def test_who_is_in_need_not_come_in_again(desk: Desk) -> None:
    """
    The sign-in page leads whoever is signed in on.
    """
    browser = await desk.at_work(Role.VIEWER)

    answer = await browser.get("/sign-in?next=/me")

    assert "/me" == answer.headers["location"]


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.test", "//evil.test", "/\\evil.test", "evil", "/\tevil", "", None],
)
def test_nobody_is_led_elsewhere(elsewhere: str | None) -> None:
    """
    An address that is not a page of ours leads home.
    """
    assert "/" == within(elsewhere)


async def test_guessing_gets_slow(desk: Desk) -> None:
    """
    After too many wrong tries the right password has to wait too.
    """
    user = await desk.user(password=True)
    browser = await desk.browser()

    for _ in range(TRIES):
        await browser.post("/sign-in", data={"way": "none", "email": user.email})
    answer = await sign_in(browser, user.email)

    assert 429 == answer.status_code
    assert 0 < int(answer.headers["retry-after"]) <= 600


async def test_there_is_no_demo_in_production(desk: Desk) -> None:
    """
    Unless it is switched on, no click signs anybody in.
    """
    await ensure_demo_users(desk.database, desk.bank.id)
    browser = await desk.browser()

    page = await browser.get("/sign-in")
    answer = await browser.post("/sign-in", data={"way": "demo", "role": "admin"})

    assert "Just trying it out?" not in text_of(page)
    assert 422 == answer.status_code


@pytest.mark.parametrize("role", Role)
async def test_a_click_signs_in_where_it_is_tried_out(
    settings: Settings, bank: Bank, database: Database, role: Role, make_app: MakeApp
) -> None:
    """
    In a copy for trying, one click signs in each role.
    """
    app = trying(make_app, settings, database)
    desk = Desk(app, bank)
    await ensure_demo_users(database, bank.id)
    await ensure_demo_users(database, bank.id)
    browser = await desk.browser()

    page = await browser.get("/sign-in")
    answer = await browser.post("/sign-in", data={"way": "demo", "role": role})
    me = await browser.get("/me")

    await desk.close()
    assert "Just trying it out?" in text_of(page)
    assert 303 == answer.status_code
    assert role.split("_")[0] in text_of(me).casefold()


def trying(make_app: MakeApp, settings: Settings, database: Database) -> FastAPI:
    """Make an app as `rapport up` does."""
    app = make_app(TemporalDoor(nobody_there))
    here = settings.model_copy(update={"demo_sign_in": True})
    app.state.reception = reception(here, database)
    return app


def test_a_day_at_work_is_shorter_than_a_session() -> None:
    """
    Nobody is signed out in the middle of a working day.
    """
    assert timedelta(hours=8) < LASTS < timedelta(days=1)
