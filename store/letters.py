"""The letter of a journey, as it would leave now: to the company's present contact."""

from collections.abc import Callable

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.emails import Letter, Template
from domain.journey import DataType
from domain.links import Link
from store.tables import CompanyRow, JourneyRow, OrganizationRow

LinkUrl = Callable[[Link], str]


async def letter(
    session: AsyncSession,
    journey: JourneyRow,
    template: Template,
    number: int,
    link_url: LinkUrl,
) -> Letter:
    """Return what goes out for `template` and `number`."""
    company = await session.get_one(CompanyRow, journey.company_id)
    organization = await session.get_one(OrganizationRow, journey.organization_id)
    return Letter(
        template=template,
        number=number,
        organization=organization.name,
        logo_url=organization.logo_url,
        colour=organization.colour,
        sender_name=organization.sender_name,
        company=company.name,
        contact_name=company.contact_name,
        contact_email=company.contact_email,
        data_types=tuple(DataType(each) for each in journey.data_types),
        link_url=None
        if template is Template.EXPIRY
        else link_url(Link(journey.id, journey.link_number)),
        expires_at=journey.expires_at,
    )
