"""The page of a company's accounts: what is in doubt, what was confirmed, which reports heed it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.accounts import AccountFacts, accounts
from store.keyset import Cut
from store.portal.relationships import reports_of
from store.tables import (
    AccountRow,
    CategoryChoiceRow,
    ChoicesRow,
    CompanyRow,
    ReportRow,
)

CONFIRMED: Final = 25


class AccountsSight(NamedTuple):
    """
    One page of accounts, and one more if there is one; `confirmed` are the newest choices.

    A report whose `choices` are behind `revision` is being built again.
    """

    company: CompanyRow
    client: CompanyRow | None
    accounts: Sequence[AccountFacts]
    confirmed: Sequence[AccountFacts]
    reports: Sequence[ReportRow]
    revision: int


async def accounts_sight(
    session: AsyncSession, company: CompanyRow, q: str | None, cut: Cut
) -> AccountsSight:
    """Return all that the page shows."""
    parent_id = company.parent_id
    choices = await session.get(ChoicesRow, company.id)
    reports = await reports_of(session, [company.id])
    return AccountsSight(
        company=company,
        client=await session.get(CompanyRow, parent_id) if parent_id else None,
        accounts=await accounts(session, company.id, q, cut),
        confirmed=await _confirmed(session, company.id),
        reports=reports[company.id],
        revision=choices.revision if choices else 0,
    )


async def _confirmed(session: AsyncSession, company_id: str) -> list[AccountFacts]:
    statement = (
        select(AccountRow, CategoryChoiceRow)
        .join(
            CategoryChoiceRow,
            (col(CategoryChoiceRow.company_id) == AccountRow.company_id)
            & (col(CategoryChoiceRow.key) == AccountRow.key),
        )
        .where(AccountRow.company_id == company_id)
        .order_by(col(CategoryChoiceRow.at).desc(), col(AccountRow.key))
        .limit(CONFIRMED)
    )
    return [AccountFacts(*each) for each in (await session.exec(statement)).all()]
