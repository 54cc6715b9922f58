"""Steps that build reports, and let readers see them if nothing changed meanwhile."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from random import SystemRandom
from typing import Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.builder import BuildFailed
from activities.building import Finished, Press
from activities.edge import Steps
from activities.patience import TryAgain
from domain.ids import Kind, new_id
from domain.messages import BuildReports, ReportsBuilt
from domain.reasons import Reason, Refused
from reports.accounts import AccountOut, CompanyAccounts
from reports.categories import Suggestion, impact
from store import accounts, reports
from store.accounts import account_key, words
from store.database import Database
from store.plans import Order, Plan, plan
from store.removals import stands
from store.reports import BuiltOrder
from store.states import ReportState
from store.tables import AccountRow, ReportBuildRow, SyncRow

TRIES: Final = 3
"""A process may be killed for want of memory; one that fails this often fails again."""

ROUNDS: Final = 5
"""So often it is built again because something changed while it was built."""

CENT: Final = Decimal("0.01")

First = Callable[[AsyncSession], Awaitable[bool]]

log = structlog.get_logger()


class Publisher:
    """Brings a company's reports up to date: nothing is built twice of the same."""

    def __init__(self, database: Database, press: Press) -> None:
        self._database = database
        self._press = press

    async def publish(
        self,
        company_id: str,
        at: datetime,
        *,
        arriving: SyncRow | None = None,
        first: First | None = None,
    ) -> None:
        """
        Build what is out of date, and show it in one transaction.

        `arriving` is a sync whose data readers don't see yet; `first` lets them, in the
        same transaction, or says that nothing is to be shown. Safe to run twice.
        Raises Refused where a report can't be built.
        """
        for _ in range(ROUNDS):
            async with self._database.reading() as session:
                planned = await plan(session, company_id, self._press.terms, arriving)
            try:
                built = [await self._build(planned, order) for order in planned.orders]
                await self._show(planned, built, at, first)
            except _Outdated:
                continue
            except _Gone:
                log.info("reports.of_nobody", company=company_id)
            return
        raise TryAgain("what the reports are made from keeps changing")

    async def fail(self, session: AsyncSession, company_id: str) -> None:
        """Show beside the reports that they could not be built; the older ones stay."""
        planned = await plan(session, company_id, self._press.terms)
        await reports.fail(session, planned)
        log.warning("reports.failed", company=company_id, reports=planned.reports)

    async def _build(self, planned: Plan, order: Order) -> "_Built":
        try:
            async with self._press.build(planned, order) as finished:
                build_id = await self._begin(planned.company_id)
                files = await self._press.store(planned.company_id, build_id, finished)
                rows = _account_rows(planned.company_id, order, finished)
        except BuildFailed as failed:
            if activity.info().attempt < TRIES:
                raise TryAgain("the reports could not be built") from None
            raise Refused(Reason.REPORT_FAILED, f"({failed})") from None
        return BuiltOrder(order, build_id, files), rows

    async def _begin(self, company_id: str) -> str:
        at = datetime.now(UTC)
        row = ReportBuildRow(
            id=new_id(Kind.REPORT, at, SystemRandom()), company_id=company_id, at=at
        )
        async with self._database.transaction() as session:
            if not await stands(session, company_id):
                raise _Gone
            session.add(row)
        return row.id

    async def _show(
        self, planned: Plan, built: "list[_Built]", at: datetime, first: First | None
    ) -> None:
        async with self._database.transaction() as session:
            if first is not None and not await first(session):
                return
            if not await stands(session, planned.company_id):
                return
            orders = [order for order, _ in built]
            if not await reports.show(session, orders, planned, self._press.terms, at):
                raise _Outdated
            for order, rows in built:
                source = order.order.sources.get(planned.company_id)
                if source is not None:
                    await accounts.replace(session, planned.company_id, source, rows)
        log.info("reports.built", company=planned.company_id, reports=planned.reports)


_Built = tuple[BuiltOrder, list[AccountRow]]


class _Outdated(Exception):
    """Something that the reports are made from changed while they were built."""


class _Gone(Exception):
    """The company was deleted meanwhile: nobody waits for its reports."""


class ReportActivities:
    """Reports of data that is stored already."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    @property
    def steps(self) -> Steps:
        """What a worker does of this."""
        return (self.build_reports,)

    @activity.defn
    async def build_reports(self, command: BuildReports) -> ReportsBuilt:
        """
        Bring a company's reports up to date with what readers see and people chose.

        Safe to run twice: what is up to date is left alone.
        """
        try:
            await self._publisher.publish(command.company_id, datetime.now(UTC))
        except Refused:
            async with self._database.transaction() as session:
                await self._publisher.fail(session, command.company_id)
            raise
        async with self._database.reading() as session:
            rows = await reports.rows(session, command.company_id)
        ready = [row.type for row in rows if row.state is ReportState.READY]
        return ReportsBuilt(reports=tuple(sorted(ready)))


def _account_rows(
    company_id: str, order: Order, finished: Finished
) -> list[AccountRow]:
    """Return the company's own accounts as rows, ranked by what depends on the doubt."""
    for company in finished.accounts:
        if company.company_id == company_id:
            return _ranked(company, order.sources[company_id])
    return []


def _ranked(company: CompanyAccounts, sync_id: str) -> list[AccountRow]:
    by_impact = sorted(
        company.accounts, key=lambda account: (-_doubt(account), account.id)
    )
    return [
        _account_row(company.company_id, sync_id, account, place)
        for place, account in enumerate(by_impact)
    ]


def _doubt(account: AccountOut) -> Decimal:
    """What depends on the doubt, as long as nobody has confirmed the account."""
    found = account.suggestion
    return impact(account.balance, Suggestion(found.category_id, found.confidence))


def _account_row(
    company_id: str, sync_id: str, account: AccountOut, place: int
) -> AccountRow:
    return AccountRow(
        company_id=company_id,
        key=account_key(account.id),
        sync_id=sync_id,
        account_id=_storable(account.id),
        name=_storable(account.name),
        code=None if account.code is None else _storable(account.code),
        type=account.type,
        currency=account.currency,
        balance=_money(account.balance),
        category_id=account.suggestion.category_id,
        confidence=list(account.suggestion.confidence),
        impact=_money(_doubt(account).quantize(CENT)),
        place=f"{place:09}",
        words=words(account.id, account.code, account.name),
    )


def _money(amount: Decimal) -> str:
    """Return an amount exactly, with as many places as it needs, and two at least."""
    cents = amount.quantize(CENT)
    return f"{cents if cents == amount else amount.normalize():f}"


def _storable(text: str) -> str:
    """PostgreSQL has no room for NUL."""
    return text.replace("\0", "")
