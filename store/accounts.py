"""Accounts as rows: what the machine takes them for, and what people say that they are."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, case, false, literal
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.keyset import Cut, Position, Sort, page
from store.search import words_of
from store.tables import AccountRow, CategoryChoiceRow, ChoicesRow, CompanyRow
from store.writes import put

_IS_CONFIRMED: Final = case((col(CategoryChoiceRow.key).is_(None), 0), else_=1)
BY_IMPACT: Final = Sort(_IS_CONFIRMED, col(AccountRow.place), read=int)
"""Largest first; what a person has confirmed has none, and comes last."""


class AccountFacts(NamedTuple):
    """An account, and what a person says that it is."""

    row: AccountRow
    choice: CategoryChoiceRow | None

    @property
    def position(self) -> Position:
        """Where it stands in a list by impact."""
        return Position(str(int(self.choice is not None)), self.row.place)


def account_key(account_id: str) -> str:
    """Return what an account is found by; an id may be longer than an index can hold."""
    return sha256(account_id.encode("utf-8", "surrogatepass")).hexdigest()


def words(*texts: str | None) -> str:
    """Return what an account can be found by."""
    return " ".join(sorted(words_of(*texts)))


async def replace(
    session: AsyncSession, company_id: str, sync_id: str, rows: Sequence[AccountRow]
) -> None:
    """Put the accounts of a company's newest books in the place of those before."""
    newer = select(AccountRow.key).where(
        AccountRow.company_id == company_id, AccountRow.sync_id > sync_id
    )
    if (await session.exec(newer.limit(1))).first() is None:
        await session.exec(
            delete(AccountRow).where(col(AccountRow.company_id) == company_id)
        )
        session.add_all(rows)
        await session.flush()


async def accounts(
    session: AsyncSession, company_id: str, q: str | None, cut: Cut
) -> list[AccountFacts]:
    """Return a page of accounts, and one more if there is one; every word of `q` has to be found."""
    statement = (
        select(AccountRow)
        .outerjoin(
            CategoryChoiceRow,
            (col(CategoryChoiceRow.company_id) == AccountRow.company_id)
            & (col(CategoryChoiceRow.key) == AccountRow.key),
        )
        .where(AccountRow.company_id == company_id)
    )
    if q is not None:
        statement = statement.where(*_found_by(q))
    rows = await page(session, statement, cut)
    choices = await _choices(session, company_id, [row.key for row in rows])
    return [AccountFacts(row, choices.get(row.key)) for row in rows]


def _found_by(q: str) -> list[ColumnElement[bool]]:
    """Every word has to be a word of the account, or the beginning of one."""
    words = literal(" ") + col(AccountRow.words)
    wanted = sorted(words_of(q))
    return [words.contains(f" {word}", autoescape=True) for word in wanted] or [false()]


async def account(
    session: AsyncSession, company_id: str, account_id: str
) -> AccountFacts | None:
    """Return one of a company's accounts by the software's own id."""
    key = (company_id, account_key(account_id))
    row = await session.get(AccountRow, key)
    if row is None:
        return None
    return AccountFacts(row, await session.get(CategoryChoiceRow, key))


async def confirm(
    session: AsyncSession, account: AccountFacts, category_id: str, at: datetime
) -> bool:
    """Note what a person says that an account is; False where that was known."""
    before = account.choice.category_id if account.choice else None
    if before == category_id:
        return False
    await _changed(session, account.row.company_id)
    choice = CategoryChoiceRow(
        company_id=account.row.company_id,
        key=account.row.key,
        account_id=account.row.account_id,
        category_id=category_id,
        at=at,
    )
    await put(session, choice)
    return True


async def undo(session: AsyncSession, account: AccountFacts) -> bool:
    """Leave an account to the machine again; False where it was."""
    if account.choice is None:
        return False
    await _changed(session, account.row.company_id)
    choice = account.choice
    await session.exec(
        delete(CategoryChoiceRow).where(
            col(CategoryChoiceRow.company_id) == choice.company_id,
            col(CategoryChoiceRow.key) == choice.key,
        )
    )
    return True


async def _changed(session: AsyncSession, company_id: str) -> None:
    """Reports that heed the choices are out of date: the company's, and its client's."""
    company = await session.get_one(CompanyRow, company_id)
    for each in filter(None, (company.parent_id, company_id)):
        await session.get(CompanyRow, each, with_for_update=True)
        row = await session.get(ChoicesRow, each) or ChoicesRow(
            company_id=each, revision=0
        )
        row.revision += 1
        session.add(row)
    await session.flush()


async def _choices(
    session: AsyncSession, company_id: str, keys: Sequence[str]
) -> dict[str, CategoryChoiceRow]:
    statement = select(CategoryChoiceRow).where(
        CategoryChoiceRow.company_id == company_id,
        col(CategoryChoiceRow.key).in_(keys),
    )
    return {row.key: row for row in (await session.exec(statement)).all()}
