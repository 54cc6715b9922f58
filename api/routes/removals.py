"""Removals: deleting a company, how far that is, and the receipt that stays."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import examples
from api.deps import Bank, Reading
from api.openapi import documented
from api.paging import Paging, Plain
from api.removals import REMOVAL_ID, Removing, find_removal, removal_out
from api.schemas import Page, RemovalOut
from store import receipts
from store.receipts import NEWEST_FIRST

router = APIRouter(prefix="/v1", tags=["removals"])

RemovalId = Annotated[str, Path(pattern=REMOVAL_ID)]


@router.delete(
    "/companies/{company_id}",
    status_code=202,
    summary="Delete a company",
    responses=documented(examples.REMOVAL, "not_found", "legal_entity", status=202),
)
async def delete_company(company_id: str, removing: Removing) -> RemovalOut:
    """
    Delete a client with its legal entities and everything that is known of them, for good.

    The company answers 404 from now on. What takes longer goes on by itself, also while
    Temporal is away: `GET /v1/removals/{id}` says how far it is, and stays as the
    receipt. Asked again, the same removal is the answer.
    """
    return await removing.remove(company_id)


@router.get(
    "/removals",
    summary="Everything that was deleted",
    responses=documented(examples.page(examples.REMOVAL), "invalid_cursor"),
)
async def list_removals(
    listing: Plain, bank: Bank, session: Reading, paging: Paging
) -> Page[RemovalOut]:
    """List the removals of companies, newest first; they name nobody."""
    cut = paging.cut(listing, NEWEST_FIRST)
    rows = await receipts.newest(session, bank.id, cut)
    shown = await receipts.receipts(session, rows[: cut.limit])
    items = [removal_out(each) for each in shown]
    return paging.page(rows, items, cut.limit, cut.sort.place)


@router.get(
    "/removals/{removal_id}",
    summary="One removal",
    responses=documented(examples.REMOVAL, "not_found"),
)
async def get_removal(
    removal_id: RemovalId, bank: Bank, session: Reading
) -> RemovalOut:
    """Return how far a removal is, step by step; once it is done, this is its receipt."""
    return removal_out(await find_removal(session, bank, removal_id))
