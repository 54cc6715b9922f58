"""The organization that the key belongs to, and what its customers can pick."""

from typing import Annotated, Any

from fastapi import APIRouter, Body

from api import examples
from api.deps import Bank, Catalogue, Store
from api.errors import refusal
from api.openapi import documented
from api.schemas import FeaturesOut, OrganizationIn, OrganizationOut
from domain.journey import LIMITS
from domain.software import Software
from store.tables import OrganizationRow

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
    _insist_on_known(change.software, catalogue)
    async with database.transaction() as session:
        row = await session.get_one(OrganizationRow, bank.id, with_for_update=True)
        for name, value in _changes(row, change).items():
            setattr(row, name, value)
        session.add(row)
    return organization_out(row)


def organization_out(row: OrganizationRow) -> OrganizationOut:
    """Show the organization, with the limits that it did not set."""
    limits = {stage: int(limit.total_seconds()) for stage, limit in LIMITS.items()}
    return OrganizationOut(
        id=row.id,
        name=row.name,
        logo_url=row.logo_url,
        colour=row.colour,
        sender_name=row.sender_name,
        reminders_days=row.reminders_days,
        expires_days=row.expires_days,
        stage_limits={**limits, **row.stage_limits},
        software=row.software,
        features=FeaturesOut.model_validate(row.features),
    )


def _changes(row: OrganizationRow, change: OrganizationIn) -> dict[str, Any]:
    """What is given replaces what is there; the two maps take it entry by entry."""
    given = change.model_dump(exclude_unset=True)
    if "stage_limits" in given:
        limits = {**row.stage_limits, **given["stage_limits"]}
        given["stage_limits"] = {
            stage: seconds for stage, seconds in limits.items() if seconds is not None
        }
    if "features" in given:
        given["features"] = {**row.features, **given["features"]}
    return given


def _insist_on_known(keys: list[str] | None, catalogue: tuple[Software, ...]) -> None:
    known = [software.key for software in catalogue]
    unknown = [key for key in keys or () if key not in known]
    if unknown:
        raise refusal(
            "unknown_software",
            f"{unknown[0][:100]!r} is not known; choose from: {', '.join(known)}.",
        )
