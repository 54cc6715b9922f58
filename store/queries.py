"""One function per question that the API asks. Lists take the same number of queries at any size."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, bindparam, case, true, union_all
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.journey import DataType, Delivery, Stage, Status
from domain.messages import SyncState, Trigger
from domain.reasons import Reason
from domain.state import Journey
from store.glance import glance, plain
from store.journeys import assembled
from store.keyset import Cut, Sort, by_key, by_text, by_time, page
from store.search import HIGHEST, words_of
from store.tables import (
    ApiKeyRow,
    CompanyRow,
    CompanyUserRow,
    ConnectionRow,
    JourneyRow,
    MoveRow,
    OrganizationRow,
    SearchWordRow,
    SyncDatasetRow,
    SyncRow,
)

FEW: Final = 2000
"""Of a hundred thousand: from there on, a page is full soon enough."""

_COMPANY_ID: Final = CompanyRow.id
COMPANY_SORTS: Final[Mapping[str, Sort]] = {
    "created_at": by_time(CompanyRow.created_at, _COMPANY_ID),
    "name": by_text(CompanyRow.name, _COMPANY_ID),
    "status_at": by_time(CompanyRow.status_at, _COMPANY_ID, optional=True),
}
JOURNEYS_NEWEST_FIRST: Final = by_key(JourneyRow.id)._replace(descending=True)
SYNCS_NEWEST_FIRST: Final = by_key(SyncRow.id)._replace(descending=True)
CONNECTIONS: Final = by_key(ConnectionRow.id)
TIMELINE: Final = by_key(MoveRow.seq, int)


class CompanyFilter(NamedTuple):
    """Which companies; None does not ask. `now` is when somebody asks what is stuck."""

    now: datetime
    q: str | None = None
    status: Status | None = None
    reason: Reason | None = None
    stage: Stage | None = None
    stuck: bool | None = None
    user: str | None = None
    parent_id: str | None = None


class JourneyFilter(NamedTuple):
    """Which journeys; None does not ask. `now` is when somebody asks what is stuck."""

    now: datetime
    company_id: str | None = None
    stage: Stage | None = None
    stuck: bool | None = None
    open: bool | None = None


class Outlook(NamedTuple):
    """What of a journey decides what can be done about a reason."""

    closed_at: datetime | None
    delivery: Delivery


class CompanyFacts(NamedTuple):
    """All that is shown of a company; `outlook` is of its newest journey, or connection, where there is a reason."""

    row: CompanyRow
    users: list[str]
    outlook: Outlook | None
    data_types: list[DataType]
    refreshing: bool


class JourneyFacts(NamedTuple):
    """A journey, and the run that wrote it last."""

    journey: Journey
    run_id: str | None


class ConnectionFacts(NamedTuple):
    """A connection, and the journey that it was made in."""

    row: ConnectionRow
    journey: JourneyRow | None


class SyncFacts(NamedTuple):
    """A sync with its datasets in the order in which they are read, and its children."""

    row: SyncRow
    journey: JourneyRow | None
    datasets: list[SyncDatasetRow]
    children: list["SyncFacts"]


async def organization_of_key(
    session: AsyncSession, digest: str
) -> OrganizationRow | None:
    """Return the organization that a key of this digest opens."""
    statement = (
        select(OrganizationRow)
        .join(ApiKeyRow, col(ApiKeyRow.organization_id) == OrganizationRow.id)
        .where(ApiKeyRow.digest == digest)
    )
    return (await session.exec(statement)).first()


# Companies.


async def company(
    session: AsyncSession, organization_id: str, company_id: str, *, lock: bool = False
) -> CompanyRow | None:
    """Return one of the organization's companies; locked, others change it before or after."""
    row = await session.get(CompanyRow, company_id, with_for_update=lock)
    return row if row and row.organization_id == organization_id else None


async def companies(
    session: AsyncSession, organization_id: str, wanted: CompanyFilter, cut: Cut
) -> list[CompanyRow]:
    """Return a page of companies, and one more if there is one."""
    statement = select(CompanyRow).where(CompanyRow.organization_id == organization_id)
    statement = statement.where(*_conditions(wanted))
    if wanted.q is not None:
        statement = statement.where(
            *await _found_by(session, organization_id, wanted.q)
        )
    if wanted.stage is not None or wanted.stuck is not None:
        standing = await _standing_there(session, organization_id, wanted)
        statement = statement.where(standing)
    return await page(session, statement, cut)


def _conditions(wanted: CompanyFilter) -> list[Any]:
    conditions = [
        getattr(CompanyRow, name) == value
        for name, value in wanted._asdict().items()
        if name in ("status", "reason", "parent_id") and value is not None
    ]
    if wanted.user is not None:
        looked_after = select(CompanyUserRow.company_id).where(
            CompanyUserRow.email == wanted.user
        )
        conditions.append(col(CompanyRow.id).in_(looked_after))
    if wanted.q is None and wanted.parent_id is None:
        conditions.append(col(CompanyRow.parent_id).is_(None))
    return conditions


async def _found_by(
    session: AsyncSession, organization_id: str, q: str
) -> list[ColumnElement[bool]]:
    """Every word has to be a word of the company, or the beginning of one."""
    words = words_of(q)
    if not words:
        return [~true()]
    return [await _has_word(session, organization_id, word) for word in sorted(words)]


async def _has_word(
    session: AsyncSession, organization_id: str, word: str
) -> ColumnElement[bool]:
    having = select(SearchWordRow.company_id).where(
        SearchWordRow.word >= word, SearchWordRow.word < word + HIGHEST
    )
    in_the_bank = having.where(SearchWordRow.organization_id == organization_id)
    if await _are_few(session, in_the_bank):
        return col(CompanyRow.id).in_(in_the_bank)
    return having.where(SearchWordRow.company_id == CompanyRow.id).exists()


async def _standing_there(
    session: AsyncSession, organization_id: str, wanted: CompanyFilter
) -> ColumnElement[bool]:
    """The newest journey has to stand so; a company without one is not stuck."""
    journeys = select(JourneyRow.id).where(
        JourneyRow.organization_id == organization_id,
        *_standing(wanted.stage, wanted.stuck, wanted.now),
    )
    stands: ColumnElement[bool]
    if await _are_few(session, journeys):
        stands = col(CompanyRow.journey_id).in_(journeys)
    else:
        stands = journeys.where(JourneyRow.id == CompanyRow.journey_id).exists()
    without = wanted.stage is None and wanted.stuck is False
    return or_(stands, col(CompanyRow.journey_id).is_(None)) if without else stands


async def _are_few(session: AsyncSession, statement: SelectOfScalar[str]) -> bool:
    """
    Whether it is quicker to begin with what fits than to look, company by company, until a page is full.

    No more than that many are counted.
    """
    counted = select(func.count()).select_from(statement.limit(FEW).subquery())
    return (await session.exec(counted)).one() < FEW


def _standing(stage: Stage | None, stuck: bool | None, now: datetime) -> list[Any]:  # noqa: FBT001 (a filter's value)
    """A journey that is over has no `stuck_after`, and so has a company without one."""
    conditions: list[Any] = []
    if stage is not None:
        conditions.append(col(JourneyRow.stage) == stage)
    if stuck is True:
        conditions.append(col(JourneyRow.stuck_after) < now)
    if stuck is False:
        limit = col(JourneyRow.stuck_after)
        conditions.append(or_(limit.is_(None), limit >= now))
    return conditions


async def facts_of_companies(
    session: AsyncSession, rows: Sequence[CompanyRow]
) -> list[CompanyFacts]:
    """Return all that is shown of these companies, in their order."""
    ids = [row.id for row in rows]
    users = await _users(session, ids)
    outlooks = await _outlooks(session, rows)
    data_types = await _data_types(session, ids)
    refreshing = await _refreshing(session, ids)
    return [
        CompanyFacts(
            row=row,
            users=users[row.id],
            outlook=outlooks.get(row.id),
            data_types=[each for each in DataType if each in data_types[row.id]],
            refreshing=row.id in refreshing,
        )
        for row in rows
    ]


# Statements that never change are made once: making one costs as much as what SQLite does.
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_LASTING: Final = col(JourneyRow.stage) != Stage.CANCELLED

_USERS: Final = (
    select(CompanyUserRow.company_id, CompanyUserRow.email)
    .where(col(CompanyUserRow.company_id).in_(_IDS))
    .order_by(col(CompanyUserRow.email))
)
_NEWEST_CONNECTION: Final = (
    select(func.max(ConnectionRow.id))
    .where(col(ConnectionRow.company_id).in_(_IDS))
    .group_by(col(ConnectionRow.company_id))
)
_OUTLOOKS: Final = union_all(
    select(CompanyRow.id, col(JourneyRow.closed_at), col(JourneyRow.delivery))
    .join(JourneyRow, col(JourneyRow.id) == CompanyRow.journey_id)
    .where(col(CompanyRow.id).in_(_IDS)),
    select(
        ConnectionRow.company_id, col(JourneyRow.closed_at), col(JourneyRow.delivery)
    )
    .join(JourneyRow, col(JourneyRow.id) == ConnectionRow.journey_id)
    .where(
        col(ConnectionRow.id).in_(_NEWEST_CONNECTION),
        ConnectionRow.company_id != ConnectionRow.client_id,
    ),
)
_DATA_TYPES: Final = union_all(
    select(JourneyRow.company_id, col(JourneyRow.data_types)).where(
        col(JourneyRow.company_id).in_(_IDS), _LASTING
    ),
    select(ConnectionRow.company_id, col(JourneyRow.data_types))
    .join(JourneyRow, col(JourneyRow.id) == ConnectionRow.journey_id)
    .where(col(ConnectionRow.company_id).in_(_IDS), _LASTING),
)
_REFRESHING: Final = select(SyncRow.company_id).where(
    col(SyncRow.company_id).in_(_IDS),
    SyncRow.state == SyncState.RUNNING,
    SyncRow.trigger != Trigger.JOURNEY,
)


async def _users(
    session: AsyncSession, company_ids: Sequence[str]
) -> Mapping[str, list[str]]:
    users: defaultdict[str, list[str]] = defaultdict(list)
    for company_id, email in await plain(session, _USERS, ids=company_ids):
        users[company_id].append(email)
    return users


async def _outlooks(
    session: AsyncSession, rows: Sequence[CompanyRow]
) -> Mapping[str, Outlook]:
    """
    Only a reason asks what can be done about it.

    A client's newest journey says it; a legal entity has none, but its newest
    connection was made in one.
    """
    ids = [row.id for row in rows if row.reason]
    if not ids:
        return {}
    found = await plain(session, _OUTLOOKS, ids=ids)
    return {
        company_id: Outlook(closed_at, delivery)
        for company_id, closed_at, delivery in found
    }


async def _data_types(
    session: AsyncSession, company_ids: Sequence[str]
) -> Mapping[str, set[str]]:
    """Whatever was asked of a client; a legal entity's is known by its connections."""
    data_types: defaultdict[str, set[str]] = defaultdict(set)
    for company_id, asked_for in await plain(session, _DATA_TYPES, ids=company_ids):
        data_types[company_id].update(asked_for)
    return data_types


async def _refreshing(session: AsyncSession, company_ids: Sequence[str]) -> set[str]:
    return {each for (each,) in await plain(session, _REFRESHING, ids=company_ids)}


# Journeys.


async def open_journey(session: AsyncSession, company_id: str) -> str | None:
    """Return the id of the one journey of a company that may be open."""
    statement = select(JourneyRow.id).where(
        JourneyRow.company_id == company_id, col(JourneyRow.closed_at).is_(None)
    )
    return (await session.exec(statement)).first()


async def journey_row(
    session: AsyncSession, organization_id: str, journey_id: str
) -> JourneyRow | None:
    """Return one of the organization's journeys."""
    row = await session.get(JourneyRow, journey_id, populate_existing=True)
    return row if row and row.organization_id == organization_id else None


async def journeys(
    session: AsyncSession, organization_id: str, wanted: JourneyFilter, cut: Cut
) -> list[JourneyRow]:
    """Return a page of journeys, newest first, and one more if there is one."""
    statement = select(JourneyRow).where(
        JourneyRow.organization_id == organization_id,
        *_standing(wanted.stage, wanted.stuck, wanted.now),
    )
    if wanted.company_id is not None:
        statement = statement.where(JourneyRow.company_id == wanted.company_id)
    if wanted.open is not None:
        closed_at = col(JourneyRow.closed_at)
        statement = statement.where(
            closed_at.is_(None) if wanted.open else closed_at.is_not(None)
        )
    return await page(session, statement, cut)


async def journey_rows(
    session: AsyncSession, journey_ids: Iterable[str | None]
) -> Mapping[str, JourneyRow]:
    """Return the journeys of these ids, by their id."""
    known = [journey_id for journey_id in journey_ids if journey_id is not None]
    statement = select(JourneyRow).where(col(JourneyRow.id).in_(known))
    return {row.id: row for row in await glance(session, statement)}


async def facts_of_journeys(
    session: AsyncSession, rows: Sequence[JourneyRow]
) -> list[JourneyFacts]:
    """Return these journeys with their legal entities, in their order."""
    statement = (
        select(ConnectionRow)
        .where(col(ConnectionRow.journey_id).in_([row.id for row in rows]))
        .order_by(col(ConnectionRow.id))
    )
    entities: defaultdict[str, list[ConnectionRow]] = defaultdict(list)
    for connection in await glance(session, statement):
        entities[connection.journey_id].append(connection)
    return [JourneyFacts(assembled(row, entities[row.id]), row.run_id) for row in rows]


async def timeline(session: AsyncSession, journey_id: str, cut: Cut) -> list[MoveRow]:
    """Return a page of transitions, oldest first, and one more if there is one."""
    statement = select(MoveRow).where(MoveRow.journey_id == journey_id)
    return await page(session, statement, cut)


# Connections.


def _connections_of(company_id: str) -> SelectOfScalar[ConnectionRow]:
    """A client's own, and those of its legal entities."""
    return select(ConnectionRow).where(
        or_(
            col(ConnectionRow.client_id) == company_id,
            col(ConnectionRow.company_id) == company_id,
        ),
        col(ConnectionRow.authorized).is_(other=True),
    )


async def connections(
    session: AsyncSession, company_id: str, cut: Cut
) -> list[ConnectionRow]:
    """Return a page of authorized connections, and one more if there is one."""
    return await page(session, _connections_of(company_id), cut)


async def connection(
    session: AsyncSession, organization_id: str, connection_id: str
) -> ConnectionRow | None:
    """Return one of the organization's authorized connections."""
    row = await session.get(ConnectionRow, connection_id)
    ours = row is not None and row.organization_id == organization_id
    return row if row and ours and row.authorized else None


async def facts_of_connections(
    session: AsyncSession, rows: Sequence[ConnectionRow]
) -> list[ConnectionFacts]:
    """Return these connections with their journeys, in their order."""
    journeys = await journey_rows(session, [row.journey_id for row in rows])
    return [ConnectionFacts(row, journeys.get(row.journey_id)) for row in rows]


# Syncs.


async def syncs(session: AsyncSession, company_id: str, cut: Cut) -> list[SyncRow]:
    """Return a page of a client's and its entities' syncs, newest first; children are inside."""
    family = select(CompanyRow.id).where(
        or_(col(CompanyRow.id) == company_id, col(CompanyRow.parent_id) == company_id)
    )
    statement = select(SyncRow).where(
        col(SyncRow.company_id).in_(family),
        or_(
            col(SyncRow.company_id) == company_id,
            col(SyncRow.parent_sync_id).is_(None),
        ),
    )
    return await page(session, statement, cut)


async def sync(
    session: AsyncSession, organization_id: str, sync_id: str
) -> SyncRow | None:
    """Return one of the organization's syncs."""
    row = await session.get(SyncRow, sync_id)
    return row if row and row.organization_id == organization_id else None


async def facts_of_syncs(
    session: AsyncSession, rows: Sequence[SyncRow], children_each: int | None = None
) -> list[SyncFacts]:
    """
    Return these syncs with their progress, in their order.

    With `children_each`, no more than so many of each one's children: those first that
    did not succeed.
    """
    inside = _inside([row.id for row in rows], children_each)
    children = (await session.exec(inside)).all()
    family = (*rows, *children)
    datasets = await _datasets(session, [row.id for row in family])
    journeys = await journey_rows(session, [row.journey_id for row in family])

    def facts(row: SyncRow, inside: list[SyncFacts]) -> SyncFacts:
        journey = journeys.get(row.journey_id or "")
        return SyncFacts(row, journey, datasets[row.id], inside)

    below: defaultdict[str | None, list[SyncFacts]] = defaultdict(list)
    for child in children:
        below[child.parent_sync_id].append(facts(child, []))
    return [facts(row, below[row.id]) for row in rows]


def _inside(
    sync_ids: Sequence[str], children_each: int | None
) -> SelectOfScalar[SyncRow]:
    is_child = col(SyncRow.parent_sync_id).in_(sync_ids)
    statement = select(SyncRow).where(is_child).order_by(col(SyncRow.id))
    if children_each is None:
        return statement
    succeeded = case((col(SyncRow.state) == SyncState.SUCCEEDED, 1), else_=0)
    place = func.row_number().over(
        partition_by=col(SyncRow.parent_sync_id),
        order_by=(succeeded, col(SyncRow.id)),
    )
    ranked = select(SyncRow.id, place.label("place")).where(is_child).subquery()
    few = select(ranked.c.id).where(ranked.c.place <= children_each)
    return statement.where(col(SyncRow.id).in_(few))


async def _datasets(
    session: AsyncSession, sync_ids: Sequence[str]
) -> Mapping[str, list[SyncDatasetRow]]:
    statement = (
        select(SyncDatasetRow)
        .where(col(SyncDatasetRow.sync_id).in_(sync_ids))
        .order_by(col(SyncDatasetRow.position))
    )
    datasets: defaultdict[str, list[SyncDatasetRow]] = defaultdict(list)
    for row in await session.exec(statement):
        datasets[row.sync_id].append(row)
    return datasets
