"""The email that asks a customer, as it would go out now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from fastapi import Depends

from api.deps import Bank, Configured, Now
from domain.emails import Letter, Template
from domain.journey import DataType
from store.tables import CompanyRow, OrganizationRow


class Letterhead(NamedTuple):
    """Whose letter it is, and when it would go out."""

    bank: OrganizationRow
    base_url: str
    now: datetime

    def request(self, company: CompanyRow, data_types: Sequence[DataType]) -> Letter:
        """Return the request for `data_types`, with a link that leads nowhere."""
        return Letter(
            template=Template.REQUEST,
            organization=self.bank.name,
            logo_url=self.bank.logo_url,
            colour=self.bank.colour,
            sender_name=self.bank.sender_name,
            company=company.name,
            contact_name=company.contact_name,
            contact_email=company.contact_email,
            data_types=tuple(data_types),
            link_url=f"{self.base_url}/link/preview",
            expires_at=self.now + timedelta(days=self.bank.expires_days),
        )


async def _letterhead(bank: Bank, settings: Configured, now: Now) -> Letterhead:
    return Letterhead(bank, settings.base_url, now)


OnLetterhead = Annotated[Letterhead, Depends(_letterhead)]
