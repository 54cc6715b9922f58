"""What a sync has to read, and which ones are due."""

from datetime import timedelta
from typing import Any

import pytest

from domain.datasets import Dataset
from domain.journey import DataType, EntityStage, Stage
from domain.messages import BeginSync, EndSync, RunSync, SyncState, Trigger
from domain.reasons import Reason
from store import pages, syncs
from store.database import Database
from store.journeys import first_row
from store.states import DatasetState
from store.tables import (
    ConnectionRow,
    JourneyRow,
    SnapshotRow,
    SyncDatasetRow,
    SyncRow,
)
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


async def test_an_older_sync_that_ends_late_does_not_take_the_place_of_a_newer_one(
    database: Database,
) -> None:
    """
    Ids sort by time.
    """
    newer = SnapshotRow(
        company_id=COMPANY, data_type="financials", sync_id="sy_2", published_at=NOW
    )
    await given(database, a_company(), newer, a_running_sync("sy_1"))

    await end(database, "sy_1")

    assert "sy_2" == await seen(database)


async def test_data_whose_reports_could_not_be_built_is_seen(
    database: Database,
) -> None:
    """
    Nothing of it is lost; the sync has failed all the same.
    """
    await given(database, a_company(), a_running_sync("sy_1"))

    row = await end(database, "sy_1", Reason.REPORT_FAILED)

    assert (SyncState.FAILED, "sy_1") == (row.state, await seen(database))


@pytest.mark.parametrize(
    ("changes", "snapshot", "source"),
    [
        ({}, "sy_1", "sy_1"),
        ({"snapshot_sync_id": "sy_0"}, "sy_0", "sy_0"),
        ({"reason": Reason.INTERNAL}, "sy_1", None),
        ({"connection_id": "cn_2"}, "sy_1", None),
        ({}, "sy_0", None),
        ({}, None, None),
    ],
)
async def test_what_was_read_is_not_read_again_for_its_reports(
    database: Database,
    changes: dict[str, Any],
    snapshot: str | None,
    source: str | None,
) -> None:
    """
    If the connection's newest sync failed for want of reports alone, and its data is seen.
    """
    failed = {"connection_id": "cn_1", "reason": Reason.REPORT_FAILED, **changes}
    await given(database, a_company(), a_sync("sy_1", **failed))
    if snapshot is not None:
        await given(database, a_snapshot(snapshot))

    async with database.transaction() as session:
        begun = await syncs.begin(session, a_beginning("sy_2"))
    async with database.reading() as session:
        row = await session.get_one(SyncRow, "sy_2")

    assert (source is not None, source) == (begun.already_read, row.snapshot_sync_id)


async def test_a_refresh_reads_again_even_if_only_reports_were_missing(
    database: Database,
) -> None:
    """
    Whoever asks for it wants to see what the books say now.
    """
    failed = a_sync("sy_1", connection_id="cn_1", reason=Reason.REPORT_FAILED)
    await given(database, a_company(), failed, a_snapshot("sy_1"))

    async with database.transaction() as session:
        begun = await syncs.begin(session, a_beginning("sy_2", Trigger.MANUAL))

    assert begun.already_read is False


async def test_a_sync_that_reads_nothing_shows_what_was_read(
    database: Database,
) -> None:
    """
    Its progress is that of the sync before; readers go on seeing that one's snapshot.
    """
    failed = a_sync("sy_1", connection_id="cn_1", reason=Reason.REPORT_FAILED)
    progress = SyncDatasetRow(
        sync_id="sy_1", dataset=Dataset.ACCOUNTS, position=1,
        state=DatasetState.DONE, records=7, pages=2,
    )  # fmt: skip
    await given(database, a_company(), failed, progress, a_snapshot("sy_1"))

    async with database.transaction() as session:
        await syncs.begin(session, a_beginning("sy_2"))
        await syncs.begin(session, a_beginning("sy_2"))
    await end(database, "sy_2")

    async with database.reading() as session:
        (shown,) = await pages.progress(session, "sy_2")
    assert (7, 2, DatasetState.DONE) == (shown.records, shown.pages, shown.state)
    assert "sy_1" == await seen(database)


def a_running_sync(sync_id: str) -> SyncRow:
    return a_sync(
        sync_id, state=SyncState.RUNNING, finished_at=None, connection_id="cn_1"
    )


def a_snapshot(sync_id: str) -> SnapshotRow:
    return SnapshotRow(
        company_id=COMPANY, data_type="financials", sync_id=sync_id, published_at=NOW
    )


def a_beginning(sync_id: str, trigger: Trigger = Trigger.JOURNEY) -> BeginSync:
    sync = RunSync(
        sync_id=sync_id,
        organization_id="or_1",
        company_id=COMPANY,
        connection_id="cn_1",
        trigger=trigger,
        data_types=(DataType.FINANCIALS,),
    )
    return BeginSync(sync=sync, workflow_id="sync-co_1", run_id="run", at=NOW)


async def end(
    database: Database, sync_id: str, reason: Reason | None = None
) -> SyncRow:
    async with database.transaction() as session:
        command = EndSync(sync_id=sync_id, at=LATER, reason=reason)
        row = await syncs.end(session, command)
    assert row is not None
    return row


async def seen(database: Database) -> str:
    """Return the sync whose data readers see."""
    async with database.reading() as session:
        row = await session.get_one(SnapshotRow, (COMPANY, DataType.FINANCIALS))
        return row.sync_id
