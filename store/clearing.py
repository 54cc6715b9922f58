"""
Deleting every row that names what is taken away, whatever table it is in.

A row belongs to a sync, a connection, a journey or a company if it has a column of
that name: so a table that comes later is cleared too. The companies and journeys
themselves go first: who is about to write more of them finds that they are gone.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from store import bulk
from store.tables import (
    CompanyRow,
    ConnectionRow,
    CredentialRow,
    IdempotencyRow,
    JourneyRow,
    RemovalRow,
    RemovalStepRow,
    SyncRow,
    Table,
)

AT_ONCE: Final = 100
"""So many ids in one transaction: nobody else waits long for a turn."""

IN_TURN: Final = (
    CompanyRow,
    JourneyRow,
    SyncRow,
    ConnectionRow,
    CredentialRow,
    RemovalRow,
    RemovalStepRow,
)
"""Not cleared by their columns: each goes in its own time, and the receipt stays."""


def batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Return so many ids at a time."""
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]


async def forget_heads(session: AsyncSession, ids: Sequence[str]) -> None:
    """Delete journeys and companies themselves: from here on, nothing is added to them."""
    await session.exec(delete(JourneyRow).where(col(JourneyRow.id).in_(ids)))
    await session.exec(delete(CompanyRow).where(col(CompanyRow.id).in_(ids)))


async def clear(session: AsyncSession, ids: Sequence[str]) -> None:
    """
    Delete all that belongs to these journeys and companies.

    A connection whose tokens have not been given back stays until then, without a name.
    """
    ours = col(ConnectionRow.journey_id).in_(ids)
    syncs = col(SyncRow.company_id).in_(ids)
    held = select(ConnectionRow.id).where(ours).order_by(col(ConnectionRow.id))
    await session.exec(held.with_for_update())  # first, as whoever gives one back does
    await _clear(session, "connection_id", select(ConnectionRow.id).where(ours))
    await _clear(session, "sync_id", select(SyncRow.id).where(syncs))
    await bulk.forget(session, ids)
    await _clear(session, "journey_id", ids)
    await _clear(session, "company_id", ids)
    await session.exec(delete(SyncRow).where(syncs))
    with_tokens = col(ConnectionRow.id).in_(select(CredentialRow.connection_id))
    await session.exec(delete(ConnectionRow).where(ours, ~with_tokens))
    await session.exec(update(ConnectionRow).where(ours).values(name="", detail=""))


async def clear_answers(
    session: AsyncSession, organization_id: str, ids: Sequence[str]
) -> None:
    """Delete the answers that are remembered for keys of idempotency, and tell of these."""
    body = col(IdempotencyRow.body)
    await session.exec(
        delete(IdempotencyRow).where(
            col(IdempotencyRow.organization_id) == organization_id,
            or_(
                body["id"].as_string().in_(ids),
                body["company_id"].as_string().in_(ids),
            ),
        )
    )


async def connections(session: AsyncSession, removal_id: str) -> Sequence[str]:
    """Return every connection that belongs to a removal."""
    theirs = select(ConnectionRow.id).where(ConnectionRow.organization_id == removal_id)
    return (await session.exec(theirs.order_by(col(ConnectionRow.id)))).all()


async def to_give_back(session: AsyncSession, removal_id: str) -> Sequence[str]:
    """Return the connections whose tokens have not been given back."""
    statement = (
        select(ConnectionRow.id)
        .join(CredentialRow, col(CredentialRow.connection_id) == col(ConnectionRow.id))
        .where(ConnectionRow.organization_id == removal_id)
        .order_by(col(ConnectionRow.id))
    )
    return (await session.exec(statement)).all()


async def forget_connection(session: AsyncSession, connection_id: str) -> str | None:
    """Delete a connection with its tokens; return its software while it is there."""
    row = await session.get(ConnectionRow, connection_id, with_for_update=True)
    await _clear(session, "connection_id", [connection_id])
    for table, key in (
        (CredentialRow, col(CredentialRow.connection_id)),
        (ConnectionRow, col(ConnectionRow.id)),
    ):
        await session.exec(delete(table).where(key == connection_id))
    return None if row is None else row.software or ""


async def _clear(session: AsyncSession, column: str, ids: Any) -> None:
    for table in Table.metadata.sorted_tables:
        if column in table.columns and table not in _IN_TURN:
            belongs: ColumnElement[bool] = table.columns[column].in_(ids)
            await session.exec(table.delete().where(belongs))


_IN_TURN: Final = [Table.metadata.tables[str(row.__tablename__)] for row in IN_TURN]
