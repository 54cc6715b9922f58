"""Behind the scenes: changing how logins behave, and seeing who is logged in."""

from typing import Any

import pytest

from tests.sandbox.conftest import Client, request_for


async def test_a_change_reaches_every_login_of_the_company(client: Client) -> None:
    """
    Names are compared trimmed, whatever their case; other companies are left alone.
    """
    one, two = await client.log_in("Hoxton Tea"), await client.log_in("hoxton tea")
    other = await client.log_in("Brick Lane Bikes")

    answer = await client.control("  HOXTON TEA ", "outage")

    assert 200 == answer.status_code
    assert 2 == answer.json()["logins"]
    assert 503 == (await client.read(one)).status_code
    assert 503 == (await client.read(two)).status_code
    assert 200 == (await client.read(other)).status_code


async def test_a_company_never_seen_is_remembered_for_its_next_login(
    client: Client,
) -> None:
    """
    The page has it picked; a login without a choice takes it; the one after is ordinary.
    """
    answer = await client.control("Hoxton Tea", "forbidden")
    page = await client.http.get("/oauth/authorize", params=request_for())
    first = await client.log_in(scenario="")
    second = await client.log_in(scenario="")

    assert 0 == answer.json()["logins"]
    assert '<option value="forbidden" selected>' in page.text
    assert 403 == (await client.read(first)).status_code
    assert 200 == (await client.read(second)).status_code


async def test_a_choice_at_the_page_wins(client: Client) -> None:
    """
    What the customer picks counts for more than what was remembered.
    """
    await client.control("Hoxton Tea", "forbidden")

    tokens = await client.log_in(scenario="default")

    assert 200 == (await client.read(tokens)).status_code


async def test_a_reconnected_login_is_ordinary_again(client: Client) -> None:
    """
    Access that was revoked stays so for the old login; a new consent is a new start.
    """
    old = await client.log_in()
    await client.control("Hoxton Tea", "revoked")

    new = await client.log_in(scenario="")

    assert 401 == (await client.read(old)).status_code
    assert 200 == (await client.read(new)).status_code


@pytest.mark.parametrize(
    "wish",
    [
        {"company": "Hoxton Tea", "scenario": "sunny"},
        {"company": "   ", "scenario": "default"},
        {"company": "a" * 10_000, "scenario": "default"},
        {"company": "Hoxton Tea"},
        {"company": "Hoxton Tea", "scenario": "default", "colour": "red"},
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(
    client: Client, wish: dict[str, str]
) -> None:
    """
    Nothing changes, and the answer says which part is wrong.
    """
    answer = await client.http.post("/control/scenario", json=wish)

    assert (422, "invalid_request") == (answer.status_code, answer.json()["error"])


async def test_half_a_character_is_no_name(client: Client) -> None:
    """
    A lone surrogate can be written in JSON, but stored nowhere.
    """
    answer = await client.http.post(
        "/control/scenario",
        content=rb'{"company": "\ud800", "scenario": "default"}',
        headers={"Content-Type": "application/json"},
    )

    assert 422 == answer.status_code


async def test_logins_are_listed_without_their_tokens(client: Client) -> None:
    """
    Who consented to what, how it behaves, and how often it called.
    """
    tokens = await client.log_in("Hoxton Tea", scenario="flaky")
    await client.read(tokens)
    await client.http.post("/oauth/revoke", data={"token": tokens["access_token"]})

    listed: dict[str, Any] = (await client.http.get("/control/logins")).json()

    assert [
        {
            "id": "1",
            "product": "ledgerly",
            "company": "Hoxton Tea",
            "organisation_id": tokens["organisation"]["id"],
            "scenario": "flaky",
            "created_at": "2026-11-21T09:30:00+00:00",
            "revoked": True,
            "calls": 1,
        }
    ] == listed["items"]
