"""A sync as rows: what it has to read, how far it is, how it ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.datasets import DATASETS, Dataset, Part
from domain.ids import Kind, derived_id
from domain.journey import DataType, EntityStage, Stage
from domain.messages import BeginSync, EndSync, RunSync, SyncBegun, SyncState, Trigger
from domain.reasons import Reason
from store.companies import restate
from store.states import DatasetState
from store.tables import (
    CompanyRow,
    ConnectionRow,
    JourneyRow,
    SnapshotRow,
    SyncDatasetRow,
    SyncPartRow,
    SyncRow,
)


def datasets_of(data_types: Sequence[DataType]) -> list[Dataset]:
    """What has to be read for all of them, each dataset once."""
    return list(dict.fromkeys(each for kind in data_types for each in DATASETS[kind]))


async def begin(session: AsyncSession, command: BeginSync) -> SyncBegun:
    """Show that a sync runs; return what it has to read. The same answer however often."""
    sync = command.sync
    row = await session.get(SyncRow, sync.sync_id)
    if row is None:
        sync = await _planned(session, sync)
        row = _row(sync, command.at)
    row.workflow_id, row.run_id = command.workflow_id, command.run_id
    session.add(row)
    await session.flush()
    data_types = tuple(DataType(each) for each in row.data_types)
    if row.connection_id is not None:
        await _plan_datasets(session, row.id, data_types)
    return SyncBegun(
        connection_id=row.connection_id,
        data_types=data_types,
        children=await _children(session, row, command.at),
    )


async def refreshable(session: AsyncSession, company_id: str) -> list[ConnectionRow]:
    """
    Return the connection that stands for the company, and for each of its legal entities.

    That is the newest one that was not revoked, skipped or cancelled.
    """
    statement = (
        select(ConnectionRow)
        .join(CompanyRow, col(CompanyRow.id) == col(ConnectionRow.company_id))
        .join(JourneyRow, col(JourneyRow.id) == col(ConnectionRow.journey_id))
        .where(
            (ConnectionRow.company_id == company_id)
            | (ConnectionRow.client_id == company_id),
            col(ConnectionRow.revoked_at).is_(None),
            _counts(),
        )
        .order_by(col(ConnectionRow.id))
    )
    newest = {row.company_id: row for row in (await session.exec(statement)).all()}
    return list(newest.values())


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
        workflow_id="",
        run_id="",
    )


async def _plan_datasets(
    session: AsyncSession, sync_id: str, data_types: tuple[DataType, ...]
) -> None:
    for position, dataset in enumerate(datasets_of(data_types)):
        if await session.get(SyncDatasetRow, (sync_id, dataset)) is None:
            session.add(
                SyncDatasetRow(
                    sync_id=sync_id,
                    dataset=dataset,
                    position=position,
                    state=DatasetState.PENDING,
                )
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


async def progress(session: AsyncSession, sync_id: str) -> list[SyncDatasetRow]:
    """Return how far each dataset is, in the order of reading."""
    statement = (
        select(SyncDatasetRow)
        .where(SyncDatasetRow.sync_id == sync_id)
        .order_by(col(SyncDatasetRow.position))
    )
    return list((await session.exec(statement)).all())


async def note_page(
    session: AsyncSession, sync_id: str, part: Part, next_cursor: str | None
) -> None:
    """Note one stored page, once: a straggler changes nothing. What failed before counts no more."""
    dataset = await session.get_one(
        SyncDatasetRow, (sync_id, part.dataset), with_for_update=True
    )
    if part.number < dataset.pages:
        return
    session.add(SyncPartRow(sync_id=sync_id, **part.model_dump()))
    dataset.pages = part.number + 1
    dataset.records += part.rows
    dataset.cursor = next_cursor
    dataset.state = DatasetState.DONE if next_cursor is None else DatasetState.RUNNING
    session.add(dataset)
    await note_failing(session, sync_id, 0, timedelta())


async def note_failing(
    session: AsyncSession, sync_id: str, failures: int, failing_for: timedelta
) -> None:
    """Note for how long the software has failed without one good answer."""
    await session.exec(
        update(SyncRow)
        .where(col(SyncRow.id) == sync_id)
        .values(
            failures=failures, failing_for_ms=int(failing_for.total_seconds() * 1000)
        )
    )


async def parts(session: AsyncSession, sync_id: str) -> dict[Dataset, list[Part]]:
    """Return what a sync stored, by dataset; an empty dataset is there too."""
    found: dict[Dataset, list[Part]] = {
        row.dataset: [] for row in await progress(session, sync_id)
    }
    statement = (
        select(SyncPartRow)
        .where(SyncPartRow.sync_id == sync_id)
        .order_by(col(SyncPartRow.dataset), col(SyncPartRow.number))
    )
    for row in (await session.exec(statement)).all():
        found[row.dataset].append(
            Part(
                dataset=row.dataset,
                number=row.number,
                rows=row.rows,
                bytes=row.bytes,
                sha256=row.sha256,
            )
        )
    return found


async def end(session: AsyncSession, command: EndSync) -> SyncRow:
    """
    End a sync: let readers see its snapshot, whole, or say why there is none.

    The first end stays; return the row as it left it.
    """
    row = await session.get_one(SyncRow, command.sync_id, with_for_update=True)
    if row.state is not SyncState.RUNNING:
        return row
    row.state = SyncState.FAILED if command.reason else SyncState.SUCCEEDED
    row.finished_at = command.at
    row.reason, row.detail = command.reason, command.detail
    row.retry_at = command.retry_at
    session.add(row)
    if command.reason is None:
        await _publish(session, row, command.at)
    else:
        await _blame(session, row, command.reason)
    await session.flush()
    if row.trigger is not Trigger.JOURNEY:
        await restate(session, row.company_id, command.at)
    return row


async def _publish(session: AsyncSession, row: SyncRow, at: datetime) -> None:
    """Swap the snapshots; a legal entity that left meanwhile has none."""
    company = await session.get(CompanyRow, row.company_id)
    if company is not None and row.connection_id is not None:
        for data_type in row.data_types:
            await _swap(session, row, data_type, at)


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
    snapshot = await session.get(
        SnapshotRow, (row.company_id, data_type)
    ) or SnapshotRow(
        company_id=row.company_id, data_type=data_type, sync_id=row.id, published_at=at
    )
    if row.id >= snapshot.sync_id:
        snapshot.sync_id, snapshot.published_at = row.id, at
    session.add(snapshot)


async def running(session: AsyncSession, before: datetime, limit: int) -> list[SyncRow]:
    """Return syncs that began before that time and have not ended, oldest first."""
    statement = (
        select(SyncRow)
        .where(SyncRow.state == SyncState.RUNNING, SyncRow.started_at < before)
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
    """Note that another sync has taken over from this one."""
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
