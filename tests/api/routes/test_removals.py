"""Deleting a company: gone at once for everybody, and for good a little later."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from domain.ids import Kind
from domain.journey import Delivery, EntityStage
from domain.links import Link
from domain.messages import SyncState
from domain.removals import STEPS
from settings import Settings
from store.database import Database
from store.objects import Objects
from store.tables import (
    CompanyRow,
    IdempotencyRow,
    RemovalRow,
    SearchWordRow,
)
from tests.api.given import ASKED, CONTACT, Bank, Given
from tests.api.live import ShutOffice
from tests.leftovers import files, mentions
from workflows.ids import removal_workflow_id

Ids = dict[str, str]

ADDRESSES = [
    ("GET", "/v1/companies/{company}", None),
    ("PATCH", "/v1/companies/{company}", {"name": "Again"}),
    ("GET", "/v1/companies/{entity}", None),
    ("GET", "/v1/companies?parent_id={company}", None),
    ("GET", "/v1/companies/{company}/email-preview?data_types=financials", None),
    ("POST", "/v1/companies/{company}/journeys", ASKED),
    ("POST", "/v1/companies/{company}/refresh", None),
    ("GET", "/v1/companies/{company}/syncs", None),
    ("GET", "/v1/companies/{company}/connections", None),
    ("GET", "/v1/companies/{company}/reports", None),
    ("GET", "/v1/companies/{company}/accounts", None),
    ("GET", "/v1/journeys?company_id={company}", None),
    ("GET", "/v1/journeys/{journey}", None),
    ("GET", "/v1/journeys/{journey}/timeline", None),
    ("POST", "/v1/journeys/{journey}/resend", None),
    ("POST", "/v1/journeys/{journey}/link", None),
    ("POST", "/v1/journeys/{journey}/cancel", {"reason": "Over"}),
    ("GET", "/v1/syncs/{sync}", None),
    ("DELETE", "/v1/connections/{connection}", None),
]  # fmt: skip


async def a_client(given: Given) -> Ids:
    """A client with a legal entity, an open request and a reading that is under way."""
    client = await given.company()
    entity = await given.company(name="Hoxton Retail", parent_id=client.id)
    journey = await given.journey(client, delivery=Delivery.LINK)
    connection = await given.connection(
        journey, company_id=entity.id, stage=EntityStage.FETCHING
    )
    sync = await given.sync(entity, state=SyncState.RUNNING, finished_at=None)
    return {
        "company": client.id,
        "entity": entity.id,
        "journey": journey.id,
        "connection": connection.id,
        "sync": sync.id,
    }


async def delete(api: httpx.AsyncClient, company_id: str) -> Any:
    answer = await api.delete(f"/v1/companies/{company_id}")
    assert 202 == answer.status_code, answer.text
    return answer.json()


async def test_a_company_that_is_deleted_is_not_there_any_more(
    api: httpx.AsyncClient, given: Given, shut: ShutOffice
) -> None:
    """
    Also while Temporal is away: every address answers 404, no list has it, its link leads nowhere.
    """
    ids = await a_client(given)
    other = await given.company(name="Shoreditch Coffee")

    removal = await delete(api, ids["company"])

    answers = {
        (method, address): await api.request(method, address.format(**ids), json=body)
        for method, address, body in ADDRESSES
    }
    token = shut.signer.link(Link(ids["journey"], 1))
    link = await shut.door.get(f"/v1/link/{token}")
    companies = (await api.get("/v1/companies")).json()["items"]
    assert {404} == {answer.status_code for answer in answers.values()}, answers
    assert 404 == link.status_code
    assert [other.id] == [each["id"] for each in companies]
    for lost in (
        "/v1/companies?q=tea",
        "/v1/companies?q=retail",
        "/v1/journeys",
        "/v1/journeys?open=true",
    ):
        assert [] == (await api.get(lost)).json()["items"]
    assert ("running", list(STEPS)) == (
        removal["state"],
        [step["name"] for step in removal["steps"]],
    )
    assert (1, 1, 1) == tuple(
        removal["removed"][thing] for thing in ("legal_entities", "journeys", "syncs")
    )


async def test_deleting_twice_is_deleting_once(
    api: httpx.AsyncClient, given: Given, database: Database
) -> None:
    """
    Whoever asks again, at the same moment or later, gets the same removal.
    """
    ids = await a_client(given)

    first, second = await asyncio.gather(
        delete(api, ids["company"]), delete(api, ids["company"])
    )
    third = await delete(api, ids["company"])

    shown = (await api.get(f"/v1/removals/{first['id']}")).json()
    listed = (await api.get("/v1/removals")).json()["items"]
    assert first["id"] == second["id"] == third["id"]
    assert [first] == [shown] == listed
    async with database.reading() as session:
        assert 1 == len((await session.exec(select(RemovalRow))).all())


async def test_a_legal_entity_goes_with_its_client(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Its client's reports are made of its books: alone it stays.
    """
    ids = await a_client(given)

    answer = await api.delete(f"/v1/companies/{ids['entity']}")

    assert (409, "legal_entity") == (answer.status_code, answer.json()["code"])
    assert ids["company"] in answer.json()["detail"]
    assert 200 == (await api.get(f"/v1/companies/{ids['entity']}")).status_code


async def test_receipts_are_a_bank_s_own(
    api: httpx.AsyncClient, other_bank: Bank
) -> None:
    """
    Neither another organization's company nor its receipt is there.
    """
    theirs = await other_bank.given.company()
    row = RemovalRow(
        id=other_bank.given.new_id(Kind.REMOVAL),
        organization_id=other_bank.id,
        company_id=other_bank.given.new_id(Kind.COMPANY),
        requested_at=theirs.created_at,
    )
    await other_bank.given.written(row)

    answers = [
        await api.delete(f"/v1/companies/{theirs.id}"),
        await api.delete(f"/v1/companies/{row.company_id}"),
        await api.get(f"/v1/removals/{row.id}"),
        await api.get("/v1/removals/rm_1"),
    ]

    assert [404] * 4 == [answer.status_code for answer in answers]
    assert [] == (await api.get("/v1/removals")).json()["items"]


async def test_nothing_is_left_but_the_receipt(
    working: httpx.AsyncClient,
    database: Database,
    settings: Settings,
    temporal: WorkflowEnvironment,
) -> None:
    """
    What people typed, requests, emails and remembered answers go; numbers and times stay.
    """
    key = {"Idempotency-Key": "once"}
    company = {"name": "Hoxton Tea", "contact": CONTACT, "external_id": "CRM-9"}
    made = (await working.post("/v1/companies", json=company, headers=key)).json()
    requested = await working.post(
        f"/v1/companies/{made['id']}/journeys",
        json=ASKED,
        headers={"Idempotency-Key": "twice"},
    )
    await Objects(settings.objects_url).put(f"reports/{made['id']}/rp/a.json", b"{}")

    removal = await delete(working, made["id"])
    handle = temporal.client.get_workflow_handle(removal_workflow_id(made["id"]))
    passing = asyncio.create_task(temporal.fast_forward(handle, timedelta(minutes=1)))
    await handle.result()
    passing.cancel()

    receipt = (await working.get(f"/v1/removals/{removal['id']}")).json()
    words = ["Hoxton", "hoxton", "Ada", made["id"], requested.json()["id"], "CRM-9"]
    async with database.reading() as session:
        left = [
            *(await session.exec(select(CompanyRow))).all(),
            *(await session.exec(select(SearchWordRow))).all(),
            *(await session.exec(select(IdempotencyRow))).all(),
        ]
    assert [] == left
    assert [] == await mentions(database, words)
    assert [] == files(settings)
    assert ("done", 1) == (receipt["state"], receipt["removed"]["files"])
    assert {"done"} == {step["state"] for step in receipt["steps"]}
    assert receipt == await delete(working, made["id"])
