"""How far a sync is: what it has to read, and the pages that it has stored."""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.datasets import Dataset, Part
from domain.messages import SyncState
from store.states import DatasetState
from store.tables import SyncDatasetRow, SyncPartRow, SyncRow


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
) -> bool:
    """
    Note one stored page, once: a straggler changes nothing. What failed before counts no more.

    The sync is locked: one that has ended has all the pages that it will ever have.
    Return False where there is none any more: its company was deleted meanwhile.
    """
    sync = await session.get(SyncRow, sync_id, with_for_update=True)
    if sync is None:
        return False
    dataset = await session.get_one(SyncDatasetRow, (sync_id, part.dataset))
    if sync.state is not SyncState.RUNNING or part.number < dataset.pages:
        return True
    session.add(SyncPartRow(sync_id=sync_id, **part.model_dump()))
    dataset.pages = part.number + 1
    dataset.records += part.rows
    dataset.cursor = next_cursor
    dataset.state = DatasetState.DONE if next_cursor is None else DatasetState.RUNNING
    sync.failures, sync.failing_for_ms = 0, 0
    session.add_all((sync, dataset))
    return True


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
