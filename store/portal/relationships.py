"""The relationships page: companies, and beside each what it waits for and what it has."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.state import Journey
from store import queries, syncs
from store.queries import CompanyFacts
from store.tables import CompanyRow, ReportRow, UserRow


class Relationship(NamedTuple):
    """
    One row: `journey` is the newest, `entities` how many legal entities there are.

    `client` is the name of whose legal entity it is. `refreshable`: there are books
    that can be read again.
    """

    facts: CompanyFacts
    journey: Journey | None
    reports: Sequence[ReportRow]
    entities: int
    client: str | None
    refreshable: bool

    @property
    def row(self) -> CompanyRow:
        """What is stored of the company itself."""
        return self.facts.row


async def relationships(
    session: AsyncSession, rows: Sequence[CompanyRow]
) -> list[Relationship]:
    """Return all that is shown of these companies, in their order."""
    facts = await queries.facts_of_companies(session, rows)
    journeys = await _journeys(session, rows)
    reports = await reports_of(session, [row.id for row in rows])
    counts = await _entities(session, [row.id for row in rows])
    clients = await _names(session, [row.parent_id for row in rows if row.parent_id])
    refreshable = await syncs.refreshable_among(session, [row.id for row in rows])
    return [
        Relationship(
            facts=each,
            journey=journeys.get(each.row.journey_id or ""),
            reports=reports[each.row.id],
            entities=counts.get(each.row.id, 0),
            client=clients.get(each.row.parent_id or ""),
            refreshable=each.row.id in refreshable,
        )
        for each in facts
    ]


async def reports_of(
    session: AsyncSession, company_ids: Sequence[str]
) -> Mapping[str, list[ReportRow]]:
    """Return the reports that each of these companies can download."""
    statement = select(ReportRow).where(
        col(ReportRow.company_id).in_(company_ids),
        col(ReportRow.updated_at).is_not(None),
    )
    reports: defaultdict[str, list[ReportRow]] = defaultdict(list)
    for row in await session.exec(statement):
        reports[row.company_id].append(row)
    return reports


async def colleagues(session: AsyncSession, organization_id: str) -> Mapping[str, str]:
    """Return what the organization's people are called, by their address."""
    statement = select(UserRow.email, UserRow.name).where(
        UserRow.organization_id == organization_id
    )
    return dict((await session.exec(statement)).all())


async def _journeys(
    session: AsyncSession, rows: Sequence[CompanyRow]
) -> Mapping[str, Journey]:
    newest = await queries.journey_rows(session, [row.journey_id for row in rows])
    return {
        each.journey.id: each.journey
        for each in await queries.facts_of_journeys(session, list(newest.values()))
    }


async def _entities(
    session: AsyncSession, client_ids: Sequence[str]
) -> Mapping[str, int]:
    statement = (
        select(CompanyRow.parent_id, func.count())
        .where(col(CompanyRow.parent_id).in_(client_ids))
        .group_by(col(CompanyRow.parent_id))
    )
    return {client: count for client, count in await session.exec(statement) if client}


async def _names(
    session: AsyncSession, company_ids: Sequence[str]
) -> Mapping[str, str]:
    statement = select(CompanyRow.id, CompanyRow.name).where(
        col(CompanyRow.id).in_(company_ids)
    )
    return dict((await session.exec(statement)).all())
