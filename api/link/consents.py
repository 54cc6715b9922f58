"""What a customer agreed to, on record before they leave for the software or share a file."""

from datetime import datetime
from typing import NamedTuple

from api.errors import not_found
from domain.consent import CONSENT_VERSION, UPLOAD_CONSENT_VERSION
from domain.messages import Act
from domain.state import Journey
from domain.uploads import UPLOADED_FILE
from store.database import Database
from store.removals import journey_stands
from store.tables import CompanyRow, ConsentRow


class Agreement(NamedTuple):
    """Which text was agreed to, and for which connection."""

    connection_id: str
    software: str
    text_version: str


def to_read(journey: Journey) -> Agreement:
    """Return leave to read what the legal entity at hand keeps in its software."""
    (entity,) = (each for each in journey.entities if each.id == journey.focus)
    return Agreement(entity.id, entity.software or "", CONSENT_VERSION)


def to_take(act: Act) -> Agreement:
    """Return leave to use an uploaded file."""
    return Agreement(act.entity or "", UPLOADED_FILE.key, UPLOAD_CONSENT_VERSION)


async def record_consent(
    database: Database,
    journey: Journey,
    company: CompanyRow,
    agreement: Agreement,
    at: datetime,
) -> None:
    """
    Keep who agreed to what for the trip that comes next; an upload counts as one.

    Written twice it is one row per trip: where Temporal was away the customer
    may pick other software and agree anew before there is a trip. The lock lets
    two clicks at once write one after the other.
    """
    agreed = ConsentRow(
        journey_id=journey.id,
        attempt=journey.attempt + 1,
        connection_id=agreement.connection_id,
        who=f"{company.contact_name} <{company.contact_email}>",
        at=at,
        text_version=agreement.text_version,
        software=agreement.software,
        data_types=[str(each) for each in journey.data_types],
    )
    async with database.transaction() as session:
        if not await journey_stands(session, journey.id):
            raise not_found("link")
        await session.merge(agreed)
