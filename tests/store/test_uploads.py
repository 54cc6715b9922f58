"""Uploaded files stay as long as a connection stands for them, and no longer."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.journey import EntityStage, Stage
from store import journeys, syncs, uploads
from store.database import Database
from store.tables import UploadRow
from tests.activities.given import (
    COMPANY,
    JOURNEY,
    NOW,
    a_bank,
    a_company,
    a_connection,
    a_journey,
    given,
)

FILE = "a-hash"
LATER = NOW + timedelta(days=1)


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction in which a file of a journey is noted."""
    async with database.transaction() as session:
        await uploads.note(session, JOURNEY, FILE, NOW)
        yield session


async def stands(session: AsyncSession, stage: Stage, changes: dict[str, Any]) -> None:
    """A connection stands for the file, in a journey of that stage."""
    row = journeys.first_row(a_journey(stage=stage))
    session.add_all([a_bank(), a_company(), row, a_connection(upload=FILE, **changes)])
    await session.flush()


async def unread(session: AsyncSession) -> list[str]:
    return [row.sha256 for row in await uploads.unread(session, LATER)]


@pytest.mark.parametrize(
    ("stage", "changes", "left"),
    [
        (Stage.FETCHING, {}, []),
        (Stage.COMPLETED, {"stage": EntityStage.DONE}, []),
        (Stage.CANCELLED, {"stage": EntityStage.DONE}, []),
        (Stage.CANCELLED, {}, [FILE]),
        (Stage.FETCHING, {"stage": EntityStage.SKIPPED}, [FILE]),
        (Stage.COMPLETED, {"stage": EntityStage.DONE, "revoked_at": NOW}, [FILE]),
        (Stage.FETCHING, {"journey_id": "another"}, [FILE]),
    ],
    ids=str,
)
async def test_a_file_is_read_as_long_as_a_connection_stands_for_it(
    session: AsyncSession, stage: Stage, changes: dict[str, Any], left: list[str]
) -> None:
    """
    What was skipped, revoked or cancelled before it was read is nobody's any more.
    """
    await stands(session, stage, changes)

    assert left == await unread(session)


async def test_a_new_file_is_left_alone(session: AsyncSession) -> None:
    """
    Its journey may be about to show it.
    """
    assert [] == await uploads.unread(session, NOW)


async def test_a_file_that_is_stored_again_stays(session: AsyncSession) -> None:
    """
    Whoever sweeps finds out in time.
    """
    (seen,) = await uploads.unread(session, LATER)
    old = UploadRow(**seen.model_dump())
    await uploads.note(session, JOURNEY, FILE, LATER)
    session.expire_all()

    assert not await uploads.drop(session, old)
    (renewed,) = await uploads.unread(session, LATER + timedelta(days=1))
    assert await uploads.drop(session, renewed)
    assert not await uploads.drop(session, old)


async def test_what_was_uploaded_is_no_connection_to_refresh(
    database: Database,
) -> None:
    """
    A client is uploaded where nothing else stands for it and its legal entities.
    """
    row = journeys.first_row(a_journey(stage=Stage.COMPLETED))
    done = {"stage": EntityStage.DONE}
    await given(database, a_bank(), a_company(), row, a_connection(upload=FILE, **done))
    async with database.reading() as session:
        alone = await syncs.is_uploaded(session, COMPANY)
    await given(database, a_company("co_2", parent_id=COMPANY))
    await given(database, a_connection("cn_2", company_id="co_2", **done))

    async with database.reading() as session:
        mixed = await syncs.is_uploaded(session, COMPANY)
        refreshable = await syncs.refreshable(session, COMPANY)

    assert (True, False) == (alone, mixed)
    assert ["cn_2"] == [each.id for each in refreshable]
