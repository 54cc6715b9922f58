"""Companies as people type them: found, or not and why; added, edited, shown."""

import re
from datetime import datetime

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from api.answers import company_out
from api.deps import COMPANY_ID, fresh_id
from api.errors import not_found, refusal
from api.schemas import CompanyChangeIn, CompanyIn, CompanyOut
from domain.audit import Done
from domain.ids import Kind
from store import queries
from store.audit import note
from store.search import index_company
from store.tables import CompanyRow, CompanyUserRow, OrganizationRow


async def find_company(
    session: AsyncSession,
    bank: OrganizationRow,
    company_id: str,
    *,
    lock: bool = False,
) -> CompanyRow:
    """Return the bank's company of that id; anybody else's is not found."""
    row = None
    if re.fullmatch(COMPANY_ID, company_id):
        row = await queries.company(session, bank.id, company_id, lock=lock)
    if row is None:
        raise not_found("company")
    return row


async def find_client(
    session: AsyncSession, bank: OrganizationRow, company_id: str
) -> CompanyRow:
    """Return the client of that id; a legal entity can't be asked for anything itself."""
    row = await find_company(session, bank, company_id)
    if row.parent_id is not None:
        raise refusal(
            "legal_entity",
            f"This is a legal entity; ask its client {row.parent_id} instead.",
        )
    return row


async def shown(session: AsyncSession, row: CompanyRow) -> CompanyOut:
    """Return what a company looks like in the store now."""
    (facts,) = await queries.facts_of_companies(session, [row])
    return company_out(facts)


async def add_company(
    session: AsyncSession,
    bank: OrganizationRow,
    company: CompanyIn,
    now: datetime,
    user_id: str | None = None,
) -> CompanyRow:
    """Add a client, for a person or a program; nothing is requested from it yet."""
    row = CompanyRow(
        id=fresh_id(Kind.COMPANY, now),
        organization_id=bank.id,
        external_id=company.external_id,
        name=company.name,
        description=company.description,
        contact_name=company.contact.name,
        contact_email=company.contact.email,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    await _set_users(session, row, company.users)
    await index_company(session, row)
    await note(session, row, Done.ADDED, now, user_id=user_id)
    return row


async def edit_company(
    session: AsyncSession,
    row: CompanyRow,
    change: CompanyChangeIn,
    now: datetime,
    user_id: str | None = None,
) -> None:
    """Change what is given and leave the rest, for a person or a program; nothing is nothing."""
    if not change.model_fields_set:
        return
    given = change.model_dump(exclude_unset=True)
    users = given.pop("users", None)
    contact = given.pop("contact", {})
    given |= {f"contact_{name}": value for name, value in contact.items()}
    for name, value in given.items():
        setattr(row, name, value)
    row.updated_at = now
    session.add(row)
    await session.flush()
    if users is not None:
        await _set_users(session, row, users)
    await index_company(session, row)
    fields = ", ".join(sorted(change.model_fields_set))
    await note(session, row, Done.EDITED, now, user_id=user_id, detail=fields)


async def _set_users(session: AsyncSession, row: CompanyRow, users: list[str]) -> None:
    await session.exec(
        delete(CompanyUserRow).where(col(CompanyUserRow.company_id) == row.id)
    )
    session.add_all(CompanyUserRow(company_id=row.id, email=user) for user in users)
    await session.flush()
