"""How a bank's request becomes a journey: its first row, and the company that points at it."""

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import fresh_id
from api.errors import ApiError, refusal
from api.schemas import JourneyIn
from domain.ids import Kind
from domain.journey import FIRST, LIMITS, DataType, Stage, Structure
from domain.state import Journey, Rules
from store import queries
from store.journeys import first_row
from store.tables import CompanyRow, OrganizationRow


def new_journey(
    bank: OrganizationRow,
    company: CompanyRow,
    wanted: JourneyIn,
    now: datetime,
    authorization_timeout: timedelta,
) -> Journey:
    """Return a journey before its first move. Only spend analysis alone asks for a structure."""
    asks = wanted.data_types == [DataType.SPEND_ANALYSIS]
    return Journey(
        id=fresh_id(Kind.JOURNEY, now),
        organization_id=bank.id,
        company_id=company.id,
        company_name=company.name,
        data_types=tuple(wanted.data_types),
        delivery=wanted.delivery,
        rules=_rules(bank, authorization_timeout),
        created_at=now,
        expires_at=now + timedelta(days=bank.expires_days),
        stage=FIRST[wanted.delivery],
        stage_since=now,
        structure=None if asks else Structure.SINGLE,
    )


def _rules(bank: OrganizationRow, authorization_timeout: timedelta) -> Rules:
    own = {
        Stage(stage): timedelta(seconds=seconds)
        for stage, seconds in bank.stage_limits.items()
    }
    return Rules(
        reminders=tuple(timedelta(days=days) for days in bank.reminders_days),
        limits={**LIMITS, **own},
        authorization_timeout=authorization_timeout,
    )


async def open_journey(
    session: AsyncSession, company: CompanyRow, journey: Journey
) -> None:
    """
    Write a journey's first row, unless the company has an open one.

    The index decides: who looks first may be overtaken before writing.
    """
    if await queries.open_journey(session, company.id) is not None:
        raise _in_progress(company)
    session.add(first_row(journey))
    try:
        await session.flush()
    except IntegrityError as error:
        raise _in_progress(company) from error
    company.journey_id = journey.id
    session.add(company)


def _in_progress(company: CompanyRow) -> ApiError:
    return refusal(
        "journey_in_progress",
        f"A journey of this company is open ({company.journey_id}); "
        "resend it, or cancel it first.",
    )
