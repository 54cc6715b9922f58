"""The books over HTTP: pages, limits, and what a wrong call is told."""

import json
import time
from typing import Any

import httpx
import pytest

from sandbox.data import SHELVES
from sandbox.settings import Settings
from tests.sandbox.conftest import Client, Clock

LISTS = sorted(SHELVES)


async def read_all(
    client: Client, tokens: dict[str, Any], data: str, page_size: int = 500
) -> list[httpx.Response]:
    """Read every page, as a client does: on and on until there is no more."""
    pages = [await client.read(tokens, data, page=1, page_size=page_size)]
    while pages[-1].json()["has_more"]:
        number = len(pages) + 1
        pages.append(await client.read(tokens, data, page=number, page_size=page_size))
    return pages


@pytest.mark.parametrize("data", LISTS)
async def test_each_kind_of_data_comes_in_pages(client: Client, data: str) -> None:
    """
    Every kind has rows, and says how many there are.
    """
    answer = await client.read(await client.log_in(), data)
    page = answer.json()

    assert 200 == answer.status_code
    assert {"items", "page", "page_size", "total", "has_more"} == set(page)
    assert (1, 500) == (page["page"], page["page_size"])
    assert min(page["total"], 500) == len(page["items"]) > 0


@pytest.mark.parametrize("page_size", [7, 100, 5_000])
@pytest.mark.parametrize("data", ["bills", "bill-payments", "expenses"])
async def test_pages_cover_everything_exactly_once(
    client: Client, data: str, page_size: int
) -> None:
    """
    However long the pages are, each row is on one of them, in the same order.
    """
    tokens = await client.log_in()
    whole = (await client.read(tokens, data, page_size=5_000)).json()

    pages = await read_all(client, tokens, data, page_size)
    rows = [row for page in pages for row in page.json()["items"]]

    assert whole["items"] == rows
    assert whole["total"] == len(rows) == len({row["id"] for row in rows})


async def test_ordinary_books_take_few_calls(client: Client) -> None:
    """
    At the usual page size all nine kinds together are read in at most 60 calls.
    """
    tokens = await client.log_in()

    calls = sum([len(await read_all(client, tokens, data)) for data in LISTS])

    assert calls <= 60


@pytest.mark.parametrize("data", ["accounts", "bills", "bill-payments"])
async def test_a_page_beyond_the_end_is_empty(client: Client, data: str) -> None:
    """
    Reading on is no mistake: there is just nothing there.
    """
    page = (await client.read(await client.log_in(), data, page=1_000_000)).json()

    assert ([], False) == (page["items"], page["has_more"])


@pytest.mark.parametrize(
    "params",
    [
        {"page": 0},
        {"page": -1},
        {"page": 10**30},
        {"page": "two"},
        {"page_size": 0},
        {"page_size": 5_001},
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    client: Client, params: dict[str, Any]
) -> None:
    """
    The message names the parameter.
    """
    answer = await client.read(await client.log_in(), "bills", **params)

    assert (422, "invalid_request") == (answer.status_code, answer.json()["error"])
    assert next(iter(params)) in answer.json()["message"]


@pytest.mark.parametrize("path", ["/api/invoices", "/nowhere"])
async def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    """
    A wrong address gets JSON like every other refusal.
    """
    tokens = await client.log_in()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}

    answer = await client.http.get(path, headers=bearer)

    assert (404, "not_found") == (answer.status_code, answer.json()["error"])
    assert answer.json()["message"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer guessed"}])
async def test_without_a_token_nothing_is_shown(
    client: Client, headers: dict[str, str]
) -> None:
    """
    No token and a wrong one are the same.
    """
    answer = await client.http.get("/api/bills", headers=headers)

    assert (401, "invalid_token") == (answer.status_code, answer.json()["error"])


async def test_calls_are_counted_by_the_minute(client: Client, clock: Clock) -> None:
    """
    The headers say how many calls are left, and when the count starts again.
    """
    tokens = await client.log_in()
    first = await client.read(tokens)
    clock.pass_by(seconds=15)
    second = await client.read(tokens)

    assert ("600", "599", "60") == limits(first)
    assert ("600", "598", "45") == limits(second)


async def test_too_many_calls_have_to_wait(
    client: Client, clock: Clock, settings: Settings
) -> None:
    """
    Beyond the limit the answer is 429 until the next minute; another login is not held up.
    """
    tokens, other = await client.log_in(), await client.log_in()
    for _ in range(settings.calls_a_minute):
        assert 200 == (await client.read(tokens, "payment-methods")).status_code

    refused = await client.read(tokens)
    unhurt = await client.read(other)
    clock.pass_by(seconds=int(refused.headers["retry-after"]))

    assert 429 == refused.status_code
    assert ("600", "0", "60") == limits(refused)
    assert 200 == unhurt.status_code
    assert 200 == (await client.read(tokens)).status_code


async def test_the_same_name_is_the_same_company(client: Client) -> None:
    """
    The same books, byte for byte, however the name is spaced, whichever product it is.
    """
    one = await client.log_in("Hoxton Tea")
    two = await client.log_in("  HOXTON   tea ")

    for data in LISTS:
        if data != "organisation":
            answers = await client.read(one, data), await client.read(two, data)
            assert answers[0].content == answers[1].content
    assert one["organisation"]["id"] == two["organisation"]["id"]


async def test_a_page_of_five_thousand_is_quick(client: Client) -> None:
    """
    A large page costs the same wherever it is, and well under a second.
    """
    tokens = await client.log_in(scenario="large")
    started = time.perf_counter()

    answer = await client.read(tokens, "bills", page=1, page_size=5_000)

    assert time.perf_counter() - started < 1
    assert 2_000 == len(json.loads(answer.content)["items"])


def limits(answer: httpx.Response) -> tuple[str, str, str]:
    """Pick the three headers of the rate limit."""
    headers = answer.headers
    return (
        headers["x-ratelimit-limit"],
        headers["x-ratelimit-remaining"],
        headers["x-ratelimit-reset"],
    )
