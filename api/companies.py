"""Finding a company that a call is about, or saying why not."""

import re

from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import COMPANY_ID
from api.errors import not_found, refusal
from store import queries
from store.tables import CompanyRow, OrganizationRow


async def find_company(
    session: AsyncSession, bank: OrganizationRow, company_id: str
) -> CompanyRow:
    """Return the bank's company of that id; anybody else's is not found."""
    row = None
    if re.fullmatch(COMPANY_ID, company_id):
        row = await queries.company(session, bank.id, company_id)
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
