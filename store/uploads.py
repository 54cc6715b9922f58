"""
Workbooks that customers uploaded: `uploads/{journey}/{sha256}.xlsx` in the object store.

A row says that there is such a file, or that there is about to be. Whoever stores
the same file again renews the row first; whoever sweeps it holds the row until the
file is gone. So neither undoes what the other has just done.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import col, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.journey import EntityStage, Stage
from store.tables import ConnectionRow, JourneyRow, UploadRow
from store.writes import put

FOLDER: Final = "uploads"


def folder_of(journey_id: str) -> str:
    """Return where the files of a journey are."""
    return f"{FOLDER}/{journey_id}"


def key_of(journey_id: str, sha256: str) -> str:
    """Return where a file is."""
    return f"{folder_of(journey_id)}/{sha256}.xlsx"


async def note(
    session: AsyncSession, journey_id: str, sha256: str, at: datetime
) -> None:
    """Say that a file is about to be stored. Safe to do twice: the last time counts."""
    await put(session, UploadRow(journey_id=journey_id, sha256=sha256, at=at))


async def find(session: AsyncSession, journey_id: str, sha256: str) -> UploadRow | None:
    """Return a file's row."""
    return await session.get(UploadRow, (journey_id, sha256))


async def unread(
    session: AsyncSession, before: datetime, limit: int = 50
) -> Sequence[UploadRow]:
    """Return files from before that time that no connection stands for any more."""
    reader = exists().where(
        col(ConnectionRow.journey_id) == col(UploadRow.journey_id),
        col(ConnectionRow.upload) == col(UploadRow.sha256),
        col(ConnectionRow.revoked_at).is_(None),
        col(ConnectionRow.stage) != EntityStage.SKIPPED,
        col(JourneyRow.id) == col(ConnectionRow.journey_id),
        (col(JourneyRow.stage) != Stage.CANCELLED)
        | (col(ConnectionRow.stage) == EntityStage.DONE),
    )
    statement = (
        select(UploadRow)
        .where(UploadRow.at < before, ~reader)
        .order_by(col(UploadRow.at))
        .limit(limit)
    )
    return (await session.exec(statement)).all()


async def drop(session: AsyncSession, upload: UploadRow) -> bool:
    """Forget a file that was not uploaded again meanwhile; its row is held until the end."""
    known = await session.get(
        UploadRow, (upload.journey_id, upload.sha256), with_for_update=True
    )
    if known is None or known.at != upload.at:
        return False
    await session.delete(known)
    await session.flush()
    return True
