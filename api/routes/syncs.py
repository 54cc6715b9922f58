"""Syncs: each reading of a company's books, and asking for another one."""

from datetime import datetime

from fastapi import APIRouter
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from api import examples
from api.answers import sync_out
from api.deps import (
    Bank,
    CompanyId,
    Now,
    Reading,
    Store,
    SyncId,
    Temporal,
    fresh_id,
)
from api.errors import not_found, refusal
from api.idempotency import OnlyOnce
from api.openapi import documented
from api.paging import Paging, Plain
from api.routes.companies import find_company
from api.schemas import NothingIn, Page, SyncOut
from domain.ids import Kind
from domain.journey import Actor
from domain.messages import Ask, RunSync, Trigger
from store import queries
from store.queries import SYNCS_NEWEST_FIRST
from store.tables import CompanyRow, OrganizationRow
from workflows import search_attributes, view
from workflows.ids import TASK_QUEUE, sync_workflow_id
from workflows.sync import CompanySync

router = APIRouter(prefix="/v1", tags=["syncs"])


@router.get(
    "/companies/{company_id}/syncs",
    summary="The syncs of a company",
    responses=documented(examples.page(examples.SYNC), "not_found", "invalid_cursor"),
)
async def list_syncs(
    company_id: CompanyId,
    listing: Plain,
    bank: Bank,
    session: Reading,
    paging: Paging,
) -> Page[SyncOut]:
    """List the readings of its books and of its legal entities', newest first."""
    await find_company(session, bank, company_id)
    cut = paging.cut(listing, SYNCS_NEWEST_FIRST)
    rows = await queries.syncs(session, company_id, cut)
    facts = await queries.facts_of_syncs(session, rows[: cut.limit])
    items = [sync_out(each) for each in facts]
    return paging.page(rows, items, cut.limit, cut.sort.place)


@router.get(
    "/syncs/{sync_id}",
    summary="One sync",
    responses=documented(examples.SYNC, "not_found"),
)
async def get_sync(sync_id: SyncId, bank: Bank, session: Reading) -> SyncOut:
    """Return how far it is, dataset by dataset."""
    return await _shown(session, bank, sync_id)


@router.post(
    "/companies/{company_id}/refresh",
    status_code=202,
    summary="Fetch again",
    responses=documented(
        examples.SYNC,
        "not_found",
        "nothing_to_refresh",
        "idempotency_key_reused",
        "temporal_unavailable",
        status=202,
    ),
)
async def refresh_company(
    company_id: CompanyId,
    bank: Bank,
    database: Store,
    temporal: Temporal,
    once: OnlyOnce,
    now: Now,
    nothing: NothingIn | None = None,
) -> SyncOut:
    """Fetch again whatever was requested before; while a sync runs, that one is the answer."""
    async with database.reading() as session:
        earlier = await once.earlier(session)
        if earlier is not None:
            return SyncOut.model_validate(earlier)
        company = await find_company(session, bank, company_id)
        await _insist_on_connection(session, company)
    sync_id = await _started(temporal, company, now)

    async def show(session: AsyncSession) -> SyncOut:
        return await _shown(session, bank, sync_id)

    return await once.answer(SyncOut, show)


async def _insist_on_connection(session: AsyncSession, company: CompanyRow) -> None:
    if not await queries.is_connected(session, company.id):
        raise refusal(
            "nothing_to_refresh",
            "Nothing is connected to this company; request its data first.",
        )


async def _started(temporal: Temporal, company: CompanyRow, now: datetime) -> str:
    sync = RunSync(
        sync_id=fresh_id(Kind.SYNC, now),
        organization_id=company.organization_id,
        company_id=company.id,
        trigger=Trigger.MANUAL,
    )
    start = WithStartWorkflowOperation(
        CompanySync.run,
        sync,
        id=sync_workflow_id(company.id),
        task_queue=TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=view.sync_title(sync),
        search_attributes=search_attributes.fixed(
            sync.organization_id, sync.company_id, sync.journey_id
        ),
    )
    asking = Ask(actor=Actor.BANK)
    return (await temporal.start_and_update(start, CompanySync.begun, asking)).sync_id


async def _shown(session: AsyncSession, bank: OrganizationRow, sync_id: str) -> SyncOut:
    row = await queries.sync(session, bank.id, sync_id)
    if row is None:
        raise not_found("sync")
    (facts,) = await queries.facts_of_syncs(session, [row])
    return sync_out(facts)
