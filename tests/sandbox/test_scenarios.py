"""Each scenario behaves as its line in the table says, on data and on refresh alike."""

import json
import time
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx
import pytest

from sandbox.data import SHELVES
from sandbox.scenarios import BEHAVIOURS, Scenario
from tests.sandbox.conftest import Client


def test_every_scenario_has_a_behaviour() -> None:
    """
    The table is total.
    """
    assert set(Scenario) == set(BEHAVIOURS)


@pytest.mark.parametrize("scenario", list(Scenario))
async def test_no_scenario_touches_the_exchange(
    client: Client, scenario: Scenario
) -> None:
    """
    Whatever comes later, the code is exchanged.
    """
    answer = await client.exchange(await client.approve(scenario=scenario))

    assert 200 == answer.status_code


@pytest.mark.parametrize(
    ("scenario", "status", "retry_after"),
    [
        ("outage", 503, None),
        ("quota", 429, "3600"),
        ("revoked", 401, None),
        ("forbidden", 403, None),
    ],
)
async def test_a_lasting_trouble_is_on_every_call(
    client: Client, scenario: str, status: int, retry_after: str | None
) -> None:
    """
    No kind of data gets through, and the answer is JSON that says why.
    """
    tokens = await client.log_in(scenario=scenario)

    for data in SHELVES:
        answer = await client.read(tokens, data)
        assert status == answer.status_code
        assert retry_after == answer.headers.get("retry-after")
        assert {"error", "message"} == set(answer.json())
        assert "x-ratelimit-remaining" in answer.headers


@pytest.mark.parametrize(
    ("scenario", "status"),
    [("outage", 503), ("quota", 429), ("revoked", 400), ("forbidden", 403)],
)
async def test_a_lasting_trouble_is_on_refresh(
    client: Client, scenario: str, status: int
) -> None:
    """
    The token endpoint has the same trouble, and spends nothing by it.
    """
    tokens = await client.log_in(scenario=scenario)

    troubled = await client.refresh(tokens["refresh_token"])
    await client.control("Hoxton Tea", "default")
    recovered = await client.refresh(tokens["refresh_token"])

    assert status == troubled.status_code
    assert 200 == recovered.status_code


async def test_flaky_fails_every_third_call(client: Client) -> None:
    """
    503 and 429 take turns, and a second later all is well.
    """
    tokens = await client.log_in(scenario="flaky")

    answers = [await client.read(tokens, "accounts") for _ in range(9)]

    expected = [200, 200, 503, 200, 200, 429, 200, 200, 503]
    assert expected == [answer.status_code for answer in answers]
    assert {"1"} == {
        answer.headers["retry-after"] for answer in answers if answer.is_error
    }


async def test_malformed_accounts_hold_an_amount_that_is_none(client: Client) -> None:
    """
    The page is JSON, and one balance can't be read; again and again the same.
    """
    tokens = await client.log_in(scenario="malformed")
    first, second = [await client.read(tokens, "accounts") for _ in range(2)]

    with pytest.raises(InvalidOperation):
        _ = [Decimal(row["current_balance"]) for row in first.json()["items"]]

    assert first.content == second.content


async def test_malformed_bills_are_no_json(client: Client) -> None:
    """
    The page says that it is JSON, and breaks off.
    """
    answer = await client.read(await client.log_in(scenario="malformed"), "bills")

    assert (200, "application/json") == (
        answer.status_code,
        answer.headers["content-type"],
    )
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_malformed_leaves_the_rest_readable(client: Client) -> None:
    """
    Suppliers are fine: not all of the software is broken.
    """
    answer = await client.read(await client.log_in(scenario="malformed"), "suppliers")

    assert answer.json()["items"]


async def test_empty_has_an_organisation_and_nothing_else(client: Client) -> None:
    """
    Connected, but there is nothing in the books.
    """
    tokens = await client.log_in(scenario="empty")

    totals = {data: await total(client, tokens, data) for data in SHELVES}

    assert 1 == totals.pop("organisation")
    assert {0} == set(totals.values())


async def test_slow_is_slow(client: Client) -> None:
    """
    Each call takes a second and a half, and then works.
    """
    tokens = await client.log_in(scenario="slow")
    started = time.perf_counter()

    answer = await client.read(tokens)

    assert 200 == answer.status_code
    assert time.perf_counter() - started >= 1.5


async def test_large_has_as_many_bills_as_were_set(client: Client) -> None:
    """
    The login sees more bills than usual, of the same organisation.
    """
    usual, large = await client.log_in(), await client.log_in(scenario="large")

    assert 2_000 == await total(client, large, "bills")
    assert usual["organisation"] == large["organisation"]


async def test_another_organisation_has_another_id_and_name(client: Client) -> None:
    """
    The grant and the data both tell that the login belongs elsewhere.
    """
    usual = await client.log_in()
    other = await client.log_in(scenario="other_organisation")
    seen = (await client.read(other)).json()["items"][0]

    assert usual["organisation"]["id"] != other["organisation"]["id"]
    assert other["organisation"] == {"id": seen["id"], "name": seen["name"]}
    assert "Hoxton Tea" != seen["name"]


async def total(client: Client, tokens: dict[str, Any], data: str) -> int:
    """Say how many rows there are of one kind."""
    answer: httpx.Response = await client.read(tokens, data)
    count: int = answer.json()["total"]
    return count
