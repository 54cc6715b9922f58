"""Connections: which there are, and how access is given back."""

from fastapi import APIRouter

from api import examples
from api.answers import connection_out
from api.companies import find_company
from api.connections import Revoking
from api.deps import Bank, CompanyId, ConnectionId, Reading
from api.openapi import documented
from api.paging import Paging, Plain
from api.schemas import ConnectionOut, Page
from store import queries
from store.queries import CONNECTIONS

router = APIRouter(prefix="/v1", tags=["connections"])


@router.get(
    "/companies/{company_id}/connections",
    summary="The connections of a company",
    responses=documented(
        examples.page(examples.CONNECTION), "not_found", "invalid_cursor"
    ),
)
async def list_connections(
    company_id: CompanyId,
    listing: Plain,
    bank: Bank,
    session: Reading,
    paging: Paging,
) -> Page[ConnectionOut]:
    """List what was authorized, oldest first; a client's legal entities' too, and revoked ones."""
    await find_company(session, bank, company_id)
    cut = paging.cut(listing, CONNECTIONS)
    rows = await queries.connections(session, company_id, cut)
    facts = await queries.facts_of_connections(session, rows[: cut.limit])
    items = [connection_out(each) for each in facts]
    return paging.page(rows, items, cut.limit, cut.sort.place)


@router.delete(
    "/connections/{connection_id}",
    status_code=204,
    summary="Revoke a connection",
    responses=documented(None, "not_found", "temporal_unavailable"),
)
async def revoke_connection(connection_id: ConnectionId, revoking: Revoking) -> None:
    """
    Give the access back, here at once and at the software as soon as it listens.

    Statuses stay as they are; nothing is read through this connection any more.
    """
    await revoking.revoke(connection_id)
