"""What customers can pick."""

from itertools import dropwhile

from fastapi import APIRouter

from api import examples
from api.deps import Bank, Catalogue
from api.openapi import documented
from api.paging import Paging, Plain
from api.schemas import Page, SoftwareOut
from domain.software import Software
from store.keyset import Position

router = APIRouter(prefix="/v1/software", tags=["software"])


def allowed(catalogue: tuple[Software, ...], keys: list[str] | None) -> list[Software]:
    """Return what an organization lets its customers pick; no list allows all."""
    return [each for each in catalogue if keys is None or each.key in keys]


@router.get(
    "",
    summary="What customers can pick",
    responses=documented(examples.page(examples.SOFTWARE), "invalid_cursor"),
)
async def list_software(
    listing: Plain, bank: Bank, catalogue: Catalogue, paging: Paging
) -> Page[SoftwareOut]:
    """List the accounting products that the organization allows."""
    software = allowed(catalogue, bank.software)
    after = paging.after(listing)
    if after is not None:
        software = list(dropwhile(lambda each: each.key != after.key, software))[1:]
    items = [SoftwareOut.model_validate(each) for each in software]
    return paging.page(
        software, items, listing.limit, lambda each: Position(None, each.key)
    )
