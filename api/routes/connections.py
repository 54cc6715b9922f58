"""Connections: which there are, and how access is given back."""

from fastapi import APIRouter
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from api import examples
from api.answers import connection_out
from api.companies import find_company
from api.deps import Bank, CompanyId, ConnectionId, Reading, Store, Temporal
from api.errors import not_found
from api.openapi import documented
from api.paging import Paging, Plain
from api.schemas import ConnectionOut, Page
from domain.journey import Actor
from domain.messages import Ask, RevokeConnection
from store import queries
from store.queries import CONNECTIONS
from workflows.ids import TASK_QUEUE, revoke_workflow_id
from workflows.revoke import ConnectionRevocation

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
async def revoke_connection(
    connection_id: ConnectionId, bank: Bank, database: Store, temporal: Temporal
) -> None:
    """
    Give the access back, here at once and at the software as soon as it listens.

    Statuses stay as they are; nothing is read through this connection any more.
    """
    async with database.reading() as session:
        row = await queries.connection(session, bank.id, connection_id)
    if row is None:
        raise not_found("connection")
    if row.revoked_at is None:
        start = WithStartWorkflowOperation(
            ConnectionRevocation.run,
            RevokeConnection(connection_id=connection_id),
            id=revoke_workflow_id(connection_id),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        asking = Ask(actor=Actor.BANK)
        await temporal.start_and_update(start, ConnectionRevocation.recorded, asking)
