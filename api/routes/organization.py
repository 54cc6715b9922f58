"""The organization that the key belongs to, and what its customers can pick."""

from typing import Annotated

from fastapi import APIRouter, Body

from api import examples
from api.deps import Bank, Catalogue, Store
from api.openapi import documented
from api.organization import (
    edit_organization,
    locked_organization,
    organization_out,
)
from api.schemas import OrganizationIn, OrganizationOut

router = APIRouter(prefix="/v1/organization", tags=["organization"])


@router.get(
    "",
    summary="The look and rules of the organization",
    responses=documented(examples.ORGANIZATION),
)
async def get_organization(bank: Bank) -> OrganizationOut:
    """Return what the link flow and the emails look like, and by which rules they go."""
    return organization_out(bank)


@router.patch(
    "",
    summary="Change the look and rules",
    responses=documented(examples.ORGANIZATION, "unknown_software"),
)
async def change_organization(
    change: Annotated[
        OrganizationIn, Body(openapi_examples=examples.body(examples.ORGANIZATION_IN))
    ],
    bank: Bank,
    database: Store,
    catalogue: Catalogue,
) -> OrganizationOut:
    """Change what is given; open journeys keep the rules that they were made with."""
    async with database.transaction() as session:
        row = await locked_organization(session, bank.id)
        edit_organization(row, change, catalogue)
        session.add(row)
    return organization_out(row)
