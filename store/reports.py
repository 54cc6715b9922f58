"""
Reports as rows: what was built, and where its files are.

A report is published by comparison: what it was built from must still be what
readers see, in the transaction that shows it. So of two builders at once the one
with the newer books stays, and the other one begins again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.message import Message
from domain.reports import Format, ReportType
from store.changes import touch
from store.plans import Order, Plan, Terms, plan
from store.states import ReportState
from store.tables import (
    AccountRow,
    CategoryChoiceRow,
    ChoicesRow,
    CompanyRow,
    ReportBuildRow,
    ReportRow,
)
from store.writes import put

FOLDER: Final = "reports"
OUTDATED: Final = -1
"""Instead of a revision of people's choices: there is more that the report does not heed."""


class StoredFile(Message):
    """One file that can be downloaded."""

    key: str
    bytes: int
    sha256: str


class BuiltOrder(NamedTuple):
    """What came of an order: its files, under the name of a build."""

    order: Order
    build_id: str
    files: Mapping[ReportType, Mapping[Format, StoredFile]]


async def rows(session: AsyncSession, company_id: str) -> Sequence[ReportRow]:
    """Return every report that was ever tried."""
    statement = select(ReportRow).where(ReportRow.company_id == company_id)
    return (await session.exec(statement)).all()


async def show(
    session: AsyncSession,
    built: Sequence[BuiltOrder],
    planned: Plan,
    terms: Terms,
    at: datetime,
) -> bool:
    """
    Let readers see new reports, all at once; False where something changed meanwhile.

    The company is locked: of two builders at once the second sees what the first did.
    """
    company = await session.get(CompanyRow, planned.company_id, with_for_update=True)
    now = await plan(session, planned.company_id, terms)
    if company is None or now.basis != planned.basis:
        return company is None  # nobody waits for the reports of a company that is gone
    for each in built:
        build = await session.get(ReportBuildRow, each.build_id, with_for_update=True)
        if build is None or build.condemned:  # it took too long
            return False
        for report, files in each.files.items():
            await put(session, _row(planned, report, each, files, at))
    await _heed(session, planned)
    touch(session, [planned.company_id])
    return True


async def fail(session: AsyncSession, planned: Plan) -> None:
    """Say beside each report that its newest try failed; the older files stay."""
    if await session.get(CompanyRow, planned.company_id, with_for_update=True) is None:
        return
    known = {row.type: row for row in await rows(session, planned.company_id)}
    for report in planned.reports:
        row = known.get(report) or ReportRow(
            company_id=planned.company_id, type=report, state=ReportState.FAILED
        )
        row.state = ReportState.FAILED
        session.add(row)
    await session.flush()
    await _heed(session, planned)


async def outdate(session: AsyncSession, company_id: str) -> None:
    """Note that a company's reports are made from data that has changed since."""
    await session.exec(
        update(ReportRow)
        .where(col(ReportRow.company_id) == company_id)
        .values(choices=OUTDATED)
    )


async def forget(session: AsyncSession, company_ids: Sequence[str]) -> None:
    """Take away what was built of companies that are gone; their files are swept."""
    for table in (ReportRow, AccountRow, CategoryChoiceRow, ChoicesRow):
        await session.exec(delete(table).where(col(table.company_id).in_(company_ids)))


async def _heed(session: AsyncSession, planned: Plan) -> None:
    """All reports of the company heed the choices by now, also those that did not depend on them."""
    await session.exec(
        update(ReportRow)
        .where(col(ReportRow.company_id) == planned.company_id)
        .values(choices=planned.choices)
    )


def _row(
    planned: Plan,
    report: ReportType,
    built: BuiltOrder,
    files: Mapping[Format, StoredFile],
    at: datetime,
) -> ReportRow:
    return ReportRow(
        company_id=planned.company_id,
        type=report,
        state=ReportState.READY,
        choices=planned.choices,
        basis=built.order.basis,
        sources=built.order.sources,
        build_id=built.build_id,
        files={form.value: file.model_dump() for form, file in files.items()},
        updated_at=at,
    )
