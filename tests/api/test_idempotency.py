import asyncio
from typing import Any

import httpx
import pytest
from sqlmodel import select

from store.database import Database
from store.tables import CompanyRow, IdempotencyRow
from tests.api.given import ASKED, BY_LINK, COMPANY, Given

KEY = {"Idempotency-Key": "a key"}


async def test_the_same_key_and_body_get_the_first_answer(
    api: httpx.AsyncClient, given: Given, database: Database
) -> None:
    """
    Sent again, even after the company was edited, a POST makes nothing and answers as before.
    """
    first = await api.post("/v1/companies", json=COMPANY, headers=KEY)
    await api.patch(f"/v1/companies/{first.json()['id']}", json={"name": "Other"})
    before = await given.everything()

    again = await api.post("/v1/companies", json=COMPANY, headers=KEY)

    assert (201, first.json()) == (again.status_code, again.json())
    assert before == await given.everything()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/companies", {**COMPANY, "name": "Another"}),
        ("/v1/companies/{company}/journeys", BY_LINK),
        ("/v1/companies/{company}/refresh", None),
    ],
)
async def test_the_same_key_with_another_body_is_refused(
    api: httpx.AsyncClient, given: Given, path: str, body: Any
) -> None:
    """
    A key that was used for something else is 422, and nothing happens.
    """
    company = (await api.post("/v1/companies", json=COMPANY, headers=KEY)).json()
    before = await given.everything()

    answer = await api.post(path.format(company=company["id"]), json=body, headers=KEY)

    assert (422, "idempotency_key_reused") == (
        answer.status_code,
        answer.json()["code"],
    )
    assert before == await given.everything()


async def test_a_refusal_is_not_remembered(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    What was refused may be tried again with the same key, once nothing is in its way.
    """
    company = await given.company()
    journey = await given.journey(company)
    url = f"/v1/companies/{company.id}/journeys"

    refused = await api.post(url, json=ASKED, headers=KEY)
    journey.closed_at = journey.created_at
    await given.written(journey)
    accepted = await api.post(url, json=ASKED, headers=KEY)

    assert [409, 202] == [refused.status_code, accepted.status_code]


async def test_the_same_key_many_times_at_once_makes_one(
    api: httpx.AsyncClient, database: Database
) -> None:
    """
    Fifty equal requests with one key make one company, and all get it.
    """
    answers = await asyncio.gather(
        *(api.post("/v1/companies", json=COMPANY, headers=KEY) for _ in range(50))
    )

    async with database.reading() as session:
        (company,) = (await session.exec(select(CompanyRow))).all()
        (remembered,) = (await session.exec(select(IdempotencyRow))).all()
    assert {(201, company.id)} == {
        (each.status_code, each.json()["id"]) for each in answers
    }
    assert 201 == remembered.status


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel", "\x07"])
async def test_a_key_is_short_and_plain(api: httpx.AsyncClient, key: str) -> None:
    """
    Up to 200 printable ASCII characters.
    """
    headers = [(b"Idempotency-Key", key.encode())]

    answer = await api.post("/v1/companies", json=COMPANY, headers=headers)

    assert (422, "invalid_request") == (answer.status_code, answer.json()["code"])
