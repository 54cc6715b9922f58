"""The page of one journey: where it stands, and everything that happened in it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.emails import Template
from domain.journey import Stage
from store import queries
from store.audit import movers
from store.portal.relationships import Relationship, relationships
from store.portal.stays import Stay, stays, usual
from store.queries import JourneyFacts
from store.tables import CompanyRow, EmailRow, JourneyRow, LetterRow, MoveRow

MOVES: Final = 200
EMAILS: Final = 50


class SentEmail(NamedTuple):
    """An email, and what was in it; None: it was never handed over, or before that was kept."""

    row: EmailRow
    subject: str | None


class JourneySight(NamedTuple):
    """
    A journey, its company, its newest moves and emails, the newest first.

    `movers` says who of the bank made a move, by its key; None is a program.
    """

    facts: JourneyFacts
    company: Relationship
    moves: Sequence[MoveRow]
    emails: Sequence[SentEmail]
    stays: Sequence[Stay]
    usual: Mapping[Stage, timedelta]
    movers: Mapping[str, str | None]


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
    return JourneySight(
        facts=facts,
        company=shown,
        moves=(await session.exec(moves)).all(),
        emails=await _emails(session, row),
        stays=await stays(session, row.id),
        usual=await usual(session, row.organization_id),
        movers=await movers(session, row),
    )


async def _emails(session: AsyncSession, row: JourneyRow) -> list[SentEmail]:
    statement = (
        select(EmailRow, LetterRow.subject)
        .outerjoin(
            LetterRow,
            (col(LetterRow.journey_id) == EmailRow.journey_id)
            & (col(LetterRow.template) == EmailRow.template)
            & (col(LetterRow.number) == EmailRow.number),
        )
        .where(EmailRow.journey_id == row.id)
        .order_by(col(EmailRow.at).desc())
        .limit(EMAILS)
    )
    return [SentEmail(*each) for each in (await session.exec(statement)).all()]


async def sent_letter(
    session: AsyncSession, journey_id: str, template: Template, number: int
) -> tuple[EmailRow, LetterRow] | None:
    """Return an email of a journey with what was in it, if that was kept."""
    key = (journey_id, template, number)
    email = await session.get(EmailRow, key)
    letter = await session.get(LetterRow, key)
    return None if email is None or letter is None else (email, letter)
