import asyncio
from typing import Any

import httpx

from domain.datasets import Dataset
from domain.journey import EntityStage, Stage, Status
from domain.messages import SyncState, Trigger
from domain.reasons import Reason
from store.states import DatasetState
from store.tables import CompanyRow, SyncDatasetRow
from tests.api.given import NOW, Given


async def ended(api: httpx.AsyncClient, sync_id: str) -> Any:
    """Wait until a sync is over."""
    async with asyncio.timeout(20):
        while True:
            shown = (await api.get(f"/v1/syncs/{sync_id}")).json()
            if shown["state"] != "running":
                return shown
            await asyncio.sleep(0.05)


async def connected(given: Given, **changes: Any) -> CompanyRow:
    company = await given.company(status=Status.AVAILABLE, status_at=NOW, **changes)
    await given.connection(await given.over(company))
    return company


async def test_a_sync_shows_each_dataset_and_each_legal_entity(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Progress per dataset in the order of reading, why it failed, and the syncs inside it.
    """
    client = await given.company()
    entity = await given.company(parent_id=client.id)
    outer = await given.sync(client, state=SyncState.FAILED, reason=Reason.RATE_LIMITED)
    inner = await given.sync(entity, parent_sync_id=outer.id)
    await given.written(
        *(
            SyncDatasetRow(
                sync_id=inner.id, dataset=dataset, position=position, state=DatasetState.DONE,
                records=7, pages=2,
            )
            for position, dataset in ((2, Dataset.ACCOUNTS), (1, Dataset.SUPPLIERS))
        )
    )  # fmt: skip

    shown = (await api.get(f"/v1/syncs/{outer.id}")).json()
    (child,) = shown["children"]

    assert ("failed", "rate_limited", "wait") == (
        shown["state"], shown["reason"]["code"], shown["reason"]["action"]
    )  # fmt: skip
    assert (inner.id, entity.id, []) == (
        child["id"],
        child["company_id"],
        child["children"],
    )
    assert ["suppliers", "accounts"] == [each["name"] for each in child["datasets"]]
    assert {
        "name": "accounts",
        "state": "done",
        "records": 7,
        "pages": 2,
        "error": None,
    } == child["datasets"][1]


async def test_syncs_are_listed_newest_first(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    A client's list holds its legal entities' own syncs too, and each child inside its parent.
    """
    client = await given.company()
    entity = await given.company(parent_id=client.id)
    first = await given.sync(entity, trigger=Trigger.JOURNEY)
    outer = await given.sync(client)
    inner = await given.sync(entity, parent_sync_id=outer.id)

    of_client = (await api.get(f"/v1/companies/{client.id}/syncs")).json()["items"]
    of_entity = (await api.get(f"/v1/companies/{entity.id}/syncs")).json()["items"]
    page = (await api.get(f"/v1/companies/{client.id}/syncs?limit=1")).json()

    assert [outer.id, first.id] == [each["id"] for each in of_client]
    assert [inner.id, first.id] == [each["id"] for each in of_entity]
    assert [inner.id] == [each["id"] for each in of_client[0]["children"]]
    assert page["next_cursor"] is not None


async def test_nothing_connected_is_nothing_to_refresh(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Without a connection, with one that was never authorized or that was revoked: 409.
    """
    never, half, revoked = [await given.company() for _ in range(3)]
    await given.connection(await given.journey(half), authorized=False)
    await given.connection(await given.over(revoked), revoked_at=NOW)
    before = await given.everything()

    answers = [
        await api.post(f"/v1/companies/{each.id}/refresh")
        for each in (never, half, revoked)
    ]

    assert {(409, "nothing_to_refresh")} == {
        (answer.status_code, answer.json()["code"]) for answer in answers
    }
    assert before == await given.everything()


async def test_what_was_given_up_is_nothing_to_refresh(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Skipped, or cancelled before it was read: 409, and no company gets into Error by it.
    """
    skipped, cancelled, left = [
        await given.company(status=Status.AVAILABLE, status_at=NOW) for _ in range(3)
    ]
    await given.connection(await given.over(skipped), stage=EntityStage.SKIPPED)
    fetching = {"stage": EntityStage.FETCHING}
    given_up = await given.over(cancelled, stage=Stage.CANCELLED)
    await given.connection(given_up, **fetching)
    await given.connection(await given.over(left), company_id="co_left", **fetching)
    before = await given.everything()

    answers = [
        await api.post(f"/v1/companies/{each.id}/refresh")
        for each in (skipped, cancelled, left)
    ]

    assert {(409, "nothing_to_refresh")} == {
        (answer.status_code, answer.json()["code"]) for answer in answers
    }
    assert before == await given.everything()


async def test_what_was_read_before_a_journey_was_cancelled_is_refreshed(
    working: httpx.AsyncClient, given: Given
) -> None:
    """
    Nothing was taken back of it.
    """
    company = await given.company(status=Status.AVAILABLE, status_at=NOW)
    await given.connection(await given.over(company, stage=Stage.CANCELLED))

    answer = await working.post(f"/v1/companies/{company.id}/refresh")
    await ended(working, answer.json()["id"])

    assert 202 == answer.status_code


async def test_a_refresh_waits_for_temporal(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    While Temporal is away a refresh is 503, and its key may be used again later.
    """
    company = await connected(given)
    before = await given.everything()

    answer = await api.post(
        f"/v1/companies/{company.id}/refresh", headers={"Idempotency-Key": "1"}
    )

    assert (503, "temporal_unavailable") == (answer.status_code, answer.json()["code"])
    assert before == await given.everything()


async def test_a_refresh_with_unknown_fields_is_refused(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    It always reads all that was requested before: there is nothing to choose.
    """
    company = await connected(given)

    answer = await api.post(f"/v1/companies/{company.id}/refresh", json={"full": True})

    assert (422, "invalid_request") == (answer.status_code, answer.json()["code"])


async def test_one_refresh_at_a_time(working: httpx.AsyncClient, given: Given) -> None:
    """
    The answer can be read back at once; asked again while it runs, it is the same sync.
    """
    company = await connected(given)
    url = f"/v1/companies/{company.id}/refresh"

    answers = await asyncio.gather(*(working.post(url) for _ in range(5)))
    sync = answers[0].json()
    over = await ended(working, sync["id"])

    assert [202] * 5 == [answer.status_code for answer in answers]
    assert {sync["id"]} == {answer.json()["id"] for answer in answers}
    assert (company.id, "manual", f"sync-{company.id}") == (
        sync["company_id"], sync["trigger"], sync["workflow_id"]
    )  # fmt: skip
    assert over["finished_at"] is not None


async def test_a_refresh_with_a_key_answers_the_same_for_ever(
    working: httpx.AsyncClient, given: Given
) -> None:
    """
    The same key gives the first answer again, though that sync is over and another would start.
    """
    company = await connected(given)
    url, key = f"/v1/companies/{company.id}/refresh", {"Idempotency-Key": "1"}

    first = (await working.post(url, headers=key)).json()
    await ended(working, first["id"])
    again = (await working.post(url, headers=key)).json()
    another = (await working.post(url)).json()
    await ended(working, another["id"])

    assert first == again
    assert first["id"] != another["id"]
