"""
Companies that are taken away: whose their rows are meanwhile.

From the first moment on, what belongs to the company belongs to the removal: its id
takes the organization's place in those rows. So no list and no address of the
organization shows them any more, and whoever is about to write more finds out, as
long as it asks `stands` or `journey_stands` in the transaction that writes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.journey import Stage
from domain.removals import STEPS, Thing, is_of_a_removal
from store.receipts import tell
from store.states import EmailState
from store.tables import (
    CompanyRow,
    ConnectionRow,
    EmailRow,
    JourneyRow,
    RemovalRow,
    RemovalStepRow,
    ReportRow,
    SyncRow,
    Table,
)
from store.writes import insert_new

LEFT: Final = (EmailState.SENT, EmailState.HANDING_OVER)


# Whoever is about to write asks first.


async def stands(session: AsyncSession, company_id: str) -> bool:
    """Hold a company until the transaction ends; False where it is gone, or about to be."""
    row = await session.get(
        CompanyRow, company_id, with_for_update=True, populate_existing=True
    )
    return row is not None and not is_of_a_removal(row.organization_id)


async def journey_stands(session: AsyncSession, journey_id: str) -> bool:
    """Hold a journey until the transaction ends; False where it is gone, or about to be."""
    return await standing_journey(session, journey_id) is not None


async def standing_journey(session: AsyncSession, journey_id: str) -> JourneyRow | None:
    """Hold a journey, and return it as it is now; None where it is gone, or about to be."""
    row = await session.get(
        JourneyRow, journey_id, with_for_update=True, populate_existing=True
    )
    return None if row is None or is_of_a_removal(row.organization_id) else row


# How it begins.


async def begin(
    session: AsyncSession,
    company: CompanyRow,
    removal_id: str,
    at: datetime,
    user_id: str | None = None,
) -> RemovalRow:
    """Take a client over, once: of two who ask at once the second gets the first one's removal."""
    removal = RemovalRow(
        id=removal_id,
        organization_id=company.organization_id,
        company_id=company.id,
        user_id=user_id,
        requested_at=at,
    )
    if not await insert_new(session, removal):
        known = select(RemovalRow).where(RemovalRow.company_id == company.id)
        return (await session.exec(known)).one()
    removal = await session.get_one(RemovalRow, removal_id)
    session.add_all(RemovalStepRow(removal_id=removal_id, step=step) for step in STEPS)
    removal.found = {
        str(thing): count for thing, count in (await stock(session, company.id)).items()
    }
    await take_over(session, removal, at)
    return removal


async def take_over(session: AsyncSession, removal: RemovalRow, at: datetime) -> None:
    """
    Let everything of the company belong to the removal; its open journeys are over.

    Done again, it finds what somebody wrote who had asked before it began.
    """
    client = removal.company_id
    journeys = col(JourneyRow.company_id) == client
    await _own(session, removal, JourneyRow, journeys)
    await session.exec(
        update(JourneyRow)
        .where(journeys, col(JourneyRow.closed_at).is_(None))
        .values(stage=Stage.CANCELLED, closed_at=at, stuck_after=None)
    )
    journey_ids = await _ids(session, select(JourneyRow.id).where(journeys))
    company_ids = await _family(session, client, journey_ids)
    await _own(session, removal, SyncRow, col(SyncRow.company_id).in_(company_ids))
    await _own(session, removal, ConnectionRow, col(ConnectionRow.client_id) == client)
    for company_id in [client, *sorted({*company_ids} - {client})]:
        await session.get(CompanyRow, company_id, with_for_update=True)
    await _own(session, removal, CompanyRow, col(CompanyRow.id).in_(company_ids))
    removal.journeys = sorted({*removal.journeys, *journey_ids})
    removal.companies = sorted({*removal.companies, *company_ids})
    session.add(removal)
    await tell(session, removal)


async def stock(session: AsyncSession, client_id: str) -> dict[Thing, int]:
    """Count what is known of a client and of its legal entities."""
    journeys = select(JourneyRow.id).where(JourneyRow.company_id == client_id)
    family = select(CompanyRow.id).where(
        (CompanyRow.id == client_id) | (CompanyRow.parent_id == client_id)
    )
    counts: dict[Thing, tuple[type[Table], ColumnElement[bool]]] = {
        Thing.LEGAL_ENTITIES: (CompanyRow, col(CompanyRow.parent_id) == client_id),
        Thing.JOURNEYS: (JourneyRow, col(JourneyRow.company_id) == client_id),
        Thing.CONNECTIONS: (
            ConnectionRow,
            (col(ConnectionRow.client_id) == client_id)
            & col(ConnectionRow.authorized).is_(True),
        ),
        Thing.SYNCS: (SyncRow, col(SyncRow.company_id).in_(family)),
        Thing.REPORTS: (
            ReportRow,
            col(ReportRow.company_id).in_(family)
            & col(ReportRow.updated_at).is_not(None),
        ),
        Thing.EMAILS: (
            EmailRow,
            col(EmailRow.journey_id).in_(journeys) & col(EmailRow.state).in_(LEFT),
        ),
    }
    return {
        thing: await _count(session, table, condition)
        for thing, (table, condition) in counts.items()
    }


async def _own(
    session: AsyncSession,
    removal: RemovalRow,
    table: Any,
    condition: ColumnElement[bool],
) -> None:
    await session.exec(
        update(table).where(condition).values(organization_id=removal.id)
    )


async def _family(
    session: AsyncSession, client_id: str, journey_ids: Sequence[str]
) -> list[str]:
    """The client, its legal entities, and those that left but whose books were read."""
    found = {client_id}
    for statement in (
        select(CompanyRow.id).where(CompanyRow.parent_id == client_id),
        select(ConnectionRow.company_id).where(ConnectionRow.client_id == client_id),
        select(SyncRow.company_id).where(col(SyncRow.journey_id).in_(journey_ids)),
    ):
        found.update(await _ids(session, statement))
    return sorted(found)


async def _ids(session: AsyncSession, statement: Any) -> list[str]:
    return list((await session.exec(statement)).all())


async def _count(
    session: AsyncSession, table: type[Table], condition: ColumnElement[bool]
) -> int:
    statement = select(func.count()).select_from(table).where(condition)
    return (await session.exec(statement)).one()
