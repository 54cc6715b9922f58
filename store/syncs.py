"""A sync as rows: what it has to read, how far it is, how it ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, or_, union, update
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.datasets import DATASETS, Dataset
from domain.ids import Kind, derived_id
from domain.journey import DataType, EntityStage, Stage
from domain.messages import BeginSync, EndSync, RunSync, SyncBegun, SyncState, Trigger
from domain.reasons import Reason
from store import reports
from store.companies import restate
from store.glance import plain
from store.pages import progress
from store.removals import stands
from store.states import DatasetState
from store.tables import (
    CompanyRow,
    ConnectionRow,
    JourneyRow,
    SnapshotRow,
    SyncDatasetRow,
    SyncRow,
)
from store.writes import insert_new

PLANNED: Final = ""
"""Instead of its workflow's id: a legal entity's sync whose workflow has not begun."""

WITH_DATA: Final = (None, Reason.REPORT_FAILED)
"""The ends of a sync after which readers see what it read."""


def datasets_of(data_types: Sequence[DataType]) -> list[Dataset]:
    """What has to be read for all of them, each dataset once."""
    return list(dict.fromkeys(each for kind in data_types for each in DATASETS[kind]))


async def begin(session: AsyncSession, command: BeginSync) -> SyncBegun:
    """
    Show that a sync runs; return what it has to read. The same answer however often.

    Of a company that is gone nothing is shown, and there is nothing to read.
    """
    sync_id = command.sync.sync_id
    if await session.get(SyncRow, sync_id) is None:
        sync = await _planned(session, command.sync)
        planned = _row(sync, command.at)
        planned.snapshot_sync_id = await _already_read(session, sync)
        await insert_new(session, planned)
    row = await session.get(  # before its company, as whoever ends it does
        SyncRow, sync_id, with_for_update=True, populate_existing=True
    )
    if not await stands(session, command.sync.company_id):
        await session.exec(delete(SyncRow).where(col(SyncRow.id) == sync_id))
        row = None
    if row is None:
        return SyncBegun()
    row.workflow_id, row.run_id = command.workflow_id, command.run_id
    session.add(row)
    await session.flush()
    data_types = tuple(DataType(each) for each in row.data_types)
    if row.snapshot_sync_id is not None:
        await _copy_datasets(session, row, row.snapshot_sync_id)
    elif row.connection_id is not None:
        await _plan_datasets(session, row.id, data_types)
    return SyncBegun(
        connection_id=row.connection_id,
        data_types=data_types,
        children=await _children(session, row, command.at),
        already_read=row.snapshot_sync_id is not None,
    )


async def refreshable(session: AsyncSession, company_id: str) -> list[ConnectionRow]:
    """
    Return what can be read again for the company, and for each of its legal entities.

    What was uploaded can't: there is nowhere to fetch it from.
    """
    standing = await _standing(session, company_id)
    return [row for row in standing if row.upload is None]


async def is_uploaded(session: AsyncSession, company_id: str) -> bool:
    """Whether everything that stands for the company was uploaded."""
    standing = await _standing(session, company_id)
    return bool(standing) and all(row.upload is not None for row in standing)


async def refreshable_among(
    session: AsyncSession, company_ids: Sequence[str]
) -> set[str]:
    """Return those of these companies of which anything can be read again, in one query."""
    rows = col(ConnectionRow.id).in_(_newest(company_ids))
    fetched = rows & col(ConnectionRow.upload).is_(None)
    found = await plain(
        session,
        union(
            select(ConnectionRow.client_id).where(fetched),
            select(ConnectionRow.company_id).where(fetched),
        ),
    )
    return {each for (each,) in found} & {*company_ids}


async def _standing(session: AsyncSession, company_id: str) -> list[ConnectionRow]:
    """
    Return the connection that stands for the company, and for each of its legal entities.

    That is the newest one that was not revoked, skipped or cancelled.
    """
    statement = (
        select(ConnectionRow)
        .where(col(ConnectionRow.id).in_(_newest([company_id])))
        .order_by(col(ConnectionRow.id))
    )
    return list((await session.exec(statement)).all())


def _newest(company_ids: Sequence[str]) -> SelectOfScalar[str]:
    """The ids of what stands for these companies, and for each of their legal entities."""
    return (
        select(func.max(ConnectionRow.id))
        .join(CompanyRow, col(CompanyRow.id) == col(ConnectionRow.company_id))
        .join(JourneyRow, col(JourneyRow.id) == col(ConnectionRow.journey_id))
        .where(
            col(ConnectionRow.company_id).in_(company_ids)
            | col(ConnectionRow.client_id).in_(company_ids),
            col(ConnectionRow.revoked_at).is_(None),
            _counts(),
        )
        .group_by(col(ConnectionRow.company_id))
    )


def _counts() -> ColumnElement[bool]:
    """What was authorized, and not given up before its books were read."""
    return col(ConnectionRow.authorized).is_(True) & or_(
        col(ConnectionRow.stage) == EntityStage.DONE,
        (col(ConnectionRow.stage) != EntityStage.SKIPPED)
        & (col(JourneyRow.stage) != Stage.CANCELLED),
    )


async def _planned(session: AsyncSession, sync: RunSync) -> RunSync:
    """A journey says what to read; a refresh reads again whatever was requested before."""
    if sync.connection_id is not None:
        return sync
    own = [
        row
        for row in await refreshable(session, sync.company_id)
        if row.company_id == sync.company_id
    ]
    if not own:
        return sync
    data_types = await _requested(session, own[0])
    return sync.model_copy(
        update={"connection_id": own[0].id, "data_types": data_types}
    )


async def _requested(
    session: AsyncSession, connection: ConnectionRow
) -> tuple[DataType, ...]:
    """Every data type for which this company itself was ever connected."""
    statement = (
        select(JourneyRow.data_types)
        .join(ConnectionRow, col(ConnectionRow.journey_id) == col(JourneyRow.id))
        .where(ConnectionRow.company_id == connection.company_id, _counts())
    )
    requested = {each for row in (await session.exec(statement)).all() for each in row}
    return tuple(kind for kind in DataType if kind in requested)


async def _already_read(session: AsyncSession, sync: RunSync) -> str | None:
    """
    Return the sync that has read these books, if nothing but its reports could not be built.

    Only for a journey that tries again: whoever asks for a refresh wants it fetched.
    """
    if sync.trigger is not Trigger.JOURNEY or sync.connection_id is None:
        return None
    statement = (
        select(SyncRow)
        .where(
            SyncRow.connection_id == sync.connection_id,
            SyncRow.state != SyncState.RUNNING,
        )
        .order_by(col(SyncRow.id).desc())
        .limit(1)
    )
    before = (await session.exec(statement)).first()
    if before is None or before.reason is not Reason.REPORT_FAILED:
        return None
    source = before.snapshot_sync_id or before.id
    for data_type in sync.data_types:
        seen = await session.get(SnapshotRow, (sync.company_id, data_type))
        if seen is None or seen.sync_id != source:
            return None
    return source


async def _copy_datasets(session: AsyncSession, row: SyncRow, source: str) -> None:
    """Show as this sync's progress what was read before."""
    for each in await progress(session, source):
        copy = SyncDatasetRow(**{**each.model_dump(), "sync_id": row.id})
        await insert_new(session, copy)


def _row(sync: RunSync, at: datetime) -> SyncRow:
    return SyncRow(
        id=sync.sync_id,
        organization_id=sync.organization_id,
        company_id=sync.company_id,
        connection_id=sync.connection_id,
        journey_id=sync.journey_id,
        parent_sync_id=sync.parent_sync_id,
        trigger=sync.trigger,
        data_types=[str(each) for each in sync.data_types],
        state=SyncState.RUNNING,
        started_at=at,
        workflow_id=PLANNED,
        run_id=PLANNED,
    )


async def _plan_datasets(
    session: AsyncSession, sync_id: str, data_types: tuple[DataType, ...]
) -> None:
    planned = {row.dataset for row in await progress(session, sync_id)}
    session.add_all(
        SyncDatasetRow(
            sync_id=sync_id,
            dataset=dataset,
            position=position,
            state=DatasetState.PENDING,
        )
        for position, dataset in enumerate(datasets_of(data_types))
        if dataset not in planned
    )


async def _children(
    session: AsyncSession, row: SyncRow, at: datetime
) -> tuple[RunSync, ...]:
    """One sync per legal entity, made once and found again."""
    if row.trigger is Trigger.JOURNEY or row.parent_sync_id is not None:
        return ()
    statement = (
        select(SyncRow)
        .where(SyncRow.parent_sync_id == row.id)
        .order_by(col(SyncRow.id))
    )
    children = list((await session.exec(statement)).all())
    if not children:
        connections = await refreshable(session, row.company_id)
        entities = [each for each in connections if each.company_id != row.company_id]
        children = [await _child(session, row, each, at) for each in entities]
        session.add_all(children)
    return tuple(_command(child) for child in children)


async def _child(
    session: AsyncSession, row: SyncRow, connection: ConnectionRow, at: datetime
) -> SyncRow:
    sync = RunSync(
        sync_id=derived_id(Kind.SYNC, at, row.id, connection.id),
        organization_id=row.organization_id,
        company_id=connection.company_id,
        connection_id=connection.id,
        parent_sync_id=row.id,
        trigger=row.trigger,
        data_types=await _requested(session, connection),
    )
    return _row(sync, at)


def _command(row: SyncRow) -> RunSync:
    return RunSync(
        sync_id=row.id,
        organization_id=row.organization_id,
        company_id=row.company_id,
        connection_id=row.connection_id,
        parent_sync_id=row.parent_sync_id,
        trigger=row.trigger,
        data_types=tuple(DataType(each) for each in row.data_types),
    )


async def end(session: AsyncSession, command: EndSync) -> SyncRow | None:
    """
    End a sync: let readers see its snapshot, whole, or say why there is none.

    Data whose reports could not be built is seen all the same. The first end stays;
    return the row as it left it, or None where it went with its company.
    """
    row = await session.get(SyncRow, command.sync_id, with_for_update=True)
    if row is None or row.state is not SyncState.RUNNING:
        return row
    row.state = SyncState.FAILED if command.reason else SyncState.SUCCEEDED
    row.finished_at = command.at
    row.reason, row.detail = command.reason, command.detail
    row.retry_at = command.retry_at
    session.add(row)
    if command.reason in WITH_DATA:
        await _publish(session, row, command.at)
    if command.reason is not None:
        await _blame(session, row, command.reason)
    await _end_planned(session, row, command.at)
    await _supersede(session, row)
    await session.flush()
    if row.trigger is not Trigger.JOURNEY:
        await restate(session, row.company_id, command.at)
    return row


async def _publish(session: AsyncSession, row: SyncRow, at: datetime) -> None:
    """
    Swap the snapshots; a legal entity that left meanwhile has none.

    The company is locked: of two syncs that end at once the newer one stays.
    """
    company = await session.get(CompanyRow, row.company_id, with_for_update=True)
    if company is not None and row.connection_id is not None:
        for data_type in row.data_types:
            await _swap(session, row, data_type, at)
        if company.parent_id is not None and row.trigger is not Trigger.JOURNEY:
            await reports.outdate(session, company.parent_id)


async def _end_planned(session: AsyncSession, parent: SyncRow, at: datetime) -> None:
    """What never began, because its workflow was ended before, ends with its parent."""
    await session.exec(
        update(SyncRow)
        .where(
            col(SyncRow.parent_sync_id) == parent.id,
            col(SyncRow.workflow_id) == PLANNED,
            col(SyncRow.state) == SyncState.RUNNING,
        )
        .values(state=SyncState.FAILED, reason=Reason.INTERNAL, finished_at=at)
    )


async def _supersede(session: AsyncSession, row: SyncRow) -> None:
    """What an older sync of the company waits for to try again has been done by this one."""
    await session.exec(
        update(SyncRow)
        .where(
            col(SyncRow.company_id) == row.company_id,
            col(SyncRow.id) < row.id,
            col(SyncRow.retry_at).is_not(None),
        )
        .values(retry_at=None)
    )


async def _blame(session: AsyncSession, row: SyncRow, reason: Reason) -> None:
    """Show the reason at the dataset that was not read to its end; the old snapshot stays."""
    for dataset in await progress(session, row.id):
        if dataset.state is not DatasetState.DONE:
            dataset.state, dataset.error = DatasetState.FAILED, str(reason)
            session.add(dataset)
            return


async def _swap(
    session: AsyncSession, row: SyncRow, data_type: str, at: datetime
) -> None:
    source = row.snapshot_sync_id or row.id
    snapshot = await session.get(
        SnapshotRow, (row.company_id, data_type)
    ) or SnapshotRow(
        company_id=row.company_id, data_type=data_type, sync_id=source, published_at=at
    )
    if source >= snapshot.sync_id:
        snapshot.sync_id, snapshot.published_at = source, at
    session.add(snapshot)
