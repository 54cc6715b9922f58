import asyncio

import httpx
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from domain.journey import DataType, EntityStage, Stage, Status
from domain.reasons import Reason
from store.database import Database
from store.tables import AuditRow, ConnectionRow
from tests.api.given import NOW, Given
from workflows.ids import revoke_workflow_id


async def test_a_client_shows_the_connections_of_its_legal_entities(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    What was authorized is listed, oldest first, revoked or failed; what never was is not.
    """
    client = await given.company()
    entity = await given.company(parent_id=client.id)
    journey = await given.over(client, data_types=[DataType.SPEND_ANALYSIS])
    own = await given.connection(journey, revoked_at=NOW)
    below = await given.connection(
        journey, company_id=entity.id, stage=EntityStage.FAILED, status=Status.ERROR,
        trouble=Reason.ACCESS_REVOKED,
    )  # fmt: skip
    await given.connection(journey, authorized=False)

    of_client = (await api.get(f"/v1/companies/{client.id}/connections")).json()[
        "items"
    ]
    of_entity = (await api.get(f"/v1/companies/{entity.id}/connections")).json()[
        "items"
    ]

    assert [own.id, below.id] == [each["id"] for each in of_client]
    assert [below.id] == [each["id"] for each in of_entity]
    assert "2026-11-21T12:00:00Z" == of_client[0]["revoked_at"]
    assert (None, "access_revoked") == (
        of_client[0]["reason"],
        of_entity[0]["reason"]["code"],
    )
    assert "request_again" == of_entity[0]["reason"]["action"]


async def test_a_connection_that_was_never_authorized_can_not_be_revoked(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    There is nothing to give back.
    """
    journey = await given.journey(await given.company())
    connection = await given.connection(journey, authorized=False)

    answer = await api.delete(f"/v1/connections/{connection.id}")

    assert (404, "not_found") == (answer.status_code, answer.json()["code"])


async def test_revoking_waits_for_temporal_and_revoking_twice_does_not(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    While Temporal is away a revocation is 503; one that is recorded is 204 at any time.
    """
    journey = await given.over(await given.company())
    connection = await given.connection(journey)
    revoked = await given.connection(journey, revoked_at=NOW)

    waiting = await api.delete(f"/v1/connections/{connection.id}")
    again = await api.delete(f"/v1/connections/{revoked.id}")

    assert (503, "temporal_unavailable") == (
        waiting.status_code,
        waiting.json()["code"],
    )
    assert (204, b"") == (again.status_code, again.content)


async def test_a_revoked_connection_is_shut_at_once(
    working: httpx.AsyncClient,
    given: Given,
    database: Database,
    temporal: WorkflowEnvironment,
) -> None:
    """
    204 means that the store shows it; the status stays, and a refresh finds nothing to read.

    An operator sees in the list of workflows what is revoked.
    """
    company = await given.company(status=Status.AVAILABLE, status_at=NOW)
    connection = await given.connection(await given.over(company))
    url = f"/v1/connections/{connection.id}"

    answers = await asyncio.gather(*(working.delete(url) for _ in range(3)))
    async with database.reading() as session:
        row = await session.get_one(ConnectionRow, connection.id)
    refresh = await working.post(f"/v1/companies/{company.id}/refresh")

    handle = temporal.client.get_workflow_handle(revoke_workflow_id(connection.id))
    summary = await (await handle.describe()).static_summary()
    assert [204] * 3 == [answer.status_code for answer in answers]
    assert row.revoked_at is not None
    assert f"Revoke {connection.id}" == summary
    assert (
        "Available"
        == (await working.get(f"/v1/companies/{company.id}")).json()["status"]
    )
    assert (409, "nothing_to_refresh") == (refresh.status_code, refresh.json()["code"])


async def test_the_connection_of_a_legal_entity_that_left_can_be_revoked(
    working: httpx.AsyncClient, given: Given, database: Database
) -> None:
    """
    A cancelled journey takes the entity's company away; its client shows who gave access back.
    """
    client = await given.company()
    journey = await given.over(client, stage=Stage.CANCELLED)
    connection = await given.connection(
        journey, company_id="co_left", stage=EntityStage.FETCHING
    )

    answer = await working.delete(f"/v1/connections/{connection.id}")
    async with database.reading() as session:
        row = await session.get_one(ConnectionRow, connection.id)
        (noted,) = (await session.exec(select(AuditRow))).all()

    assert (204, True) == (answer.status_code, row.revoked_at is not None)
    assert (client.id, client.id, connection.name) == (
        noted.client_id,
        noted.company_id,
        noted.detail,
    )
