"""The organization's look and rules: shown, and changed in one way by programs and people."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api.errors import refusal
from api.schemas import FeaturesOut, OrganizationIn, OrganizationOut
from domain.journey import LIMITS
from domain.software import Software
from store.tables import OrganizationRow


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


async def locked_organization(
    session: AsyncSession, organization_id: str
) -> OrganizationRow:
    """Return it as it is now; others change it before or after."""
    return await session.get_one(OrganizationRow, organization_id, with_for_update=True)


def edit_organization(
    row: OrganizationRow, change: OrganizationIn, catalogue: tuple[Software, ...]
) -> bool:
    """Change what is given, and return whether anything is another now."""
    insist_on_known(change.software, catalogue)
    given = changes(row, change)
    differs = any(getattr(row, name) != value for name, value in given.items())
    for name, value in given.items():
        setattr(row, name, value)
    return differs


def changes(row: OrganizationRow, change: OrganizationIn) -> dict[str, Any]:
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


def insist_on_known(keys: list[str] | None, catalogue: tuple[Software, ...]) -> None:
    """Refuse software that nobody can connect."""
    known = [software.key for software in catalogue]
    unknown = [key for key in keys or () if key not in known]
    if unknown:
        raise refusal(
            "unknown_software",
            f"{unknown[0][:100]!r} is not known; choose from: {', '.join(known)}.",
        )
