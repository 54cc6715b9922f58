"""
Questions to a journey that got no answer in time, so that asking again is asking the same.

The workflow may have taken one in all the same. Whoever repeats it soon gets
the answer to the first; later on it counts as a new one.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from store.tables import OpenQuestionRow
from store.writes import put

REPEATED_WITHIN: Final = timedelta(minutes=10)


async def recall(
    session: AsyncSession, journey_id: str, question: str, now: datetime
) -> str | None:
    """Return the Update id under which the same was asked before, and not answered."""
    row = await session.get(OpenQuestionRow, (journey_id, question))
    if row is None or now - row.at > REPEATED_WITHIN:
        return None
    return row.update_id


async def remember(
    session: AsyncSession, journey_id: str, question: str, update_id: str, now: datetime
) -> None:
    """Note a question that got no answer."""
    await put(
        session,
        OpenQuestionRow(
            journey_id=journey_id, question=question, update_id=update_id, at=now
        ),
    )


async def forget(session: AsyncSession, journey_id: str, question: str) -> None:
    """The question was answered."""
    await session.exec(
        delete(OpenQuestionRow).where(
            col(OpenQuestionRow.journey_id) == journey_id,
            col(OpenQuestionRow.question) == question,
        )
    )
