"""The page of one journey: where it stands, and everything that happened in it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store import queries
from store.portal.relationships import Relationship, relationships
from store.queries import JourneyFacts
from store.tables import CompanyRow, EmailRow, JourneyRow, MoveRow

MOVES: Final = 200


class JourneySight(NamedTuple):
    """A journey, its company, its newest moves (the newest first) and its emails."""

    facts: JourneyFacts
    company: Relationship
    moves: Sequence[MoveRow]
    emails: Sequence[EmailRow]


async def journey_sight(session: AsyncSession, row: JourneyRow) -> JourneySight:
    """Return all that the page shows."""
    (facts,) = await queries.facts_of_journeys(session, [row])
    company = await session.get_one(CompanyRow, row.company_id)
    (shown,) = await relationships(session, [company])
    moves = (
        select(MoveRow)
        .where(MoveRow.journey_id == row.id)
        .order_by(col(MoveRow.seq).desc())
        .limit(MOVES)
    )
    emails = (
        select(EmailRow).where(EmailRow.journey_id == row.id).order_by(col(EmailRow.at))
    )
    return JourneySight(
        facts=facts,
        company=shown,
        moves=(await session.exec(moves)).all(),
        emails=(await session.exec(emails)).all(),
    )
