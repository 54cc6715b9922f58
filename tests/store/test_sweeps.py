"""What is looked at from time to time, and what is left alone."""

from datetime import timedelta
from typing import Any

import pytest

from domain.messages import SyncState, Trigger
from store import journeys, sweeps, syncs
from store.database import Database
from store.tables import SnapshotRow
from tests.activities.given import (
    COMPANY,
    JOURNEY,
    NOW,
    a_connection,
    a_journey,
    a_sync,
    given,
)

LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, [JOURNEY]),
        ({"created_at": NOW + timedelta(minutes=1)}, []),
        ({"closed_at": NOW}, []),
    ],
)
async def test_a_row_without_a_workflow_is_found_when_it_is_old_enough(
    database: Database, changes: dict[str, Any], found: list[str]
) -> None:
    """
    And open; one that a workflow has written is not.
    """
    await given(database, journeys.first_row(a_journey(**changes)))

    async with database.reading() as session:
        at = NOW + timedelta(seconds=30)
        unstarted = await sweeps.unstarted(session, at, 10)

    assert found == [journey.id for journey in unstarted]


async def test_every_open_journey_has_its_turn(database: Database) -> None:
    """
    Those that were looked at longest ago come first.
    """
    rows = [
        journeys.first_row(a_journey(id=f"jo_{number}", company_id=f"co_{number}"))
        for number in range(3)
    ]
    over = a_journey(id="jo_over", company_id="co_over", closed_at=NOW)
    await given(database, *rows, journeys.first_row(over))

    turns = []
    for minute in range(3):
        async with database.transaction() as session:
            at = NOW + timedelta(minutes=minute)
            turns.append(await sweeps.to_check(session, at, 2))

    assert [["jo_0", "jo_1"], ["jo_2", "jo_0"]] == turns[:2]
    assert "jo_1" == turns[2][0]


async def test_the_journeys_of_connections_are_found_once(database: Database) -> None:
    """
    However many connections they have.
    """
    await given(
        database,
        a_connection("cn_1"),
        a_connection("cn_2"),
        a_connection("cn_3", journey_id="jo_other"),
    )

    async with database.reading() as session:
        found = await sweeps.of_connections(session, ["cn_1", "cn_2"])
        none = await sweeps.of_connections(session, [])

    assert ([JOURNEY], []) == (found, none)


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({"retry_at": NOW}, True),
        ({"retry_at": LATER}, False),
        ({"retry_at": None}, False),
        ({"retry_at": NOW, "trigger": Trigger.JOURNEY}, False),
        ({"retry_at": NOW, "parent_sync_id": "sy_0"}, False),
    ],
)
async def test_a_refresh_that_waits_is_due_when_its_time_has_come(
    database: Database,
    changes: dict[str, Any],
    due: bool,  # noqa: FBT001
) -> None:
    """
    Once; a journey tries again by itself, and a child with its parent.
    """
    await given(database, a_sync(**changes))

    async with database.transaction() as session:
        found = await sweeps.due_again(session, NOW)
        await sweeps.tried_again(session, "sy_1")
    async with database.reading() as session:
        again = await sweeps.due_again(session, NOW)

    assert due is bool(found)
    assert [] == again


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"state": SyncState.RUNNING, "finished_at": None}, True),
        ({"state": SyncState.RUNNING, "started_at": LATER}, False),
        ({"state": SyncState.FAILED}, False),
        ({"state": SyncState.RUNNING, "workflow_id": syncs.PLANNED}, False),
    ],
)
async def test_what_runs_for_a_while_is_looked_at(
    database: Database,
    changes: dict[str, Any],
    found: bool,  # noqa: FBT001
) -> None:
    """
    A sync that has just begun is left alone.
    """
    await given(database, a_sync(**changes))

    async with database.reading() as session:
        running = await sweeps.running(session, LATER, 10)

    assert found is bool(running)


async def test_objects_are_swept_once_and_never_those_that_are_read(
    database: Database,
) -> None:
    """
    Whatever its sync came to.
    """
    read = SnapshotRow(
        company_id=COMPANY, data_type="financials", sync_id="sy_2", published_at=NOW
    )
    running = a_sync("sy_3", state=SyncState.RUNNING, finished_at=None)
    await given(database, a_sync("sy_1"), a_sync("sy_2"), running, read)

    swept = []
    for _ in range(2):
        async with database.transaction() as session:
            rows = await sweeps.unread(session, LATER)
            swept.append([row.id for row in rows])
            for row in rows:
                await sweeps.swept(session, row.id)

    assert [["sy_1"], []] == swept
