"""Two processes of the API that are asked at the same time, each with an engine of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from sqlmodel import select

from api.temporal import TemporalDoor
from settings import Settings
from store.database import Database
from store.search import words_of
from store.tables import CompanyRow, JourneyRow, SearchWordRow
from tests.api.conftest import build_app, calling, nobody_there
from tests.api.given import ASKED, COMPANY, Bank

PROCESSES = 3
Doors = list[httpx.AsyncClient]


@pytest.fixture
async def doors(settings: Settings, bank: Bank) -> AsyncIterator[Doors]:
    """The same bank's way in, through each process."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient())
        found = []
        for _ in range(PROCESSES):
            database = Database(settings.database_url)
            stack.push_async_callback(database.close)
            app = build_app(settings, database, http, TemporalDoor(nobody_there))
            found.append(await stack.enter_async_context(calling(app, bank.key)))
        yield found


async def post(doors: Doors, path: str, body: Any, *keys: str) -> list[httpx.Response]:
    """Ask every process at once, each twice; with a key of its own, or all with the same."""
    asking = [
        door.post(path, json=body, headers={"Idempotency-Key": key})
        for door, key in zip(doors * 2, keys * (2 * PROCESSES), strict=False)
    ]
    return list(await asyncio.gather(*asking))


async def test_a_client_is_asked_for_data_once(doors: Doors, bank: Bank) -> None:
    """
    One journey begins; all others are told which one.
    """
    company = await bank.given.company()
    keys = [str(number) for number in range(2 * PROCESSES)]

    answers = await post(doors, f"/v1/companies/{company.id}/journeys", ASKED, *keys)

    async with bank.given.database.reading() as session:
        (journey,) = (await session.exec(select(JourneyRow.id))).all()
    assert [202, *[409] * 5] == sorted(answer.status_code for answer in answers)
    for answer in answers:
        assert journey in answer.text


@pytest.mark.parametrize("path", ["/v1/companies", "/v1/companies/{id}/journeys"])
async def test_one_key_is_one_answer(doors: Doors, bank: Bank, path: str) -> None:
    """
    Whichever process is asked, and however many at once.
    """
    company = await bank.given.company()
    body = ASKED if "{id}" in path else COMPANY

    answers = await post(doors, path.format(id=company.id), body, "a key")

    assert 1 == len({answer.text for answer in answers})
    assert {True} == {answer.is_success for answer in answers}


async def test_a_company_that_two_edit_is_found_by_what_it_became(
    doors: Doors, bank: Bank
) -> None:
    """
    One changes its name, others its contact: nothing is lost, no old word is left.
    """
    company = await bank.given.company()
    changes: list[dict[str, Any]] = [
        {"name": "Camden Coffee"},
        {"contact": {"name": "Grace", "email": "grace@camden.test"}},
        {"users": ["a@bank.test"]},
    ]

    answers = await asyncio.gather(
        *(
            door.patch(f"/v1/companies/{company.id}", json=change)
            for door, change in zip(doors * 3, changes * 3, strict=True)
        )
    )

    async with bank.given.database.reading() as session:
        row = await session.get_one(CompanyRow, company.id)
        words = set((await session.exec(select(SearchWordRow.word))).all())
    assert {200} == {answer.status_code for answer in answers}
    assert ("Camden Coffee", "Grace") == (row.name, row.contact_name)
    assert words_of("Camden Coffee", "Grace", "grace@camden.test") == words


async def test_an_organization_that_two_change_keeps_both(
    doors: Doors, bank: Bank
) -> None:
    """
    Each entry of its two maps counts for itself.
    """
    changes: list[dict[str, Any]] = [
        {"features": {"copy_link": False}},
        {"features": {"multi_entity": False}},
        {"name": "Another name"},
    ]

    await asyncio.gather(
        *(
            door.patch("/v1/organization", json=change)
            for door, change in zip(doors, changes, strict=True)
        )
    )

    shown = (await doors[0].get("/v1/organization")).json()
    assert "Another name" == shown["name"]
    assert (False, False) == (
        shown["features"]["copy_link"],
        shown["features"]["multi_entity"],
    )
