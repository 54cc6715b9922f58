"""One request of the bank about what a company's accounts are."""

from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import Depends
from sqlmodel.ext.asyncio.session import AsyncSession

from api.companies import find_company
from api.deps import Bank, Now, Store, Temporal
from api.errors import not_found
from api.schemas import AccountOut, SuggestionOut
from api.temporal import TemporalDoor
from domain.audit import Done
from domain.taxonomy import in_words, taxonomy
from store import accounts
from store.accounts import AccountFacts
from store.audit import note
from store.database import Database
from store.removals import stands
from store.tables import CompanyRow, OrganizationRow


class Bookkeeper(NamedTuple):
    """Notes what people say, then has the reports built that heed it."""

    bank: OrganizationRow
    database: Database
    temporal: TemporalDoor
    now: datetime
    user_id: str | None = None

    async def confirm(
        self, company_id: str, account_id: str, category_id: str
    ) -> AccountOut:
        """Note what an account is. Safe to do twice."""
        async with self.database.transaction() as session:
            company, account = await self._find(session, company_id, account_id)
            changed = await accounts.confirm(session, account, category_id, self.now)
            if changed:
                said = f"{account.row.name}: {in_words(_path(category_id))}"
                await self._note(session, company, Done.CATEGORIZED, said)
        if changed:
            await self._rebuild(company)
        async with self.database.reading() as session:
            _, account = await self._find(session, company_id, account_id)
        return account_out(account)

    async def undo(self, company_id: str, account_id: str) -> None:
        """Leave an account to the machine again. Safe to do twice."""
        async with self.database.transaction() as session:
            company, account = await self._find(session, company_id, account_id)
            changed = await accounts.undo(session, account)
            if changed:
                await self._note(session, company, Done.UNCATEGORIZED, account.row.name)
        if changed:
            await self._rebuild(company)

    async def _note(
        self, session: AsyncSession, company: CompanyRow, what: Done, detail: str
    ) -> None:
        if not await stands(session, company.id):  # it was deleted meanwhile
            raise not_found("company")
        await note(
            session, company, what, self.now, user_id=self.user_id, detail=detail
        )

    async def _find(
        self, session: AsyncSession, company_id: str, account_id: str
    ) -> tuple[CompanyRow, AccountFacts]:
        company = await find_company(session, self.bank, company_id)
        account = await accounts.account(session, company_id, account_id)
        if account is None:
            raise not_found("account")
        return company, account

    async def _rebuild(self, company: CompanyRow) -> None:
        """A client's consolidated reports hold what its legal entities' accounts are, too."""
        for each in filter(None, (company.id, company.parent_id)):
            await self.temporal.rebuild_reports(each)


def account_out(account: AccountFacts) -> AccountOut:
    """Show one account. A confirmed category that is no more counts as none."""
    row, choice = account
    confirmed = choice.category_id if choice is not None else None
    if confirmed not in taxonomy():
        confirmed = None
    counts = confirmed or row.category_id
    suggested = "Suggested" if counts else "Uncategorized"
    return AccountOut(
        id=row.account_id,
        name=row.name,
        code=row.code,
        type=row.type,
        currency=row.currency,
        balance=row.balance,
        suggestion=SuggestionOut(
            category_id=row.category_id,
            path=_path(row.category_id),
            confidence=row.confidence,
        ),
        confirmed=confirmed,
        category_id=counts,
        path=_path(counts),
        status="Confirmed" if confirmed else suggested,
        impact="0" if confirmed else row.impact,
    )


def _path(category_id: str | None) -> tuple[str, ...]:
    known = taxonomy().get(category_id or "")
    return known.levels if known else ()


async def _bookkeeper(
    bank: Bank, database: Store, temporal: Temporal, now: Now
) -> Bookkeeper:
    return Bookkeeper(bank, database, temporal, now)


Bookkeeping = Annotated[Bookkeeper, Depends(_bookkeeper)]
