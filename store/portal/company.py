"""The page of one company: where it stands, and everything that belongs to it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.messages import SyncState
from store import queries
from store.accounts import BY_IMPACT, AccountFacts, accounts
from store.audit import Entry, trail
from store.keyset import Cut
from store.portal.relationships import Relationship, colleagues, relationships
from store.queries import ConnectionFacts, JourneyFacts, SyncFacts
from store.tables import (
    AccountRow,
    CategoryChoiceRow,
    ChoicesRow,
    CompanyRow,
    JourneyRow,
    MoveRow,
    SyncRow,
)

ENTITIES: Final = 20
CONNECTIONS: Final = 20
ALL: Final = 2000
CHILDREN: Final = 20
DOUBTS: Final = 5
TRAIL: Final = 30
JOURNEYS: Final = 20
SYNCS: Final = 10
MOVES: Final = 200


class CompanySight(NamedTuple):
    """
    The newest of everything; `history` has the moves that changed the status.

    `more_connections`: there are others that are not here. `names` has the legal
    entities that something is about, by id; `colleagues` what the bank's people are
    called, by address. `doubts` are accounts to confirm, those first
    of which most depends on it; `doubtful` says for each legal entity how many it has.
    `tallies` has the readings that consist of others, each with how many are how far.
    `revision`: how often people's choices have changed, which reports have to heed.
    """

    relationship: Relationship
    client: CompanyRow | None
    entities: Sequence[CompanyRow]
    journeys: Sequence[JourneyFacts]
    connections: Sequence[ConnectionFacts]
    more_connections: bool
    syncs: Sequence[SyncFacts]
    tallies: Mapping[str, Mapping[SyncState, int]]
    history: Sequence[MoveRow]
    names: Mapping[str, str]
    colleagues: Mapping[str, str]
    doubts: Sequence[AccountFacts]
    doubtful: Mapping[str, int]
    revision: int
    trail: Sequence[Entry]


async def company_sight(
    session: AsyncSession, row: CompanyRow, *, every: bool = False
) -> CompanySight:
    """Return what the page shows; `every`: all legal entities and connections, not the first few."""
    (shown,) = await relationships(session, [row])
    entities = await _entities(session, row, ALL if every else ENTITIES)
    entries = await trail(session, row, TRAIL)
    syncs = await _syncs(session, row)
    read = [each.row.company_id for sync in syncs for each in (sync, *sync.children)]
    choices = await session.get(ChoicesRow, row.id)
    connections, more = await _connections(session, row, ALL if every else CONNECTIONS)
    return CompanySight(
        relationship=shown,
        client=await session.get(CompanyRow, row.parent_id) if row.parent_id else None,
        entities=entities,
        journeys=await _journeys(session, row),
        connections=connections,
        more_connections=more,
        syncs=syncs,
        tallies=await _tallies(session, [each.row.id for each in syncs]),
        history=await _history(session, row),
        names=await _names(
            session, row, [*read, *(each.company_id for each in entries)]
        ),
        colleagues=await colleagues(session, row.organization_id),
        doubts=await _doubts(session, row.id),
        doubtful=await _doubtful(session, [each.id for each in entities]),
        revision=choices.revision if choices else 0,
        trail=entries,
    )


async def _connections(
    session: AsyncSession, row: CompanyRow, most: int
) -> tuple[Sequence[ConnectionFacts], bool]:
    found = await queries.connections(
        session, row.id, Cut(queries.CONNECTIONS, limit=most)
    )
    facts = await queries.facts_of_connections(session, found[:most])
    return facts, len(found) > most


async def _syncs(session: AsyncSession, row: CompanyRow) -> Sequence[SyncFacts]:
    found = await queries.syncs(
        session, row.id, Cut(queries.SYNCS_NEWEST_FIRST, limit=SYNCS)
    )
    return await queries.facts_of_syncs(session, found[:SYNCS], CHILDREN)


async def _tallies(
    session: AsyncSession, sync_ids: Sequence[str]
) -> Mapping[str, Mapping[SyncState, int]]:
    """Return how many legal entities' readings each of these is made of, by how far they are."""
    statement = (
        select(SyncRow.parent_sync_id, SyncRow.state, func.count())
        .where(col(SyncRow.parent_sync_id).in_(sync_ids))
        .group_by(col(SyncRow.parent_sync_id), col(SyncRow.state))
    )
    tallies: defaultdict[str, dict[SyncState, int]] = defaultdict(dict)
    for parent, how_far, count in await session.exec(statement):
        tallies[parent or ""][SyncState(how_far)] = count
    return tallies


async def _doubts(session: AsyncSession, company_id: str) -> list[AccountFacts]:
    """Return the accounts of which most depends on what nobody has confirmed yet."""
    rows = await accounts(session, company_id, None, Cut(BY_IMPACT, limit=DOUBTS))
    return [each for each in rows[:DOUBTS] if each.choice is None]


async def _doubtful(
    session: AsyncSession, company_ids: Sequence[str]
) -> Mapping[str, int]:
    chosen = (
        select(CategoryChoiceRow.key)
        .where(
            CategoryChoiceRow.company_id == AccountRow.company_id,
            CategoryChoiceRow.key == AccountRow.key,
        )
        .exists()
    )
    statement = (
        select(AccountRow.company_id, func.count())
        .where(col(AccountRow.company_id).in_(company_ids), ~chosen)
        .group_by(col(AccountRow.company_id))
    )
    return dict((await session.exec(statement)).all())


async def _entities(
    session: AsyncSession, client: CompanyRow, most: int
) -> Sequence[CompanyRow]:
    statement = (
        select(CompanyRow)
        .where(CompanyRow.parent_id == client.id)
        .order_by(col(CompanyRow.name), col(CompanyRow.id))
        .limit(most)
    )
    return (await session.exec(statement)).all()


async def _names(
    session: AsyncSession, client: CompanyRow, company_ids: Iterable[str]
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
