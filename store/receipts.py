"""The receipts of removals: how far each is, what was taken away, when. They name nobody."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.messages import RemoveCompany
from domain.removals import STEPS, Step, Thing
from store.keyset import Cut, by_key, page
from store.tables import ChangeRow, RemovalRow, RemovalStepRow
from store.writes import put

NEWEST_FIRST: Final = by_key(RemovalRow.id)._replace(descending=True)


class Receipt(NamedTuple):
    """A removal with its steps, in the order in which they begin."""

    row: RemovalRow
    steps: Sequence[RemovalStepRow]


def command_of(row: RemovalRow) -> RemoveCompany:
    """Return what its workflow is started with."""
    return RemoveCompany(
        removal_id=row.id,
        organization_id=row.organization_id,
        company_id=row.company_id,
    )


# How far it is.


async def begin_step(
    session: AsyncSession, removal_id: str, step: Step, at: datetime, total: int = 1
) -> None:
    """Show that a step has begun, and how much there is to do."""
    row = await _step(session, removal_id, step)
    row.started_at = row.started_at or at
    row.total = max(row.total, total)
    session.add(row)
    await tell(session, await session.get_one(RemovalRow, removal_id))


async def count_step(
    session: AsyncSession, removal_id: str, step: Step, left: int
) -> None:
    """Show how much of a step is left to do."""
    row = await _step(session, removal_id, step)
    row.done = max(row.done, row.total - left)
    session.add(row)
    await tell(session, await session.get_one(RemovalRow, removal_id))


async def end_step(
    session: AsyncSession, removal_id: str, step: Step, at: datetime
) -> None:
    """Show that a step is done; the first time stays."""
    row = await _step(session, removal_id, step)
    row.started_at = row.started_at or at
    row.finished_at = row.finished_at or at
    row.done = row.total
    session.add(row)
    await tell(session, await session.get_one(RemovalRow, removal_id))


async def end(session: AsyncSession, removal_id: str, at: datetime) -> None:
    """Close the receipt; the first time stays."""
    row = await session.get_one(RemovalRow, removal_id, with_for_update=True)
    row.finished_at = row.finished_at or at
    session.add(row)
    await tell(session, row)


async def note_files(session: AsyncSession, removal_id: str, count: int) -> None:
    """Count the files before the first of them goes; the first count stays."""
    row = await session.get_one(RemovalRow, removal_id, with_for_update=True)
    row.found = {str(Thing.FILES): count, **row.found}
    session.add(row)


async def note_unrevoked(
    session: AsyncSession, removal_id: str, connection_id: str, software: str
) -> None:
    """Name a connection of which its software could not be told, once."""
    row = await session.get_one(RemovalRow, removal_id, with_for_update=True)
    lost = {"connection_id": connection_id, "software": software}
    if lost not in row.unrevoked:
        row.unrevoked = [*row.unrevoked, lost]
    session.add(row)


async def tell(session: AsyncSession, removal: RemovalRow) -> None:
    """Let open pages of the organization follow; the removal's id stands for the company's."""
    await session.flush()
    await put(
        session,
        ChangeRow(
            company_id=removal.id,
            organization_id=removal.organization_id,
            at=datetime.now(UTC),
        ),
    )


async def _step(session: AsyncSession, removal_id: str, step: Step) -> RemovalStepRow:
    return await session.get_one(
        RemovalStepRow, (removal_id, step), with_for_update=True
    )


# Receipts.


async def find(
    session: AsyncSession, organization_id: str, removal_id: str
) -> Receipt | None:
    """Return one of the organization's removals."""
    row = await session.get(RemovalRow, removal_id)
    if row is None or row.organization_id != organization_id:
        return None
    return (await receipts(session, [row]))[0]


async def of_company(
    session: AsyncSession, organization_id: str, company_id: str
) -> Receipt | None:
    """Return the removal of one of the organization's companies, if there is one."""
    statement = select(RemovalRow).where(
        RemovalRow.organization_id == organization_id,
        RemovalRow.company_id == company_id,
    )
    row = (await session.exec(statement)).first()
    return None if row is None else (await receipts(session, [row]))[0]


async def newest(
    session: AsyncSession, organization_id: str, cut: Cut
) -> list[RemovalRow]:
    """Return a page of removals, newest first, and one more if there is one."""
    statement = select(RemovalRow).where(RemovalRow.organization_id == organization_id)
    return await page(session, statement, cut)


async def receipts(session: AsyncSession, rows: Sequence[RemovalRow]) -> list[Receipt]:
    """Return these removals with their steps, in their order."""
    statement = select(RemovalStepRow).where(
        col(RemovalStepRow.removal_id).in_([row.id for row in rows])
    )
    steps: defaultdict[str, list[RemovalStepRow]] = defaultdict(list)
    for step in await session.exec(statement):
        steps[step.removal_id].append(step)
    order = list(STEPS)
    return [
        Receipt(row, sorted(steps[row.id], key=lambda each: order.index(each.step)))
        for row in rows
    ]


async def unfinished(
    session: AsyncSession, before: datetime, at: datetime, limit: int
) -> list[RemovalRow]:
    """Return unfinished removals asked for before that time that were looked at longest ago, and note it."""
    statement = (
        select(RemovalRow)
        .where(col(RemovalRow.finished_at).is_(None), RemovalRow.requested_at < before)
        .order_by(col(RemovalRow.checked_at).nulls_first(), col(RemovalRow.id))
        .limit(limit)
    )
    rows = (await session.exec(statement)).all()
    for row in rows:
        row.checked_at = at
        session.add(row)
    return list(rows)
