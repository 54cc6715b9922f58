"""What a sync has to read, and which ones are due."""

from datetime import timedelta
from typing import Any

import pytest

from domain.journey import DataType, EntityStage, Stage
from domain.messages import BeginSync, EndSync, RunSync, SyncState, Trigger
from domain.reasons import Reason
from store import syncs
from store.database import Database
from store.journeys import first_row
from store.tables import ConnectionRow, JourneyRow, SyncRow
from tests.activities.given import (
    COMPANY,
    JOURNEY,
    NOW,
    a_company,
    a_connection,
    a_journey,
    a_sync,
    given,
)

LATER = NOW + timedelta(hours=1)
BOTH = (DataType.FINANCIALS, DataType.SPEND_ANALYSIS)


def a_past_journey(journey_id: str = JOURNEY, **changes: Any) -> JourneyRow:
    journey = a_journey(id=journey_id, stage=Stage.COMPLETED, closed_at=NOW)
    return first_row(journey.but(**changes))


def done(connection_id: str = "cn_1", **changes: Any) -> ConnectionRow:
    return a_connection(connection_id, **{"stage": EntityStage.DONE, **changes})


@pytest.mark.parametrize(
    ("connections", "found"),
    [
        ([done()], ["cn_1"]),
        ([done(), done("cn_2")], ["cn_2"]),
        ([done(), done("cn_2", revoked_at=NOW)], ["cn_1"]),
        ([done(), a_connection("cn_2", stage=EntityStage.SKIPPED)], ["cn_1"]),
        ([done(), a_connection("cn_2", journey_id="jo_cancelled")], ["cn_1"]),
        ([done(journey_id="jo_cancelled")], ["cn_1"]),
        ([done(authorized=False)], []),
        ([done(), done("cn_2", company_id="co_north")], ["cn_1", "cn_2"]),
        ([done(company_id="co_gone")], []),
    ],
)
async def test_what_stands_for_a_company(
    database: Database, connections: list[ConnectionRow], found: list[str]
) -> None:
    """
    The newest connection that was authorized and not revoked, skipped or called off.
    """
    await given(
        database,
        a_company(),
        a_company("co_north", parent_id=COMPANY),
        a_past_journey(),
        a_past_journey("jo_cancelled", stage=Stage.CANCELLED),
        *[type(row)(**row.model_dump()) for row in connections],
    )

    async with database.reading() as session:
        rows = await syncs.refreshable(session, COMPANY)

    assert found == [row.id for row in rows]


async def test_a_refresh_reads_whatever_was_requested_before(
    database: Database,
) -> None:
    """
    In every journey that counts, through the newest connection.
    """
    await given(
        database,
        a_company(),
        a_past_journey(),
        a_past_journey("jo_2", data_types=(DataType.SPEND_ANALYSIS,)),
        done(),
        done("cn_2", journey_id="jo_2"),
    )
    sync = RunSync(
        sync_id="sy_1",
        organization_id="or_1",
        company_id=COMPANY,
        trigger=Trigger.MANUAL,
    )
    command = BeginSync(sync=sync, workflow_id="w", run_id="r", at=NOW)

    async with database.transaction() as session:
        begun = await syncs.begin(session, command)

    assert ("cn_2", BOTH, ()) == (begun.connection_id, begun.data_types, begun.children)


async def test_the_syncs_of_legal_entities_are_made_once(database: Database) -> None:
    """
    A step that runs twice finds them again.
    """
    await given(
        database,
        a_company(),
        a_company("co_north", parent_id=COMPANY),
        a_past_journey(),
        done(company_id="co_north"),
    )
    sync = RunSync(
        sync_id="sy_1",
        organization_id="or_1",
        company_id=COMPANY,
        trigger=Trigger.MANUAL,
    )
    command = BeginSync(sync=sync, workflow_id="w", run_id="r", at=NOW)

    begun = []
    for _ in range(2):
        async with database.transaction() as session:
            begun.append(await syncs.begin(session, command))

    (child,) = begun[0].children
    assert begun[0] == begun[1]
    assert ("co_north", "cn_1", "sy_1") == (
        child.company_id,
        child.connection_id,
        child.parent_sync_id,
    )
    assert begun[0].connection_id is None


async def test_a_legal_entitys_sync_that_never_began_ends_with_its_parent(
    database: Database,
) -> None:
    """
    One that did begin ends by itself.
    """
    parent = a_sync(state=SyncState.RUNNING, finished_at=None)
    planned = a_sync("sy_2", parent_sync_id="sy_1", workflow_id=syncs.PLANNED)
    begun = a_sync("sy_3", parent_sync_id="sy_1")
    for row in (planned, begun):
        row.state, row.finished_at = SyncState.RUNNING, None
    await given(database, a_company(), parent, planned, begun)

    async with database.transaction() as session:
        command = EndSync(sync_id="sy_1", at=LATER, reason=Reason.INTERNAL)
        await syncs.end(session, command)
    async with database.reading() as session:
        rows = [await session.get_one(SyncRow, f"sy_{number}") for number in (1, 2, 3)]

    assert [LATER, LATER, None] == [row.finished_at for row in rows]
    assert [Reason.INTERNAL, Reason.INTERNAL, None] == [row.reason for row in rows]


def test_a_dataset_that_both_need_is_read_once() -> None:
    """
    In a fixed order.
    """
    datasets = syncs.datasets_of(BOTH)

    assert len(set(datasets)) == len(datasets) == 9
