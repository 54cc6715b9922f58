"""Accounts of a company's books, and the categories that people give them."""

from itertools import dropwhile
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from api import examples
from api.accounts import Bookkeeping, account_out
from api.companies import find_company
from api.deps import Bank, CompanyId, Reading
from api.errors import refusal
from api.openapi import documented
from api.paging import Listing, Paging, Plain
from api.schemas import AccountOut, CategoryIn, CategoryOut, Page
from domain.taxonomy import taxonomy
from store import accounts
from store.accounts import BY_IMPACT, AccountFacts
from store.keyset import Position

router = APIRouter(prefix="/v1", tags=["accounts"])

AccountId = Annotated[str, Path(max_length=10_000)]


class AccountListing(Listing):
    """Which accounts."""

    q: str | None = Query(None, max_length=200)


@router.get(
    "/categories",
    summary="What accounts can be",
    responses=documented(examples.page(examples.CATEGORY), "invalid_cursor"),
)
async def list_categories(
    listing: Plain, bank: Bank, paging: Paging
) -> Page[CategoryOut]:
    """List the tree of categories; a parent comes before its children."""
    known = list(taxonomy().values())
    after = paging.after(listing)
    if after is not None:
        known = list(dropwhile(lambda each: each.id != after.key, known))[1:]
    items = [
        CategoryOut(
            id=each.id, path=each.levels, level=each.level, statement=each.statement
        )
        for each in known
    ]
    return paging.page(
        known, items, listing.limit, lambda each: Position(None, each.id)
    )


@router.get(
    "/companies/{company_id}/accounts",
    summary="The accounts of a company",
    responses=documented(
        examples.page(examples.ACCOUNT), "not_found", "invalid_cursor"
    ),
)
async def list_accounts(
    company_id: CompanyId,
    listing: Annotated[AccountListing, Query()],
    bank: Bank,
    session: Reading,
    paging: Paging,
) -> Page[AccountOut]:
    """
    List the accounts of its own books, those first of which most depends on a doubt.

    What a person has confirmed comes last. `q` finds words, or beginnings of words,
    in name, code and id.
    """
    await find_company(session, bank, company_id)
    cut = paging.cut(listing, BY_IMPACT)
    rows = await accounts.accounts(session, company_id, _words(listing), cut)
    items = [account_out(each) for each in rows[: cut.limit]]
    return paging.page(rows, items, cut.limit, _position)


@router.put(
    "/companies/{company_id}/accounts/{account:path}/category",
    summary="Say what an account is",
    responses=documented(examples.ACCOUNT, "not_found", "unknown_category"),
)
async def confirm_category(
    company_id: CompanyId,
    account: AccountId,
    category: Annotated[
        CategoryIn, Body(openapi_examples=examples.body(examples.CATEGORY_IN))
    ],
    bookkeeping: Bookkeeping,
) -> AccountOut:
    """
    Confirm the category of an account of this company; its reports are built again.

    It holds through every later sync, until it is confirmed otherwise or undone.
    """
    if category.category_id not in taxonomy():
        raise refusal(
            "unknown_category",
            "There is no such category; `GET /v1/categories` lists all.",
        )
    return await bookkeeping.confirm(company_id, account, category.category_id)


@router.delete(
    "/companies/{company_id}/accounts/{account:path}/category",
    status_code=204,
    summary="Leave an account to the machine again",
    responses=documented(None, "not_found"),
)
async def undo_category(
    company_id: CompanyId, account: AccountId, bookkeeping: Bookkeeping
) -> None:
    """Undo what was confirmed, if anything was; the reports are built again."""
    await bookkeeping.undo(company_id, account)


def _words(listing: AccountListing) -> str | None:
    """A `q` of blanks asks for nothing."""
    return (listing.q or "").strip() or None


def _position(account: AccountFacts) -> Position:
    return account.position
