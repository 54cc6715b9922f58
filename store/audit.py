"""Who of the bank did what, and when: written with what was done, read newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import uuid4

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.audit import MOVES, Done
from domain.journey import Actor
from store.changes import touch
from store.removals import stands
from store.tables import AuditRow, CompanyRow, JourneyRow, MoveRow, UserRow
from store.writes import insert_new

MOST: Final = 200


class Entry(NamedTuple):
    """
    One line of the trail.

    `who` is a name, or None for a program with the organization's key; `known` is False
    where only that the bank did it is known.
    """

    at: datetime
    what: Done
    detail: str
    company_id: str
    journey_id: str | None
    who: str | None
    known: bool = True


async def note(  # noqa: PLR0913 (the columns of a line)
    session: AsyncSession,
    company: CompanyRow,
    what: Done,
    at: datetime,
    *,
    user_id: str | None,
    key: str | None = None,
    journey_id: str | None = None,
    detail: str = "",
) -> None:
    """
    Note what was done, once for each `key`; without one it is a new thing each time.

    Of a company that is being deleted nothing more is noted.
    """
    await session.flush()
    if not await stands(session, company.id):
        return
    row = AuditRow(
        key=key or uuid4().hex,
        organization_id=company.organization_id,
        client_id=company.parent_id or company.id,
        company_id=company.id,
        journey_id=journey_id,
        user_id=user_id,
        what=what,
        detail=detail,
        at=at,
    )
    await insert_new(session, row)
    touch(session, [company.id])


async def note_move(
    session: AsyncSession, journey: JourneyRow, version: int, user_id: str | None
) -> None:
    """Note whose doing the bank's move of that number was; its row says the rest."""
    statement = (
        select(MoveRow)
        .where(
            MoveRow.journey_id == journey.id,
            MoveRow.number == version,
            MoveRow.actor == Actor.BANK,
            col(MoveRow.event).in_(MOVES),
        )
        .order_by(col(MoveRow.seq).desc())
        .limit(1)
    )
    move = (await session.exec(statement)).first()
    company = await session.get(CompanyRow, journey.company_id)
    if move is None or company is None:
        return
    await note(
        session,
        company,
        Done(move.event),
        move.at,
        user_id=user_id,
        key=move_key(journey.id, move.seq),
        journey_id=journey.id,
        detail=move.detail,
    )


def move_key(journey_id: str, seq: int) -> str:
    """Return what a journey's move is found by."""
    return f"{journey_id}/{seq}"


async def trail(
    session: AsyncSession, company: CompanyRow, most: int = MOST
) -> list[Entry]:
    """Return what was done last with a company, a client's legal entities included."""
    noted = await _noted(session, company, most)
    names = await _names(session, company.organization_id, noted)
    entries = [
        Entry(
            row.at,
            row.what,
            row.detail,
            row.company_id,
            row.journey_id,
            names.get(row.user_id or ""),
        )
        for row in noted
    ]
    known = {row.key for row in noted}
    entries += [
        entry for key, entry in await _moved(session, company, most) if key not in known
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:most]


async def movers(
    session: AsyncSession, journey: JourneyRow
) -> Mapping[str, str | None]:
    """Return who made each of the bank's moves of a journey that was noted, by its key."""
    statement = select(AuditRow).where(
        AuditRow.client_id == journey.company_id, AuditRow.journey_id == journey.id
    )
    rows = (await session.exec(statement)).all()
    names = await _names(session, journey.organization_id, rows)
    return {row.key: names.get(row.user_id or "") for row in rows}


async def _noted(
    session: AsyncSession, company: CompanyRow, most: int
) -> Sequence[AuditRow]:
    statement = select(AuditRow).where(
        AuditRow.client_id == (company.parent_id or company.id)
    )
    if company.parent_id is not None:
        statement = statement.where(AuditRow.company_id == company.id)
    newest = statement.order_by(col(AuditRow.at).desc()).limit(most)
    return (await session.exec(newest)).all()


async def _moved(
    session: AsyncSession, company: CompanyRow, most: int
) -> list[tuple[str, Entry]]:
    """Return the bank's moves of its journeys: those whose doer was lost are not lost."""
    statement = (
        select(MoveRow)
        .join(JourneyRow, col(JourneyRow.id) == MoveRow.journey_id)
        .where(
            JourneyRow.company_id == company.id,
            MoveRow.actor == Actor.BANK,
            col(MoveRow.event).in_(MOVES),
        )
        .order_by(col(MoveRow.journey_id).desc(), col(MoveRow.seq).desc())
        .limit(most)
    )
    return [
        (
            move_key(move.journey_id, move.seq),
            Entry(
                move.at,
                Done(move.event),
                move.detail,
                company.id,
                move.journey_id,
                None,
                known=False,
            ),
        )
        for move in (await session.exec(statement)).all()
    ]


async def _names(
    session: AsyncSession, organization_id: str, rows: Sequence[AuditRow]
) -> dict[str, str]:
    ids = {row.user_id for row in rows if row.user_id}
    if not ids:
        return {}
    statement = select(UserRow.id, UserRow.name).where(
        UserRow.organization_id == organization_id, col(UserRow.id).in_(ids)
    )
    return dict((await session.exec(statement)).all())
