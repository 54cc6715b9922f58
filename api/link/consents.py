"""What a customer agreed to, on record before they leave for the software."""

from datetime import datetime

from domain.consent import CONSENT_VERSION
from domain.state import Journey
from store.database import Database
from store.tables import CompanyRow, ConsentRow, JourneyRow


async def record_consent(
    database: Database, journey: Journey, company: CompanyRow, at: datetime
) -> None:
    """
    Keep who agreed to what for the trip that comes next.

    Written twice it is one row per trip: where Temporal was away the customer
    may pick other software and agree anew before there is a trip. The lock lets
    two clicks at once write one after the other.
    """
    (entity,) = (each for each in journey.entities if each.id == journey.focus)
    agreed = ConsentRow(
        journey_id=journey.id,
        attempt=journey.attempt + 1,
        connection_id=entity.id,
        who=f"{company.contact_name} <{company.contact_email}>",
        at=at,
        text_version=CONSENT_VERSION,
        software=entity.software or "",
        data_types=[str(each) for each in journey.data_types],
    )
    async with database.transaction() as session:
        await session.get(JourneyRow, journey.id, with_for_update=True)
        await session.merge(agreed)
