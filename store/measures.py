"""How much there is of everything, over all organizations: counts, and nobody's name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.journey import Stage, Status
from domain.messages import SyncState
from domain.reasons import Reason
from store.states import EmailState
from store.tables import CompanyRow, EmailRow, JourneyRow, OrganizationRow, SyncRow

Code = TypeVar("Code")


class Measures(NamedTuple):
    """What is stored now; what there is none of is left out."""

    journeys: Mapping[Stage, int]
    stuck: int
    companies: Mapping[Status | None, int]
    errors: Mapping[Reason | None, int]
    emails: Mapping[EmailState, int]
    syncs: Mapping[SyncState, int]


async def measures(session: AsyncSession, now: datetime) -> Measures:
    """Count everything; each count reads one index and no table."""
    return Measures(
        journeys=await _by(session, JourneyRow.stage),
        stuck=await _stuck(session, now),
        companies=await _by(session, CompanyRow.status),
        errors=await _by(session, CompanyRow.reason, CompanyRow.status == Status.ERROR),
        emails=await _by(session, EmailRow.state),
        syncs=await _by(session, SyncRow.state),
    )


async def _by(
    session: AsyncSession, code: Code, *conditions: Any
) -> Mapping[Code, int]:
    statement = select(col(code), func.count()).where(*conditions).group_by(col(code))
    return dict((await session.exec(statement)).all())


async def _stuck(session: AsyncSession, now: datetime) -> int:
    """Count from organization to organization, as the index is sorted."""
    statement = select(func.count()).where(
        col(JourneyRow.organization_id).in_(select(OrganizationRow.id)),
        col(JourneyRow.stuck_after) < now,
    )
    return (await session.exec(statement)).one()
