"""What happens to a company: its status, and the rows of its legal entities."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.journey import Status
from domain.messages import SyncState, Trigger
from domain.reasons import Reason
from domain.state import Entity, Journey
from store import reports
from store.search import index_company
from store.tables import (
    CompanyRow,
    CompanyUserRow,
    ConnectionRow,
    JourneyRow,
    SearchWordRow,
    SnapshotRow,
    SyncRow,
)


class Fact(NamedTuple):
    """
    One thing that gives a company its status, and since when.

    `acted_at`, of a journey: when its customer last did something.
    """

    at: datetime
    status: Status | None
    reason: Reason | None = None
    detail: str = ""
    acted_at: datetime | None = None


async def restate(session: AsyncSession, company_id: str, at: datetime) -> None:
    """
    Compute a company's status from what is stored: its journeys, refreshes and connections.

    The newest fact counts, but for an Error after which the customer has gone on with an
    open journey. A journey that was cancelled gives none, so that
    what was before it is there again, with its time. The company is locked before
    the facts are read: of two that restate it at once the second sees both.
    """
    company = await session.get(
        CompanyRow, company_id, with_for_update=True, populate_existing=True
    )
    if company is None:
        return
    journey = await _journey_fact(session, company_id)
    facts = [
        fact
        for fact in (
            journey,
            await _refresh_fact(session, company_id),
            await _connection_fact(session, company),
        )
        if fact is not None
    ]
    newest = max(facts, key=lambda fact: fact.at, default=Fact(at, None))
    _apply(company, _taken_up(company, journey, newest))
    for fact in facts:
        if fact.status is Status.AVAILABLE:
            last = company.last_available_at or fact.at
            company.last_available_at = max(last, fact.at)
    session.add(company)


def _taken_up(company: CompanyRow, journey: Fact | None, newest: Fact) -> Fact:
    """After an Error, such as a refresh's, the customer's first action makes it Requested again."""
    acted_at = journey and journey.acted_at
    if newest.status is not Status.ERROR or journey is None or acted_at is None:
        return newest
    if journey.status is not Status.REQUESTED or acted_at <= newest.at:
        return newest
    since = company.status_at if company.status is Status.REQUESTED else None
    if since is None or since <= newest.at:
        since = acted_at
    return journey._replace(at=since)


def _apply(company: CompanyRow, fact: Fact) -> None:
    """The same Error again keeps the time at which it began; an earlier one has its own back."""
    unchanged = (company.status, company.reason) == (fact.status, fact.reason)
    company.status, company.reason = fact.status, fact.reason
    company.reason_detail = fact.detail
    if fact.status is None:
        company.status_at = None
    elif unchanged and fact.status is Status.ERROR and company.status_at:
        company.status_at = min(company.status_at, fact.at)
    else:
        company.status_at = fact.at


async def _journey_fact(session: AsyncSession, company_id: str) -> Fact | None:
    statement = (
        select(JourneyRow)
        .where(
            JourneyRow.company_id == company_id, col(JourneyRow.status_at).is_not(None)
        )
        .order_by(col(JourneyRow.status_at).desc(), col(JourneyRow.id).desc())
        .limit(1)
    )
    row = (await session.exec(statement)).first()
    if row is None or row.status_at is None:
        return None
    return Fact(row.status_at, row.status, row.reason, row.reason_detail, row.acted_at)


async def _refresh_fact(session: AsyncSession, company_id: str) -> Fact | None:
    statement = (
        select(SyncRow)
        .where(
            SyncRow.company_id == company_id,
            SyncRow.trigger != Trigger.JOURNEY,
            SyncRow.state != SyncState.RUNNING,
            col(SyncRow.finished_at).is_not(None),
        )
        .order_by(col(SyncRow.finished_at).desc(), col(SyncRow.id).desc())
        .limit(1)
    )
    row = (await session.exec(statement)).first()
    if row is None or row.finished_at is None:
        return None
    if row.state is SyncState.SUCCEEDED:
        return Fact(row.finished_at, Status.AVAILABLE)
    return Fact(row.finished_at, Status.ERROR, row.reason, row.detail)


async def _connection_fact(session: AsyncSession, company: CompanyRow) -> Fact | None:
    """What a legal entity's own connection gives it; a client's counts through its journey."""
    if company.parent_id is None:
        return None
    statement = (
        select(ConnectionRow)
        .where(
            ConnectionRow.company_id == company.id,
            col(ConnectionRow.status_at).is_not(None),
        )
        .order_by(col(ConnectionRow.status_at).desc(), col(ConnectionRow.id).desc())
        .limit(1)
    )
    row = (await session.exec(statement)).first()
    if row is None or row.status_at is None:
        return None
    reason = row.trouble if row.status is Status.ERROR else None
    return Fact(row.status_at, row.status, reason, row.detail if reason else "")


async def join_legal_entity(
    session: AsyncSession,
    journey: Journey,
    entity: Entity,
    at: datetime,
    *,
    renamed: bool = False,
) -> None:
    """
    Make the company row of a legal entity that was authorized, or give it its new name.

    What the bank calls it stays, until the customer has `renamed` it.
    """
    client = await session.get_one(CompanyRow, journey.company_id, with_for_update=True)
    row = await session.get(CompanyRow, entity.company_id, with_for_update=True)
    if row is not None and not renamed:
        return
    row = row or CompanyRow(
        id=entity.company_id,
        organization_id=journey.organization_id,
        parent_id=journey.company_id,
        name=entity.name,
        contact_name=client.contact_name,
        contact_email=client.contact_email,
        created_at=at,
        updated_at=at,
    )
    row.name = entity.name
    session.add(row)
    await session.flush()
    await index_company(session, row)


async def leave_legal_entities(
    session: AsyncSession, client_id: str, connection_ids: Sequence[str]
) -> None:
    """Take back the company rows of legal entities that left before they were done."""
    if not connection_ids:
        return
    statement = select(ConnectionRow.company_id).where(
        col(ConnectionRow.id).in_(connection_ids), ConnectionRow.company_id != client_id
    )
    companies = (await session.exec(statement)).all()
    if not companies:
        return
    await _lock(session, [client_id, *sorted(companies)])
    await session.exec(
        delete(SnapshotRow).where(col(SnapshotRow.company_id).in_(companies))
    )
    await reports.forget(session, companies)
    await session.exec(
        delete(SearchWordRow).where(col(SearchWordRow.company_id).in_(companies))
    )
    await session.exec(
        delete(CompanyUserRow).where(col(CompanyUserRow.company_id).in_(companies))
    )
    await session.exec(delete(CompanyRow).where(col(CompanyRow.id).in_(companies)))


async def _lock(session: AsyncSession, company_ids: Sequence[str]) -> None:
    """Lock companies in this order: whoever edits one of them meanwhile comes before or after."""
    for company_id in company_ids:
        await session.exec(
            select(CompanyRow.id).where(CompanyRow.id == company_id).with_for_update()
        )
