"""The page of one company: where it stands, and everything that belongs to it."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store import queries
from store.keyset import Cut
from store.portal.relationships import Relationship, relationships
from store.queries import ConnectionFacts, JourneyFacts, SyncFacts
from store.tables import CompanyRow, JourneyRow, MoveRow

ENTITIES: Final = 50
JOURNEYS: Final = 20
CONNECTIONS: Final = 50
SYNCS: Final = 10
MOVES: Final = 200


class CompanySight(NamedTuple):
    """
    The newest of everything; `history` has the moves that changed the status, newest first.

    `names` has the legal entities whose books were read, by id.
    """

    relationship: Relationship
    client: CompanyRow | None
    entities: Sequence[Relationship]
    journeys: Sequence[JourneyFacts]
    connections: Sequence[ConnectionFacts]
    syncs: Sequence[SyncFacts]
    history: Sequence[MoveRow]
    names: Mapping[str, str]


async def company_sight(session: AsyncSession, row: CompanyRow) -> CompanySight:
    """Return all that the page shows."""
    (shown,) = await relationships(session, [row])
    connections = await queries.connections(
        session, row.id, Cut(queries.CONNECTIONS, limit=CONNECTIONS)
    )
    syncs = await queries.syncs(
        session, row.id, Cut(queries.SYNCS_NEWEST_FIRST, limit=SYNCS)
    )
    return CompanySight(
        relationship=shown,
        client=await session.get(CompanyRow, row.parent_id) if row.parent_id else None,
        entities=await _entities(session, row),
        journeys=await _journeys(session, row),
        connections=await queries.facts_of_connections(
            session, connections[:CONNECTIONS]
        ),
        syncs=await queries.facts_of_syncs(session, syncs[:SYNCS]),
        history=await _history(session, row),
        names=await _names(session, row, [each.company_id for each in syncs[:SYNCS]]),
    )


async def _entities(
    session: AsyncSession, client: CompanyRow
) -> Sequence[Relationship]:
    statement = (
        select(CompanyRow)
        .where(CompanyRow.parent_id == client.id)
        .order_by(col(CompanyRow.name), col(CompanyRow.id))
        .limit(ENTITIES)
    )
    return await relationships(session, (await session.exec(statement)).all())


async def _names(
    session: AsyncSession, client: CompanyRow, company_ids: Sequence[str]
) -> Mapping[str, str]:
    statement = select(CompanyRow.id, CompanyRow.name).where(
        col(CompanyRow.id).in_(company_ids), CompanyRow.id != client.id
    )
    return dict((await session.exec(statement)).all())


async def _journeys(session: AsyncSession, row: CompanyRow) -> Sequence[JourneyFacts]:
    statement = (
        select(JourneyRow)
        .where(JourneyRow.company_id == row.id)
        .order_by(col(JourneyRow.id).desc())
        .limit(JOURNEYS)
    )
    rows = (await session.exec(statement)).all()
    return await queries.facts_of_journeys(session, rows)


async def _history(session: AsyncSession, row: CompanyRow) -> list[MoveRow]:
    """Of the newest moves, those after which the status or its reason was another one."""
    statement = (
        select(MoveRow)
        .join(JourneyRow, col(JourneyRow.id) == MoveRow.journey_id)
        .where(JourneyRow.company_id == row.id, col(MoveRow.status).is_not(None))
        .order_by(col(MoveRow.journey_id).desc(), col(MoveRow.seq).desc())
        .limit(MOVES)
    )
    moves = (await session.exec(statement)).all()
    changed = [
        move for move, before in pairwise(moves) if _standing(move) != _standing(before)
    ]
    return [*changed, *moves[-1:]]


def _standing(move: MoveRow) -> tuple[object, ...]:
    return move.journey_id, move.status, move.reason
