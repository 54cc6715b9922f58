"""Clients and their legal entities: what people type about them, and where they stand."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query
from sqlmodel.ext.asyncio.session import AsyncSession

from api import examples
from api.answers import company_out
from api.companies import add_company, edit_company, find_client, find_company, shown
from api.deps import Bank, CompanyId, Now, Reading, Store
from api.fields import DataTypes, UserEmail
from api.idempotency import OnlyOnce
from api.letters import OnLetterhead
from api.openapi import documented
from api.paging import Listing, Paging
from api.schemas import (
    CompanyChangeIn,
    CompanyIn,
    CompanyOut,
    EmailOut,
    In,
    Page,
)
from domain.journey import Stage, Status
from domain.reasons import Reason
from emails.render import render
from store import queries
from store.keyset import Sort
from store.queries import COMPANY_SORTS, CompanyFilter

router = APIRouter(prefix="/v1/companies", tags=["companies"])

Order = Literal["created_at", "-created_at", "name", "-name", "status_at", "-status_at"]


class CompanyListing(Listing):
    """Which clients; legal entities show only with `parent_id` or `q`."""

    q: str | None = Query(None, max_length=200)
    status: Status | None = None
    reason: Reason | None = None
    stage: Stage | None = None
    stuck: bool | None = None
    user: UserEmail | None = None
    parent_id: str | None = Query(None, max_length=100)
    sort: Order = "created_at"


class Preview(In):
    """What the email would ask for."""

    data_types: DataTypes


@router.post(
    "",
    status_code=201,
    summary="Add a client",
    responses=documented(examples.COMPANY, "idempotency_key_reused", status=201),
)
async def create_company(
    company: Annotated[
        CompanyIn, Body(openapi_examples=examples.body(examples.COMPANY_IN))
    ],
    bank: Bank,
    once: OnlyOnce,
    now: Now,
) -> CompanyOut:
    """Add a client; nothing is requested from it yet."""

    async def create(session: AsyncSession) -> CompanyOut:
        return await shown(session, await add_company(session, bank, company, now))

    return await once.answer(201, CompanyOut, create)


@router.get(
    "",
    summary="Find clients",
    responses=documented(
        examples.page(examples.COMPANY), "invalid_cursor", "not_found"
    ),
)
async def list_companies(
    listing: Annotated[CompanyListing, Query()],
    bank: Bank,
    session: Reading,
    paging: Paging,
    now: Now,
) -> Page[CompanyOut]:
    """
    List clients; with `parent_id` the legal entities of one, with `q` both.

    `q` finds words, or beginnings of words, in name, contact and external id; every
    word has to be found. `stage` and `stuck` ask about the newest journey.
    """
    if listing.parent_id is not None:
        await find_company(session, bank, listing.parent_id)
    cut = paging.cut(listing, _order(listing.sort))
    rows = await queries.companies(session, bank.id, _wanted(listing, now), cut)
    facts = await queries.facts_of_companies(session, rows[: cut.limit])
    items = [company_out(each) for each in facts]
    return paging.page(rows, items, cut.limit, cut.sort.place)


@router.get(
    "/{company_id}",
    summary="One company",
    responses=documented(examples.COMPANY, "not_found"),
)
async def get_company(
    company_id: CompanyId, bank: Bank, session: Reading
) -> CompanyOut:
    """Return a client or a legal entity: its status, why, and what can be done."""
    return await shown(session, await find_company(session, bank, company_id))


@router.patch(
    "/{company_id}",
    summary="Edit a company",
    responses=documented(examples.COMPANY, "not_found"),
)
async def change_company(
    company_id: CompanyId,
    change: Annotated[
        CompanyChangeIn,
        Body(openapi_examples=examples.body(examples.COMPANY_CHANGE_IN)),
    ],
    bank: Bank,
    database: Store,
    now: Now,
) -> CompanyOut:
    """Change what is given and leave the rest. The next email goes to the new contact."""
    async with database.transaction() as session:
        row = await find_company(session, bank, company_id, lock=True)
        await edit_company(session, row, change, now)
        return await shown(session, row)


@router.get(
    "/{company_id}/email-preview",
    summary="The email that would be sent",
    responses=documented(examples.EMAIL, "not_found", "legal_entity"),
)
async def preview_email(
    company_id: CompanyId,
    preview: Annotated[Preview, Query()],
    session: Reading,
    letterhead: OnLetterhead,
) -> EmailOut:
    """
    Return the request email as it would go out now, without sending anything.

    Its link is the only difference: `…/link/preview` stands where the customer's
    own will be, and leads nowhere.
    """
    company = await find_client(session, letterhead.bank, company_id)
    email = render(letterhead.request(company, preview.data_types))
    return EmailOut(
        to=email.to, subject=email.subject, html=email.html, text=email.text
    )


def _order(order: str) -> Sort:
    sort = COMPANY_SORTS[order.removeprefix("-")]
    return sort._replace(descending=order.startswith("-"))


def _wanted(listing: CompanyListing, now: datetime) -> CompanyFilter:
    """A `q` of blanks asks for nothing."""
    return CompanyFilter(
        now=now,
        q=(listing.q or "").strip() or None,
        status=listing.status,
        reason=listing.reason,
        stage=listing.stage,
        stuck=listing.stuck,
        user=listing.user,
        parent_id=listing.parent_id,
    )
