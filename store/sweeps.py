"""What is looked at from time to time, because a crash or a hand in Temporal may have left it behind."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.messages import SyncState, Trigger
from domain.state import Journey
from store.journeys import from_row
from store.syncs import PLANNED
from store.tables import (
    ChoicesRow,
    ConnectionRow,
    JourneyRow,
    ReportBuildRow,
    ReportRow,
    SnapshotRow,
    SyncPartRow,
    SyncRow,
)


async def unstarted(
    session: AsyncSession, before: datetime, limit: int
) -> list[Journey]:
    """Return open journeys made before that time of which no workflow has written yet."""
    statement = (
        select(JourneyRow)
        .where(
            col(JourneyRow.closed_at).is_(None),
            col(JourneyRow.run_id).is_(None),
            JourneyRow.created_at < before,
        )
        .order_by(col(JourneyRow.id))
        .limit(limit)
    )
    rows = (await session.exec(statement)).all()
    return [await from_row(session, row) for row in rows]


async def to_check(session: AsyncSession, at: datetime, limit: int) -> list[str]:
    """Return the open journeys that were looked at longest ago, and note that they are now."""
    statement = (
        select(JourneyRow)
        .where(col(JourneyRow.closed_at).is_(None))
        .order_by(col(JourneyRow.checked_at).nulls_first(), col(JourneyRow.id))
        .limit(limit)
    )
    rows = (await session.exec(statement)).all()
    for row in rows:
        row.checked_at = at
        session.add(row)
    return [row.id for row in rows]


async def last_run(session: AsyncSession, journey_id: str) -> str | None:
    """Return the run that wrote last."""
    row = await session.get(JourneyRow, journey_id)
    return None if row is None else row.run_id


async def of_connections(
    session: AsyncSession, connection_ids: Sequence[str]
) -> list[str]:
    """Return the journeys in which those connections were made."""
    statement = (
        select(ConnectionRow.journey_id)
        .where(col(ConnectionRow.id).in_(connection_ids))
        .distinct()
    )
    return list((await session.exec(statement)).all())


async def running(session: AsyncSession, before: datetime, limit: int) -> list[SyncRow]:
    """Return syncs whose workflow began before that time and have not ended, oldest first."""
    statement = (
        select(SyncRow)
        .where(
            SyncRow.state == SyncState.RUNNING,
            SyncRow.started_at < before,
            SyncRow.workflow_id != PLANNED,
        )
        .order_by(col(SyncRow.started_at))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def due_again(session: AsyncSession, at: datetime) -> list[SyncRow]:
    """Return the refreshes that wait to be tried again by themselves, and may be now."""
    statement = (
        select(SyncRow)
        .where(
            col(SyncRow.retry_at) <= at,
            SyncRow.trigger != Trigger.JOURNEY,
            col(SyncRow.parent_sync_id).is_(None),
        )
        .order_by(col(SyncRow.retry_at))
        .limit(50)
    )
    return list((await session.exec(statement)).all())


async def tried_again(session: AsyncSession, sync_id: str) -> None:
    """Note that this one waits no longer: another has taken over, or nothing is left to read."""
    await session.exec(
        update(SyncRow).where(col(SyncRow.id) == sync_id).values(retry_at=None)
    )


async def unread(session: AsyncSession, before: datetime) -> list[SyncRow]:
    """Return syncs that ended before that time and whose objects nobody reads any more."""
    statement = (
        select(SyncRow)
        .where(
            col(SyncRow.swept).is_(False),
            col(SyncRow.finished_at) < before,
            col(SyncRow.id).not_in(select(SnapshotRow.sync_id)),
        )
        .order_by(col(SyncRow.finished_at))
        .limit(50)
    )
    return list((await session.exec(statement)).all())


async def swept(session: AsyncSession, sync_id: str) -> None:
    """Note that a sync's objects are gone."""
    await session.exec(delete(SyncPartRow).where(col(SyncPartRow.sync_id) == sync_id))
    await session.exec(
        update(SyncRow).where(col(SyncRow.id) == sync_id).values(swept=True)
    )


async def outdated_reports(session: AsyncSession, limit: int) -> list[str]:
    """
    Return companies whose newest try to build reports did not heed what has changed since.

    While its books are being read, a company waits: they are built when that is done.
    """
    revision = func.coalesce(ChoicesRow.revision, 0)
    being_read = select(SyncRow.company_id).where(SyncRow.state == SyncState.RUNNING)
    statement = (
        select(ReportRow.company_id)
        .outerjoin(ChoicesRow, col(ChoicesRow.company_id) == ReportRow.company_id)
        .where(
            col(ReportRow.choices) < revision,
            col(ReportRow.company_id).not_in(being_read),
        )
        .distinct()
        .order_by(col(ReportRow.company_id))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def unread_reports(
    session: AsyncSession, before: datetime
) -> list[ReportBuildRow]:
    """Return builds that began before that time and whose files nobody can download any more."""
    read = select(ReportRow.build_id).where(col(ReportRow.build_id).is_not(None))
    statement = (
        select(ReportBuildRow)
        .where(ReportBuildRow.at < before, col(ReportBuildRow.id).not_in(read))
        .order_by(col(ReportBuildRow.at))
        .limit(50)
    )
    return list((await session.exec(statement)).all())


async def condemn(session: AsyncSession, build_id: str) -> bool:
    """Let nobody show a build's files any more; False where somebody just did, or swept them."""
    build = await session.get(ReportBuildRow, build_id, with_for_update=True)
    shown = select(ReportRow.type).where(ReportRow.build_id == build_id).limit(1)
    if build is None or (await session.exec(shown)).first() is not None:
        return False
    build.condemned = True
    session.add(build)
    return True


async def forget_build(session: AsyncSession, build_id: str) -> None:
    """Note that a build's files are gone."""
    await session.exec(delete(ReportBuildRow).where(col(ReportBuildRow.id) == build_id))
