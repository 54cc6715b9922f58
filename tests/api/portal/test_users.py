"""Who may sign in, as an administrator sees it."""

import httpx
import pytest

from domain.roles import Role
from store.tables import UserRow
from tests.api.given import Bank
from tests.api.portal.desk import PASSWORD, Desk, text_of

NEW = {
    "name": "Ada Okafor",
    "email": "Ada@meridian.example",
    "role": "support",
    "password": PASSWORD,
}


async def kept(desk: Desk, user: UserRow) -> UserRow:
    async with desk.database.reading() as session:
        return await session.get_one(UserRow, user.id)


async def test_an_administrator_adds_people(desk: Desk) -> None:
    """
    Whoever is added signs in with the first password, in the role that they were given.
    """
    admin = await desk.at_work(Role.ADMIN)
    browser = await desk.browser()

    await admin.post("/users", data=NEW)
    claims = {"way": "password", "email": "ada@meridian.example", "password": PASSWORD}
    await browser.post("/sign-in", data=claims)

    assert "Ada Okafor" in text_of(await admin.get("/users"))
    assert "Ada Okafor Support" in text_of(await browser.get("/me"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "short"}, "A password has 12 to 200 characters"),
        ({"email": "nobody"}, "An email address must have an @-sign."),
        ({"name": " "}, "at least 1 character"),
    ],
)
async def test_what_makes_no_account_is_said(
    desk: Desk, change: dict[str, str], words: str
) -> None:
    """
    A weak password and a bad address are refused, and what was typed stays but for the password.
    """
    admin = await desk.at_work(Role.ADMIN)

    answer = await admin.post("/users", data={**NEW, **change})

    assert 422 == answer.status_code
    assert words in text_of(answer)
    assert PASSWORD not in answer.text


async def test_an_address_belongs_to_one_person(desk: Desk) -> None:
    """
    Nobody gets an account with an address that somebody has.
    """
    user = await desk.user()
    admin = await desk.at_work(Role.ADMIN)

    answer = await admin.post("/users", data={**NEW, "email": user.email.upper()})

    assert "Somebody has an account with this address already." in text_of(answer)


async def test_another_role_holds_at_once(desk: Desk) -> None:
    """
    Somebody who is signed in may do from the next click on what the new role allows.
    """
    user = await desk.user(Role.VIEWER)
    browser, admin = await desk.signed_in(user), await desk.at_work(Role.ADMIN)

    await admin.post(f"/users/{user.id}/role", data={"role": "support"})

    assert Role.SUPPORT is (await kept(desk, user)).role
    assert "Support" in text_of(await browser.get("/me"))


async def test_whoever_leaves_is_out_at_once(desk: Desk) -> None:
    """
    A deactivated account opens nothing, signed in or not, until it is let in again.
    """
    user = await desk.user(password=True)
    browser, admin = await desk.signed_in(user), await desk.at_work(Role.ADMIN)
    claims = {"way": "password", "email": user.email, "password": PASSWORD}

    await admin.post(f"/users/{user.id}/deactivate")
    during = await browser.get("/me")
    refused = await browser.post("/sign-in", data=claims)
    shown = text_of(await admin.get("/users"))
    await admin.post(f"/users/{user.id}/activate")
    again = await browser.post("/sign-in", data=claims)

    assert [303, 422, 303] == [each.status_code for each in (during, refused, again)]
    assert "Deactivated" in shown


@pytest.mark.parametrize("action", ["role", "deactivate"])
async def test_nobody_shuts_the_door_behind_themselves(desk: Desk, action: str) -> None:
    """
    An administrator can't take the own rights away: there would be nobody to give them back.
    """
    user = await desk.user(Role.ADMIN)
    admin = await desk.signed_in(user)

    answer = await admin.post(f"/users/{user.id}/{action}", data={"role": "viewer"})

    assert 409 == answer.status_code
    assert Role.ADMIN is (await kept(desk, user)).role


@pytest.mark.parametrize("action", ["role", "deactivate", "activate"])
async def test_others_people_are_not_found(
    desk: Desk, other_bank: Bank, action: str
) -> None:
    """
    The people of another organization are nobody's to change.
    """
    theirs = await Desk(desk.app, other_bank).user()
    admin = await desk.at_work(Role.ADMIN)

    answer: httpx.Response = await admin.post(
        f"/users/{theirs.id}/{action}", data={"role": "admin"}
    )

    assert 404 == answer.status_code
    assert theirs.role is (await kept(desk, theirs)).role
