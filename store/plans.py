"""
What a company's reports have to be built from, and which of them are out of date.

Everything that goes into a report has a name, its basis: a report of the same basis
would be the same report.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.journey import DataType, EntityStage, Stage
from domain.reports import ReportType, reports_of
from store.states import ReportState
from store.tables import (
    CategoryChoiceRow,
    ChoicesRow,
    CompanyRow,
    ConnectionRow,
    JourneyRow,
    ReportRow,
    SnapshotRow,
    SyncRow,
)


class Terms(NamedTuple):
    """What the operator of this installation decides about every report."""

    months: int = 12
    threshold: Decimal = Decimal(0)


class Books(NamedTuple):
    """One company's snapshot, as a source of reports."""

    company_id: str
    name: str
    is_entity: bool
    sync_id: str


class Order(NamedTuple):
    """Reports that are built in one go, of the same books; `basis` names all that goes in."""

    reports: tuple[ReportType, ...]
    books: tuple[Books, ...]
    basis: str

    @property
    def sources(self) -> dict[str, str]:
        """Which sync's data of which company."""
        return {each.company_id: each.sync_id for each in self.books}

    def is_consolidated(self, company_id: str) -> bool:
        """Whether there are more books in it than the company's own."""
        return tuple(each.company_id for each in self.books) != (company_id,)


class Plan(NamedTuple):
    """
    What has to be built for a company, so that its reports are up to date.

    `choices` is the revision of people's choices, `confirmed` the choices by company.
    """

    company_id: str
    orders: tuple[Order, ...]
    choices: int
    confirmed: Mapping[str, Mapping[str, str]]

    @property
    def basis(self) -> tuple[str, ...]:
        """The same for two plans that would give the same reports."""
        return tuple(order.basis for order in self.orders)

    @property
    def reports(self) -> tuple[ReportType, ...]:
        """Every report that is built."""
        return tuple(each for order in self.orders for each in order.reports)


async def plan(
    session: AsyncSession,
    company_id: str,
    terms: Terms,
    arriving: SyncRow | None = None,
) -> Plan:
    """
    Say what has to be built, of what readers see.

    `arriving`: as if they saw this sync's data already. A report that was built of
    the same before is left out.
    """
    seen = await _seen(session, company_id, arriving)
    revisions = await _revisions(session, [company_id, *{each for each, _ in seen}])
    together: defaultdict[tuple[Books, ...], list[DataType]] = defaultdict(list)
    for data_type, books in (await _books(session, company_id, seen)).items():
        together[books].append(data_type)
    built = await _built(session, company_id)
    orders = (
        _order(books, data_types, revisions, terms)
        for books, data_types in together.items()
    )
    needed = filter(None, (_stale(order, built) for order in orders))
    stale = sorted(needed, key=lambda order: order.basis)
    members = {each.company_id for order in stale for each in order.books}
    return Plan(
        company_id=company_id,
        orders=tuple(stale),
        choices=revisions.get(company_id, 0),
        confirmed=await _confirmed(session, members),
    )


_Seen = Mapping[tuple[str, str], str]
"""By company and data type: the sync whose data readers see."""


async def _seen(
    session: AsyncSession, company_id: str, arriving: SyncRow | None
) -> _Seen:
    family = select(CompanyRow.id).where(
        (CompanyRow.id == company_id) | (CompanyRow.parent_id == company_id)
    )
    statement = select(SnapshotRow).where(col(SnapshotRow.company_id).in_(family))
    found = (await session.exec(statement)).all()
    seen = {(row.company_id, row.data_type): row.sync_id for row in found}
    if arriving is not None and arriving.connection_id is not None:
        source = arriving.snapshot_sync_id or arriving.id
        for data_type in arriving.data_types:
            key = (arriving.company_id, data_type)
            seen[key] = max(seen.get(key, source), source)
    return seen


async def _books(
    session: AsyncSession, company_id: str, seen: _Seen
) -> dict[DataType, tuple[Books, ...]]:
    """By data type: whose books go into the company's reports."""
    statement = select(CompanyRow).where(
        col(CompanyRow.id).in_({key[0] for key in seen})
    )
    companies = {row.id: row for row in (await session.exec(statement)).all()}
    requests = await _requests(session, company_id)
    found: dict[DataType, tuple[Books, ...]] = {}
    for data_type in DataType:
        there = {each for each, kind in seen if kind == data_type and each in companies}
        groups = (members & there for members in (*requests, {company_id}))
        members = next(filter(None, groups), set())
        if members:
            found[data_type] = tuple(
                Books(
                    each,
                    companies[each].name,
                    companies[each].parent_id is not None,
                    seen[each, data_type],
                )
                for each in sorted(members)
            )
    return found


async def _requests(session: AsyncSession, client_id: str) -> list[set[str]]:
    """
    Whose books each request of a client brought, the newest first.

    A newer request takes the place of an older one: its legal entities may be the
    same ones again, which must not count twice. One that was called off counts last.
    """
    statement = (
        select(JourneyRow.id, JourneyRow.stage, ConnectionRow.company_id)
        .join(ConnectionRow, col(ConnectionRow.journey_id) == col(JourneyRow.id))
        .where(
            ConnectionRow.client_id == client_id,
            col(ConnectionRow.authorized).is_(True),
            ConnectionRow.stage != EntityStage.SKIPPED,
        )
    )
    groups: defaultdict[tuple[bool, str], set[str]] = defaultdict(set)
    for journey_id, stage, company_id in (await session.exec(statement)).all():
        groups[stage is not Stage.CANCELLED, journey_id].add(company_id)
    return [groups[key] for key in sorted(groups, reverse=True)]


def _order(
    books: tuple[Books, ...],
    data_types: Iterable[DataType],
    revisions: Mapping[str, int],
    terms: Terms,
) -> Order:
    basis: list[Any] = [
        [each.company_id, each.sync_id, revisions.get(each.company_id, 0)]
        for each in books
    ]
    basis += [terms.months, str(terms.threshold)]
    digest = sha256(json.dumps(basis).encode()).hexdigest()
    return Order(reports_of(data_types), books, digest)


def _stale(order: Order, built: Mapping[ReportType, ReportRow]) -> Order | None:
    """Return what of an order was not built of the same before."""
    missing = tuple(
        report
        for report in order.reports
        if (row := built.get(report)) is None
        or row.state is not ReportState.READY
        or row.basis != order.basis
    )
    return order._replace(reports=missing) if missing else None


async def _revisions(
    session: AsyncSession, company_ids: Iterable[str]
) -> dict[str, int]:
    statement = select(ChoicesRow).where(
        col(ChoicesRow.company_id).in_(set(company_ids))
    )
    return {
        row.company_id: row.revision for row in (await session.exec(statement)).all()
    }


async def _confirmed(
    session: AsyncSession, company_ids: Iterable[str]
) -> dict[str, dict[str, str]]:
    statement = select(CategoryChoiceRow).where(
        col(CategoryChoiceRow.company_id).in_(set(company_ids))
    )
    confirmed: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in (await session.exec(statement)).all():
        confirmed[row.company_id][row.account_id] = row.category_id
    return dict(confirmed)


async def _built(session: AsyncSession, company_id: str) -> dict[ReportType, ReportRow]:
    statement = select(ReportRow).where(ReportRow.company_id == company_id)
    return {row.type: row for row in (await session.exec(statement)).all()}
