"""Syncs: each reading of a company's books, and asking for another one."""

from fastapi import APIRouter

from api import examples
from api.answers import sync_out
from api.companies import find_company
from api.deps import Bank, CompanyId, Reading, SyncId
from api.openapi import documented
from api.paging import Paging, Plain
from api.refreshes import Refreshing, shown
from api.schemas import NothingIn, Page, SyncOut
from store import queries
from store.queries import SYNCS_NEWEST_FIRST

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
    return await shown(session, bank, sync_id)


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
    company_id: CompanyId, refreshing: Refreshing, nothing: NothingIn | None = None
) -> SyncOut:
    """Fetch again whatever was requested before; while a sync runs, that one is the answer."""
    return await refreshing.refresh(company_id)
