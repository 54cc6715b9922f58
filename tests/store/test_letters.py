"""What goes out to a customer, as it would leave now."""

import pytest

from domain.emails import Template
from domain.links import Link
from store.database import Database
from store.letters import letter
from store.tables import CompanyRow, JourneyRow
from tests.activities.given import COMPANY, JOURNEY, given_request


def url(link: Link) -> str:
    return f"http://rapport.test/link/{link.journey_id}.{link.number}"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Template.REQUEST, f"http://rapport.test/link/{JOURNEY}.3"),
        (Template.REMINDER, f"http://rapport.test/link/{JOURNEY}.3"),
        (Template.EXPIRY, None),
    ],
)
async def test_a_letter_has_the_present_contact_and_the_present_link(
    database: Database, kind: Template, expected: str | None
) -> None:
    """
    The letter that says that the link has ended has none.
    """
    await given_request(database)
    async with database.transaction() as session:
        company = await session.get_one(CompanyRow, COMPANY)
        company.contact_email = "grace@hoxton.example"
        journey = await session.get_one(JourneyRow, JOURNEY)
        journey.link_number = 3
        session.add_all([company, journey])

    async with database.reading() as session:
        journey = await session.get_one(JourneyRow, JOURNEY)
        found = await letter(session, journey, kind, 2, url)

    assert (expected, "grace@hoxton.example") == (found.link_url, found.contact_email)
    assert (kind, 2) == (found.template, found.number)
